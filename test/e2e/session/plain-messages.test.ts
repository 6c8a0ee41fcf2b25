/** A message in the thread, without a command, is the next prompt; with Message Content on, and off. */
import { expect, it } from 'vitest';
import { SLOW, useSystem } from '../stage.ts';

const use = useSystem({ durations: { listenMs: 200, listenForMs: 600_000 } });
const deaf = useSystem({
  durations: { listenMs: 200, listenForMs: 600_000 },
  discord: { messageContent: false },
});

it('a plain message becomes a prompt, gets a reaction, and is run once', async () => {
  const { stage } = use;
  const { owner } = stage.system;
  const thread = await stage.begin(owner, 'say: first');
  await stage.says(thread, /^first[\s\S]*context/);
  const message = stage.discord.user(owner).sendMessage(thread.id, 'say: heard you');
  await stage.says(thread, /^heard you[\s\S]*context/);
  await stage.discord.waitFor(
    () => thread.messages.find((m) => m.id === message.id)?.reactions.includes('👀'),
    {
      ...SLOW,
      what: 'the reaction',
    },
  );
  const again = stage.discord.user(owner).sendMessage(thread.id, 'say: and this');
  await stage.says(thread, /^and this[\s\S]*context/);
  expect(again.id).not.toBe(message.id);
  expect(stage.count(thread, /^heard you/), 'run once').toBe(1);
});

it('a file of a plain message goes with it', async () => {
  const { stage } = use;
  const { owner } = stage.system;
  const thread = await stage.begin(owner, 'say: begin');
  await stage.says(thread, /^begin[\s\S]*context/);
  const files = [{ name: 'notes.md', data: 'the words in the file', contentType: 'text/markdown' }];
  stage.discord.user(owner).sendMessage(thread.id, 'say: with a file', { files });
  await stage.says(thread, /^with a file[\s\S]*context/);
  expect(stage.system.model.requests.some(({ raw }) => raw.includes('notes.md'))).toBe(true);
});

it('somebody who may not ask is not heard', async () => {
  const { stage } = use;
  const { owner, guild } = stage.system;
  const stranger = guild.addMember({ name: 'mallory' });
  const thread = await stage.begin(owner, 'say: begin');
  await stage.says(thread, /^begin[\s\S]*context/);
  stage.discord.user(stranger).sendMessage(thread.id, 'say: let me in');
  stage.discord.user(owner).sendMessage(thread.id, 'say: only me');
  await stage.says(thread, /^only me[\s\S]*context/);
  expect(stage.count(thread, /^let me in/)).toBe(0);
});

it('without Message Content a mention is heard, and what cannot be read is answered once', async () => {
  const { stage } = deaf;
  const { owner } = stage.system;
  const thread = await stage.begin(owner, 'say: begin');
  await stage.says(thread, /^begin[\s\S]*context/);
  stage.discord.user(owner).sendMessage(thread.id, 'say: unheard');
  await stage.says(thread, 'Discord does not show me what');
  const bot = stage.discord.applicationId;
  stage.discord.user(owner).sendMessage(thread.id, `<@${bot}> say: mentioned`);
  await stage.says(thread, /^mentioned[\s\S]*context/);
  expect(stage.count(thread, /^unheard/)).toBe(0);
  expect(stage.count(thread, 'Discord does not show me what')).toBe(1);
});
