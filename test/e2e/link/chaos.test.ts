/** A real runner's end and a real object, with a network and machines that fail at random. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { BootId, RunnerId, ThreadId } from '../../../protocol/ids.ts';
import { type LinkStatus, RunnerLink } from '../../../runner/link/link.ts';
import type { Identity } from '../../../runner/link/sign.ts';
import { MemoryStore } from '../../../runner/link/store.ts';
import { TcpProxy } from './proxy.ts';
import { startWorkerd, type Workerd } from './workerd.ts';

let workerd: Workerd;
let proxy: TcpProxy;
let near: string;
beforeAll(async () => {
  workerd = await startWorkerd();
  proxy = new TcpProxy(() => new URL(workerd.origin));
  near = await proxy.listen();
});
afterAll(async () => {
  await proxy.close();
  await workerd.close();
});

const TIMING = {
  pingIntervalMs: 100,
  // An object that hibernated has to be loaded before it answers.
  pongTimeoutMs: 1000,
  welcomeTimeoutMs: 1000,
  handshakeTimeoutMs: 1000,
  healthyMs: 0,
};

class Runner {
  readonly got: unknown[] = [];
  readonly statuses: LinkStatus[] = [];
  readonly link: RunnerLink;
  #changed: (() => void)[] = [];

  constructor(id: string, identity: Identity, store = new MemoryStore(), random: () => number = () => 0) {
    this.link = new RunnerLink({
      target: { kind: 'session', origin: near, id: id as ThreadId },
      identity,
      boot: 'boot' as BootId,
      store,
      onMessages: (bodies) => this.#note(() => this.got.push(...bodies)),
      onState: () => this.#note(() => {}),
      onStatus: (status) => this.#note(() => this.statuses.push(status)),
      random,
      timing: TIMING,
    });
  }

  async until(holds: () => boolean): Promise<void> {
    while (!holds()) await new Promise<void>((resolve) => this.#changed.push(resolve));
  }

  get onlines(): number {
    return this.statuses.filter(({ is }) => is === 'online').length;
  }

  #note(what: () => void): void {
    what();
    for (const wake of this.#changed.splice(0)) wake();
  }
}

/** Asks the object again and again, because it cannot call a test. */
async function eventually(look: () => Promise<boolean>): Promise<void> {
  while (!(await look().catch(() => false))) await new Promise((resolve) => setTimeout(resolve, 20));
}

const faults: Record<string, (id: string) => Promise<void> | void> = {
  'row 6: a reset connection': () => proxy.cut(),
  'row 7: a half-open connection': () => proxy.halfOpen(),
  'row 12: a connection cut within a frame': () => proxy.truncate(10),
  'row 2: an evicted object whose sockets close': (id) => workerd.evict(id, 'close'),
  'row 2: an aborted object': (id) => workerd.order(id, { do: 'abort' }).catch(() => {}),
  'row 4: SIGKILL of workerd': () => workerd.kill(),
  'row 3: a deploy': () => workerd.deploy(),
};

test.each(Object.entries(faults))(
  '%s: the link comes back, and nothing is lost or doubled',
  async (_name, fault) => {
    const id = `2${Object.values(faults).indexOf(fault)}`;
    const identity = await workerd.open(id, { origin: near });
    const runner = new Runner(id, identity);
    await runner.until(() => runner.onlines === 1);
    runner.link.send('a');
    await workerd.order(id, { do: 'send', runner: identity.runner, bodies: [1] });
    await runner.until(() => runner.got.length === 1);
    const before = runner.onlines;
    await fault(id);
    runner.link.send('b');
    await eventually(() =>
      workerd.order(id, { do: 'send', runner: identity.runner, bodies: [2] }).then(() => true),
    );
    await runner.until(() => runner.onlines > before && runner.got.length >= 2);
    await eventually(async () => (await workerd.look(id, identity.runner)).applied.length >= 2);
    expect(runner.got).toEqual([1, 2]);
    const look = await workerd.look(id, identity.runner);
    expect(look.applied).toEqual(['a', 'b']);
    expect(look.presence.online).toBe(true);
    runner.link.close();
  },
);

