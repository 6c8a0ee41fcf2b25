import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import type { PlainSlot } from '../../../worker/domain/slot.ts';
import { type Fault, ModelDiscord } from './model-discord.ts';
import { ModelObject, plain } from './model-object.ts';
import { play } from './rhythm.ts';
import { VirtualClock } from './virtual-clock.ts';

/** A busy machine is slow; nothing here waits for time to pass. */
vi.setConfig({ testTimeout: process.env.RUNS === undefined ? 60_000 : 3_600_000 });

const START_MS = 1_800_000_000_000;
/** `RUNS=100000 SEED=1` for a long search; a failing one prints its seed and the case. */
const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31));
const runs = process.env.RUNS === undefined ? 500 : Number(process.env.RUNS);
const FAULTS: readonly Fault[] = ['lost', 'unanswered', 'late', 'error500', 'error500applied', 'global429'];

type Happening =
  | { readonly is: 'slot'; readonly phase: PlainSlot['phase']; readonly again: boolean }
  | { readonly is: 'change'; readonly which: number }
  | { readonly is: 'finish' }
  | { readonly is: 'drop'; readonly which: number }
  | { readonly is: 'moderate'; readonly which: number }
  | { readonly is: 'archive' }
  | { readonly is: 'chatter' }
  | { readonly is: 'crash'; readonly downMs: number }
  | { readonly is: 'fault'; readonly fault: Fault }
  | { readonly is: 'wait'; readonly ms: number };

const which = fc.nat(30);
const calm: fc.Arbitrary<Happening>[] = [
  fc.record({
    is: fc.constant('slot' as const),
    phase: fc.constantFrom('live' as const, 'card' as const, 'final' as const),
    again: fc.boolean(),
  }),
  fc.record({ is: fc.constant('change' as const), which }),
  fc.record({ is: fc.constant('change' as const), which }),
  fc.record({ is: fc.constant('finish' as const) }),
  fc.record({ is: fc.constant('drop' as const), which }),
  fc.record({ is: fc.constant('chatter' as const) }),
  fc.record({ is: fc.constant('wait' as const), ms: fc.nat(400) }),
  fc.record({ is: fc.constant('wait' as const), ms: fc.nat(6000) }),
];
const rough: fc.Arbitrary<Happening>[] = [
  ...calm,
  fc.record({ is: fc.constant('moderate' as const), which }),
  fc.record({ is: fc.constant('archive' as const) }),
  fc.record({ is: fc.constant('crash' as const), downMs: fc.constantFrom(0, 0, 20_000, 100_000, 900_000) }),
  fc.record({ is: fc.constant('crash' as const), downMs: fc.constantFrom(0, 900_000) }),
  fc.record({ is: fc.constant('fault' as const), fault: fc.constantFrom(...FAULTS) }),
  fc.record({ is: fc.constant('fault' as const), fault: fc.constantFrom(...FAULTS) }),
];

/** Found by long searches: what the fixed delivery must go on to survive. [one bucket, the list has nonces, what happens] */
const FOUND: [boolean, boolean, Happening[]][] = [
  // Two creates in doubt, no nonces to tell them by, and the first of them is to go.
  [
    false,
    false,
    [
      { is: 'slot', phase: 'live', again: false },
      { is: 'slot', phase: 'live', again: false },
      { is: 'crash', downMs: 0 },
      { is: 'drop', which: 0 },
      { is: 'crash', downMs: 900_000 },
    ],
  ],
];

class World {
  readonly clock = new VirtualClock(START_MS);
  readonly discord: ModelDiscord;
  readonly object: ModelObject;
  slots: PlainSlot[] = [];
  readonly moderated = new Map<string, number>();
  #version = 0;

  constructor(shared: boolean) {
    this.discord = new ModelDiscord(this.clock, shared);
    this.object = new ModelObject(this.discord);
  }

  async happen(one: Happening): Promise<void> {
    switch (one.is) {
      case 'slot':
        this.#end();
        this.slots.push(
          plain(`s${this.slots.length}`, this.#text(this.slots.length), {
            phase: one.phase,
            whenDeleted: one.again ? 'again' : 'gone',
          }),
        );
        break;
      case 'change':
        this.#replace(one.which, (slot, n) => ({ ...slot, content: this.#text(n) }));
        break;
      case 'finish':
        this.#end();
        break;
      case 'drop':
        this.#replace(one.which, (slot) => ({ ...slot, deleted: true }));
        break;
      case 'moderate':
        return this.#moderate(one.which);
      case 'archive':
        this.discord.archived = true;
        return;
      case 'chatter':
        return this.discord.chatter('hm');
      case 'crash':
        this.object.crash(one.downMs);
        return;
      case 'fault':
        this.discord.faults.push(one.fault);
        return;
      case 'wait':
        return this.clock.runUntil(this.clock.nowMs + one.ms);
    }
    this.object.show(this.slots);
    await this.clock.runUntil(this.clock.nowMs);
  }

  /** At most one slot is live, the last one. */
  #end(): void {
    this.slots = this.slots.map((slot) => (slot.phase === 'live' ? { ...slot, phase: 'final' } : slot));
  }

  #replace(index: number, change: (slot: PlainSlot, n: number) => PlainSlot): void {
    const n = this.slots.length === 0 ? 0 : index % this.slots.length;
    this.slots = this.slots.map((slot, at) => (at === n ? change(slot, n) : slot));
  }

  #moderate(index: number): void {
    const there = this.discord.messages.filter(
      (message) => !message.deleted && keyOf(message.content) !== null,
    );
    const message = there[index % Math.max(1, there.length)];
    if (message === undefined) return;
    const key = keyOf(message.content) ?? '';
    message.deleted = true;
    this.moderated.set(key, (this.moderated.get(key) ?? 0) + 1);
  }

  #text(n: number): string {
    this.#version += 1;
    return `s${n} v${this.#version}`;
  }
}

