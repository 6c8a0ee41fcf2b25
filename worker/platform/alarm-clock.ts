/**
 * An alarm this long overdue is set anew, to ring at once: one that is only late rings no later for it, for the price of a row. A longer
 * wait would waste the touches that come in it, and none may come after. Cloudflare: alarms can be lost or stuck in the past.
 */
const LOST_AFTER_MS = 2_000;

/** What is used of a Durable Object's `ctx.storage`. */
export interface AlarmStorage {
  setAlarm(atMs: number): Promise<void>;
}

/**
 * An object's one alarm. Cloudflare bills a row written for each `setAlarm`, so it is set only to ring earlier; one that rings for
 * nothing costs less than one that is moved with every event.
 */
export class AlarmClock {
  readonly #storage: AlarmStorage;
  #atMs: number | null = null;

  constructor(storage: AlarmStorage) {
    this.#storage = storage;
  }

  /** When it rings, as far as this incarnation knows; null: it is not set. */
  get atMs(): number | null {
    return this.#atMs;
  }

  /**
   * What the alarm is set to in truth: when the object was loaded, when it has just rung (null), and after a transaction that set it was
   * rolled back. An incarnation that does not know could move an earlier alarm to a later time.
   */
  sync(atMs: number | null): void {
    this.#atMs = atMs;
  }

  /** It should have rung. */
  isLost(nowMs: number): boolean {
    return this.#atMs !== null && nowMs - this.#atMs >= LOST_AFTER_MS;
  }

  /** Rings at `atMs` or earlier. In a transaction it is rolled back with the rows; say so with `sync`. */
  ringBy(atMs: number, nowMs: number): void {
    const isLost = this.isLost(nowMs);
    if (this.#atMs !== null && this.#atMs <= atMs && !isLost) return;
    // Cloudflare: an alarm set for the present inside alarm() did not always ring (workerd#6866).
    this.#atMs = isLost ? nowMs + 1 : Math.max(atMs, nowMs + 1);
    void this.#storage.setAlarm(this.#atMs);
  }

  /** At the earliest of these, and set once: each time that the alarm is set is a row. */
  ringByEarliest(nowMs: number, times: readonly (number | null)[]): void {
    const atMs = this.isLost(nowMs) ? nowMs : earliest(times);
    if (atMs !== null) this.ringBy(atMs, nowMs);
  }
}

/** Null: none of them is a time. */
export function earliest(times: readonly (number | null)[]): number | null {
  const atMs = Math.min(...times.filter((time) => time !== null));
  return Number.isFinite(atMs) ? atMs : null;
}
