/** A Session's tables in memory. */
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { DELIVERY_SCHEMA } from '../../../worker/discord/store.ts';
import { SESSION_MIGRATIONS } from '../../../worker/session/storage/schema.ts';
import type { Sql } from '../../../worker/session/storage/store.ts';

export class Rows {
  readonly db = new DatabaseSync(':memory:');
  readonly #statements = new Map<string, StatementSync>();
  /** Written, as far as SQLite counts them. */
  written = 0;

  constructor() {
    this.db.exec(SESSION_MIGRATIONS.join(';'));
    this.db.exec(DELIVERY_SCHEMA);
  }

  readonly sql: Sql = {
    exec: (query: string, ...bound: (string | number | null)[]) => {
      const statement = this.#statements.get(query) ?? this.db.prepare(query);
      this.#statements.set(query, statement);
      let rows: Record<string, unknown>[] = [];
      if (/^\s*SELECT/.test(query)) rows = statement.all(...bound);
      else this.written += Number(statement.run(...bound).changes);
      return Object.assign(rows, { toArray: () => rows, one: () => rows[0] }) as never;
    },
  };

  count(from: string): number {
    return Number(this.db.prepare(`SELECT count(*) AS n FROM ${from}`).get()?.n);
  }
}