function keyOf(content: string): string | null {
  return /^(s\d+) v\d+$/.exec(content)?.[1] ?? null;
}

function check(world: World): void {
  const { discord, moderated } = world;
  const there = discord.messages.filter((message) => !message.deleted).map((message) => message.content);
  for (const slot of world.slots) {
    const shown = there.filter((content) => keyOf(content) === slot.key);
    const made = discord.messages.filter((message) => keyOf(message.content) === slot.key).length;
    const times = moderated.get(slot.key) ?? 0;
    expect(made, `${slot.key} was created too often`).toBeLessThanOrEqual(1 + times);
    if (slot.deleted) expect(shown, `${slot.key} should be deleted`).toEqual([]);
    else if (times === 0) expect(shown, slot.key).toEqual([slot.content]);
    else expect(shown.every((content) => content === slot.content)).toBe(true);
    expect(world.object.delivery.isShown(slot) || times > 0, `${slot.key} is not known as shown`).toBe(true);
  }
  const order = there.map(keyOf).filter((key) => key !== null && !moderated.has(key));
  const desired = world.slots
    .filter((slot) => !slot.deleted && !moderated.has(slot.key))
    .map((slot) => slot.key);
  expect(order).toEqual(desired);
}

describe('delivery, whatever happens', () => {
  it('shows everything once, in order, in the end', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.boolean(),
        fc.boolean(),
        fc.array(fc.oneof(...rough), { maxLength: 40 }),
        async (shared, listed, happenings) => {
          const world = new World(shared);
          world.discord.listsNonces = listed;
          for (const one of happenings) await world.happen(one);
          world.discord.faults = [];
          await world.clock.runUntil(world.clock.nowMs + 2_400_000);
          check(world);
        },
      ),
      { numRuns: runs, seed, examples: FOUND },
    );
  });

  it('is never limited, in either bucket mode, while nothing fails', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.boolean(),
        fc.array(fc.oneof(...calm), { maxLength: 60 }),
        async (shared, happenings) => {
          const world = new World(shared);
          for (const one of happenings) await world.happen(one);
          await world.clock.runUntil(world.clock.nowMs + 600_000);
          check(world);
          expect(world.discord.limited).toBe(0);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('streams without taking the last request of a window, without a 429, complete', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          shared: fc.boolean(),
          deltas: fc.integer({ min: 1, max: 700 }),
          everyMs: fc.integer({ min: 5, max: 120 }),
          latencyMs: fc.integer({ min: 2, max: 900 }),
          promptBeforeMs: fc.option(fc.integer({ min: 0, max: 6000 })),
        }),
        async (scenario) => {
          const measured = await play(scenario);
          expect(measured).toMatchObject({ limited: 0, right: true, greedy: false });
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe('the rhythm', () => {
  it.each([true, false])(
    'shows a stream of 5 s in few requests and ends at once (shared: %s)',
    async (shared) => {
      const base = { shared, deltas: 200, everyMs: 25, latencyMs: 100, promptBeforeMs: 2000 };
      const measured = await play(base);
      expect(measured).toMatchObject({ limited: 0, right: true, greedy: false });
      expect(measured.requests).toBeLessThanOrEqual(7);
      expect(measured.firstMs).toBeLessThan(100);
      expect(measured.gapMs).toBeLessThan(1400);
      expect(measured.finalMs).toBeLessThan(200);
    },
  );

  it.each([true, false])(
    'has no longer gap where the prompt has just spent a request, and edits earlier messages all the same (shared: %s)',
    async (shared) => {
      const base = { shared, everyMs: 25, latencyMs: 100, promptBeforeMs: 800 };
      expect((await play({ ...base, deltas: 200 })).gapMs).toBeLessThan(1400);
      const long = await play({ ...base, deltas: 2000 });
      expect(long.gapMs).toBeLessThan(1400);
      expect(long.asideMs).toBeLessThan(10_000);
    },
  );

  it.each([true, false])(
    'goes from a full message to the next without a longer gap (shared: %s)',
    async (shared) => {
      const measured = await play({ shared, deltas: 800, everyMs: 25, latencyMs: 100, promptBeforeMs: 2000 });
      expect(measured).toMatchObject({ limited: 0, right: true });
      expect(measured.gapMs).toBeLessThan(1400);
      expect(measured.finalMs).toBeLessThan(200);
    },
  );

  it.each([true, false])('ends at once, whenever a long stream ends (shared: %s)', async (shared) => {
    const finals: number[] = [];
    const base = { shared, deltas: 0, everyMs: 25, latencyMs: 100, promptBeforeMs: 2000 };
    for (let endMs = 8000; endMs <= 60_000; endMs += 517) {
      const measured = await play({ ...base, endMs });
      expect(measured).toMatchObject({ limited: 0, right: true, greedy: false });
      expect(measured.gapMs).toBeLessThan(1400);
      finals.push(measured.finalMs);
    }
    finals.sort((a, b) => a - b);
    expect(finals[Math.floor(finals.length * 0.5)]).toBeLessThan(200);
    expect(finals[Math.floor(finals.length * 0.95)]).toBeLessThan(500);
  });
});
