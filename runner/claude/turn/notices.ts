/** Words for the lines that change no state. */
import { WORDS_MAX } from '../../../protocol/limits.ts';
import { clip } from '../line/clip.ts';
import type { LimitLine, Line } from '../line/wire.ts';

export const COMPACTED = 'The conversation was summarized to make room.';
export const CLEARED =
  'Claude’s memory of this conversation is empty now. What stands above, it does not know any more.';

/** Words about the plan's usage limit coming near; null when there is nothing to say. */
export function limitNearWords(limit: LimitLine): string | null {
  if (limit.status !== 'allowed_warning') return null;
  const part = limit.utilization === null ? 'Nearly all' : `${Math.round(limit.utilization * 100)} %`;
  const window = limit.window === '' ? 'usage' : limit.window.replaceAll('_', ' ');
  return clip(`${part} of the ${window} limit is used.`, WORDS_MAX);
}

export function retryWords(line: Extract<Line, { type: 'retry' }>): string {
  const what =
    line.status === null ? 'The connection to the API failed' : `The API answered with ${line.status}`;
  const seconds = Math.max(1, Math.round(line.delayMs / 1000));
  return `${what}; trying again in ${seconds} s (${line.attempt} of ${line.of}).`;
}