test('row 1: hibernation is not even noticed', async () => {
  const id = '300';
  const identity = await workerd.open(id, { origin: near });
  const runner = new Runner(id, identity);
  await runner.until(() => runner.onlines === 1);
  for (let n = 0; n < 5; n += 1) {
    await workerd.evict(id, 'hibernate');
    runner.link.send(n);
    await workerd.order(id, { do: 'send', runner: identity.runner, bodies: [n] });
  }
  await runner.until(() => runner.got.length === 5);
  await eventually(async () => (await workerd.look(id, identity.runner)).applied.length === 5);
  expect(runner.statuses.map(({ is }) => is)).toEqual(['online']);
  runner.link.close();
});

test('row 25: fifty links that a deploy closes at once come back spread out, and each goes on', async () => {
  const ids = Array.from({ length: 50 }, (_, n) => `25${n}`);
  const runners = await Promise.all(
    ids.map(
      async (id) => new Runner(id, await workerd.open(id, { origin: near }), new MemoryStore(), Math.random),
    ),
  );
  await Promise.all(runners.map((runner) => runner.until(() => runner.onlines === 1)));
  await workerd.deploy();
  await Promise.all(runners.map((runner) => runner.until(() => runner.onlines >= 2)));
  const waits = runners.flatMap((runner) =>
    runner.statuses.flatMap((status) => (status.is === 'waiting' ? [status.untilMs] : [])),
  );
  const slots = new Set(waits.map((untilMs) => Math.floor(untilMs / 20)));
  expect(slots.size, 'attempts at different times').toBeGreaterThan(10);
  for (const [n, runner] of runners.entries()) runner.link.send(n);
  for (const [n, id] of ids.entries())
    await eventually(
      async () => (await workerd.look(id, `runner-of-${id}` as RunnerId)).applied.at(-1) === n,
    );
  for (const runner of runners) runner.link.close();
});

test('never lost, never twice: two thousand messages each way through everything at once', {
  timeout: 120_000,
}, async () => {
  const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31));
  console.log(`link chaos: SEED=${seed}`);
  const random = mulberry32(seed);
  const id = '400';
  const identity = await workerd.open(id, { origin: near });
  const store = new MemoryStore();
  let runner = new Runner(id, identity, store, random);
  const got: unknown[] = [];
  const total = 2000;
  const numbers = Array.from({ length: total }, (_, n) => n);
  let toObject = 0;
  let toRunner = 0;
  const happen = [
    ...Object.values(faults),
    () => workerd.evict(id, 'hibernate'),
    // The runner's process dies and comes back with what it stored.
    () => {
      runner.link.close();
      got.push(...runner.got);
      runner = new Runner(id, identity, store, random);
    },
  ];
  let killed = 0;
  while (toObject < total || toRunner < total) {
    for (let burst = Math.floor(random() * 60); burst > 0 && toObject < total; burst -= 1) {
      runner.link.send(toObject);
      toObject += 1;
    }
    const bodies = numbers.slice(toRunner, toRunner + Math.floor(random() * 60));
    // A request that fails may still have been done; the object says which.
    const before = toRunner;
    await workerd
      .order(id, { do: 'sendOnce', runner: identity.runner, from: before, bodies })
      .then(() => {
        toRunner += bodies.length;
      })
      .catch(() => {});
    if (random() < 0.35) {
      const fault = happen[Math.floor(random() * happen.length)];
      // Starting workerd again takes a second.
      const slow = fault === faults['row 4: SIGKILL of workerd'] || fault === faults['row 3: a deploy'];
      if (!slow || killed++ < 3) await within(5_000, fault?.(id));
    }
  }
  await eventually(async () => (await workerd.look(id, identity.runner)).applied.length >= total);
  await runner.until(() => got.length + runner.got.length >= total);
  const { applied, waiting } = await workerd.look(id, identity.runner);
  expect(applied).toEqual(numbers);
  expect([...got, ...runner.got]).toEqual(numbers);
  await eventually(async () => (await workerd.look(id, identity.runner)).waiting === 0);
  expect(waiting).toBeLessThanOrEqual(total);
  await eventually(async () => store.load().acked === total);
  runner.link.close();
});

/** The harness never answers what it was asked while workerd was starting again. */
async function within(ms: number, act: Promise<unknown> | unknown): Promise<void> {
  const late = new Promise((resolve) => setTimeout(resolve, ms));
  await Promise.race([Promise.resolve(act).catch(() => {}), late]);
}

/** A small seeded generator, so that a schedule can be asked for again. */
function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
