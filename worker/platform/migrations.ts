/**
 * How an object's tables follow its code. Migrations are append only: what is deployed has run the first ones already, so one that was
 * released is never edited (a test keeps their hashes). The object keeps the number of those that ran, in a table of its own.
 */

export interface MigrationSql {
  exec(query: string): unknown;
}

/** A newer Heddle was deployed here before and has changed the tables: this one can neither read nor write them. */
export class NewerSchema extends Error {
  override readonly name = 'NewerSchema';
}

/** To a person whose session or server it is. */
export const NEWER_WORDS =
  'What is stored here is from a newer Heddle than the one that is deployed, so nothing was read or changed. Whoever hosts Heddle deploys the newer one again.';

/** An object that is newer than its code looks again after this time: its alarm must not be lost until the right code is there. */
export const NEWER_LOOK_MS = 3_600_000;

/** For a runner: come again later. A 403 or 404 would tell it that its session is gone. */
export const newerResponse = (): Response => new Response(null, { status: 503 });

/**
 * Runs those after the first `done`, inside the caller's transaction; gives the number to keep. Throws `NewerSchema` when more ran than
 * this code knows.
 */
export function migrate(sql: MigrationSql, done: number, migrations: readonly string[]): number {
  if (done > migrations.length) throw new NewerSchema(`${done} of ${migrations.length}`);
  for (const migration of migrations.slice(done)) sql.exec(migration);
  return migrations.length;
}
