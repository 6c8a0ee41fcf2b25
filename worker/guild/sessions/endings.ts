/**
 * Ending many sessions at once: a row for each, until its Session has answered. Whether the member may is decided by each Session; the
 * interaction's id makes a second call harmless.
 */
import type { ThreadId } from '../../../protocol/ids.ts';
import type { GuildAct, SessionAct, SessionAnswer } from '../../domain/contract.ts';
import type { Durations } from '../../platform/durations.ts';
import { errorName, log } from '../../platform/log.ts';
import { retryDelayMs } from '../../platform/retry.ts';
import type { Store } from '../storage/store.ts';
import type { Timers } from '../storage/timers.ts';

export const ENDINGS_TIMER = 'endings';
/** Cloudflare's free plan: 50 subrequests an invocation; the rest goes out in the next alarm. */
const CALLS_MAX = 30;

export interface EndingsOptions {
  readonly store: Store;
  readonly timers: Timers;
  readonly durations: Durations;
  readonly act: (thread: ThreadId, act: SessionAct) => Promise<SessionAnswer>;
}

export class Endings {
  readonly #options: EndingsOptions;
  #running: Promise<void> | null = null;

  constructor(options: EndingsOptions) {
    this.#options = options;
  }

  /** Inside a transaction; call `pump` after it. */
  begin({ id, member, place }: GuildAct, threads: readonly ThreadId[], nowMs: number): void {
    const { store, timers, durations } = this.#options;
    const act: SessionAct = { id, member, place, through: 'guild', act: { do: 'end' } };
    for (const thread of threads)
      store.run(
        'INSERT OR REPLACE INTO endings (id, thread, act, attempt) VALUES (?, ?, ?, 0)',
        id,
        thread,
        JSON.stringify(act),
      );
    if (threads.length > 0) timers.atLatest(ENDINGS_TIMER, nowMs + durations.safetyMs);
  }

  /** One round; those that fail are tried again by the timer. */
  pump(): Promise<void> {
    this.#running ??= this.#round().finally(() => {
      this.#running = null;
    });
    return this.#running;
  }

  async #round(): Promise<void> {
    const { store, timers, durations } = this.#options;
    const rows = store.all<{ id: string; thread: string; act: string; attempt: number }>(
      'SELECT id, thread, act, attempt FROM endings ORDER BY attempt, id, thread LIMIT ?',
      CALLS_MAX,
    );
    let failures = 0;
    for (const { id, thread, act, attempt } of rows) {
      const done = await this.#end(thread as ThreadId, JSON.parse(act) as SessionAct);
      if (!done) failures = Math.max(failures, attempt + 1);
      store.transaction(() =>
        store.run(
          done
            ? 'DELETE FROM endings WHERE id = ? AND thread = ?'
            : 'UPDATE endings SET attempt = attempt + 1 WHERE id = ? AND thread = ?',
          id,
          thread,
        ),
      );
    }
    store.transaction(() => {
      if (store.one('SELECT 1 FROM endings LIMIT 1') === null) timers.clear(ENDINGS_TIMER);
      else timers.set(ENDINGS_TIMER, Date.now() + (failures === 0 ? 0 : retryDelayMs(failures, durations)));
    });
  }

  async #end(thread: ThreadId, act: SessionAct): Promise<boolean> {
    try {
      await this.#options.act(thread, act);
      return true;
    } catch (error) {
      log('guild.ending.failed', { error: errorName(error) });
      return false;
    }
  }
}
