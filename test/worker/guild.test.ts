import { abortAllDurableObjects, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { RunnerId } from '../../protocol/ids.ts';
import { Session } from '../../worker/index.ts';
import { DURATIONS } from '../../worker/platform/durations.ts';
import { discord } from './fake-discord.ts';
import { ADA, asBob, BOB, type FakeRunner, newKey, useGuild, world } from './guild-world.ts';
import { MANAGE_GUILD, newId, typing } from './interaction.ts';

useGuild();

const POST = 'POST /channels/:id/messages';
const EDIT = 'PATCH /channels/:id/messages/:id';

const ask = (given = {}) =>
  world.command('ask', [{ name: 'prompt', type: 3, value: 'fix the login' }], given);
const member = (id: string) => ({ name: 'member', type: 6, value: id });
const role = (id: string) => ({ name: 'role', type: 8, value: id });
const named = (name: string) => ({ name: 'runner', type: 3, value: name });
const off = { name: 'off', type: 5, value: true };

/** A session in a channel, as its thread's id. */
async function session(): Promise<string> {
  await ask();
  await vi.waitFor(() => expect(world.opened).toHaveLength(1));
  return world.opened[0]?.thread ?? '';
}
const told = () => vi.waitFor(() => expect(world.facts).not.toEqual([]));

describe('sharing', () => {
  let runner: FakeRunner;
  beforeEach(async () => {
    runner = await world.runner();
    await world.connect(runner);
  });

  test('with a member, and taken back', async () => {
    expect((await ask(asBob)).text).toContain('shared with you');
    expect((await world.runnerCommand('share', [member(BOB)])).text).toContain(`<@${BOB}>`);
    expect((await ask(asBob)).text).toContain('Starting');
    expect((await world.runnerCommand('share', [member(BOB), off])).text).toContain('not use');
    expect((await ask(asBob)).text).toContain('shared with you');
  });

  test('with a role', async () => {
    await world.runnerCommand('share', [role('300000000000000001')]);
    expect((await ask({ ...asBob, roles: ['300000000000000002'] })).text).toContain('shared with you');
    expect((await ask({ ...asBob, roles: ['300000000000000001'] })).text).toContain('Starting');
  });

  test.each([
    ['neither', []],
    ['both', [member(BOB), role('300000000000000001')]],
  ])('%s is refused', async (_name, options) => {
    expect((await world.runnerCommand('share', options)).text).toContain('either');
  });

  test('not with everyone', async () => {
    expect((await world.runnerCommand('share', [role(world.guild)])).text).toContain('everyone');
    expect(await world.rows('SELECT 1 FROM shares')).toEqual([]);
  });

  test('nobody shares or removes someone else’s runner, whatever they manage', async () => {
    const asAdmin = { ...asBob, permissions: '8' };
    for (const reply of [
      await world.runnerCommand('share', [member(BOB), named('laptop')], asAdmin),
      await world.runnerCommand('remove', [named('laptop')], asAdmin),
    ]) {
      expect(reply.text).toContain('Only the owner');
    }
    expect((await world.runnerCommand('share', [member(BOB)], asAdmin)).text).toContain('no runner');
    expect(await world.rows("SELECT 1 FROM runners WHERE standing = 'confirmed'")).toHaveLength(1);
  });

  test('with several runners one must be named', async () => {
    await world.runner({ called: 'desktop' });
    expect((await world.runnerCommand('share', [member(BOB)])).text).toContain('Which runner');
    expect((await world.runnerCommand('share', [member(BOB), named('Desktop')])).text).toContain(
      '**desktop**',
    );
  });

  test('a change reaches the sessions of that runner, and only those, until they have it', async () => {
    const thread = await session();
    await world.report(thread, 1, { runner: runner.id, work: false });
    await world.report(newId(), 1, { runner: 'another' as RunnerId });
    world.facts.length = 0;
    let failing = true;
    world.tell = () => {
      if (failing) throw new Error('gone');
    };
    await world.runnerCommand('share', [member(BOB)]);
    await world.until(async () => (await world.rows('SELECT 1 FROM pushes WHERE attempt > 0')).length > 0);
    expect(world.facts).toEqual([]);
    failing = false;
    await world.alarm();
    await told();
    expect(world.facts).toEqual([
      {
        thread,
        runner: runner.id,
        online: true,
        removed: false,
        members: [BOB],
        keys: [runner.key.publicKey],
      },
    ]);
    await world.until(async () => (await world.rows('SELECT 1 FROM pushes')).length === 0);
  });

  test('two changes at once: the last is what arrives', async () => {
    const thread = await session();
    await world.report(thread, 1, { runner: runner.id });
    await Promise.all([
      world.runnerCommand('share', [member(BOB)]),
      world.runnerCommand('share', [member('200000000000000003')]),
    ]);
    await vi.waitFor(async () => {
      await world.alarm();
      expect(world.facts.at(-1)?.members).toHaveLength(2);
    });
  });
});

describe('removing', () => {
  test('closes the link for good, tells the sessions, and nobody starts on it', async () => {
    const runner = await world.runner();
    const socket = await world.connect(runner);
    const thread = await session();
    await world.report(thread, 1, { runner: runner.id });
    world.facts.length = 0;
    const reply = await world.runnerCommand('remove');
    expect(reply.text).toContain('removed');
    expect(await socket.until(({ closed }) => closed)).toBe(4003);
    await told();
    expect(world.facts).toEqual([expect.objectContaining({ thread, removed: true, online: false })]);
    const refused = await world.upgrade(runner);
    expect([refused.status, await refused.json()]).toEqual([403, { error: 'removed' }]);
    expect((await ask()).text).toContain('/runner pair');
    expect((await world.runnerCommand('list')).text).toContain('no runner');
    expect((await world.report(thread, 2, { runner: runner.id })).access.removed).toBe(true);
  });
});

describe('presence', () => {
  let runner: FakeRunner;
  let thread: string;
  beforeEach(async () => {
    runner = await world.runner();
    const socket = await world.connect(runner);
    thread = await session();
    await world.report(thread, 1, { runner: runner.id });
    world.facts.length = 0;
    socket.ws.close(1000, 'sleep');
    await world.until(
      async () => (await world.rows("SELECT 1 FROM timers WHERE key LIKE 'presence:%'")).length > 0,
    );
  });

  test('a closed socket is not news until the grace is over', async () => {
    expect((await world.runnerCommand('list')).text).toContain('online');
    expect(world.facts).toEqual([]);
    await world.alarm();
    await told();
    expect(world.facts).toEqual([expect.objectContaining({ thread, online: false })]);
    expect((await world.runnerCommand('list')).text).toContain('offline since');
    expect((await world.report(thread, 2, { runner: runner.id })).presence).toEqual({
      online: false,
      sinceMs: expect.any(Number),
      rev: 2,
    });
  });

  test('back within the grace: nobody hears of it', async () => {
    await world.connect(runner);
    await world.alarm();
    expect(world.facts).toEqual([]);
    expect((await world.runnerCommand('list')).text).toContain('online');
  });

  test('back after it: the sessions with work hear that too', async () => {
    await world.alarm();
    await told();
    world.facts.length = 0;
    await world.connect(runner);
    await told();
    expect(world.facts).toEqual([expect.objectContaining({ thread, online: true })]);
  });

  test('sockets that went without a word are noticed when the object wakes', async () => {
    await world.connect(runner);
    await abortAllDurableObjects();
    await world.until(
      async () => (await world.rows("SELECT 1 FROM timers WHERE key LIKE 'presence:%'")).length > 0,
    );
    await world.alarm();
    expect((await world.runnerCommand('list')).text).toContain('offline since');
  });
});

describe('the wanted set', () => {
  test('has the sessions with work of this runner, with a revision that rises', async () => {
    const runner = await world.runner();
    const other = await world.runner({ called: 'desktop' });
    const socket = await world.connect(runner);
    const empty = socket.wanted;
    expect(empty?.sessions).toEqual([]);
    await world.report('600000000000000001', 1, { runner: runner.id });
    await world.report('600000000000000002', 1, { runner: other.id });
    await world.report('600000000000000003', 1, { runner: runner.id });
    const two = await socket.until(({ wanted }) => wanted?.sessions.length === 2 && wanted);
    expect(two.sessions).toEqual(['600000000000000001', '600000000000000003']);
    expect(two.rev).toBeGreaterThan(empty?.rev ?? 0);
    await world.report('600000000000000001', 2, { runner: runner.id, work: false });
    const one = await socket.until(({ wanted }) => wanted?.sessions.length === 1 && wanted);
    expect(one.rev).toBeGreaterThan(two.rev);
    const again = await world.connect(runner);
    expect(again.wanted).toEqual(one);
  });

  test('a report that changes no work sends nothing', async () => {
    const runner = await world.runner();
    const socket = await world.connect(runner);
    await world.report('600000000000000001', 1, { runner: runner.id });
    await socket.until(({ wanted }) => wanted?.sessions.length === 1);
    const frames = socket.frames.length;
    await world.report('600000000000000001', 2, { runner: runner.id, turns: 2 });
    await world.report('600000000000000004', 1, { runner: runner.id });
    await socket.until(({ wanted }) => wanted?.sessions.length === 2);
    expect(socket.frames.length).toBe(frames + 1);
  });
});

describe('the directory', () => {
  test('row 23: a lower or equal rev changes nothing', async () => {
    const runner = await world.runner();
    await world.report('600000000000000001', 5, { runner: runner.id, title: 'new' });
    await world.report('600000000000000001', 4, { runner: runner.id, title: 'old' });
    await world.report('600000000000000001', 5, { runner: runner.id, title: 'same' });
    const rows = JSON.stringify(await world.rows('SELECT summary FROM sessions'));
    expect(rows).toContain('new');
    expect(rows).not.toMatch(/old|same/);
  });

  test('an older gen does not speak for the thread', async () => {
    const runner = await world.runner();
    await world.connect(runner);
    const thread = await session();
    await world.report(thread, 1, { runner: runner.id, title: 'second' }, 2);
    await world.report(
      thread,
      9,
      { runner: runner.id, title: 'first', state: { is: 'ended' }, work: false },
      1,
    );
    await vi.waitFor(() => expect(discord.text(thread)).toContain('second'));
    expect(discord.text(thread)).not.toContain('first');
    const { text } = await world.command('status');
    expect(text).toContain('Running');
    expect(text).not.toContain('Ended');
  });

  test('a newer conversation takes the work of the one before, also from another runner', async () => {
    const first = await world.runner();
    const second = await world.runner({ called: 'desk' });
    const [left, right] = [await world.connect(first), await world.connect(second)];
    const thread = '600000000000000001';
    await world.report(thread, 1, { runner: first.id });
    await left.until(({ wanted }) => wanted?.sessions.includes(thread));
    await world.report(thread, 2, { runner: second.id }, 2);
    await left.until(({ wanted }) => wanted?.sessions.length === 0);
    expect(right.wanted?.sessions).toEqual([thread]);
    await world.report(thread, 3, { runner: second.id, state: { is: 'idle' }, work: false }, 2);
    await right.until(({ wanted }) => wanted?.sessions.length === 0);
    await world.report(thread, 4, { runner: first.id }, 1);
    expect(await world.rows('SELECT gen, work FROM sessions ORDER BY gen')).toEqual([
      { gen: 1, work: 0 },
      { gen: 2, work: 0 },
    ]);
    const [old] = await world.rows('SELECT summary FROM sessions WHERE gen = 1');
    expect(JSON.parse(String(old?.summary)).state).toEqual({ is: 'ended' });
  });

  test('/status lists sessions, or says that there are none', async () => {
    expect((await world.command('status')).text).toContain('no sessions');
    const runner = await world.runner();
    await world.report('600000000000000001', 1, { runner: runner.id, title: '<@1> **login**' });
    const reply = await world.command('status');
    expect(reply.flags & 64).toBe(64);
    expect(reply.text).toContain('600000000000000001');
    expect(reply.text).not.toMatch(/<@1>|[^\\]\*\*login/);
  });

  test('the card follows the reports, and is edited only on changes', async () => {
    const runner = await world.runner();
    await world.connect(runner);
    const thread = await session();
    await world.report(thread, 1, { runner: runner.id });
    await vi.waitFor(() => expect(discord.text(thread)).toContain('Running'));
    const edits = discord.count(EDIT);
    await world.report(thread, 2, { runner: runner.id });
    await world.report(thread, 3, { runner: runner.id, state: { is: 'ended' }, work: false });
    await vi.waitFor(() => expect(discord.text(thread)).toContain('Ended'));
    expect(discord.count(EDIT)).toBe(edits + 1);
    await world.until(
      async () => (await world.rows("SELECT 1 FROM timers WHERE key LIKE 'cards:%'")).length === 0,
    );
  });

  test('a card that Discord does not take is shown later', async () => {
    const runner = await world.runner();
    await world.connect(runner);
    const thread = await session();
    discord.fail(EDIT, 500, {}, 3);
    await world.report(thread, 1, { runner: runner.id });
    await vi.waitFor(
      async () => {
        await world.alarm();
        expect(discord.text(thread)).toContain('Running');
      },
      { timeout: 15_000 },
    );
  });

  test('a session of a runner that the guild does not know may be used by nobody', async () => {
    const { access } = await world.report('600000000000000001', 1, { runner: 'x' as RunnerId });
    expect(access.removed).toBe(true);
  });
});

describe('autocomplete', () => {
  test('offers the projects that the member may use, and their own runners', async () => {
    await world.connect(await world.runner(), ['api', 'Web', 'docs']);
    await world.connect(await world.runner({ ...asBob, permissions: MANAGE_GUILD, called: 'bobs' }), [
      'secret',
    ]);
    const project = (value: string) => [{ name: 'project', type: 3, value, focused: true }];
    const type = (name: string, options: unknown[], given = {}) =>
      world.send(typing(name, options, { guild: world.guild, ...given }));
    expect((await type('new', project(''))).choices).toEqual(['api', 'Web', 'docs']);
    expect((await type('new', project('w'))).choices).toEqual(['Web']);
    expect((await type('new', project('sec'))).choices).toEqual([]);
    const runner = [
      { type: 1, name: 'remove', options: [{ name: 'runner', type: 3, value: '', focused: true }] },
    ];
    expect((await type('runner', runner)).choices).toEqual(['laptop']);
    expect((await type('runner', runner, asBob)).choices).toEqual(['bobs']);
  });
});

describe('idempotence', () => {
  test('a button that is delivered twice acts once and answers the same', async () => {
    const { code } = await world.code();
    const { body } = await world.redeem(code, (await newKey()).publicKey);
    const given = { id: newId(), permissions: MANAGE_GUILD };
    const first = await world.press(`h1:pairno:0:0:${body.runner}`, given);
    const second = await world.press(`h1:pairyes:0:0:${body.runner}`, given);
    expect(second.text).toBe(first.text);
    expect(await world.rows("SELECT 1 FROM runners WHERE standing = 'removed'")).toHaveLength(1);
  });

  test('kept answers go after a day', async () => {
    await world.runner();
    await ask();
    expect(await world.rows('SELECT 1 FROM answers')).not.toEqual([]);
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 25 * 60 * 60_000 });
    await runDurableObjectAlarm(await world.stub());
    await vi.waitFor(async () => expect(await world.rows('SELECT 1 FROM answers')).toEqual([]));
  });
});

