/** Schema changes: what was released stays as it is, and what a newer Heddle wrote is left alone. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { MIGRATIONS as RUNNER_MIGRATIONS } from '../../runner/journal/journal.ts';
import { DELIVERY_SCHEMA } from '../../worker/discord/store.ts';
import { GUILD_MIGRATIONS } from '../../worker/guild/storage/schema.ts';
import { migrate, NewerSchema } from '../../worker/platform/migrations.ts';
import { SESSION_MIGRATIONS } from '../../worker/session/storage/schema.ts';

const FILE = fileURLToPath(new URL('../fixtures/migrations.json', import.meta.url));
const RELEASED = JSON.parse(readFileSync(FILE, 'utf8')) as Readonly<Record<string, readonly string[]>>;
const NOW: Readonly<Record<string, readonly string[]>> = {
  session: SESSION_MIGRATIONS,
  guild: GUILD_MIGRATIONS,
  runner: RUNNER_MIGRATIONS,
  // Tables that both objects have; a change of them is a migration in each.
  delivery: [DELIVERY_SCHEMA],
};

const hash = (sql: string) => createHash('sha256').update(sql).digest('hex').slice(0, 16);

describe.each(Object.keys(NOW))('the migrations of %s', (what) => {
  it('that were released are as they were', () => {
    const hashes = (NOW[what] ?? []).map(hash);
    const released = RELEASED[what] ?? [];
    expect(
      hashes.slice(0, released.length),
      'a released migration was edited: add another one instead',
    ).toEqual(released);
    expect(hashes, 'a new migration belongs into test/fixtures/migrations.json').toEqual(released);
  });
});

describe('migrate', () => {
  const steps = ['CREATE TABLE a (x); INSERT INTO a VALUES (1)', 'ALTER TABLE a ADD COLUMN y DEFAULT 2'];

  it('runs what did not run yet, once, and says how many there are', () => {
    using db = new DatabaseSync(':memory:');
    expect(migrate(db, 0, steps.slice(0, 1))).toBe(1);
    expect(migrate(db, 1, steps)).toBe(2);
    expect(migrate(db, 2, steps)).toBe(2);
    expect(db.prepare('SELECT * FROM a').all()).toEqual([{ x: 1, y: 2 }]);
  });

  it('touches nothing that a newer Heddle wrote', () => {
    const ran: string[] = [];
    expect(() => migrate({ exec: (sql) => ran.push(sql) }, 3, steps)).toThrow(NewerSchema);
    expect(ran).toEqual([]);
  });
});
