/**
 * Places for live CLI processes: each takes a few hundred MB, so there are only so many. When all are taken, the idle one that
 * was used longest ago gives way; when none is idle, the next one waits its turn.
 */

/** Who holds a place, or waits for one. */
export interface Tenant {
  /** Nothing would be lost by ending it now: no turn, no open request, no background task. */
  readonly idle: boolean;
  /** Ends it; `release` follows when it is gone. */
  evict(): void;
}

export class ProcessPool {
  readonly #limit: () => number;
  /** A place was taken or left. */
  readonly #changed: () => void;
  /** Least recently used first. */
  readonly #holders = new Set<Tenant>();
  readonly #leaving = new Set<Tenant>();
  readonly #waiting = new Map<Tenant, () => void>();

  constructor(limit: () => number, changed: () => void = () => {}) {
    this.#limit = limit;
    this.#changed = changed;
  }

  get size(): number {
    return this.#holders.size;
  }

  /** Asks for a place: `granted` is called with it, at once or later, unless `cancel` comes first. False: all are busy, so it may take long. */
  ask(tenant: Tenant, granted: () => void): boolean {
    this.#waiting.set(tenant, granted);
    this.settle();
    return !this.#waiting.has(tenant) || this.#leaving.size >= this.#waiting.size;
  }

  cancel(tenant: Tenant): void {
    this.#waiting.delete(tenant);
  }

  /** It is in use now, so others give way first. */
  touch(tenant: Tenant): void {
    if (this.#holders.delete(tenant)) this.#holders.add(tenant);
  }

  release(tenant: Tenant): void {
    this.#leaving.delete(tenant);
    if (!this.#holders.delete(tenant)) return;
    this.#changed();
    this.settle();
  }

  /** Gives out what is free. Call it when a tenant has become idle. */
  settle(): void {
    for (const [tenant, granted] of this.#waiting) {
      if (this.#holders.size >= this.#limit()) break;
      this.#waiting.delete(tenant);
      this.#holders.add(tenant);
      this.#changed();
      granted();
    }
    // A lowered limit makes idle ones leave too.
    let needed = this.#holders.size + this.#waiting.size - this.#limit() - this.#leaving.size;
    for (const holder of [...this.#holders]) {
      if (needed <= 0) break;
      if (this.#leaving.has(holder) || !holder.idle) continue;
      this.#leaving.add(holder);
      needed -= 1;
      holder.evict();
    }
  }
}