test('row 18: an alarm that was lost is set again when the object wakes', async () => {
  await world.code();
  await runInDurableObject(await world.stub(), async (_guild, { storage }) => {
    storage.sql.exec('UPDATE timers SET due_ms = 1');
    await storage.deleteAlarm();
  });
  await abortAllDurableObjects();
  await world.until(async () => (await world.rows('SELECT 1 FROM pairings')).length === 0);
});

describe('a half-open socket', () => {
  const poll = async (afterMs: number) => {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + afterMs });
    await runDurableObjectAlarm(await world.stub());
    vi.useRealTimers();
  };

  test('is noticed also when the work was there before the runner', async () => {
    const runner = await world.runner();
    await world.report('600000000000000001', 1, { runner: runner.id });
    await poll(61_000);
    expect(await world.rows("SELECT 1 FROM timers WHERE key = 'poll'")).toEqual([]);
    const socket = await world.connect(runner);
    await poll(200_000);
    expect(await socket.until(({ closed }) => closed)).toBe(4008);
  });

  test('row 7: is closed when it was silent for too long while there is work, and left alone while there is none', async () => {
    const runner = await world.runner();
    const socket = await world.connect(runner);
    await world.report('600000000000000001', 1, { runner: runner.id });
    await socket.until(({ wanted }) => wanted?.sessions.length === 1);
    await poll(61_000);
    expect(socket.closed).toBeNull();
    await poll(200_000);
    expect(await socket.until(({ closed }) => closed)).toBe(4008);
    expect(await world.rows("SELECT 1 FROM timers WHERE key LIKE 'presence:%'")).toHaveLength(1);
  });
});

