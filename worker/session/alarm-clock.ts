/**
 * The object's one alarm. Cloudflare bills a row written for each `setAlarm`, so it is set only to ring earlier; one that rings for
 * nothing costs less than one that is moved with every event.
 */
export class AlarmClock {
  readonly #storage: Pick<DurableObjectStorage, 'setAlarm'>;
  /** When it rings; null: it is not known to be set. */
  #atMs: number | null = null;

  constructor(storage: Pick<DurableObjectStorage, 'setAlarm'>) {
    this.#storage = storage;
  }

  /** Rings at `atMs` or earlier. In a transaction it is rolled back with the rows. */
  ringBy(atMs: number, nowMs: number): void {
    if (this.#atMs !== null && this.#atMs <= atMs) return;
    // Cloudflare: an alarm set for the present inside alarm() did not always ring (workerd#6866).
    this.#atMs = Math.max(atMs, nowMs + 1);
    void this.#storage.setAlarm(this.#atMs);
  }

  /** It rang, or it may have been rolled back: what is set is not known. */
  reset(): void {
    this.#atMs = null;
  }
}
