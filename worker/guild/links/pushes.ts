/**
 * Telling Sessions that their runner came, went, changed hands or was removed. A row says only "this thread must be told": what it
 * is told is read when the call goes out, so the newest is what arrives.
 */
import type { ThreadId } from '../../../protocol/ids.ts';
import type { RunnerFacts } from '../../domain/contract.ts';
import type { Durations } from '../../platform/durations.ts';
import { log } from '../../platform/log.ts';
import { retryDelayMs } from '../../platform/retry.ts';
import type { Store } from '../storage/store.ts';
import type { Timers } from '../storage/timers.ts';

export const PUSHES_TIMER = 'pushes';
/** Cloudflare's free plan: 50 subrequests an invocation; the rest goes out in the next alarm. */
const CALLS_MAX = 30;

export interface PushesOptions {
  readonly store: Store;
  readonly timers: Timers;
  readonly durations: Durations;
  /** What the session of a thread should know; null when there is none any more. */
  readonly factsOf: (thread: ThreadId) => RunnerFacts | null;
  readonly tell: (thread: ThreadId, facts: RunnerFacts) => Promise<void>;
}

export class Pushes {
  readonly #options: PushesOptions;
  #running: Promise<void> | null = null;

  constructor(options: PushesOptions) {
    this.#options = options;
  }

  /** Inside a transaction; call `pump` after it. */
  mark(threads: readonly ThreadId[], nowMs: number): void {
    const { store, timers, durations } = this.#options;
    for (const thread of threads) {
      store.run(
        'INSERT OR REPLACE INTO pushes (thread, n, attempt) VALUES (?, ?, 0)',
        thread,
        store.raise('push'),
      );
    }
    if (threads.length > 0) timers.atLatest(PUSHES_TIMER, nowMs + durations.safetyMs);
  }

  /** One round; those that fail are tried again by the timer. Never rejects. */
  pump(): Promise<void> {
    this.#running ??= this.#round().finally(() => {
      this.#running = null;
    });
    return this.#running;
  }

  async #round(): Promise<void> {
    const { store, timers, durations } = this.#options;
    const rows = store.all<{ thread: string; n: number; attempt: number }>(
      'SELECT thread, n, attempt FROM pushes ORDER BY n LIMIT ?',
      CALLS_MAX,
    );
    let failures = 0;
    for (const row of rows) {
      const told = await this.#tell(row.thread as ThreadId);
      store.transaction(() => {
        // Marked anew meanwhile, the row has another number and stays.
        if (told) store.run('DELETE FROM pushes WHERE thread = ? AND n = ?', row.thread, row.n);
        else
          store.run(
            'UPDATE pushes SET attempt = attempt + 1, n = ? WHERE thread = ? AND n = ?',
            store.raise('push'),
            row.thread,
            row.n,
          );
      });
      if (!told) failures = Math.max(failures, row.attempt + 1);
    }
    store.transaction(() => {
      const left = store.one('SELECT 1 FROM pushes LIMIT 1') !== null;
      if (!left) timers.clear(PUSHES_TIMER);
      else timers.set(PUSHES_TIMER, Date.now() + (failures === 0 ? 0 : retryDelayMs(failures, durations)));
    });
  }

  async #tell(thread: ThreadId): Promise<boolean> {
    const facts = this.#options.factsOf(thread);
    if (facts === null) return true;
    try {
      await this.#options.tell(thread, facts);
      return true;
    } catch (error) {
      log('guild.push.failed', { error: error instanceof Error ? error.name : 'Unknown' });
      return false;
    }
  }
}
