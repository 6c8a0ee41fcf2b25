import { createServer, type Server } from 'node:http';
import type { Discord } from '../../../playground/discord/discord.ts';
import type { Channel } from '../../../playground/discord/people/channel-handle.ts';
import type { Guild, Member } from '../../../playground/discord/people/guild-handle.ts';
import { type DiscordOptions, startDiscord } from '../../../playground/discord/start.ts';

export const USER_AGENT = 'DiscordBot (https://example.org, 0.1.0)';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly code: number | undefined;
  // biome-ignore lint/suspicious/noExplicitAny: tests read whatever the emulator answers
  readonly body: any;
}

export interface CallOptions {
  readonly headers?: Record<string, string>;
  readonly form?: FormData;
  readonly raw?: string;
}

export interface InteractionSeen {
  readonly id: string;
  readonly type: number;
  readonly token: string;
  // biome-ignore lint/suspicious/noExplicitAny: the payload is what the test is about
  readonly [key: string]: any;
}

/** What the tiny program answers: a body for status 200, or anything. */
export type Handler = (
  interaction: InteractionSeen,
  headers: Record<string, string>,
) => Promise<unknown> | unknown;

/** A raw answer instead of a JSON one with status 200. */
export class Raw {
  readonly status: number;
  readonly body: string;
  readonly contentType: string;
  constructor(status: number, body: string, contentType = 'application/json') {
    this.status = status;
    this.body = body;
    this.contentType = contentType;
  }
}
export const NEVER = Symbol('never answers');

/** An emulator with a guild, a channel, two people and a program whose answers the test writes. */
export class Harness {
  readonly discord: Discord;
  readonly guild: Guild;
  readonly channel: Channel;
  readonly alice: Member;
  readonly bob: Member;
  readonly seen: InteractionSeen[] = [];
  answer: Handler = () => ({ type: 4, data: { content: 'ok', flags: 64 } });
  private readonly program: Server;

  private constructor(discord: Discord, program: Server) {
    this.discord = discord;
    this.program = program;
    this.guild = discord.createGuild({ name: 'guild' });
    this.alice = this.guild.addMember({ name: 'alice' });
    this.bob = this.guild.addMember({ name: 'bob' });
    this.channel = this.guild.createChannel({ name: 'general' });
  }

  static async start(options: DiscordOptions = {}): Promise<Harness> {
    const discord = await startDiscord({ clock: 'stopped', ...options });
    let harness: Harness | undefined;
    const program = createServer(async (request, response) => {
      let text = '';
      for await (const chunk of request) text += String(chunk);
      const interaction = JSON.parse(text) as InteractionSeen;
      harness?.seen.push(interaction);
      const headers = request.headers as Record<string, string>;
      const answer = await harness?.answer(interaction, headers);
      if (answer === NEVER) return;
      if (answer instanceof Raw) {
        response.writeHead(answer.status, { 'content-type': answer.contentType }).end(answer.body);
        return;
      }
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
    });
    await new Promise<void>((resolve) => program.listen(0, '127.0.0.1', resolve));
    const address = program.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    discord.setInteractionsUrl(`http://127.0.0.1:${address.port}/interactions`);
    harness = new Harness(discord, program);
    return harness;
  }

  async close(): Promise<void> {
    await this.discord.close();
    this.program.closeAllConnections();
    await new Promise<void>((resolve) => this.program.close(() => resolve()));
  }

  /** Calls the REST API as the bot. */
  async call(method: string, path: string, body?: unknown, options: CallOptions = {}): Promise<Answer> {
    const json =
      body === undefined && options.raw === undefined ? {} : { 'content-type': 'application/json' };
    const response = await fetch(this.discord.apiUrl + path, {
      method,
      headers: {
        authorization: `Bot ${this.discord.botToken}`,
        'user-agent': USER_AGENT,
        ...(options.form === undefined ? json : {}),
        ...options.headers,
      },
      body: options.form ?? options.raw ?? (body === undefined ? null : JSON.stringify(body)),
    });
    const text = await response.text();
    const isJson = (response.headers.get('content-type') ?? '').startsWith('application/json');
    const parsed = text === '' ? undefined : isJson ? (JSON.parse(text) as { code?: number }) : text;
    const code = typeof parsed === 'object' ? parsed.code : undefined;
    return { status: response.status, headers: response.headers, code, body: parsed };
  }

  post(body: unknown, channelId: string = this.channel.id): Promise<Answer> {
    return this.call('POST', `/channels/${channelId}/messages`, body);
  }

  /** A message of the bot's; fails the test when it was refused. */
  async sent(body: unknown, channelId: string = this.channel.id): Promise<string> {
    const answer = await this.post(body, channelId);
    if (answer.status !== 200) throw new Error(`refused: ${JSON.stringify(answer.body)}`);
    return String(answer.body.id);
  }

  edit(messageId: string, body: unknown, channelId: string = this.channel.id): Promise<Answer> {
    return this.call('PATCH', `/channels/${channelId}/messages/${messageId}`, body);
  }

  /** A thread from a fresh message of the bot's. */
  async thread(name = 'a thread'): Promise<Channel> {
    const id = await this.sent({ content: 'card' });
    const answer = await this.call('POST', `/channels/${this.channel.id}/messages/${id}/threads`, {
      name,
      auto_archive_duration: 1440,
    });
    if (answer.status !== 201) throw new Error(`refused: ${JSON.stringify(answer.body)}`);
    return this.discord.thread(id);
  }
}

export const button = (label: string, customId: string, more: object = {}) => ({
  type: 2,
  style: 2,
  label,
  custom_id: customId,
  ...more,
});
export const row = (...components: object[]) => ({ type: 1, components });
export const text = (content: string) => ({ type: 10, content });
export const V2 = 1 << 15;
