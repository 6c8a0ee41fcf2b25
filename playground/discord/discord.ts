import type { Server } from 'node:http';
import type { ChannelId, GuildId, Snowflake, UserId } from '../../protocol/ids.ts';
import type { CommandRecord } from './core/commands.ts';
import type { Core } from './core/core.ts';
import type { Faults } from './core/faults.ts';
import { deleteMessage } from './core/messages.ts';
import { emptyChannel } from './core/threads.ts';
import type { TrafficEntry } from './core/traffic.ts';
import type { NoAnswer, RawAnswer } from './interactions/deliver.ts';
import { deliverRaw, pingBody, type RawDelivery, verifyEndpoint } from './interactions/probes.ts';
import { Channel } from './people/channel-handle.ts';
import { Guild, type Member } from './people/guild-handle.ts';
import { Actor } from './people/user.ts';
import { type ShownMessage, shownMessage } from './people/view.ts';
import { type WaitOptions, waitFor } from './people/wait.ts';
import { CHANNEL_TYPE, type Permissions, permissionBits } from './world/bits.ts';
import type { Clock } from './world/clock.ts';
import type { Change } from './world/world.ts';

/** What the README's invite link gives the bot: the minimum, reactions, and managing threads. */
const BOT_PERMISSIONS = 326_417_632_320n;

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

  /** What was attached until now is gone from the CDN, as when its signed address has run out. */
  expireFiles(): void {
    this.core.world.attachments.clear();
  }

  /**
   * What Discord does when the interactions URL is saved: a PING that must be answered, and some with wrong signatures
   * that must be refused with 401. Returns what is wrong; nothing when the endpoint is verified.
   */
  verifyEndpoint(): Promise<string[]> {
    return verifyEndpoint(this.core);
  }

  /** Sends any body, signed as asked; the answer is not applied. */
  deliverRaw(fields: RawDelivery): Promise<RawAnswer | NoAnswer> {
    return deliverRaw(this.core, fields);
  }

  /** The body of a PING. */
  pingBody(): object {
    return pingBody(this.core);
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
