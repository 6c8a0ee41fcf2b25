/**
 * The journal: what the runner promised to do and to tell, on disk before it says so. One SQLite file; every change is
 * a transaction that survives a power cut (`synchronous=FULL`).
 */
import { createHash } from 'node:crypto';
import { chmodSync } from 'node:fs';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { Failure, Sqlite, sqliteCode } from '../base/failure.ts';

/** Append only: a journal that has an entry never runs it again, and a changed entry is refused. */
export const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE links (
    id INTEGER PRIMARY KEY,
    pairing TEXT NOT NULL,
    -- 'guild', or the thread's id
    scope TEXT NOT NULL,
    stream TEXT NOT NULL,
    last INTEGER NOT NULL DEFAULT 0,
    acked INTEGER NOT NULL DEFAULT 0,
    received_stream TEXT,
    received_last INTEGER,
    UNIQUE (pairing, scope)
  );
  CREATE TABLE outgoing (
    link INTEGER NOT NULL REFERENCES links,
    n INTEGER NOT NULL,
    text TEXT NOT NULL,
    PRIMARY KEY (link, n)
  ) WITHOUT ROWID;
  CREATE TABLE sessions (
    pairing TEXT NOT NULL,
    thread TEXT NOT NULL,
    gen INTEGER NOT NULL,
    project TEXT NOT NULL,
    claude_session TEXT NOT NULL,
    starter TEXT NOT NULL,
    ran TEXT NOT NULL CHECK (ran IN ('never', 'fed', 'kept')),
    refused TEXT,
    ended INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (pairing, thread, gen)
  ) WITHOUT ROWID;
  -- One owner of a Claude conversation, in whatever guild.
  CREATE UNIQUE INDEX one_owner ON sessions (claude_session) WHERE ended = 0 AND refused IS NULL;
  CREATE INDEX by_claude_session ON sessions (claude_session);
  CREATE TABLE prompts (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    pairing TEXT NOT NULL,
    thread TEXT NOT NULL,
    gen INTEGER NOT NULL,
    -- empty once it has ended
    text TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('accepted', 'started', 'ended')),
    at_ms INTEGER NOT NULL
  );
  CREATE INDEX open_prompts ON prompts (pairing, thread) WHERE state <> 'ended';
  CREATE TABLE processes (
    process TEXT PRIMARY KEY,
    pairing TEXT NOT NULL,
    thread TEXT NOT NULL,
    gen INTEGER NOT NULL,
    pid INTEGER NOT NULL,
    -- null: the system did not say
    started TEXT,
    command TEXT,
    own_turn TEXT
  ) WITHOUT ROWID;
  CREATE INDEX processes_of ON processes (pairing, thread);
  `,
  // The Claude conversation that this one begins as a copy of.
  'ALTER TABLE sessions ADD COLUMN fork_of TEXT',
  `
  -- The last message that the copy has.
  ALTER TABLE sessions ADD COLUMN fork_at TEXT;
  -- What a person allowed for the rest of a session: a new process of it knows nothing of that.
  CREATE TABLE granted (
    pairing TEXT NOT NULL,
    thread TEXT NOT NULL,
    gen INTEGER NOT NULL,
    -- as the CLI writes it: Bash(npm run *)
    rule TEXT NOT NULL,
    PRIMARY KEY (pairing, thread, gen, rule)
  ) WITHOUT ROWID;
  `,
  `
  -- What the people of a session want its process to run with. Null: the default.
  CREATE TABLE wishes (
    pairing TEXT NOT NULL,
    thread TEXT NOT NULL,
    gen INTEGER NOT NULL,
    rev INTEGER NOT NULL,
    model TEXT,
    mode TEXT,
    effort TEXT,
    PRIMARY KEY (pairing, thread, gen)
  ) WITHOUT ROWID;
  -- What the CLI last reported, JSON: 'cli', or a project's folder for its commands.
  CREATE TABLE offers (key TEXT PRIMARY KEY, body TEXT NOT NULL) WITHOUT ROWID;
  -- 1: one of Claude's own slash commands
  ALTER TABLE prompts ADD COLUMN slash INTEGER NOT NULL DEFAULT 0;
  `,
  `
  -- The name of the git worktree that it works in.
  ALTER TABLE sessions ADD COLUMN worktree TEXT;
  -- 1: it goes on in the worktree of another conversation.
  ALTER TABLE sessions ADD COLUMN worktree_on INTEGER NOT NULL DEFAULT 0;
  -- Those that this runner made, and for which conversation.
  CREATE TABLE worktrees (
    path TEXT PRIMARY KEY,
    pairing TEXT NOT NULL,
    thread TEXT NOT NULL,
    gen INTEGER NOT NULL
  ) WITHOUT ROWID;
  `,
  // What is attached, JSON as protocol/files.ts has it; null: nothing.
  'ALTER TABLE prompts ADD COLUMN files TEXT',
];

export class Journal {
  readonly #file: string;
  readonly #db: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  #depth = 0;
  #afterCommit: (() => void)[] = [];

  /** Opens or makes the file. Throws a `Failure` when it is of a newer Heddle, or no journal at all. */
  constructor(file: string, migrations: readonly string[] = MIGRATIONS) {
    this.#file = file;
    try {
      this.#db = new DatabaseSync(file, { timeout: 5_000 });
    } catch (error) {
      throw unusable(file, error);
    }
    try {
      if (file !== ':memory:') chmodSync(file, 0o600);
      this.#db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;');
      this.tx(() => migrate(this.#db, migrations));
    } catch (error) {
      this.#db.close();
      throw error instanceof Failure ? error : unusable(file, error);
    }
  }

  /** Runs `change` whole or not at all; one inside another is part of the outer one. */
  tx<T>(change: () => T): T {
    if (this.#depth > 0) return change();
    this.#db.exec('BEGIN IMMEDIATE');
    this.#depth += 1;
    let result: T;
    try {
      result = change();
      this.#db.exec('COMMIT');
    } catch (error) {
      this.#afterCommit = [];
      if (this.#db.isOpen && this.#db.isTransaction) this.#db.exec('ROLLBACK');
      throw error;
    } finally {
      this.#depth -= 1;
    }
    const effects = this.#afterCommit;
    this.#afterCommit = [];
    for (const effect of effects) effect();
    return result;
  }

  /** As `tx`, but inside another one it is whole or nothing by itself: when it throws, what the outer one did beside it stays. */
  part<T>(change: () => T): T {
    if (this.#depth === 0) return this.tx(change);
    const effects = this.#afterCommit.length;
    this.#db.exec('SAVEPOINT part');
    try {
      const result = change();
      this.#db.exec('RELEASE part');
      return result;
    } catch (error) {
      this.#afterCommit.length = Math.min(this.#afterCommit.length, effects);
      // SQLite: some failures end the whole transaction by themselves.
      if (this.#db.isOpen && this.#db.isTransaction) this.#db.exec('ROLLBACK TO part; RELEASE part');
      throw error;
    }
  }

  /** Why it cannot be used any more, for a person. */
  failure(error: unknown): Failure {
    return unusable(this.#file, error);
  }

  /** Runs `effect` once the transaction around this call is on disk; never when it is rolled back. */
  afterCommit(effect: () => void): void {
    if (this.#depth > 0) this.#afterCommit.push(effect);
    else effect();
  }

  /** Forgets the effects of the transaction that runs. */
  protected dropEffects(): void {
    this.#afterCommit = [];
  }

  /** A prepared statement, kept. */
  sql(text: string): StatementSync {
    let statement = this.#statements.get(text);
    if (statement === undefined) {
      statement = this.#db.prepare(text);
      this.#statements.set(text, statement);
    }
    return statement;
  }

  get open(): boolean {
    return this.#db.isOpen;
  }

  close(): void {
    this.#statements.clear();
    if (this.#db.isOpen) this.#db.close();
  }
}

/** The file is fine, as far as anybody knows, but not the disk or the folder that it is in. */
const NOT_ITS_FAULT: ReadonlySet<number | null> = new Set([
  Sqlite.busy,
  Sqlite.readOnly,
  Sqlite.ioError,
  Sqlite.full,
  Sqlite.cannotOpen,
]);

function unusable(file: string, error: unknown): Failure {
  const advice = NOT_ITS_FAULT.has(sqliteCode(error))
    ? `It was left as it is. Is the disk full, or the folder not writable? Start again when that is put right: nothing is lost.`
    : 'It was left as it is. Restore it from a backup, or move it away to begin with an empty one: running sessions then ' +
      'have to be begun again with /new.';
  return new Failure('journal', `The journal ${file} cannot be used. ${advice}`, { cause: error });
}

function migrate(db: DatabaseSync, migrations: readonly string[]): void {
  db.exec('CREATE TABLE IF NOT EXISTS migrations (number INTEGER PRIMARY KEY, sha256 TEXT NOT NULL)');
  const applied = db.prepare('SELECT sha256 FROM migrations ORDER BY number').all();
  if (applied.length > migrations.length)
    throw new Failure(
      'journal',
      'The journal was written by a newer Heddle than this one. It was left as it is. Update Heddle on this machine.',
    );
  for (const [index, sql] of migrations.entries()) {
    const sha256 = createHash('sha256').update(sql).digest('hex');
    const known = applied[index]?.sha256;
    if (known === sha256) continue;
    if (known !== undefined) throw new Error(`migration ${index + 1} was changed after it ran`);
    db.exec(sql);
    db.prepare('INSERT INTO migrations (number, sha256) VALUES (?, ?)').run(index + 1, sha256);
  }
}
