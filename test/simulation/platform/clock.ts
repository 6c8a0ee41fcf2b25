/**
 * Virtual time, and whose code runs in it. Everything that waits waits here. A `Life` is one incarnation of a part (an object between
 * two resets, a runner's process, a CLI process): when it dies, what it waited for never comes.
 */
import { AsyncLocalStorage } from 'node:async_hooks';

/** Thrown into code whose life is over; nobody may take it for a failure. */
export class Dead extends Error {
  override readonly name = 'Dead';
}

export class Life {
  readonly name: string;
  dead = false;
  /** Timers and calls that have not come back: with any of them a Durable Object does not hibernate. */
  pending = 0;
  /** The machine sleeps: its timers stand still until then. */
  asleepUntilMs = 0;

  constructor(name: string) {
    this.name = name;
  }

  /** Called before anything that outlives the code: a write, a send. */
  check(): void {
    if (this.dead) throw new Dead(`${this.name} is dead`);
  }
}

export const lives = new AsyncLocalStorage<Life | null>();

interface Timer {
  atMs: number;
  readonly order: number;
  readonly life: Life | null;
  readonly fire: () => void;
  cancelled: boolean;
}

/** Taken before anything is replaced: the only real wait, which lets every promise go on that can. */
const realImmediate = setImmediate;
const settle = (): Promise<void> => new Promise((resolve) => realImmediate(resolve));

export class Clock {
  nowMs: number;
  /** How many timers have fired. */
  fired = 0;
  /** What threw in a callback of a life that is not dead. */
  onError: (error: unknown, life: Life | null) => void = (error) => {
    throw error;
  };
  #order = 0;
  #heap: Timer[] = [];

  constructor(startMs: number) {
    this.nowMs = startMs;
  }

  /** Calls `fire` in the life that asked for it, unless that is dead by then. Gives what cancels it. */
  after(ms: number, fire: () => void, life: Life | null = lives.getStore() ?? null): () => void {
    // Whole milliseconds, as Date.now and timers have them.
    const atMs = this.nowMs + Math.ceil(Math.max(0, Number.isFinite(ms) ? ms : 0));
    this.#order += 1;
    const timer: Timer = { atMs, order: this.#order, life, fire, cancelled: false };
    if (life !== null) life.pending += 1;
    this.#push(timer);
    return () => {
      if (timer.cancelled) return;
      timer.cancelled = true;
      if (life !== null) life.pending -= 1;
    };
  }

  wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.after(ms, resolve);
    });
  }

  /** Runs what is due until then, calling `step` after each. */
  async runUntil(endMs: number, step: () => void = () => {}): Promise<void> {
    await settle();
    for (let next = this.#heap[0]; next !== undefined && next.atMs <= endMs; next = this.#heap[0]) {
      this.#pop();
      if (next.cancelled) continue;
      this.nowMs = Math.max(this.nowMs, next.atMs);
      if (next.life !== null && next.life.asleepUntilMs > this.nowMs) {
        next.atMs = next.life.asleepUntilMs;
        this.#push(next);
        continue;
      }
      next.cancelled = true;
      if (next.life !== null) next.life.pending -= 1;
      if (next.life?.dead === true) continue;
      this.fired += 1;
      this.enter(next.life, next.fire);
      await settle();
      step();
    }
    this.nowMs = Math.max(this.nowMs, endMs);
  }

  /** Runs code of a life from outside of it. */
  enter(life: Life | null, run: () => void): void {
    try {
      lives.run(life, run);
    } catch (error) {
      if (!(error instanceof Dead)) this.onError(error, life);
    }
  }

  #push(timer: Timer): void {
    const heap = this.#heap;
    heap.push(timer);
    for (let at = heap.length - 1; at > 0; ) {
      const parent = (at - 1) >> 1;
      if (!this.#swapIfLess(at, parent)) break;
      at = parent;
    }
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    heap[0] = last;
    for (let at = 0; ; ) {
      let least = at;
      for (const child of [2 * at + 1, 2 * at + 2]) if (isLess(heap[child], heap[least])) least = child;
      if (least === at) return;
      this.#swapIfLess(least, at);
      at = least;
    }
  }

  #swapIfLess(child: number, parent: number): boolean {
    const heap = this.#heap;
    const [a, b] = [heap[child], heap[parent]];
    if (a === undefined || b === undefined || !isLess(a, b)) return false;
    heap[child] = b;
    heap[parent] = a;
    return true;
  }
}

function isLess(a: Timer | undefined, b: Timer | undefined): boolean {
  if (a === undefined || b === undefined) return false;
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
}
