/** Time that passes only when nothing else is left to do. */
export class VirtualClock {
  nowMs: number;
  #next = 0;
  readonly #events = new Map<number, { readonly atMs: number; readonly fire: () => void }>();

  constructor(startMs: number) {
    this.nowMs = startMs;
  }

  readonly now = (): number => this.nowMs;

  readonly after = (ms: number, fire: () => void): (() => void) => {
    const id = this.#next++;
    this.#events.set(id, { atMs: this.nowMs + Math.max(0, ms), fire });
    return () => this.#events.delete(id);
  };

  wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.after(ms, resolve);
    });
  }

  /** Runs everything that is due until then. */
  async runUntil(endMs: number): Promise<void> {
    await settle();
    for (;;) {
      let first: { id: number; atMs: number; fire: () => void } | null = null;
      for (const [id, event] of this.#events)
        if (event.atMs <= endMs && (first === null || event.atMs < first.atMs)) first = { id, ...event };
      if (first === null) break;
      this.#events.delete(first.id);
      this.nowMs = Math.max(this.nowMs, first.atMs);
      first.fire();
      await settle();
    }
    this.nowMs = endMs;
  }
}

/** Lets every promise that can go on do so. */
async function settle(): Promise<void> {
  for (let i = 0; i < 30; i++) await Promise.resolve();
}
