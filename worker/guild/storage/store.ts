/**
 * The Guild object's tables. They are created when the guild is first used by a member; until then everything reads as
 * empty, so a stranger who guesses ids writes nothing.
 */
import { migrate, NewerSchema } from '../../platform/migrations.ts';
import { GUILD_MIGRATIONS } from './schema.ts';

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
  /** A newer Heddle wrote what is stored: it can be neither read nor written. */
  readonly newer: boolean;

  constructor(storage: DurableObjectStorage, hooks: StoreHooks) {
    this.#storage = storage;
    this.#hooks = hooks;
    const version = this.#version();
    this.newer = version > GUILD_MIGRATIONS.length;
    this.#ready = version > 0 && !this.newer;
    if (this.#ready) this.open();
  }

  /** Whether the guild was ever used. Nothing may be read or written before. */
  get ready(): boolean {
    return this.#ready;
  }

  /** Creates the tables, or brings them up to date. Throws `NewerSchema`. */
  open(): void {
    const version = this.#version();
    if (version > GUILD_MIGRATIONS.length) throw new NewerSchema();
    if (version < GUILD_MIGRATIONS.length) {
      this.#storage.transactionSync(() => {
        const { sql } = this.#storage;
        sql.exec(
          'CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID',
        );
        const now = migrate(sql, version, GUILD_MIGRATIONS);
        sql.exec("INSERT OR REPLACE INTO meta (key, value) VALUES ('schema', ?)", now);
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
