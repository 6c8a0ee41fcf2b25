/** An emulator with a small bot behind it, to look at the page without Heddle: what it answers is what a test says. */
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Discord } from '../../playground/discord/discord.ts';
import type { Channel } from '../../playground/discord/people/channel-handle.ts';
import type { Member } from '../../playground/discord/people/guild-handle.ts';
import { startDiscord } from '../../playground/discord/start.ts';
import { Health } from '../../playground/web/health.ts';
import { type PageServer, servePage } from '../../playground/web/server.ts';

/** An interaction, as far as a bot here looks at it. */
export interface Asked {
  readonly type: number;
  readonly channel_id: string;
  readonly data: {
    readonly name?: string;
    readonly custom_id?: string;
    readonly options?: readonly {
      readonly name: string;
      readonly value: unknown;
      readonly focused?: boolean;
    }[];
    readonly values?: readonly string[];
    readonly components?: readonly unknown[];
  };
  readonly member: { readonly user: { readonly id: string; readonly username: string } };
}

export interface Stand extends AsyncDisposable {
  readonly discord: Discord;
  readonly channel: Channel;
  readonly members: readonly Member[];
  readonly page: PageServer;
  readonly health: Health;
  /** What the bot was asked, oldest first. */
  readonly asked: readonly Asked[];
  /** The bot's REST call; gives the body of the answer. Throws when Discord refuses it. */
  rest(method: string, path: string, body?: unknown): Promise<{ id: string }>;
}

/** `answer`: the bot's answer to each interaction; undefined: it does not answer at all. */
export async function startStand(answer: (asked: Asked) => unknown, commands: unknown = []): Promise<Stand> {
  const asked: Asked[] = [];
  const bot = createServer((request, response) => {
    void body(request).then((text) => {
      const interaction = JSON.parse(text) as Asked;
      asked.push(interaction);
      const answered = answer(interaction);
      if (answered !== undefined)
        response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answered));
    });
  });
  await new Promise<void>((resolve) => bot.listen(0, '127.0.0.1', resolve));
  const discord = await startDiscord({
    // The bot of these tests posts on purpose what no careful program would.
    openapi: '',
    interactionsUrl: `http://127.0.0.1:${(bot.address() as AddressInfo).port}/`,
  });
  discord.setCommands(commands);
  const guild = discord.createGuild({ name: 'Loom' });
  const channel = guild.createChannel({ name: 'general', type: 'text' });
  const members = ['olga', 'sam', 'mallory'].map((name) => guild.addMember({ name }));
  const health = new Health();
  const page = await servePage(
    { discord, guild, members, hints: ['help', 'run: npm test'], live: false, health },
    0,
  );
  return {
    discord,
    channel,
    members,
    page,
    health,
    asked,
    async rest(method, path, given) {
      const answered = await fetch(`${discord.apiUrl}${path}`, {
        method,
        headers: {
          authorization: `Bot ${discord.botToken}`,
          'user-agent': 'DiscordBot (https://example.com, 1.0)',
          'content-type': 'application/json',
        },
        ...(given === undefined ? {} : { body: JSON.stringify(given) }),
      });
      const text = await answered.text();
      if (!answered.ok) throw new Error(`${method} ${path}: ${answered.status} ${text}`);
      return text === '' ? { id: '' } : (JSON.parse(text) as { id: string });
    },
    async [Symbol.asyncDispose]() {
      await page.close();
      await discord.close();
      await new Promise<void>((resolve) => {
        bot.close(() => resolve());
        bot.closeAllConnections();
      });
    },
  };
}

async function body(request: IncomingMessage): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of request) chunks.push(chunk as Uint8Array);
  return Buffer.concat(chunks).toString('utf8');
}
