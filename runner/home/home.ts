/** HEDDLE_HOME: the folder with the runner's keys, settings and journal, and the lock that gives it to one process. */
import { chmodSync, mkdirSync, readFileSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { errorName, Failure, Sqlite, sqliteCode } from '../base/failure.ts';

export interface Home {
  readonly path: string;
  readonly settings: string;
  readonly journal: string;
  readonly pairings: string;
}

/** Makes the folder, for its owner alone. Throws a `Failure` when it cannot be made. */
export function openHome(env: Readonly<Record<string, string | undefined>> = process.env): Home {
  const named = path.resolve(env.HEDDLE_HOME || path.join(homedir(), '.heddle'));
  try {
    mkdirSync(path.join(named, 'pairings'), { recursive: true, mode: 0o700 });
    // Without symlinks: rules that keep Claude out of it name this path.
    const at = realpathSync(named);
    const home: Home = {
      path: at,
      settings: path.join(at, 'settings.json'),
      journal: path.join(at, 'journal.db'),
      pairings: path.join(at, 'pairings'),
    };
    // A folder that was there before may be open to others; the keys in it are not for them.
    chmodSync(home.path, 0o700);
    chmodSync(home.pairings, 0o700);
    return home;
  } catch (error) {
    throw unusable(named, error);
  }
}

function unusable(folder: string, error: unknown): Failure {
  return new Failure(
    'home',
    `Heddle cannot use its folder ${folder} (${errorName(error)}). Make it writable, or set HEDDLE_HOME to another folder.`,
    { cause: error },
  );
}

export interface Lock {
  release(): void;
}

/**
 * Takes the folder for this process. The lock is the operating system's own, on a SQLite file: it ends with the
 * process however that dies, so there is no stale lock to judge. Throws a `Failure` of kind `locked`, or `home` when the
 * folder cannot be written.
 */
export function lockHome(home: Home): Lock {
  const owner = path.join(home.path, 'runner.pid');
  const db = openLock(home);
  try {
    db.exec('BEGIN EXCLUSIVE');
    writeFileSync(owner, String(process.pid), { mode: 0o600 });
  } catch (error) {
    db.close();
    if (sqliteCode(error) !== Sqlite.busy) throw unusable(home.path, error);
    const pid = readPid(owner);
    throw new Failure(
      'locked',
      `Another Heddle runner${pid === null ? '' : ` (process ${pid})`} already uses ${home.path}. Nothing was changed. ` +
        'Stop that one first, or set HEDDLE_HOME to another folder for a second runner.',
    );
  }
  let held = true;
  return {
    release() {
      if (!held) return;
      held = false;
      rmSync(owner, { force: true });
      db.close();
    },
  };
}

function openLock(home: Home): DatabaseSync {
  try {
    return new DatabaseSync(path.join(home.path, 'lock.db'), { timeout: 0 });
  } catch (error) {
    throw unusable(home.path, error);
  }
}

/** The process that holds the folder, or null when none does. */
export function lockHolder(home: Home): number | null {
  try {
    lockHome(home).release();
    return null;
  } catch (error) {
    if (error instanceof Failure && error.kind === 'locked')
      return readPid(path.join(home.path, 'runner.pid'));
    throw error;
  }
}

/** Replaces a file whole or not at all, readable by its owner alone. */
export function writePrivate(file: string, text: string): void {
  const draft = `${file}.${process.pid}.new`;
  writeFileSync(draft, text, { mode: 0o600, flush: true });
  renameSync(draft, file);
}

function readPid(file: string): number | null {
  try {
    const pid = Number.parseInt(readFileSync(file, 'utf8'), 10);
    return Number.isSafeInteger(pid) ? pid : null;
  } catch {
    return null;
  }
}
