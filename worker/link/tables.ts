/** What the links of one object store: a row for each runner, and its numbered messages that are not acked. */
import type { RunnerId, StreamId } from '../../protocol/ids.ts';
import type { LinkEnd, Taken } from '../../protocol/link.ts';

interface LinkRow extends Record<string, SqlStorageValue> {
  stream: string;
  acked: number;
  received_stream: string | null;
  received_last: number;
  epoch: number;
  up: number;
  since_ms: number | null;
  newest: number | null;
}

export interface LinkRecord {
  readonly end: LinkEnd;
  readonly epoch: number;
  /** The last change of presence that was seen. */
  readonly up: boolean;
  readonly sinceMs: number | null;
}

/** `last` is not stored: it is the last message that is still here, or else `acked`. That saves a row for each message. */
export class LinkTables {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  create(): void {
    this.#sql.exec(`CREATE TABLE IF NOT EXISTS link (
      runner TEXT PRIMARY KEY, stream TEXT NOT NULL, acked INTEGER NOT NULL,
      received_stream TEXT, received_last INTEGER NOT NULL,
      epoch INTEGER NOT NULL, up INTEGER NOT NULL, since_ms INTEGER
    ) WITHOUT ROWID`);
    this.#sql.exec(`CREATE TABLE IF NOT EXISTS link_out (
      runner TEXT NOT NULL, n INTEGER NOT NULL, text TEXT NOT NULL, PRIMARY KEY (runner, n)
    ) WITHOUT ROWID`);
  }

  read(runner: RunnerId): LinkRecord | null {
    const [row] = this.#sql
      .exec<LinkRow>(
        `SELECT stream, acked, received_stream, received_last, epoch, up, since_ms,
           (SELECT max(n) FROM link_out WHERE link_out.runner = link.runner) AS newest
         FROM link WHERE runner = ?`,
        runner,
      )
      .toArray();
    if (row === undefined) return null;
    const received: Taken | null =
      row.received_stream === null
        ? null
        : { stream: row.received_stream as StreamId, last: row.received_last };
    return {
      end: { stream: row.stream as StreamId, acked: row.acked, last: row.newest ?? row.acked, received },
      epoch: row.epoch,
      up: row.up !== 0,
      sinceMs: row.since_ms,
    };
  }

  runners(): RunnerId[] {
    return this.#sql
      .exec<{ runner: string }>('SELECT runner FROM link')
      .toArray()
      .map(({ runner }) => runner as RunnerId);
  }

  /** As `read`; a runner's first use writes its row. */
  open(runner: RunnerId, newStream: () => StreamId): LinkRecord {
    const known = this.read(runner);
    if (known !== null) return known;
    const end: LinkEnd = { stream: newStream(), last: 0, acked: 0, received: null };
    this.#sql.exec(
      `INSERT INTO link (runner, stream, acked, received_stream, received_last, epoch, up, since_ms)
       VALUES (?, ?, 0, NULL, 0, 0, 0, NULL)`,
      runner,
      end.stream,
    );
    return { end, epoch: 0, up: false, sinceMs: null };
  }

  setEnd(runner: RunnerId, { stream, acked, received }: LinkEnd): void {
    this.#sql.exec(
      'UPDATE link SET stream = ?, acked = ?, received_stream = ?, received_last = ? WHERE runner = ?',
      stream,
      acked,
      received?.stream ?? null,
      received?.last ?? 0,
      runner,
    );
    this.#sql.exec('DELETE FROM link_out WHERE runner = ? AND n <= ?', runner, acked);
  }

  setEpoch(runner: RunnerId, epoch: number): void {
    this.#sql.exec('UPDATE link SET epoch = ? WHERE runner = ?', epoch, runner);
  }

  setPresence(runner: RunnerId, up: boolean, nowMs: number): void {
    this.#sql.exec('UPDATE link SET up = ?, since_ms = ? WHERE runner = ?', up ? 1 : 0, nowMs, runner);
  }

  /** Renumbers what is not acked from 1. Rows are moved upwards in order of n, so no two meet. */
  renumber(runner: RunnerId, acked: number): void {
    if (acked === 0) return;
    this.#sql.exec('UPDATE link_out SET n = n - ? WHERE runner = ?', acked, runner);
  }

  append(runner: RunnerId, n: number, text: string): void {
    this.#sql.exec('INSERT INTO link_out (runner, n, text) VALUES (?, ?, ?)', runner, n, text);
  }

  /** Lazy: only rows that are taken are read. */
  messages(runner: RunnerId, from: number, limit: number): IterableIterator<{ text: string }> {
    return this.#sql.exec<{ text: string }>(
      'SELECT text FROM link_out WHERE runner = ? AND n >= ? ORDER BY n LIMIT ?',
      runner,
      from,
      limit,
    );
  }

  remove(runner: RunnerId): void {
    this.#sql.exec('DELETE FROM link_out WHERE runner = ?', runner);
    this.#sql.exec('DELETE FROM link WHERE runner = ?', runner);
  }
}
