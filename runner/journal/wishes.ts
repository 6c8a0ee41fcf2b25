/** What the people of a session want its process to run with, in the journal; and what this machine's owner lets them have of it. */

import type { PermissionMode } from '../../protocol/configure.ts';
import type { Gen, ThreadId, UserId } from '../../protocol/ids.ts';
import type { PairingId } from '../home/pairings.ts';
import { allowedModes, modeFor, type Settings } from '../home/settings.ts';
import type { Journal } from './journal.ts';

export interface Wish {
  /** 0: nobody wished anything. */
  readonly rev: number;
  /** Null: the default. */
  readonly model: string | null;
  /** Null: the runner's own setting. */
  readonly mode: PermissionMode | null;
  readonly effort: string | null;
}

export const NO_WISH: Wish = { rev: 0, model: null, mode: null, effort: null };

type Key = readonly [PairingId, ThreadId];

/** An older one, or the same again, changes nothing. */
export function putWish(journal: Journal, key: Key, gen: Gen, { rev, model, mode, effort }: Wish): void {
  journal
    .sql(
      `INSERT INTO wishes (pairing, thread, gen, rev, model, mode, effort) VALUES (?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (pairing, thread, gen) DO UPDATE
       SET rev = excluded.rev, model = excluded.model, mode = excluded.mode, effort = excluded.effort
       WHERE excluded.rev >= rev`,
    )
    .run(...key, gen, rev, model, mode, effort);
}

export function readWish(journal: Journal, key: Key, gen: Gen): Wish {
  const row = journal
    .sql('SELECT rev, model, mode, effort FROM wishes WHERE pairing = ? AND thread = ? AND gen = ?')
    .get(...key, gen);
  if (row === undefined) return NO_WISH;
  return {
    rev: Number(row.rev),
    model: row.model === null ? null : String(row.model),
    mode: row.mode === null ? null : (String(row.mode) as PermissionMode),
    effort: row.effort === null ? null : String(row.effort),
  };
}

/** The levels that `claude --effort` takes. Claude: another one ends the process at once. */
const EFFORTS: readonly string[] = ['low', 'medium', 'high', 'xhigh', 'max'];

export interface Checked {
  /** What is left of the wish. */
  readonly wish: Wish;
  /** The mode to run in. */
  readonly mode: PermissionMode;
  /** Why the rest is not kept; null: all of it is. */
  readonly refused: string | null;
}

/** What the settings of now leave of a wish. They are the last word, also on a wish that was kept before they changed. */
export function checkWish(settings: Settings, wish: Wish, starter: UserId, owner: UserId): Checked {
  const modes = allowedModes(settings, starter, owner);
  const words: string[] = [];
  let { mode, effort } = wish;
  if (mode !== null && !modes.includes(mode)) {
    const whose = starter === owner ? 'sessions of its owner' : 'sessions of others than its owner';
    words.push(
      `This runner’s settings do not allow the mode ${mode} for ${whose}. They allow: ${modes.join(', ')}.`,
    );
    mode = null;
  }
  if (effort !== null && !EFFORTS.includes(effort)) {
    words.push(`Claude knows no effort “${effort}”. It knows: ${EFFORTS.join(', ')}.`);
    effort = null;
  }
  return {
    wish: { ...wish, mode, effort },
    mode: mode ?? modeFor(settings, starter, owner),
    refused: words.length === 0 ? null : words.join(' '),
  };
}
