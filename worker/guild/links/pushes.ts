/**
 * Telling Sessions that their runner came, went, changed hands or was removed. A row says only "this thread must be told": what it
 * is told is read when the call goes out, so the newest is what arrives.
 */
import type { ThreadId } from '../../../protocol/ids.ts';
import type { RunnerFacts } from '../../domain/contract.ts';
import type { Durations } from '../../platform/durations.ts';
import { Rounds } from '../storage/rounds.ts';
import type { Store } from '../storage/store.ts';
import type { Timers } from '../storage/timers.ts';

export const PUSHES_TIMER = 'pushes';

export interface PushesOptions {
  readonly store: Store;
  readonly timers: Timers;
  readonly durations: Durations;
  /** What the session of a thread should know; null when there is none any more. */
  readonly factsOf: (thread: ThreadId) => RunnerFacts | null;
  readonly tell: (thread: ThreadId, facts: RunnerFacts) => Promise<void>;
}

interface Row {
  readonly thread: ThreadId;
  /** Another one each time that the thread is marked, so that one marked during its call stays. */
  readonly n: number;
  readonly attempt: number;
}

export class Pushes {
  readonly #store: Store;
  readonly #rounds: Rounds<Row>;

  constructor({ store, timers, durations, factsOf, tell }: PushesOptions) {
    this.#store = store;
    this.#rounds = new Rounds<Row>({
      store,
      timers,
      timer: PUSHES_TIMER,
      durations,
      rows: (limit) =>
        store
          .all<{ thread: string; n: number; attempt: number }>(
            'SELECT thread, n, attempt FROM pushes ORDER BY n LIMIT ?',
            limit,
          )
          .map((row) => ({ ...row, thread: row.thread as ThreadId })),
      call: async ({ thread }) => {
        const facts = factsOf(thread);
        if (facts !== null) await tell(thread, facts);
      },
      settle: ({ thread, n }) => store.run('DELETE FROM pushes WHERE thread = ? AND n = ?', thread, n),
      delay: ({ thread, n }) =>
        store.run(
          'UPDATE pushes SET attempt = attempt + 1, n = ? WHERE thread = ? AND n = ?',
          store.raise('push'),
          thread,
          n,
        ),
    });
  }

  /** Inside a transaction; call `pump` after it. */
  mark(threads: readonly ThreadId[], nowMs: number): void {
    for (const thread of threads)
      this.#store.run(
        'INSERT OR REPLACE INTO pushes (thread, n, attempt) VALUES (?, ?, 0)',
        thread,
        this.#store.raise('push'),
      );
    if (threads.length > 0) this.#rounds.marked(nowMs);
  }

  /** One round; those that fail are tried again by the timer. Never rejects. */
  pump(): Promise<void> {
    return this.#rounds.pump();
  }
}
