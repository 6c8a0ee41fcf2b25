/** `/fork` from a channel and `/resume` of a terminal's conversation, as the Guild decides them: who may, and what begins where. */
import { beforeEach, expect, test, vi } from 'vitest';
import { Session } from '../../worker/session/session.ts';
import { ADA, asBob, BOB, type FakeRunner, type Socket, useGuild, world } from './guild-world.ts';
import { CHANNEL, MANAGE_GUILD, newId, typing } from './interaction.ts';

useGuild();

const CLAUDE = '11111111-2222-4333-8444-555555555555';
const AT = '99999999-2222-4333-8444-555555555555';

let runner: FakeRunner;
let socket: Socket;
beforeEach(async () => {
  runner = await world.runner();
  socket = await world.connect(runner);
});

/** The runner tells what Claude keeps of `api`. */
async function offer(conversations: unknown): Promise<void> {
  const body = {
    kind: 'catalogue',
    version: '0.1.0',
    host: 'laptop',
    platform: 'linux',
    claude: { ok: true, version: '2.1.330' },
    projects: [{ name: 'api', conversations }],
    processes: 0,
  };
  socket.ws.send(JSON.stringify({ t: 'state', body }));
  await world.until(async () => {
    const [row] = await world.rows('SELECT catalogue FROM runners WHERE id = ?', runner.id);
    return String(row?.catalogue).includes('conversations');
  });
}

const choices = async (name: 'resume' | 'fork', given = {}) => {
  const options = [{ name: 'session', type: 3, value: '', focused: true }];
  return world.send(typing(name, options, { guild: world.guild, ...given }));
};
const named = (session: string) => [{ name: 'session', type: 3, value: session }];
const share = () =>
  world.runnerCommand('share', [{ name: 'member', type: 6, value: BOB }], { permissions: MANAGE_GUILD });

test('a conversation of a terminal begins in a thread of its own, under its own id, in its project', async () => {
  await offer([{ id: CLAUDE, title: 'fix the login', atMs: Date.now() }]);
  const { choices: values, names } = await choices('resume');
  expect(values).toEqual([`t:${runner.id}:${CLAUDE}`]);
  expect(names[0]).toBe('fix the login · api · 0 min ago · terminal');
  const reply = await world.command('resume', named(values[0] ?? ''));
  expect(reply.text).toContain('Starting → <#');
  await vi.waitFor(() => expect(world.opened).toHaveLength(1));
  expect(world.opened).toMatchObject([
    {
      from: { claudeSession: CLAUDE, fork: false },
      title: 'fix the login',
      project: 'api',
      text: null,
      runner: { id: runner.id },
      starter: { id: ADA },
    },
  ]);
});

test('it is the owner’s alone: a member with whom the runner is shared neither sees it nor reaches it', async () => {
  await offer([{ id: CLAUDE, title: 'private matters', atMs: 1 }]);
  await share();
  expect((await choices('resume', asBob)).choices).toEqual([]);
  const forged = await world.command('resume', named(`t:${runner.id}:${CLAUDE}`), asBob);
  expect(forged.text).toContain('Choose one');
  expect(forged.text).not.toContain('private');
  expect(world.opened).toEqual([]);
});

test('what was never offered, or is not any more, begins nothing', async () => {
  await offer([{ id: CLAUDE, title: 'x', atMs: 1 }]);
  for (const value of [
    `t:${runner.id}:${AT}`,
    `t:nobody:${CLAUDE}`,
    `t:${runner.id}:`,
    `t:${runner.id}:${CLAUDE}:more`,
    't:',
  ])
    expect((await world.command('resume', named(value))).text, value).toContain('Choose one');
  await world.runnerCommand('remove', [], { permissions: MANAGE_GUILD });
  const removed = await world.command('resume', named(`t:${runner.id}:${CLAUDE}`));
  expect(removed.text).toContain('Choose one');
  expect(world.opened).toEqual([]);
});

test('a catalogue with conversations that are none is not taken', async () => {
  await offer([{ id: CLAUDE, title: 'good', atMs: 1 }]);
  const before = await world.rows('SELECT catalogue FROM runners');
  for (const bad of [
    [{ id: 'no uuid', title: 'bad', atMs: 1 }],
    [{ id: CLAUDE, title: 'x'.repeat(81), atMs: 1 }],
    Array.from({ length: 26 }, () => ({ id: CLAUDE, title: 'many', atMs: 1 })),
  ])
    await offer(bad);
  await choices('resume');
  expect(await world.rows('SELECT catalogue FROM runners')).toEqual(before);
});

test('/fork begins beside the thread what its Session answers, on that runner, whatever else could be chosen', async () => {
  await world.connect(await world.runner({ called: 'other' }), ['api']);
  const thread = newId();
  const from = { claudeSession: CLAUDE, fork: true, at: AT };
  vi.mocked(Session.prototype.act).mockResolvedValue({
    kind: 'start',
    text: 'go left',
    project: 'api' as never,
    after: null,
    origin: { runner: runner.id, project: 'api' as never, title: 'the first', from } as never,
  });
  const here = { channel: thread, channelType: 11, parent: CHANNEL };
  const prompt = { name: 'prompt', type: 3, value: 'go left' };
  expect((await world.command('fork', [prompt], here)).text).toContain('Starting → <#');
  await vi.waitFor(() => expect(world.opened).toHaveLength(1));
  expect(world.opened).toMatchObject([
    { from, text: 'go left', title: 'the first', runner: { id: runner.id }, parent: CHANNEL, card: 'parent' },
  ]);
  expect(world.opened[0]?.thread).not.toBe(thread);
});

test('/fork offers each session that was asked something, also one that goes on, to those who may ask in it', async () => {
  const [open, empty] = [newId(), newId()];
  await world.report(open, 1, { runner: runner.id });
  await world.report(empty, 1, { runner: runner.id, turns: 0 });
  expect((await choices('fork')).choices).toEqual([open]);
  expect((await choices('resume')).choices).toEqual([]);
  expect((await choices('fork', asBob)).choices).toEqual([]);
  expect((await world.command('fork', named(newId()))).text).toContain('Choose one');
  expect((await world.command('fork')).text).toContain('in the thread of a session');
  const answer = await world.command('fork', named(open));
  expect(answer.text).toContain('the session answers');
  expect(world.acted).toMatchObject([{ thread: open, act: { through: 'guild', act: { do: 'fork' } } }]);
});

test('a copy cannot begin on a runner that is gone, or in a project that it does not offer any more', async () => {
  const from = { claudeSession: CLAUDE, fork: true };
  const origin = { runner: runner.id, project: 'gone', title: 't', from };
  vi.mocked(Session.prototype.act).mockResolvedValue({
    kind: 'start',
    text: null,
    project: null,
    after: null,
    origin: origin as never,
  });
  const here = { channel: newId(), channelType: 11, parent: CHANNEL };
  expect((await world.command('fork', [], here)).text).toContain('does not offer the project');
  await world.runnerCommand('remove', [], { permissions: MANAGE_GUILD });
  expect((await world.command('fork', [], here)).text).toMatch(/no such runner|removed/);
  expect(world.opened).toEqual([]);
});
