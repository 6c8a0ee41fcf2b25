import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Disk, Network, other, type Side } from './network.ts';

type Op =
  | { readonly op: 'append' | 'crash' | 'backup' | 'restore'; readonly side: Side; readonly pad: number }
  /** `back`: which socket, from the newest. */
  | {
      readonly op: 'deliver' | 'die' | 'twice' | 'again' | 'swap' | 'lose' | 'maim';
      readonly side: Side;
      readonly back: number;
    }
  | { readonly op: 'connect' | 'cut' };

const side = fc.constantFrom<Side>('object', 'runner');
const back = fc.oneof({ weight: 8, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(3) });
const onFrame = (
  weight: number,
  ...ops: ('deliver' | 'die' | 'twice' | 'again' | 'swap' | 'lose' | 'maim')[]
) => ({
  weight,
  arbitrary: fc.record({ op: fc.constantFrom(...ops), side, back }),
});
const onSide = (weight: number, ...ops: ('append' | 'crash' | 'backup' | 'restore')[]) => ({
  weight,
  arbitrary: fc.record({
    op: fc.constantFrom(...ops),
    side,
    pad: fc.oneof({ weight: 200, arbitrary: fc.nat(20) }, { weight: 1, arbitrary: fc.constant(300_000) }),
  }),
});
const onNet = (weight: number, ...ops: ('connect' | 'cut')[]) => ({
  weight,
  arbitrary: fc.record({ op: fc.constantFrom(...ops) }),
});

/** `lose`, `maim`, `swap`, `twice` and `again` break what TCP promises: a frame that is gone, cut short, overtaken, or comes again. The rules must stand that too. */
const network = [
  onSide(8, 'append'),
  onFrame(20, 'deliver'),
  onFrame(1, 'die', 'twice', 'again', 'swap', 'lose', 'maim'),
  onNet(2, 'connect'),
  onNet(1, 'cut'),
  onSide(1, 'crash'),
];
const withBackups = [...network, onSide(2, 'backup', 'restore')];

class Run {
  readonly net = new Network();
  readonly given: Record<Side, number[]> = { object: [], runner: [] };
  readonly #backups: Partial<Record<Side, Disk>> = {};

  do(op: Op): void {
    const { net } = this;
    switch (op.op) {
      case 'append':
        if (!this.#wouldHideRestore(op.side)) this.given[op.side].push(net.append(op.side, op.pad));
        return;
      case 'connect':
        return net.connect();
      case 'cut':
        return net.cut();
      case 'crash':
        return net.crash(op.side);
      case 'backup':
        this.#backups[op.side] = net.disk[op.side];
        return;
      case 'restore': {
        const backup = this.#backups[op.side];
        if (backup === undefined) return;
        net.restore(op.side, backup);
        // What was given before may be lost with the backup's age, on either side.
        this.given.object = [];
        this.given.runner = [];
        return;
      }
      default: {
        const socket = net.sockets.at(-1 - op.back);
        const queue = socket?.to[op.side];
        const [first, second] = queue ?? [];
        if (socket === undefined || queue === undefined || first === undefined) return;
        if (op.op === 'lose') queue.shift();
        if (op.op === 'twice') queue.unshift(first);
        if (op.op === 'again') queue.push(first);
        if (op.op === 'maim') queue[0] = first.slice(0, first.length / 2);
        if (op.op === 'swap' && second !== undefined) queue.splice(0, 2, second, first);
        if (op.op !== 'lose') net.deliver(op.side, socket, op.op === 'die' ? 'die' : 'live');
      }
    }
  }

  /** The one thing that numbers cannot show (protocol/link.ts): as many new messages as a backup had lost, before they meet. */
  #wouldHideRestore(from: Side): boolean {
    const { end } = this.net.disk[from];
    const { received } = this.net.disk[other(from)].end;
    return received?.stream === end.stream && received.last > end.last && end.last + 1 >= received.last;
  }

  /** A good network for long enough. A link that needs more meetings than this loops. */
  settle(): void {
    for (let meetings = 0; meetings < 4; meetings += 1) {
      if (this.net.current === null) this.net.connect();
      for (let frames = 0; frames < 10_000; frames += 1) {
        const socket = this.net.current;
        if (socket === null) break;
        const to = (['object', 'runner'] as const).find((one) => socket.to[one].length > 0);
        if (to === undefined) {
          if (this.settled) return;
          // A frame was lost on a socket that still stands; real ends find that by silence.
          this.net.cut();
          break;
        }
        this.net.deliver(to, socket, 'live');
      }
    }
  }

  get settled(): boolean {
    return (['object', 'runner'] as const).every(
      (one) =>
        this.net.disk[one].outbox.length === 0 &&
        this.net.disk[one].end.acked === this.net.disk[one].end.last,
    );
  }

  applied(by: Side): number[] {
    return this.net.disk[by].applied.flatMap(({ body }) => (body === null ? [] : [body]));
  }

  /** Within each stream: 1, 2, 3, … without a gap or a repeat. */
  checkStreams(): void {
    for (const one of ['object', 'runner'] as const) {
      let last = { stream: '', n: 0 };
      for (const { stream, n } of this.net.disk[one].applied) {
        if (n !== 0) expect({ stream, n }).toEqual({ stream: last.stream, n: last.n + 1 });
        last = { stream, n };
      }
    }
  }
}

const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31));

describe(`seed ${seed}`, () => {
  test('never lost, never twice: every message is applied once and in order', { timeout: 600_000 }, () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(...network), { maxLength: 150, size: 'max' }), (ops) => {
        const run = new Run();
        for (const op of ops) {
          run.do(op);
          for (const to of ['object', 'runner'] as const) {
            const applied = run.applied(to);
            if (applied.some((body, index) => body !== run.given[other(to)][index])) {
              expect(applied).toEqual(run.given[other(to)]);
            }
          }
        }
        run.settle();
        expect(run.settled).toBe(true);
        run.checkStreams();
        expect(run.applied('object')).toEqual(run.given.runner);
        expect(run.applied('runner')).toEqual(run.given.object);
      }),
      { seed, numRuns: Number(process.env.RUNS ?? 1500) },
    );
  });

  test('a restored backup begins a new stream and the link goes on', { timeout: 600_000 }, () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(...withBackups), { maxLength: 150, size: 'max' }), (ops) => {
        const run = new Run();
        for (const op of ops) run.do(op);
        run.settle();
        expect(run.settled).toBe(true);
        run.checkStreams();
        // All that was given since the last restore is applied once and in order, whatever came before it.
        for (const to of ['object', 'runner'] as const) {
          const since = new Set(run.given[other(to)]);
          expect(run.applied(to).filter((body) => since.has(body))).toEqual(run.given[other(to)]);
        }
      }),
      { seed, numRuns: Number(process.env.RUNS ?? 1500) },
    );
  });
});

test('the random schedules reach what they are for', () => {
  const seen = { restarts: 0, reconnects: 0, backlogs: 0 };
  fc.assert(
    fc.property(fc.array(fc.oneof(...withBackups), { maxLength: 150, size: 'max' }), (ops) => {
      const run = new Run();
      for (const op of ops) run.do(op);
      const { disk, sockets } = run.net;
      if (disk.object.outbox.length + disk.runner.outbox.length > 3) seen.backlogs += 1;
      run.settle();
      if (disk.runner.applied.filter(({ n }) => n === 0).length > 1) seen.restarts += 1;
      if (sockets.length > 3) seen.reconnects += 1;
    }),
    { seed, numRuns: 300 },
  );
  for (const count of Object.values(seen)) expect(count).toBeGreaterThan(10);
});
