/** The row of buttons under the newest finished turn: gone when the next one begins. */
import type { TurnId } from '../../../protocol/ids.ts';
import { encodeCustomId } from '../../domain/buttons.ts';
import type { Button, PlainSlot } from '../../domain/slot.ts';
import type { EndEntry, ThreadView } from '../../domain/transcript.ts';
import { hasDiff } from './turn-diff.ts';

/** Discord: a row takes five buttons, and Continue may stand in it already. */
function controlsOf(end: EndEntry, { gen, entries }: ThreadView): Button[] {
  const undo: Button = {
    label: 'Undo',
    style: 'secondary',
    id: encodeCustomId({ verb: 'undo', gen, ref: 0, tag: end.turn }),
  };
  const diff: Button = {
    label: 'Diff',
    style: 'secondary',
    id: encodeCustomId({ verb: 'diff', gen, ref: 0, tag: end.turn }),
  };
  const changed = end.files !== null && end.files.changed > 0;
  const undone = entries.some(
    (entry) => entry.kind === 'undo' && entry.of === end.turn && entry.state.is === 'done',
  );
  return [
    {
      label: 'Reply',
      style: 'secondary',
      id: encodeCustomId({ verb: 'reply', gen, ref: 0, tag: end.turn }),
    },
    ...(hasDiff(entries, end.turn) ? [diff] : []),
    ...(changed && !undone ? [undo] : []),
  ];
}

/** Puts the row on the message that ends the newest turn, when nothing runs and the conversation goes on. */
export function withControls(slots: PlainSlot[], view: ThreadView): PlainSlot[] {
  if (view.idle !== true) return slots;
  const end = view.entries.findLast((entry) => entry.kind === 'end');
  if (end === undefined) return slots;
  const at = lastMessageOf(slots, end.turn);
  const last = slots[at];
  if (last === undefined) return slots;
  const [own = [], ...more] = last.rows;
  return slots.with(at, { ...last, rows: [[...own, ...controlsOf(end, view)], ...more] });
}

function lastMessageOf(slots: readonly PlainSlot[], turn: TurnId): number {
  return slots.findLastIndex((slot) => slot.deleted !== true && slot.key.startsWith(`t.${turn}.`));
}
