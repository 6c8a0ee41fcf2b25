/** Names for threads. Pure. */
import { ellipsis, showInvisible } from '../text/escape.ts';

/** Discord allows 100 characters; a phone shows about half of it in a list. */
const NAME_MAX = 60;
/** Of a line, no more is looked at: a prompt may be one line of 6,000 characters, and a name is its beginning. */
const LINE_MAX = 400;
/** Nor are more lines than this, should they all be without words. */
const LINES_MAX = 50;

/** A thread's name from what was asked: its first line with words, without markup; never empty. */
export function threadName(text: string | null, project: string): string {
  const line = (text ?? '')
    .split(/\r?\n/, LINES_MAX)
    .map((one) => plain(one.slice(0, LINE_MAX)))
    .find((one) => /[\p{L}\p{N}]/u.test(one));
  const name = line === undefined ? `New session in ${plain(project)}` : line;
  return ellipsis(name, NAME_MAX);
}

/** Mentions and Markdown mean nothing in a thread's name; left in, they would only be noise. */
function plain(line: string): string {
  return showInvisible(line.replace(/<(?:[@#][!&]?|a?:\w+:)\d+>/g, ' '))
    .replace(/^\s*(?:#{1,6}|>+|[-*+]|\d+\.)\s+/, '')
    .replace(/[`*_~|]+/g, '')
    .replace(/\s+/g, ' ')
    .trim();
}
