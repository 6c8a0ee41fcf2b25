/** Quiet lines of the thread. */
import type { TurnId } from '../../../protocol/ids.ts';
import type { Entry } from '../../domain/transcript.ts';
import type { Draft } from './draft.ts';

/** Adds a quiet line, or changes the one of that id. */
export function addNote(d: Draft, id: string, turn: TurnId | null, text: string): void {
  const entry: Entry = { kind: 'note', id, turn, text };
  for (const [seq, known] of d.state.entries) {
    if (known.kind === 'note' && known.id === id) return d.setEntry(seq, entry);
  }
  d.add(entry);
}
