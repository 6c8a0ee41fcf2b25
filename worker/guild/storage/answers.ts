import type { InteractionId } from '../../../protocol/ids.ts';
import type { Answer } from '../../domain/contract.ts';
import type { Store } from './store.ts';

/** What an interaction was answered, so that a second delivery of it changes nothing and hears the same. */
export class Answers {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  get(id: InteractionId): Answer | null {
    const row = this.#store.one<{ body: string }>('SELECT body FROM answers WHERE id = ?', id);
    return row === null ? null : (JSON.parse(row.body) as Answer);
  }

  put(id: InteractionId, answer: Answer, nowMs: number): void {
    this.#store.run(
      'INSERT OR REPLACE INTO answers (id, body, at_ms) VALUES (?, ?, ?)',
      id,
      JSON.stringify(answer),
      nowMs,
    );
  }

  any(): boolean {
    return this.#store.one('SELECT 1 FROM answers LIMIT 1') !== null;
  }

  /** Forgets those from before. */
  prune(beforeMs: number): void {
    this.#store.run('DELETE FROM answers WHERE at_ms < ?', beforeMs);
  }
}
