/** Which worktrees this runner made, and for which conversation, in the journal: what it did not make it never takes or removes. */
import type { Gen, ThreadId } from '../../protocol/ids.ts';
import type { PairingId } from '../home/pairings.ts';
import type { Journal } from './journal.ts';

type Key = readonly [PairingId, ThreadId];

/** Made for this very conversation, for another one, or not by this runner. */
export function madeFor(journal: Journal, key: Key, gen: Gen, at: string): 'this' | 'other' | null {
  const row = journal.sql('SELECT pairing, thread, gen FROM worktrees WHERE path = ?').get(at);
  if (row === undefined) return null;
  return row.pairing === key[0] && row.thread === key[1] && row.gen === gen ? 'this' : 'other';
}

/** Right before git makes it. One that was made before stays with the conversation that it was made for. */
export function intendWorktree(journal: Journal, key: Key, gen: Gen, at: string): void {
  journal
    .sql('INSERT OR IGNORE INTO worktrees (path, pairing, thread, gen) VALUES (?, ?, ?, ?)')
    .run(at, ...key, gen);
}

export function forgetWorktree(journal: Journal, at: string): void {
  journal.sql('DELETE FROM worktrees WHERE path = ?').run(at);
}

/** Another thread's conversation that is not over works in it: a fork. */
export function usedElsewhere(
  journal: Journal,
  [pairing, thread]: Key,
  project: string,
  name: string,
): boolean {
  return (
    journal
      .sql(
        `SELECT 1 FROM sessions WHERE ended = 0 AND refused IS NULL AND project = ? AND worktree = ?
         AND NOT (pairing = ? AND thread = ?)`,
      )
      .get(project, name, pairing, thread) !== undefined
  );
}
