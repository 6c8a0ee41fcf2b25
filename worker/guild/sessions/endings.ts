/**
 * Ending many sessions at once: a row for each, until its Session has answered. Whether the member may is decided by each Session; the
 * interaction's id makes a second call harmless.
 */
import type { ThreadId } from '../../../protocol/ids.ts';
import type { GuildAct, SessionAct, SessionAnswer } from '../../domain/contract.ts';
import type { Durations } from '../../platform/durations.ts';
import { Rounds } from '../storage/rounds.ts';
import type { Store } from '../storage/store.ts';
import type { Timers } from '../storage/timers.ts';

export const ENDINGS_TIMER = 'endings';

export interface EndingsOptions {
  readonly store: Store;
  readonly timers: Timers;
  readonly durations: Durations;
  readonly act: (thread: ThreadId, act: SessionAct) => Promise<SessionAnswer>;
}

type Row = { readonly id: string; readonly thread: string; readonly act: string; readonly attempt: number };

export class Endings {
  readonly #store: Store;
  readonly #rounds: Rounds<Row>;

  constructor({ store, timers, durations, act }: EndingsOptions) {
    this.#store = store;
    this.#rounds = new Rounds<Row>({
      store,
      timers,
      timer: ENDINGS_TIMER,
      durations,
      rows: (limit) =>
        store.all<Row>(
          'SELECT id, thread, act, attempt FROM endings ORDER BY attempt, id, thread LIMIT ?',
          limit,
        ),
      call: (row) => act(row.thread as ThreadId, JSON.parse(row.act) as SessionAct),
      settle: ({ id, thread }) => store.run('DELETE FROM endings WHERE id = ? AND thread = ?', id, thread),
      delay: ({ id, thread }) =>
        store.run('UPDATE endings SET attempt = attempt + 1 WHERE id = ? AND thread = ?', id, thread),
    });
  }

  /** Inside a transaction; call `pump` after it. */
  begin({ id, member, place }: GuildAct, threads: readonly ThreadId[], nowMs: number): void {
    const act: SessionAct = { id, member, place, through: 'guild', act: { do: 'end' } };
    for (const thread of threads)
      this.#store.run(
        'INSERT OR REPLACE INTO endings (id, thread, act, attempt) VALUES (?, ?, ?, 0)',
        id,
        thread,
        JSON.stringify(act),
      );
    if (threads.length > 0) this.#rounds.marked(nowMs);
  }

  /** One round; those that fail are tried again by the timer. Never rejects. */
  pump(): Promise<void> {
    return this.#rounds.pump();
  }
}
