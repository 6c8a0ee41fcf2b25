/** In the place of a message that cannot be drawn: one sentence, so that those around it are shown all the same. */
import type { PlainSlot, SlotKey } from '../../domain/slot.ts';

/** Without buttons: nobody could read what they would allow. */
export function sentence(key: SlotKey, error: unknown): PlainSlot {
  const name = error instanceof Error ? error.name : typeof error;
  return {
    kind: 'plain',
    key,
    phase: 'final',
    whenDeleted: 'gone',
    content: `-# ⚠️ Heddle could not draw this message (${name}); if it asks for something, \`/stop\` ends that.`,
    rows: [],
    files: [],
    notify: null,
  };
}
