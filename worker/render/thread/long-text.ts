/** A text that is too long for a thread: its beginning as it was read live, and its end. The whole comes as a file. */
import { lineCost } from '../text/cost.ts';
import { safeCut } from '../text/escape.ts';
import { type Fence, fenceCloses, fenceOpening } from '../text/fence.ts';

/** What the end may cost in its message, the line about what is left out not counted. */
const TAIL_MAX_COST = 1_500;

export interface Tail {
  /** Where it begins in the text. */
  readonly at: number;
  /** The code block that is open there. */
  readonly fence: Fence | null;
}

/**
 * The end of `text` that one message holds, when what follows `from` takes more than that; else null. `fence` is the code block that
 * is open at `from`. It begins with a line, or in a line that is longer than all that.
 */
export function tailOf(text: string, from: number, fence: Fence | null): Tail | null {
  let at = text.length;
  let cost = 0;
  while (at > from) {
    const start = Math.max(from, text.lastIndexOf('\n', at - 2) + 1);
    const line = text.slice(start, at);
    cost += lineCost(line, TAIL_MAX_COST + 1 - cost);
    if (cost > TAIL_MAX_COST) break;
    at = start;
  }
  if (at <= from) return null;
  if (at === text.length) at = endOf(text);
  return { at, fence: fenceAt(text.slice(from, at), fence) };
}

/** Where the end of one long line begins. */
function endOf(text: string): number {
  let chars = TAIL_MAX_COST / 3;
  const from = (): number => safeCut(text, text.length - chars);
  while (lineCost(text.slice(from())) > TAIL_MAX_COST) chars = Math.floor(chars / 2);
  return from();
}

function fenceAt(text: string, before: Fence | null): Fence | null {
  let fence = before;
  for (const line of text.split('\n')) {
    if (fence === null) fence = fenceOpening(line, true);
    else if (fenceCloses(fence, line)) fence = null;
  }
  return fence;
}
