/**
 * The Session object's tables and their migrations. The number of those that ran is a row of `doc`, written when one runs and never by a
 * turn. A session from before that row was kept has the first migration.
 */
import { DELIVERY_SCHEMA } from '../../discord/store.ts';
import { migrate, NewerSchema } from '../../platform/migrations.ts';
import { HEAD, HEAD_VERSION } from '../state/rows.ts';
import type { Sql } from './store.ts';

/** Append only. */
export const SESSION_MIGRATIONS: readonly string[] = [
  `CREATE TABLE IF NOT EXISTS doc (key TEXT PRIMARY KEY, body TEXT NOT NULL) WITHOUT ROWID;
   CREATE TABLE IF NOT EXISTS entry (seq INTEGER PRIMARY KEY, body TEXT NOT NULL);
   CREATE TABLE IF NOT EXISTS input (
     request TEXT, part INTEGER, text TEXT NOT NULL, PRIMARY KEY (request, part)) WITHOUT ROWID;
   CREATE TABLE IF NOT EXISTS answer (
     key TEXT PRIMARY KEY, at_ms INTEGER NOT NULL, body TEXT NOT NULL) WITHOUT ROWID;`,
  // The head has a version from here on. Code that does not look at it is kept away by the number of migrations.
  'SELECT 1',
];

/** The row that holds the number. */
export const SCHEMA_KEY = 'schema';

export interface Storage {
  readonly sql: Sql;
  transactionSync<T>(run: () => T): T;
}

/**
 * `absent`: nobody opened this session, and nothing of it may be written. `newer`: a newer Heddle wrote it, and nothing of it may be read
 * or written.
 */
export type Standing = 'absent' | 'ready' | 'newer';

/** Looks at what is stored, and brings its tables up to date. An id that nobody opened has no tables and gets none. */
export function openSchema(storage: Storage): Standing {
  const done = migrationsDone(storage.sql);
  if (done === 0) return 'absent';
  try {
    if (done !== SESSION_MIGRATIONS.length) run(storage, done);
    return headVersion(storage.sql) > HEAD_VERSION ? 'newer' : 'ready';
  } catch (error) {
    if (error instanceof NewerSchema) return 'newer';
    throw error;
  }
}

/** The tables of a session that is opened for the first time. `more`: those of the object's link, in the same transaction. */
export function createSchema(storage: Storage, more: () => void): void {
  storage.transactionSync(() => {
    run(storage, 0);
    storage.sql.exec(DELIVERY_SCHEMA);
    more();
  });
}

function run(storage: Storage, done: number): void {
  storage.transactionSync(() => {
    const now = migrate(storage.sql, done, SESSION_MIGRATIONS);
    storage.sql.exec('INSERT OR REPLACE INTO doc (key, body) VALUES (?, ?)', SCHEMA_KEY, String(now));
  });
}

function migrationsDone(sql: Sql): number {
  const [table] = sql.exec("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'doc'").toArray();
  if (table === undefined) return 0;
  const [row] = sql.exec<{ body: string }>('SELECT body FROM doc WHERE key = ?', SCHEMA_KEY).toArray();
  return row === undefined ? 1 : Number(row.body);
}

function headVersion(sql: Sql): number {
  const query = "SELECT json_extract(body, '$.version') AS version FROM doc WHERE key = ?";
  const [row] = sql.exec<{ version: number | null }>(query, HEAD).toArray();
  return row?.version ?? 1;
}
