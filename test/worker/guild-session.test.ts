/** The Guild and the real Session, with nothing between them but their contract. */
import { expect, test, vi } from 'vitest';
import { discord } from './fake-discord.ts';
import { BOB, useGuild, world } from './guild-world.ts';
import { CHANNEL, click } from './interaction.ts';

useGuild('real');

const ask = (text: string, given = {}) =>
  world.command('ask', [{ name: 'prompt', type: 3, value: text }], given);
const cards = () => [...discord.messages.values()].filter((message) => message.channel === CHANNEL);

test('a session begins, is wanted of its runner, shown on its card, asked again, ended, and begun anew in its thread', async () => {
  const runner = await world.runner();
  const socket = await world.connect(runner);
  const reply = await ask('fix the login');
  const thread = /<#(\d+)>/.exec(reply.text)?.[1] ?? '';
  expect(thread).not.toBe('');

  const wanted = await socket.until(({ wanted }) => wanted?.sessions.includes(thread) && wanted);
  expect(wanted.sessions).toEqual([thread]);
  await vi.waitFor(() => expect(discord.text(thread)).toContain('fix the login'));

  const here = { channel: thread, channelType: 11, parent: CHANNEL };
  expect((await ask('and the logout', here)).flags & 64).toBe(64);
  expect((await world.command('status', [], here)).text).toContain('api');
  expect((await ask('mine now', { ...here, user: BOB, name: 'bob' })).text).not.toContain('Starting');
  expect((await world.command('end', [], { ...here, user: BOB, name: 'bob' })).flags & 64).toBe(64);
  expect((await world.command('status')).text).toContain(thread);

  await world.command('end', [], here);
  await vi.waitFor(() => expect(discord.text(thread)).toContain('Ended'), { timeout: 10_000 });
  await vi.waitFor(() => expect(discord.threads.get(thread)).toMatchObject({ archived: true }));
  expect(discord.count('PATCH /channels/:id')).toBe(1);
  await ask('once more', here);
  await vi.waitFor(async () => {
    expect(await world.rows('SELECT gen FROM sessions WHERE thread = ? ORDER BY gen', thread)).toEqual([
      { gen: 1 },
      { gen: 2 },
    ]);
  });
  expect(cards()).toHaveLength(1);
});

test('a button on a card of another guild, or in another channel, does nothing', async () => {
  await world.connect(await world.runner());
  const reply = await ask('fix the login');
  const thread = /<#(\d+)>/.exec(reply.text)?.[1] ?? '';
  for (const given of [{}, { guild: world.guild, channel: '500000000000000009' }]) {
    const answer = await world.send(click('h1:cancelqueue:1:0:', thread, given));
    expect(answer.flags & 64).toBe(64);
    expect(answer.type).toBe(4);
  }
});