test('while all that is open waits for people, sockets are looked at seldom, and each minute again as soon as Claude goes on', async () => {
  const runner = await world.runner();
  await world.connect(runner);
  const thread = newId();
  const waiting = {
    is: 'waiting',
    for: 'Bash',
    who: { id: ADA as never, name: 'ada' },
    message: null,
  } as const;
  await world.report(thread, 1, { runner: runner.id, state: waiting });
  const start = Date.now();
  const due = async () => {
    const [row] = await world.rows("SELECT due_ms FROM timers WHERE key = 'poll'");
    return Math.round((Number(row?.due_ms) - Date.now()) / 60_000);
  };
  vi.useFakeTimers({ toFake: ['Date'], now: start + 61_000 });
  await runDurableObjectAlarm(await world.stub());
  expect(await due()).toBe(DURATIONS.linkIdlePollMs / 60_000);
  await world.report(thread, 2, { runner: runner.id });
  expect(await due()).toBe(1);
  vi.useRealTimers();
});

describe('row 18: a session that says nothing more', () => {
  const silent = newId();
  /** The Guild's alarm, so long after it was now. */
  const later = async (ms: number) => {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + ms });
    await runDurableObjectAlarm(await world.stub());
  };
  const lookMs = async () => (await world.rows('SELECT look_ms FROM sessions')).map((row) => row.look_ms);
  afterEach(() => vi.useRealTimers());

  test('is looked at once, and again when what waits there was due and nothing came of it', async () => {
    const dueMs = Date.now() + 3_600_000;
    const look = vi.spyOn(Session.prototype, 'look').mockResolvedValue(dueMs);
    await world.report(silent, 1);
    await later(DURATIONS.lookAfterMs - 1_000);
    expect(look).not.toHaveBeenCalled();
    await later(2_000);
    expect(look).toHaveBeenCalledTimes(1);
    expect(await lookMs()).toEqual([dueMs + DURATIONS.lookAfterMs]);
    look.mockResolvedValue(null);
    await later(3_600_000 + 1_000);
    expect(look).toHaveBeenCalledTimes(2);
    expect(await lookMs()).toEqual([null]);
    expect(await world.rows("SELECT 1 FROM timers WHERE key = 'look'"), 'at rest it costs nothing').toEqual(
      [],
    );
  });

  test('is looked at later when it reports meanwhile, and when it cannot be reached', async () => {
    const look = vi.spyOn(Session.prototype, 'look').mockRejectedValue(new Error('reset'));
    await world.report(silent, 1);
    await later(DURATIONS.lookAfterMs / 2);
    await world.report(silent, 2);
    await later(DURATIONS.lookAfterMs / 2 + 1_000);
    expect(look).not.toHaveBeenCalled();
    await later(DURATIONS.lookAfterMs / 2);
    expect(look).toHaveBeenCalledTimes(1);
    look.mockResolvedValue(null);
    await later(DURATIONS.lookAfterMs + 1_000);
    expect(look).toHaveBeenCalledTimes(2);
    expect(await lookMs()).toEqual([null]);
  });
});

