/**
 * What is left of a text that nobody remembers: it grew in a message, and then the runner and the object's memory went at the same
 * time. Such a message would keep its Stop for ever, so it is deleted; the turn's end says what happened.
 */
import type { MessageId } from '../../../protocol/ids.ts';
import type { Slot, SlotKey } from '../../domain/slot.ts';
import type { State } from '../state/state.ts';

/** `slots`: what the transcript gives. `messageOf`: what is posted. */
export function leftovers(
  { entries }: State,
  slots: readonly Slot[],
  messageOf: (key: SlotKey) => MessageId | null,
): Slot[] {
  const drawn = new Set(slots.map(({ key }) => key));
  const left: Slot[] = [];
  for (const entry of entries.values()) {
    if (entry.kind !== 'end' || entry.outcome.as === 'done') continue;
    for (let number = 0; ; number += 1) {
      const key = `t.${entry.turn}.m${number}`;
      if (drawn.has(key)) continue;
      if (messageOf(key) === null) break;
      left.push({ ...GONE, key });
    }
  }
  return left;
}

const GONE = {
  kind: 'plain',
  phase: 'final',
  deleted: true,
  whenDeleted: 'gone',
  content: '',
  rows: [],
  files: [],
  notify: null,
} as const;
