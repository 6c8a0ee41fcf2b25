import type { Slot } from './slot.ts';
import type { ThreadView } from './transcript.ts';

/** What a session's thread should show, in the order of the entries. Pure and total: any view gives messages that Discord takes. */
export function renderThread(_view: ThreadView): Slot[] {
  return [];
}