describe('the directory’s size', () => {
  test('ended sessions beyond 500 are forgotten, the oldest first; others stay', async () => {
    const runner = await world.runner();
    await world.connect(runner);
    const stub = await world.stub();
    await world.report('600000000000000000', 1, {
      runner: runner.id,
      activeMs: 1,
      state: { is: 'idle' },
      work: false,
    });
    const old = await session();
    await world.report(old, 1, { runner: runner.id, activeMs: 1, state: { is: 'ended' }, work: false });
    for (let n = 1; n <= 502; n++) {
      const thread = String(600_000_000_000_000_000n + BigInt(n));
      await world.report(
        thread,
        1,
        { runner: runner.id, activeMs: n + 1, state: { is: 'ended' }, work: false },
        1,
        stub,
      );
    }
    const rows = await world.rows('SELECT thread FROM sessions ORDER BY thread');
    expect(rows).toHaveLength(500);
    expect(rows[0]).toEqual({ thread: '600000000000000000' });
    expect(rows[1]).toEqual({ thread: '600000000000000004' });
    const posts = discord.count(POST);
    await world.report(old, 2, { runner: runner.id }, 2);
    await world.report(old, 3, { runner: runner.id, state: { is: 'idle' }, work: false }, 2);
    await world.alarm();
    expect(discord.count(POST), 'what was forgotten gets no second card').toBe(posts);
  });
});
