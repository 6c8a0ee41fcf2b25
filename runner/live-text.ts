/** Live text put together again: a link that comes back needs the whole of it, not the last piece. */
import type { Live } from '../protocol/session.ts';

/** The whole after `next`, with `from` 0; null when `next` does not continue what is there. */
export function continueLive(whole: Live | null, next: Live): Live | null {
  if (next.from === 0) return next;
  if (
    whole === null ||
    whole.turn !== next.turn ||
    whole.segment !== next.segment ||
    whole.text.length < next.from
  )
    return null;
  return { ...next, from: 0, text: whole.text.slice(0, next.from) + next.text };
}
