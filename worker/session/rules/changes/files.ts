/** Files that the runner sends for the thread. Their bytes lie in rows until Discord has them. */

import type { EventOf } from '../../../../protocol/events.ts';
import type { Gen } from '../../../../protocol/ids.ts';
import { FILES_A_TURN_MAX } from '../../../../protocol/limits.ts';
import type { Draft } from '../../state/draft.ts';
import { fileRows } from '../../state/rows.ts';

/**
 * Of the files that are drawn: while Discord takes nothing, a session does not fill its object with what nobody sees. A file beyond it
 * has its message, which says that it could not be attached.
 */
const KEPT_MAX_BYTES = 64 * 1024 * 1024;

/** A part is stored as it comes; one of a turn that is over, or of too many files, goes with the `file` that follows it. */
export function filePart(d: Draft, e: EventOf<'filePart'>): void {
  d.addInput({
    kind: 'requestInput',
    gen: e.gen,
    request: fileRows(e.gen, e.file),
    part: e.part,
    text: e.base64,
  });
}

export function file(d: Draft, e: EventOf<'file'>): void {
  const files = [...d.state.entries.values()].filter((entry) => entry.kind === 'file');
  // The same name again would show the one in the place of the other.
  if (files.some((entry) => entry.gen === e.gen && entry.file === e.file)) return;
  const ofTurn = files.filter((entry) => entry.turn === e.turn).length;
  const isWanted = d.state.turns.has(e.turn) && ofTurn < FILES_A_TURN_MAX;
  const kept = files.reduce((sum, entry) => sum + entry.bytes, e.bytes);
  if (!isWanted || kept > KEPT_MAX_BYTES) d.dropInputs(fileRows(e.gen, e.file));
  if (!isWanted) return;
  const { kind, gen, turn, file: id, what, name, bytes, parts, caption } = e;
  d.add({ kind, gen, turn, file: id, what, name, bytes, parts, caption });
}

/** Discord has it: the bytes go. A message that somebody deletes is not posted again. */
export function filePosted(d: Draft, gen: Gen, id: string): void {
  d.dropInputs(fileRows(gen, id));
}
