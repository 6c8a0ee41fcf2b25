/** `/fork`: a new thread with a copy of the conversation; the old one stays as it is, also while its turn runs. */
import { expect, it } from 'vitest';
import type { Channel } from '../../../playground/discord/people/channel-handle.ts';
import { type Stage, useSystem } from '../stage.ts';

const use = useSystem();

/** `/fork` in a thread; resolves with the new one. */
async function fork(stage: Stage, thread: Channel, prompt = ''): Promise<Channel> {
  const before = new Set(stage.system.channel.threads.map(({ id }) => id));
  const options: Record<string, string> = prompt === '' ? {} : { prompt };
  const answer = await stage.command(stage.system.owner, thread.id, 'fork', options);
  expect(answer.text).toMatch(/Starting → <#\d+>/);
  return stage.discord.waitFor(() => stage.system.channel.threads.find(({ id }) => !before.has(id)), {
    what: 'the thread of the copy',
  });
}

it('the copy knows what was said before, and neither knows what is said in the other after', async () => {
  const { stage } = use;
  const { owner } = stage.system;
  const thread = await stage.begin(owner, 'say: the door is blue');
  await stage.says(thread, /^the door is blue[\s\S]*context/);
  const copy = await fork(stage, thread, 'say: only in the copy');
  await stage.says(copy, /A copy of “say: the door is blue”/);
  await stage.says(copy, /^only in the copy[\s\S]*context/);
  await stage.command(owner, thread.id, 'ask', { prompt: 'say: only in the first' });
  await stage.says(thread, /^only in the first[\s\S]*context/);
  for (const [where, own, other] of [
    [copy, 'only in the copy', 'only in the first'],
    [thread, 'only in the first', 'only in the copy'],
  ] as const) {
    await stage.command(owner, where.id, 'ask', { prompt: 'recall' });
    const told = await stage.says(where, /^Asked before:[\s\S]*context/);
    expect(told.text).toContain('the door is blue');
    expect(told.text).toContain(own);
    expect(told.text).not.toContain(other);
  }
});

it('of a session whose turn runs: up to the turn before, and the running one goes on', async () => {
  const { stage } = use;
  const { owner } = stage.system;
  const thread = await stage.begin(owner, 'say: finished');
  await stage.says(thread, /^finished[\s\S]*context/);
  await stage.command(owner, thread.id, 'ask', { prompt: 'run: touch half.txt' });
  const card = await stage.card(thread, 'half.txt');
  const copy = await fork(stage, thread);
  await stage.says(copy, /A copy of/);
  await stage.command(owner, copy.id, 'ask', { prompt: 'recall' });
  const told = await stage.says(copy, /^Asked before:[\s\S]*context/);
  expect(told.text).toContain('say: finished');
  expect(told.text).not.toContain('half.txt');
  await stage.press(owner, card, 'Allow');
  await stage.says(thread, /The command/);
});

it('of an ended session, chosen from a channel; refused for a stranger and where nothing was finished', async () => {
  const { stage } = use;
  const { owner, channel, guild } = stage.system;
  const thread = await stage.begin(owner, 'say: ended and copied');
  await stage.says(thread, /^ended and copied[\s\S]*context/);
  await stage.command(owner, thread.id, 'end');
  const { choices } = await stage.discord
    .user(owner)
    .autocomplete(channel.id, 'fork', 'session', { session: 'ended and copied' });
  expect(choices.map(({ value }) => value)).toEqual([thread.id]);
  const before = new Set(channel.threads.map(({ id }) => id));
  await stage.command(owner, channel.id, 'fork', { session: thread.id, prompt: 'recall' });
  const copy = await stage.discord.waitFor(() => channel.threads.find(({ id }) => !before.has(id)), {
    what: 'the thread of the copy',
  });
  expect((await stage.says(copy, /^Asked before:[\s\S]*context/)).text).toContain('ended and copied');

  const mallory = guild.addMember({ name: 'mallory' });
  const refused = await stage.command(mallory, channel.id, 'fork', { session: thread.id });
  expect(refused.text).toMatch(/not shared/);
  const fresh = await stage.begin(owner, '');
  expect((await stage.command(owner, fresh.id, 'fork')).text).toMatch(/not finished a turn/);
  expect(channel.threads.filter(({ id }) => !before.has(id))).toHaveLength(2);
});
