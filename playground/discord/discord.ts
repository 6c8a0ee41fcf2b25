import { randomBytes } from 'node:crypto';
import type { Server } from 'node:http';
import type { ChannelId, GuildId, Snowflake, UserId } from '../../protocol/ids.ts';
import { CHANNEL_TYPE, type Permissions, permissionBits } from './bits.ts';
import { Buckets } from './buckets.ts';
import { type Clock, createClock } from './clock.ts';
import { type CommandRecord, CommandStore } from './commands.ts';
import type { Core } from './core.ts';
import { Faults } from './faults.ts';
import { Channel, Guild, type Member } from './handles.ts';
import { type NoAnswer, post, type RawAnswer } from './interactions/deliver.ts';
import { Signer } from './interactions/sign.ts';
import { INTERACTION, InteractionStore } from './interactions/store.ts';
import { deleteMessage } from './messages.ts';
import { NonceStore } from './nonces.ts';
import { OpenApi } from './openapi.ts';
import { listen } from './server.ts';
import { createMint } from './snowflake.ts';
import { emptyChannel } from './threads.ts';
import { Traffic, type TrafficEntry } from './traffic.ts';
import { Actor } from './user.ts';
import { type ShownMessage, shownMessage } from './view.ts';
import { type WaitOptions, waitFor } from './wait.ts';
import { Wire } from './wire.ts';
import { type Change, World } from './world.ts';

/** What the README's invite link gives the bot: the minimum, reactions, and managing threads. */
const BOT_PERMISSIONS = 326_417_632_320n;
const MAX_ACTIVE_THREADS = 1000;

export interface DiscordOptions {
  /** 0, the default, takes a free one. */
  readonly port?: number;
  readonly applicationId?: Snowflake;
  readonly botToken?: string;
  readonly botName?: string;
  /** Where interactions are POSTed. */
  readonly interactionsUrl?: string;
  /** Each REST answer takes this long, in milliseconds. */
  readonly latencyMs?: number;
  /** `shared`: create and edit are counted in the same bucket. */
  readonly buckets?: 'separate' | 'shared';
  /** A file for one JSON line per request; default: the variable DISCORD_TRAFFIC_LOG. */
  readonly trafficLog?: string;
  /** Discord's OpenAPI document, to check each request against; default: the variable HEDDLE_DISCORD_OPENAPI. */
  readonly openapi?: string;
  /** Discord: the Message Content toggle. Default true. */
  readonly messageContent?: boolean;
  /** Discord: active threads of one guild; default 1000. */
  readonly maxActiveThreads?: number;
}

/** Starts an emulator on 127.0.0.1. Rejects when the port is taken. */
export async function startDiscord(options: DiscordOptions = {}): Promise<Discord> {
  const clock = createClock();
  const mint = createMint(clock);
  const applicationId = options.applicationId ?? mint();
  // Discord: the bot user of an application has the application's id.
  const world = new World(clock, mint, applicationId as UserId, options.botName ?? 'Heddle');
  const openapi = options.openapi ?? process.env.HEDDLE_DISCORD_OPENAPI;
  const core: Core = {
    world,
    wire: new Wire(world, applicationId, randomBytes(16).toString('hex'), options.messageContent ?? true),
    buckets: new Buckets(clock, options.buckets === 'shared'),
    faults: new Faults(),
    traffic: new Traffic(options.trafficLog ?? (process.env.DISCORD_TRAFFIC_LOG || undefined)),
    interactions: new InteractionStore(world),
    commands: new CommandStore(mint, clock, applicationId),
    nonces: new NonceStore(clock),
    signer: new Signer(),
    openapi: openapi === undefined || openapi === '' ? undefined : await OpenApi.load(openapi),
    applicationId,
    botToken: options.botToken ?? `emulator.${randomBytes(24).toString('base64url')}`,
    latencyMs: options.latencyMs ?? 0,
    maxActiveThreads: options.maxActiveThreads ?? MAX_ACTIVE_THREADS,
    interactionsUrl: options.interactionsUrl ?? '',
    violations: [],
    refusals: [],
  };
  const { server, port } = await listen(core, options.port ?? 0);
  core.wire.cdnOrigin = `http://127.0.0.1:${port}`;
  return new Discord(core, server, port, clock);
}

