/** The Guild object's tables. */

/**
 * Append only: what is deployed has run the first ones already. Small tables are `WITHOUT ROWID`: one row written an insert.
 * Cloudflare bills rows written, index entries included, so there are no further indexes.
 */
export const GUILD_MIGRATIONS: readonly string[] = [
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
  `ALTER TABLE runners ADD COLUMN presence_rev INTEGER NOT NULL DEFAULT 0;
   CREATE TABLE bindings (
     channel TEXT PRIMARY KEY, project TEXT NOT NULL, runner TEXT, member TEXT NOT NULL, member_name TEXT NOT NULL,
     at_ms INTEGER NOT NULL) WITHOUT ROWID;`,
  `ALTER TABLE runners ADD COLUMN previous_key TEXT;`,
  `CREATE TABLE totals (
     person TEXT PRIMARY KEY, sessions INTEGER NOT NULL, turns INTEGER NOT NULL, cost_usd REAL NOT NULL,
     tokens_in INTEGER NOT NULL, tokens_out INTEGER NOT NULL) WITHOUT ROWID;`,
  `ALTER TABLE sessions ADD COLUMN look_ms INTEGER;`,
];
