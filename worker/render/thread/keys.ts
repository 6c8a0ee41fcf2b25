/** The name of an entry's message. A call has none: it is a line in a message of its turn. */
import { assertNever } from '../../../protocol/never.ts';
import type { SlotKey } from '../../domain/slot.ts';
import type { Entry, ToolEntry } from '../../domain/transcript.ts';

export function keyOf(entry: Exclude<Entry, ToolEntry>): SlotKey {
  switch (entry.kind) {
    case 'queued':
      return `q.${entry.prompt}`;
    case 'prompt':
      return `t.${entry.turn}.p`;
    case 'text':
      // Its words are in messages that are numbered (`m0`, `m1`, …); this one stands in their place.
      return `t.${entry.turn}.x${entry.segment}`;
    case 'todo':
      return `d.${entry.turn}`;
    case 'file':
      return `f.${entry.gen}.${entry.file}`;
    case 'request':
      return `r.${entry.ref}`;
    case 'reminder':
      return `b.${entry.ref}`;
    case 'budget':
      return `budget.${entry.n}`;
    case 'note':
      return `n.${entry.id}`;
    case 'worktree':
      return `w.${entry.gen}`;
    case 'undo':
      return `u.${entry.id}`;
    case 'end':
      return `t.${entry.turn}.e`;
    default:
      return assertNever(entry);
  }
}
