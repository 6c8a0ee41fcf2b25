/** A Session's alarm twice, late and never, and a SQLite that fails under it. */
import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { beforeEach, expect, it, vi } from 'vitest';
import type {
  ChannelId,
  GuildId,
  InteractionId,
  ProjectName,
  RunnerId,
  ThreadId,
  UserId,
} from '../../protocol/ids.ts';
import type { SessionAct, SessionDo, SessionOpen } from '../../worker/domain/contract.ts';
import { DURATIONS } from '../../worker/platform/durations.ts';
import { SessionStore } from '../../worker/session/storage/store.ts';
import { messageId } from './session-stage.ts';

const STARTER = { id: '2' as UserId, name: 'sam', roles: [], permissions: '0' };
let serial = 70_000;

/** What Discord was told, by method. */
let told: string[] = [];

beforeEach(() => {
  told = [];
  vi.spyOn(globalThis, 'fetch').mockImplementation(async (_url, init) => {
    told.push(`${init?.method} ${typeof init?.body === 'string' ? init.body : ''}`);
    return Response.json({ id: messageId(), channel_id: '1', content: '' });
  });
});
/** A session whose runner is away and whose prompt waits. */
async function waiting() {
  serial += 10;
  const thread = String(serial) as ThreadId;
  const open: SessionOpen = {
    id: `${serial}1` as InteractionId,
    guild: '100' as GuildId,
    thread,
    parent: '200' as ChannelId,
    card: 'parent',
    madeThread: true,
    origin: 'https://heddle.example',
    runner: {
      id: 'runner-1' as RunnerId,
      name: 'laptop',
      publicKey: 'key',
      access: { owner: STARTER.id, ownerName: 'sam', members: [], roles: [], removed: false, rev: 1 },
      presence: { online: false, sinceMs: Date.now() },
    },
    project: 'api' as ProjectName,
    starter: STARTER,
    text: 'wait for me',
    after: null,
  };
  const stub = env.SESSION.getByName(thread);
  await stub.open(open);
  return { thread, stub };
}

type Waiting = Awaited<ReturnType<typeof waiting>>;

const state = ({ stub }: Waiting) =>
  runInDurableObject(stub, (_object, { storage }) => new SessionStore(storage.sql).load());

const act = ({ thread }: Waiting, what: SessionDo): SessionAct => {
  serial += 1;
  return {
    id: `${serial}7` as InteractionId,
    member: STARTER,
    place: { guild: '100' as GuildId, channel: thread, channelType: 11, parent: null, appPermissions: '0' },
    act: what,
  };
};

const expired = async (s: Waiting) =>
  [...(await state(s)).entries.values()].filter((e) => e.kind === 'queued' && e.state === 'expired').length;

it('row 18: an alarm that rings a day late drops the prompt that waited, once; rung again it changes nothing', async () => {
  const s = await waiting();
  vi.setSystemTime(Date.now() + DURATIONS.promptWaitMs + 1);
  expect(await runDurableObjectAlarm(s.stub)).toBe(true);
  expect(await expired(s)).toBe(1);
  const before = await state(s);
  for (let again = 0; again < 3; again += 1) {
    await runInDurableObject(s.stub, (object) => object.alarm());
  }
  const after = await state(s);
  expect([...after.entries]).toEqual([...before.entries]);
  expect(after.queue.size).toBe(0);
});

it('row 18: an alarm that rings early does nothing but stand again', async () => {
  const s = await waiting();
  const before = await state(s);
  await runInDurableObject(s.stub, (object) => object.alarm());
  expect([...(await state(s)).queue]).toEqual([...before.queue]);
  expect(await runInDurableObject(s.stub, (_object, { storage }) => storage.getAlarm())).not.toBeNull();
});

it('row 18: an alarm that was lost is set again by whatever comes next', async () => {
  const s = await waiting();
  await runInDurableObject(s.stub, (_object, { storage }) => storage.deleteAlarm());
  await evictDurableObject(s.stub);
  await s.stub.act(act(s, { do: 'ask', text: 'and me' }));
  expect(await runInDurableObject(s.stub, (_object, { storage }) => storage.getAlarm())).not.toBeNull();
});

