/**
 * The Guild object's tables. They are created when the guild is first used by a member; until then everything reads as
 * empty, so a stranger who guesses ids writes nothing.
 */

/**
 * Append only: what is deployed has run the first ones already. Small tables are `WITHOUT ROWID`: one row written an insert.
 * Cloudflare bills rows written, index entries included, so there are no further indexes.
 */
const MIGRATIONS: readonly string[] = [
  `CREATE TABLE answers (id TEXT PRIMARY KEY, body TEXT NOT NULL, at_ms INTEGER NOT NULL) WITHOUT ROWID;
   CREATE TABLE timers (key TEXT PRIMARY KEY, due_ms INTEGER NOT NULL) WITHOUT ROWID;
   CREATE TABLE pairings (
     id TEXT PRIMARY KEY, code_hash TEXT NOT NULL, owner TEXT NOT NULL, owner_name TEXT NOT NULL, origin TEXT NOT NULL,
     token TEXT, expires_ms INTEGER NOT NULL, runner TEXT) WITHOUT ROWID;
   CREATE TABLE runners (
     id TEXT PRIMARY KEY, name TEXT NOT NULL, public_key TEXT NOT NULL, fingerprint TEXT NOT NULL, origin TEXT NOT NULL,
     owner TEXT NOT NULL, owner_name TEXT NOT NULL, standing TEXT NOT NULL, access_rev INTEGER NOT NULL,
     online INTEGER NOT NULL, since_ms INTEGER, catalogue TEXT) WITHOUT ROWID;
   CREATE TABLE shares (
     runner TEXT NOT NULL, kind TEXT NOT NULL, target TEXT NOT NULL, PRIMARY KEY (runner, kind, target)) WITHOUT ROWID;
   CREATE TABLE threads (
     thread TEXT PRIMARY KEY, parent TEXT, card TEXT, made INTEGER NOT NULL) WITHOUT ROWID;
   CREATE TABLE sessions (
     thread TEXT NOT NULL, gen INTEGER NOT NULL, rev INTEGER NOT NULL, runner TEXT NOT NULL, work INTEGER NOT NULL,
     active_ms INTEGER NOT NULL, summary TEXT NOT NULL, PRIMARY KEY (thread, gen)) WITHOUT ROWID;
   CREATE TABLE starts (
     id TEXT PRIMARY KEY, step TEXT NOT NULL, attempt INTEGER NOT NULL, body TEXT NOT NULL) WITHOUT ROWID;
   CREATE TABLE cards (
     channel TEXT NOT NULL, key TEXT NOT NULL, n INTEGER NOT NULL, slot TEXT NOT NULL, changed_ms INTEGER NOT NULL,
     PRIMARY KEY (channel, key)) WITHOUT ROWID;
   CREATE TABLE pushes (thread TEXT PRIMARY KEY, n INTEGER NOT NULL, attempt INTEGER NOT NULL) WITHOUT ROWID;
   CREATE TABLE recent (
     member TEXT NOT NULL, project TEXT NOT NULL, at_ms INTEGER NOT NULL, PRIMARY KEY (member, project)) WITHOUT ROWID;`,
  `CREATE TABLE endings (
     id TEXT NOT NULL, thread TEXT NOT NULL, act TEXT NOT NULL, attempt INTEGER NOT NULL,
     PRIMARY KEY (id, thread)) WITHOUT ROWID;`,
];

export interface StoreHooks {
  /** The tables were just made. */
  readonly created: () => void;
  /** The last act of each transaction. */
  readonly beforeCommit: () => void;
  readonly rolledBack: () => void;
}

type Value = string | number | null;
export type Row = Record<string, SqlStorageValue>;

export class Store {
  readonly #storage: DurableObjectStorage;
  readonly #hooks: StoreHooks;
  #ready: boolean;

  constructor(storage: DurableObjectStorage, hooks: StoreHooks) {
    this.#storage = storage;
    this.#hooks = hooks;
    this.#ready = this.#version() > 0;
    if (this.#ready) this.open();
  }

  /** Whether the guild was ever used. Nothing may be read or written before. */
  get ready(): boolean {
    return this.#ready;
  }

  /** Creates the tables, or brings them up to date. */
  open(): void {
    const version = this.#version();
    if (version < MIGRATIONS.length) {
      this.#storage.transactionSync(() => {
        const { sql } = this.#storage;
        sql.exec(
          'CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID',
        );
        for (const migration of MIGRATIONS.slice(version)) sql.exec(migration);
        sql.exec("INSERT OR REPLACE INTO meta (key, value) VALUES ('schema', ?)", MIGRATIONS.length);
        this.#hooks.created();
      });
    }
    this.#ready = true;
  }

  all<R extends Row>(query: string, ...values: Value[]): R[] {
    return this.#storage.sql.exec<R>(query, ...values).toArray();
  }

  one<R extends Row>(query: string, ...values: Value[]): R | null {
    return this.all<R>(query, ...values)[0] ?? null;
  }

  run(query: string, ...values: Value[]): void {
    this.#storage.sql.exec(query, ...values);
  }

  transaction<T>(work: () => T): T {
    try {
      return this.#storage.transactionSync(() => {
        const result = work();
        this.#hooks.beforeCommit();
        return result;
      });
    } catch (error) {
      this.#hooks.rolledBack();
      throw error;
    }
  }

  /** A number by a name; 0 before its first use. */
  counter(key: string): number {
    return this.one<{ value: number }>('SELECT value FROM meta WHERE key = ?', key)?.value ?? 0;
  }

  setCounter(key: string, value: number): void {
    this.run('INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)', key, value);
  }

  raise(key: string): number {
    const value = this.counter(key) + 1;
    this.setCounter(key, value);
    return value;
  }

  #version(): number {
    const { sql } = this.#storage;
    const [table] = sql.exec("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'meta'").toArray();
    if (table === undefined) return 0;
    const [row] = sql.exec<{ value: number }>("SELECT value FROM meta WHERE key = 'schema'").toArray();
    return row?.value ?? 0;
  }
}
