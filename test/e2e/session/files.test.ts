/** What people attach to a prompt, and messages that become prompts. */
import { existsSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import type { Channel } from '../../../playground/discord/people/channel-handle.ts';
import type { InteractionOutcome } from '../../../playground/discord/people/outcome.ts';
import { SLOW, useSystem } from '../stage.ts';

const use = useSystem();

/** One pixel. */
const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAgAAAAICAIAAABLbSncAAAAD0lEQVR4nGM4gQMwDC0JAJwulgGh6TLjAAAAAElFTkSuQmCC',
  'base64',
);
const file = (name: string, data: string | Uint8Array, contentType?: string) => ({
  file: { name, data, ...(contentType === undefined ? {} : { contentType }) },
});

async function words(outcome: InteractionOutcome): Promise<string> {
  expect(outcome.failed).toBeUndefined();
  return (await outcome.final()).text;
}

function threads(): readonly Channel[] {
  return use.stage.system.channel.threads;
}

it('a picture reaches Claude as a picture, another file lies where Claude can read it without asking', async () => {
  const { stage } = use;
  const { owner, channel } = stage.system;
  const user = stage.discord.user(owner);
  const before = new Set(threads().map((one) => one.id));
  await words(
    await user.command(channel.id, 'ask', {
      prompt: 'say: seen them',
      file: file('shot.png', PNG, 'image/png'),
      file2: file('notes.txt', 'the red notebook'),
    }),
  );
  const thread = await stage.discord.waitFor(() => threads().find((one) => !before.has(one.id)), {
    ...SLOW,
    what: 'the thread',
  });
  await stage.says(thread, /📎 shot\.png · notes\.txt/);
  await stage.says(thread, /^seen them/);
  const seen = JSON.stringify(stage.system.model.requests.at(-1));
  expect(seen).toContain(PNG.toString('base64').slice(0, 60));
  const at = /(\/[^"\\]*notes\.txt) \(16 bytes\)/.exec(seen)?.[1] ?? '';
  expect(readFileSync(at, 'utf8')).toBe('the red notebook');
  await stage.command(owner, thread.id, 'ask', { prompt: `run: cat ${at}` });
  await stage.says(thread, /The command [\s\S]*red notebook/);
  await stage.command(owner, thread.id, 'end');
  await expect.poll(() => existsSync(at), { timeout: SLOW.timeoutMs }).toBe(false);
});

it('refuses a file that is too large, and a file without a prompt; nothing begins', async () => {
  const { stage } = use;
  const { owner, channel } = stage.system;
  const user = stage.discord.user(owner);
  const before = threads().length;
  const large = file('large.bin', new Uint8Array(10 * 1024 * 1024 + 1));
  expect(await words(await user.command(channel.id, 'ask', { prompt: 'say: x', file: large }))).toMatch(
    /large\.bin.*is larger than 10 MB/,
  );
  expect(await words(await user.command(channel.id, 'new', { file: file('a.txt', 'x') }))).toMatch(
    /needs a prompt/,
  );
  expect(threads()).toHaveLength(before);
});

it('a prompt whose file Discord no longer has is not run, and the thread says so', async () => {
  const { stage } = use;
  const { owner } = stage.system;
  const thread = await stage.begin(owner, 'run: touch hold.txt');
  const card = await stage.card(thread, 'touch hold.txt');
  const user = stage.discord.user(owner);
  await words(
    await user.command(thread.id, 'ask', { prompt: 'say: never said', file: file('old.txt', 'old') }),
  );
  await stage.says(thread, /⏳ next in line/);
  stage.discord.expireFiles();
  await stage.press(owner, card, 'Deny');
  await stage.says(thread, /attached file cannot be had[\s\S]*old\.txt/);
  expect(stage.count(thread, /^never said/)).toBe(0);
  await stage.command(owner, thread.id, 'ask', { prompt: 'say: the session goes on' });
  await stage.says(thread, /^the session goes on/);
});

it('Ask Claude on a message begins a session in a channel and is the next prompt in a thread', async () => {
  const { stage } = use;
  const { owner, channel, guild } = stage.system;
  const sam = guild.addMember({ name: 'sam' });
  const user = stage.discord.user(owner);
  const before = new Set(threads().map((one) => one.id));
  const asked = stage.discord.user(sam).sendMessage(channel.id, 'say: from the menu', {
    files: [{ name: 'log.txt', data: 'a line of the log' }],
  });
  expect(await words(await user.menu('Ask Claude', asked.id))).toMatch(/Starting/);
  const thread = await stage.discord.waitFor(() => threads().find((one) => !before.has(one.id)), {
    ...SLOW,
    what: 'the thread',
  });
  await stage.says(thread, /^from the menu/);
  const seen = JSON.stringify(stage.system.model.requests.at(-1));
  expect(seen).toContain('[@sam wrote] say: from the menu');
  expect(seen).toContain('log.txt (17 bytes)');

  const own = user.sendMessage(thread.id, 'say: in the thread');
  await words(await user.menu('Ask Claude', own.id));
  await stage.says(thread, /^in the thread/);

  const bot = thread.messages.find((message) => message.fromBot);
  if (bot === undefined) throw new Error('no message of the bot');
  expect(await words(await user.menu('Ask Claude', bot.id))).toMatch(/a bot’s/);
  const stranger = stage.discord.user(sam);
  expect(await words(await stranger.menu('Ask Claude', own.id))).toMatch(/not shared|is for/);
});