export type Signature = 'valid' | 'wrong' | 'stranger' | 'missing' | 'garbage';

export class Discord {
  /** What DISCORD_API_URL is set to. */
  readonly apiUrl: string;
  readonly port: number;
  private readonly core: Core;
  private readonly server: Server;
  private readonly clock: Clock;

  constructor(core: Core, server: Server, port: number, clock: Clock) {
    this.core = core;
    this.server = server;
    this.port = port;
    this.clock = clock;
    this.apiUrl = `http://127.0.0.1:${port}/api/v10`;
  }

  get applicationId(): Snowflake {
    return this.core.applicationId;
  }
  get publicKey(): string {
    return this.core.signer.publicKey;
  }
  get botToken(): string {
    return this.core.botToken;
  }
  get botId(): UserId {
    return this.core.world.bot.id;
  }
  get faults(): Faults {
    return this.core.faults;
  }
  /** Requests and answers that Discord would refuse through the program's own fault. */
  get violations(): readonly string[] {
    return this.core.violations;
  }
  /** Every refusal in words, also those that a correct program can meet (404, 403, 429, archived). */
  get refusals(): readonly string[] {
    return this.core.refusals;
  }
  get log(): readonly TrafficEntry[] {
    return this.core.traffic.entries;
  }
  /** Every push that a phone got, in order. */
  get notifications(): {
    readonly to: string;
    readonly userId: UserId;
    readonly text: string;
    readonly message: ShownMessage;
  }[] {
    const { world } = this.core;
    return world.notifications.map(({ userId, message, text }) => ({
      to: world.users.get(userId)?.name ?? userId,
      userId,
      text,
      message: shownMessage(this.core, message),
    }));
  }
  get guilds(): Guild[] {
    return [...this.core.world.guilds.keys()].map((id) => new Guild(this.core, id));
  }
  /** The commands that a person can choose from there. */
  commands(guildId?: Snowflake): readonly CommandRecord[] {
    return this.core.commands.visibleIn(guildId);
  }

  setInteractionsUrl(url: string): void {
    this.core.interactionsUrl = url;
  }

  createGuild({
    name,
    botPermissions,
  }: {
    readonly name: string;
    readonly botPermissions?: Permissions;
  }): Guild {
    const bits = botPermissions === undefined ? BOT_PERMISSIONS : permissionBits(botPermissions);
    return new Guild(this.core, this.core.world.createGuild(name, bits).id);
  }

  /** The DM between a person and the bot. */
  createDm(user: Member): Channel {
    const { world } = this.core;
    const id = world.mint<ChannelId>();
    world.addChannel({ ...emptyChannel(id, CHANNEL_TYPE.dm, user.name, undefined), recipientId: user.id });
    return new Channel(this.core, id);
  }

  guild(id: Snowflake): Guild {
    return new Guild(this.core, id as GuildId);
  }
  channel(id: Snowflake): Channel {
    return new Channel(this.core, id as ChannelId);
  }
  thread(id: Snowflake): Channel {
    return this.channel(id);
  }
  user(member: { readonly id: UserId }): Actor {
    return new Actor(this.core, member.id);
  }
  message(id: Snowflake): ShownMessage | undefined {
    const found = this.core.world.findMessage(id);
    return found === undefined || found.message.deleted ? undefined : shownMessage(this.core, found.message);
  }
  /** A moderator deletes it. */
  deleteMessage(id: Snowflake): void {
    const found = this.core.world.findMessage(id);
    if (found === undefined) throw new Error(`no message ${id}`);
    deleteMessage(this.core.world, found.channel, found.message);
  }

  /** Registers commands without REST, checked all the same. */
  setCommands(commands: unknown, guildId?: Snowflake): void {
    this.core.commands.overwrite(commands, guildId);
    this.core.world.changed({ kind: 'guild' });
  }

