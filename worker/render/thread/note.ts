/** One quiet line between the messages of a turn. */

import type { PlainSlot } from '../../domain/slot.ts';
import type { NoteEntry } from '../../domain/transcript.ts';
import { ellipsis } from '../text/escape.ts';
import { keyOf } from './keys.ts';

/** Our own words, but a list of prompts in them may be long. */
const NOTE_MAX_CHARS = 1900;

export function noteSlot(entry: NoteEntry): PlainSlot {
  const lines = ellipsis(entry.text.trim(), NOTE_MAX_CHARS - 4 * entry.text.split('\n').length).split('\n');
  return {
    kind: 'plain',
    key: keyOf(entry),
    phase: 'final',
    whenDeleted: 'gone',
    content: lines.map((line) => (line.trim() === '' ? '' : `-# ${line}`)).join('\n') || '-# …',
    rows: [],
    files: [],
    notify: null,
  };
}
