/**
 * What a session does not keep for ever. Entries that are not drawn any more lose the tool calls, and in the end the oldest go whole;
 * rows of messages that are never edited again go. Discord shows them as before, and Claude's own transcript stays on the runner.
 *
 * It is looked at once for some hundred entries, so its cost is shared by many turns: each row that a turn adds is deleted once, later.
 */
import type { SlotKey } from '../../domain/slot.ts';
import type { State } from '../state/state.ts';
import type { Sql } from './store.ts';

export const CAPS = {
  /** Looked at whenever the window has moved over so many entries. */
  everyEntries: 500,
  /** Behind the window so many entries keep all that they have. */
  wholeEntries: 500,
  entries: 10_000,
  /** UTF-8. A Durable Object of the free plan may hold much more; reading it all must stay quick. */
  entryBytes: 16 * 1024 * 1024,
  /** Rows of messages, of the newest ones: a create of unknown outcome is looked for among the messages that no row has. */
  messages: 300,
} as const;

/** Entries of these kinds are of use while their turn is drawn, and no more. */
const PASSING = ['tool', 'todo', 'file', 'queued', 'reminder'] as const;

/** The window has moved far enough for a look. */
export function isDue(before: State, after: State): boolean {
  const steps = ({ thread }: State) => Math.floor((thread?.windowSeq ?? 0) / CAPS.everyEntries);
  return steps(after) > steps(before);
}

/** Inside the caller's transaction. Entries from `windowSeq` on are never touched. */
export function trimEntries(sql: Sql, windowSeq: number): void {
  const kinds = PASSING.map((kind) => `'${kind}'`).join(', ');
  sql.exec(
    `DELETE FROM entry WHERE seq < ? AND json_extract(body, '$.kind') IN (${kinds})`,
    windowSeq - CAPS.wholeEntries,
  );
  let rows = 0;
  let bytes = 0;
  const newestFirst = sql
    .exec<{ seq: number; size: number }>(
      'SELECT seq, length(CAST(body AS BLOB)) AS size FROM entry ORDER BY seq DESC',
    )
    .toArray();
  for (const { seq, size } of newestFirst) {
    rows += 1;
    bytes += size;
    if (seq >= windowSeq || (rows <= CAPS.entries && bytes <= CAPS.entryBytes)) continue;
    sql.exec('DELETE FROM entry WHERE seq <= ?', seq);
    return;
  }
}

/**
 * Whether a message may still be edited: it is drawn (`slots`), or it is of a turn of which something is drawn. A growing text is left out
 * of the slots for a moment now and then, so a turn's messages are told by their name.
 */
export function mayChange(
  state: State,
  slots: readonly { readonly key: SlotKey }[],
): (key: SlotKey) => boolean {
  const drawn = new Set(slots.map(({ key }) => key));
  const turns = new Set<string>(state.turns.keys());
  for (const entry of state.entries.values())
    if ('turn' in entry && entry.turn !== null) turns.add(entry.turn);
  return (key) => drawn.has(key) || turns.has(key.split('.')[1] ?? '');
}
