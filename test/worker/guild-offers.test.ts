/** Autocomplete of what a session may choose from, out of its runner's catalogue. */
import { beforeEach, expect, test } from 'vitest';
import { ADA, BOB, type FakeRunner, type Socket, useGuild, world } from './guild-world.ts';
import { newId } from './interaction.ts';

useGuild();

let laptop: FakeRunner;
let socket: Socket;
let thread: string;

beforeEach(async () => {
  laptop = await world.runner({ called: 'laptop' });
  socket = await world.connect(laptop, ['api']);
  thread = newId();
  await world.report(thread, 1, { runner: laptop.id });
});

const OFFERS = {
  models: [
    { value: 'default', name: 'Default', description: 'Claude’s own choice' },
    { value: 'haiku', name: 'Haiku', description: 'Fast \u202e quick' },
  ],
  efforts: ['low', 'high'],
  modes: { owner: ['default', 'acceptEdits'], others: ['default'] },
};

async function offers(body: unknown, commands: unknown = []): Promise<void> {
  const catalogue = {
    kind: 'catalogue',
    version: '0.1.0',
    host: 'laptop',
    platform: 'linux',
    claude: { ok: true, version: '2.1.330' },
    projects: [{ name: 'api', commands }],
    processes: 1,
    offers: body,
  };
  socket.ws.send(JSON.stringify({ t: 'state', body: catalogue }));
  await world.until(async () => {
    const [row] = await world.rows('SELECT catalogue FROM runners WHERE id = ?', laptop.id);
    return String(row?.catalogue).includes('"processes":1');
  });
}

const choices = async (
  what: 'model' | 'mode' | 'effort' | 'command',
  typed = '',
  user = ADA,
  where = thread,
) =>
  (await world.stub()).offered(
    { id: user as never, name: 'x', roles: [], permissions: '0' },
    where as never,
    what,
    typed,
  );

test('models and commands that fit what was typed, as data', async () => {
  await offers(OFFERS, [
    { name: 'compact', description: 'Free up context', hint: '<instructions>' },
    { name: 'greet', description: 'Greets\nall', hint: '' },
  ]);
  expect((await choices('model')).map(({ value }) => value)).toEqual(['default', 'haiku']);
  expect((await choices('model', 'quick'))[0]?.name).not.toContain('\u202e');
  expect(await choices('command', '/comp')).toEqual([
    { name: '/compact <instructions> · Free up context', value: 'compact' },
  ]);
  expect((await choices('command', 'greet'))[0]?.name).toBe('/greet · Greets all');
  expect((await choices('effort', 'l')).map(({ value }) => value)).toEqual(['low', 'default']);
  expect((await choices('mode')).map(({ value }) => value)).toEqual(['default', 'acceptEdits']);
});

test('nothing for one who may not ask there, for a thread without a session, and before anything is known', async () => {
  expect(await choices('model')).toEqual([]);
  await offers(OFFERS);
  expect(await choices('model', '', BOB)).toEqual([]);
  expect(await choices('model', '', ADA, newId())).toEqual([]);
  expect(await choices('command')).toEqual([]);
});

test('at most 25, of at most 100 characters', async () => {
  const many = Array.from({ length: 100 }, (_, n) => ({
    name: `command-${n}`,
    description: 'd'.repeat(100),
    hint: 'h'.repeat(100),
  }));
  await offers(OFFERS, many);
  const found = await choices('command');
  expect(found).toHaveLength(25);
  expect(found.every(({ name }) => name.length <= 100)).toBe(true);
});