it('row 18: an alarm that was lost with nobody to touch the session is made up for when the Guild looks', async () => {
  const s = await waiting();
  await runInDurableObject(s.stub, (_object, { storage }) => storage.deleteAlarm());
  vi.setSystemTime(Date.now() + DURATIONS.promptWaitMs + 60_000);
  await s.stub.look();
  await vi.waitFor(async () => expect(await expired(s)).toBe(1));
  expect((await state(s)).queue.size).toBe(0);
});

it('row 18: a look says when what waits is due, and costs no row where nothing is amiss', async () => {
  const s = await waiting();
  await vi.waitFor(async () => expect((await state(s)).thread?.parked).toBeNull());
  const [queued] = (await state(s)).queue.values();
  await vi.waitFor(async () => expect(await s.stub.look()).toBe(queued?.untilMs));
  const alarmMs = await runInDurableObject(s.stub, (_object, { storage }) => storage.getAlarm());
  expect(await s.stub.look()).toBe(queued?.untilMs);
  expect(await runInDurableObject(s.stub, (_object, { storage }) => storage.getAlarm())).toBe(alarmMs);
  expect(await env.SESSION.getByName('no-session').look()).toBeNull();
});

it('row 18: what Discord did not take is shown when the Guild looks, though nothing else waits', async () => {
  // Before anything keeps the real clock.
  vi.useFakeTimers({ toFake: ['Date'] });
  const forbidden = vi
    .spyOn(globalThis, 'fetch')
    .mockImplementation(async () =>
      Response.json({ code: 50001, message: 'Missing Access' }, { status: 403 }),
    );
  const s = await waiting();
  await s.stub.act(act(s, { do: 'stop' }));
  await vi.waitFor(async () => expect((await state(s)).thread?.parked).toMatch(/access|permission/i));
  await runInDurableObject(s.stub, (_object, { storage }) => storage.deleteAlarm());
  forbidden.mockImplementation(async (_url, init) => {
    const message = { id: messageId(), channel_id: '1', content: '' };
    return Response.json((init?.method ?? 'GET') === 'GET' ? [] : message);
  });
  vi.setSystemTime(Date.now() + 24 * 3_600_000);
  expect(await s.stub.look(), 'it is not shown yet').not.toBeNull();
  await vi.waitFor(async () => expect((await state(s)).thread?.parked).toBeNull());
  await vi.waitFor(async () => expect(await s.stub.look()).toBeNull());
});

it('row 20: a write that SQLite refuses half-way leaves nothing of itself, and the object works on', async () => {
  const s = await waiting();
  const before = await state(s);
  await runInDurableObject(s.stub, (_object, { storage }) => {
    storage.sql.exec(
      "CREATE TRIGGER full BEFORE INSERT ON answer BEGIN SELECT raise(ABORT, 'disk full'); END",
    );
  });
  const failed = await s.stub.act(act(s, { do: 'ask', text: 'lost' })).then(
    () => false,
    () => true,
  );
  expect(failed).toBe(true);
  expect([...(await state(s)).queue.values()].map((q) => q.text)).toEqual(
    [...before.queue.values()].map((q) => q.text),
  );
  await runInDurableObject(s.stub, (_object, { storage }) => storage.sql.exec('DROP TRIGGER full'));
  const answer = await s.stub.act(act(s, { do: 'ask', text: 'kept' }));
  expect(answer.kind).toBe('private');
  expect([...(await state(s)).queue.values()].map((q) => q.text)).toContain('kept');
});

it('row 20: after an error of SQLite and an eviction the object still opens and answers', async () => {
  const s = await waiting();
  await runInDurableObject(s.stub, (_object, { storage }) => {
    storage.sql.exec(
      "CREATE TRIGGER full BEFORE INSERT ON entry BEGIN SELECT raise(ABORT, 'disk full'); END",
    );
    storage.sql.exec(
      "CREATE TRIGGER fuller BEFORE INSERT ON doc BEGIN SELECT raise(ABORT, 'disk full'); END",
    );
  });
  await s.stub.act(act(s, { do: 'ask', text: 'lost' })).catch(() => {});
  await evictDurableObject(s.stub);
  const answer = await s.stub.act(act(s, { do: 'status' }));
  expect(answer.kind).toBe('private');
  expect((await state(s)).queue.size).toBe(1);
});
