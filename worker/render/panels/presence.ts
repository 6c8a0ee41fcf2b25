import { escapeText } from '../text/escape.ts';
import { timestamp } from '../text/format.ts';

/** `**laptop** went offline 5 minutes ago.` `runner`: its name, untrusted. `sinceMs`: null when that is not known. */
export function awayWords(runner: string, sinceMs: number | null): string {
  const since = sinceMs === null ? 'is offline' : `went offline ${timestamp(sinceMs, 'R')}`;
  return `**${escapeText(runner)}** ${since}.`;
}