  waitFor<T>(look: (discord: this) => T, options: WaitOptions = {}): Promise<NonNullable<Exclude<T, false>>> {
    return waitFor(
      this.core.world,
      () => look(this),
      () => this.show(),
      options,
    );
  }

  /** Everything, as plain text. */
  show(): string {
    const channels = this.guilds.flatMap((guild) =>
      guild.channels.flatMap((channel) => [channel, ...channel.threads]),
    );
    return channels.map((channel) => channel.show()).join('\n\n');
  }

  on(event: 'change', listener: (change: Change) => void): () => void {
    this.core.world.events.on(event, listener);
    return () => this.core.world.events.off(event, listener);
  }

  /** Milliseconds since the epoch in this Discord. */
  now(): number {
    return this.clock.now();
  }
  /** Lets this Discord's time pass: tokens expire, threads archive, buckets refill. */
  advance(ms: number): void {
    this.clock.advance(ms);
    for (const channel of this.core.world.channels.values()) this.core.world.applyArchiveClock(channel);
    this.core.world.changed({ kind: 'time' });
  }

  /**
   * What Discord does when the interactions URL is saved: a PING that must be answered, and one with a wrong signature
   * that must be refused with 401. Returns what is wrong; nothing when the endpoint is verified.
   */
  async verifyEndpoint(): Promise<string[]> {
    const wrong: string[] = [];
    const good = await this.deliverRaw({ body: this.pingBody() });
    if (good.status !== 200)
      wrong.push(`a PING was answered with ${good.status}${'reason' in good ? ` (${good.reason})` : ''}`);
    if ('text' in good && !good.contentType.startsWith('application/json'))
      wrong.push(`a PING was answered as "${good.contentType}"`);
    if ('text' in good && good.status === 200 && !isPong(good.text))
      wrong.push(`a PING was answered with ${good.text.slice(0, 200)}`);
    for (const signature of ['wrong', 'stranger', 'missing'] as const) {
      const bad = await this.deliverRaw({ body: this.pingBody(), signature });
      if (bad.status !== 401)
        wrong.push(`a PING with a ${signature} signature was answered with ${bad.status}`);
    }
    return wrong;
  }

  /** Sends any body, signed as asked. `timestampS` is the time that is signed, in seconds; the answer is not applied. */
  deliverRaw(fields: {
    readonly body: string | object;
    readonly signature?: Signature;
    readonly timestampS?: number | string;
    readonly timeoutMs?: number;
  }): Promise<RawAnswer | NoAnswer> {
    const { signer } = this.core;
    const body = typeof fields.body === 'string' ? fields.body : JSON.stringify(fields.body);
    const timestamp = String(fields.timestampS ?? Math.floor(Date.now() / 1000));
    const valid = signer.sign(body, timestamp);
    const signed = {
      valid,
      wrong: signer.sign(`${body} `, timestamp),
      stranger: signer.forge(body, timestamp),
      missing: {},
      garbage: { timestamp, signature: 'not hex at all' },
    }[fields.signature ?? 'valid'];
    return post(this.core, body, signed, fields.timeoutMs);
  }

  /** The body of a PING. */
  pingBody(): object {
    const { world, applicationId } = this.core;
    return {
      version: 1,
      id: world.mint(),
      application_id: applicationId,
      type: INTERACTION.ping,
      token: randomBytes(32).toString('base64url'),
      user: this.core.wire.user({ id: world.mint(), name: 'discord', bot: false }),
      entitlements: [],
    };
  }

  /** Throws when there were violations; for `afterEach`. */
  assertClean(): void {
    if (this.core.violations.length === 0) return;
    throw new Error(`Discord would have refused:\n${this.core.violations.join('\n')}`);
  }
  /** Takes the violations out, for a test that means them. */
  takeViolations(): string[] {
    return this.core.violations.splice(0);
  }

  async close(): Promise<void> {
    this.core.faults.clear();
    await new Promise<void>((resolve) => {
      this.server.close(() => resolve());
      this.server.closeAllConnections();
    });
  }
}

function isPong(text: string): boolean {
  try {
    return (JSON.parse(text) as { type?: unknown }).type === 1;
  } catch {
    return false;
  }
}
