/** A Durable Object's storage on a SQLite in memory: synchronous, transactional, with one alarm. It outlives the object's lives. */
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import type { Life } from './clock.ts';

type Bound = string | number | null;
interface Statement {
  readonly prepared: StatementSync;
  /** It gives rows. */
  readonly gives: boolean;
}

export class SimStorage {
  /** Rows written, and alarms set: what Cloudflare bills. Index entries are left out. */
  rowsWritten = 0;
  alarmsSet = 0;
  alarmMs: number | null = null;
  /** After so many more writes in transactions one fails: the disk is full. */
  failAfter = Number.POSITIVE_INFINITY;
  readonly #db = new DatabaseSync(':memory:');
  readonly #statements = new Map<string, Statement>();
  readonly #onAlarm: (atMs: number) => void;
  #depth = 0;
  #committed: (() => void)[] = [];

  constructor(onAlarm: (atMs: number) => void) {
    this.#onAlarm = onAlarm;
  }

  /** As one life of the object sees it. */
  of(life: Life) {
    const guarded = <A extends unknown[], T>(run: (...args: A) => T) => {
      return (...args: A): T => {
        life.check();
        return run(...args);
      };
    };
    return {
      sql: { exec: guarded((query: string, ...bound: Bound[]) => this.exec(query, ...bound)) },
      transactionSync: guarded(<T>(run: () => T) => this.#transaction(run)),
      setAlarm: guarded((atMs: number) => {
        this.#setAlarm(atMs);
        return Promise.resolve();
      }),
      getAlarm: guarded(() => Promise.resolve(this.alarmMs)),
      deleteAlarm: guarded(() => {
        this.alarmMs = null;
        return Promise.resolve();
      }),
    };
  }

  /** Runs `effect` when what is being written now is committed; never when it is rolled back. */
  onCommit(effect: () => void): void {
    if (this.#depth > 0) this.#committed.push(effect);
    else effect();
  }

  exec(query: string, ...bound: Bound[]) {
    const statement = this.#prepared(query);
    // Several statements at once, as a migration has them.
    if (statement === null) {
      this.#db.exec(query);
      return { toArray: () => [], one: () => ({}), [Symbol.iterator]: () => [][Symbol.iterator]() };
    }
    let rows: Record<string, unknown>[] = [];
    if (statement.gives) rows = statement.prepared.all(...bound);
    else {
      if (this.#depth > 0) this.failAfter -= 1;
      if (this.failAfter < 0) {
        this.failAfter = Number.POSITIVE_INFINITY;
        throw new StorageFailure('the storage failed');
      }
      this.rowsWritten += Number(statement.prepared.run(...bound).changes);
    }
    return {
      toArray: () => rows,
      one: () => {
        const [row] = rows;
        if (row === undefined || rows.length > 1) throw new Error('not one row');
        return row;
      },
      [Symbol.iterator]: () => rows[Symbol.iterator](),
    };
  }

  /** Null: it is more than one. */
  #prepared(query: string): Statement | null {
    const known = this.#statements.get(query);
    if (known !== undefined) return known;
    if (/;\s*\S/.test(query)) return null;
    const gives = /^\s*SELECT|\bRETURNING\b/i.test(query);
    const made = { prepared: this.#db.prepare(query), gives };
    this.#statements.set(query, made);
    return made;
  }

  /** All rows of a table that a check looks at; empty while the object was not opened. */
  rows(query: string, ...bound: Bound[]): Record<string, unknown>[] {
    const table = /FROM (\w+)/.exec(query)?.[1] ?? '';
    const known = this.exec('SELECT 1 FROM sqlite_master WHERE name = ?', table).toArray().length > 0;
    return known ? this.exec(query, ...bound).toArray() : [];
  }

  close(): void {
    this.#statements.clear();
    this.#db.close();
  }

  #setAlarm(atMs: number): void {
    this.alarmMs = atMs;
    this.alarmsSet += 1;
    this.rowsWritten += 1;
    this.#onAlarm(atMs);
  }

  #transaction<T>(run: () => T): T {
    const mark = `s${this.#depth}`;
    const before = this.alarmMs;
    const committedBefore = this.#committed.length;
    this.#db.exec(`SAVEPOINT ${mark}`);
    this.#depth += 1;
    let value: T;
    try {
      value = run();
      this.#db.exec(`RELEASE ${mark}`);
      this.#depth -= 1;
    } catch (error) {
      if (this.#db.isTransaction) this.#db.exec(`ROLLBACK TO ${mark}; RELEASE ${mark}`);
      this.#depth -= 1;
      this.alarmMs = before;
      if (before !== null) this.#onAlarm(before);
      this.#committed.length = committedBefore;
      throw error;
    }
    if (this.#depth === 0) for (const effect of this.#committed.splice(0)) effect();
    return value;
  }
}

export class StorageFailure extends Error {
  override readonly name = 'StorageFailure';
}
