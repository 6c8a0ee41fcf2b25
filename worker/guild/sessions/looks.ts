/**
 * Looking at Sessions that are silent. Whatever waits in a Session hangs on its one alarm. Cloudflare: an alarm runs at least once, and
 * yet some stood in the past for days (cloudflare-docs#18324); an object that nothing touches does not notice. So the Guild asks, on its
 * own alarm, and the Session makes up for what it missed.
 */
import type { ThreadId } from '../../../protocol/ids.ts';
import type { Durations } from '../../platform/durations.ts';
import { errorName, log } from '../../platform/log.ts';
import type { Store } from '../storage/store.ts';
import type { Timers } from '../storage/timers.ts';
import type { Directory } from './directory.ts';

export const LOOK_TIMER = 'look';
/** Cloudflare's free plan: 50 subrequests an invocation; the rest is looked at in the next alarm. */
const CALLS_MAX = 30;

export interface LooksOptions {
  readonly store: Store;
  readonly timers: Timers;
  readonly directory: Directory;
  readonly durations: Durations;
  /** When what waits in that session is due next; null: nothing waits there. */
  readonly look: (thread: ThreadId) => Promise<number | null>;
}

export class Looks {
  readonly #options: LooksOptions;

  constructor(options: LooksOptions) {
    this.#options = options;
  }

  /** When to look at a session that reports now; inside the transaction of that. */
  reported(nowMs: number): number {
    const { timers, durations } = this.#options;
    const lookMs = nowMs + durations.lookAfterMs;
    timers.atLatest(LOOK_TIMER, lookMs);
    return lookMs;
  }

  /** One round. Never rejects but for the storage. */
  async pump(nowMs: number): Promise<void> {
    const { store, timers, directory } = this.#options;
    for (const { thread, lookMs } of directory.toLookAt(nowMs, CALLS_MAX)) {
      const next = await this.#look(thread, nowMs);
      store.transaction(() => directory.lookedAt(thread, lookMs, next));
    }
    const next = directory.nextLookMs();
    if (next !== null) store.transaction(() => timers.set(LOOK_TIMER, next));
  }

  async #look(thread: ThreadId, nowMs: number): Promise<number | null> {
    const { durations, look } = this.#options;
    try {
      const dueMs = await look(thread);
      return dueMs === null ? null : Math.max(dueMs, nowMs) + durations.lookAfterMs;
    } catch (error) {
      log('guild.look.failed', { error: errorName(error) });
      return nowMs + durations.lookAfterMs;
    }
  }
}
