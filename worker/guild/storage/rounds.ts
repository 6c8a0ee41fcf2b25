/** Calls to Sessions that must arrive: a row each, which goes when the Session has answered. */
import type { Durations } from '../../platform/durations.ts';
import { errorName, log } from '../../platform/log.ts';
import { retryDelayMs } from '../../platform/retry.ts';
import { SideWork } from '../../platform/side-work.ts';
import type { Store } from './store.ts';
import type { Timers } from './timers.ts';

/** Cloudflare's free plan: 50 subrequests an invocation; the rest goes out in the next alarm. */
const CALLS_MAX = 30;

export interface RoundsOptions<Row extends { readonly attempt: number }> {
  readonly store: Store;
  readonly timers: Timers;
  /** The timer that rings for the next round. */
  readonly timer: string;
  readonly durations: Durations;
  /** The next rows, those that failed less often first. */
  readonly rows: (limit: number) => readonly Row[];
  readonly call: (row: Row) => Promise<unknown>;
  /** Deletes the row; inside a transaction. One that was marked anew meanwhile stays. */
  readonly settle: (row: Row) => void;
  /** Counts one more attempt; inside a transaction. */
  readonly delay: (row: Row) => void;
}

/** Sends them in rounds. One that fails is tried again at its own pace and holds up no other. */
export class Rounds<Row extends { readonly attempt: number }> {
  readonly #options: RoundsOptions<Row>;
  readonly #work: SideWork<unknown>;

  constructor(options: RoundsOptions<Row>) {
    this.#options = options;
    const { timer, rows, durations } = options;
    this.#work = new SideWork({
      name: timer,
      look: () => (rows(1).length === 0 ? null : true),
      deed: async () => {
        await this.#round();
        return 'rest';
      },
      pace: (failures) => retryDelayMs(failures, durations),
    });
  }

  /** There are new rows; inside their transaction. Call `pump` after it. */
  marked(nowMs: number): void {
    const { timers, timer, durations } = this.#options;
    timers.atLatest(timer, nowMs + durations.safetyMs);
  }

  /** One round. Never rejects; what is left, the timer rings for. */
  pump(): Promise<void> {
    return this.#work.pump();
  }

  async #round(): Promise<void> {
    const { store, timers, timer, durations, rows, settle, delay } = this.#options;
    let failures = 0;
    for (const row of rows(CALLS_MAX)) {
      const arrived = await this.#call(row);
      store.transaction(() => (arrived ? settle(row) : delay(row)));
      if (!arrived) failures = Math.max(failures, row.attempt + 1);
    }
    store.transaction(() => {
      if (rows(1).length === 0) timers.clear(timer);
      else timers.set(timer, Date.now() + (failures === 0 ? 0 : retryDelayMs(failures, durations)));
    });
  }

  async #call(row: Row): Promise<boolean> {
    try {
      await this.#options.call(row);
      return true;
    } catch (error) {
      log('guild.call.failed', { timer: this.#options.timer, error: errorName(error) });
      return false;
    }
  }
}
