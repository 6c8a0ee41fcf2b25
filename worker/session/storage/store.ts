/**
 * The Session's rows. Each document is one row, so that a change costs one row written (an index or an AUTOINCREMENT would cost two).
 * Platform: Durable Object SQLite; a row must stay under 2 MB, which the protocol's sizes see to.
 */

import type { InteractionId, PromptId, RequestId } from '../../../protocol/ids.ts';
import { assertNever } from '../../../protocol/never.ts';
import type { SessionAnswer, SessionOpened } from '../../domain/contract.ts';
import type { Entry } from '../../domain/transcript.ts';
import { type Change, FILE_ROWS, HEAD, HEAD_VERSION, type Head } from '../state/rows.ts';
import { EMPTY, type Queued, type Renewal, type Request, type State } from '../state/state.ts';
import { type Head1, upgradeHead } from './upgrade.ts';

/** What is used of a Durable Object's `ctx.storage.sql`. */
export interface Sql {
  exec<T extends Record<string, string | number | null>>(
    query: string,
    ...bindings: (string | number | null)[]
  ): Iterable<T> & { toArray(): T[]; one(): T };
}

export class SessionStore {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  load(): State {
    const queue = new Map<PromptId, Queued>();
    const requests = new Map<number, Request>();
    const renewals = new Map<InteractionId, Renewal>();
    let head: Head = { version: HEAD_VERSION, thread: null, conversation: null, turns: [] };
    for (const { key, body } of this.#sql.exec<{ key: string; body: string }>('SELECT key, body FROM doc')) {
      // The rows were written from these very types, and the head from these or older ones.
      const doc = JSON.parse(body);
      const [kind] = key.split('/');
      if (kind === HEAD) head = upgradeHead(doc as Head | Head1);
      else if (kind === 'queue') queue.set((doc as Queued).prompt, doc);
      else if (kind === 'request') requests.set((doc as Request).ref, doc);
      else if (kind === 'renewal') renewals.set((doc as Renewal).id, doc);
    }
    const { thread, conversation } = head;
    const turns = new Map(head.turns.map((turn) => [turn.turn, turn]));
    const entries = new Map<number, Entry>();
    const from = thread?.windowSeq ?? 1;
    for (const row of this.#sql.exec<{ seq: number; body: string }>(
      'SELECT seq, body FROM entry WHERE seq >= ? ORDER BY seq',
      from,
    )) {
      entries.set(row.seq, JSON.parse(row.body) as Entry);
    }
    const lastSeq = this.#sql
      .exec<{ last: number }>('SELECT coalesce(max(seq), 0) AS last FROM entry')
      .one().last;
    return { ...EMPTY, thread, conversation, turns, queue, requests, renewals, entries, lastSeq };
  }

  /** Inside the caller's transaction. */
  write(changes: readonly Change[]): void {
    for (const change of changes) {
      switch (change.table) {
        case 'doc':
          if (change.body === null) this.#sql.exec('DELETE FROM doc WHERE key = ?', change.key);
          else
            this.#sql.exec(
              'INSERT OR REPLACE INTO doc (key, body) VALUES (?, ?)',
              change.key,
              JSON.stringify(change.body),
            );
          break;
        case 'entry':
          this.#sql.exec(
            'INSERT OR REPLACE INTO entry (seq, body) VALUES (?, ?)',
            change.seq,
            JSON.stringify(change.body),
          );
          break;
        case 'input':
          this.#sql.exec(
            'INSERT OR REPLACE INTO input (request, part, text) VALUES (?, ?, ?)',
            change.part.request,
            change.part.part,
            change.part.text,
          );
          break;
        case 'inputs':
          this.#sql.exec('DELETE FROM input WHERE request = ?', change.request);
          break;
        default:
          assertNever(change);
      }
    }
  }

  /** The input of a request, or null while a part of it is missing. */
  input(request: RequestId, parts: number): string | null {
    return this.parts(request, parts)?.join('') ?? null;
  }

  /** What `input` joins, as it came: the parts of a file. */
  parts(request: RequestId, parts: number): string[] | null {
    const rows = this.#sql
      .exec<{ text: string }>('SELECT text FROM input WHERE request = ? ORDER BY part', request)
      .toArray();
    return rows.length === parts && parts > 0 ? rows.map((row) => row.text) : null;
  }

  /** Those of requests that were never opened: the process that sent them is gone. `files`: no file waits for Discord either. */
  dropInputs(files: boolean): void {
    if (files) this.#sql.exec('DELETE FROM input');
    else this.#sql.exec('DELETE FROM input WHERE request NOT LIKE ?', `${FILE_ROWS}%`);
  }

  /** What was kept under this key: an interaction's id, or `open/` and the id that began a conversation. */
  answer<T extends SessionAnswer | SessionOpened>(key: string): T | null {
    const [row] = this.#sql.exec<{ body: string }>('SELECT body FROM answer WHERE key = ?', key).toArray();
    return row === undefined ? null : (JSON.parse(row.body) as T);
  }

  keepAnswer(key: string, atMs: number, answer: SessionAnswer | SessionOpened): void {
    this.#sql.exec(
      'INSERT OR REPLACE INTO answer (key, at_ms, body) VALUES (?, ?, ?)',
      key,
      atMs,
      JSON.stringify(answer),
    );
  }

  dropAnswers(beforeMs: number): void {
    this.#sql.exec('DELETE FROM answer WHERE at_ms < ?', beforeMs);
  }
}
