/** What an edit changed, under its line: a diff that a phone can take in. */
import { DIFF_INLINE_CHARS, DIFF_INLINE_LINES } from '../../../protocol/limits.ts';
import type { ToolEntry } from '../../domain/transcript.ts';
import { codeBlock, codeText, safeCut } from '../text/escape.ts';

/** What is shown of a longer one. */
const HEAD_LINES = 12;
/** Of one line: what wraps more than twice on a phone says nothing more. */
const LINE_MAX_CHARS = 120;
/** Fences, language, and `⋯ 1234567 lines more`. */
const AROUND_CHARS = 45;
/** What a diff may take below its line. */
export const DIFF_COST = DIFF_INLINE_CHARS + AROUND_CHARS;

/** The diff below an edit's line, with its line feed in front; empty when there is none to show. */
export function editDiff(entry: ToolEntry): string {
  const { diff, state } = entry;
  // Only an edit's line has the room.
  if (entry.class !== 'edit' || diff === undefined || state !== 'done') return '';
  const lines = diff.text.split('\n');
  const wanted = diff.lines > DIFF_INLINE_LINES ? HEAD_LINES : DIFF_INLINE_LINES;
  const shown: string[] = [];
  let room = DIFF_INLINE_CHARS;
  for (const line of lines.slice(0, wanted)) {
    const cut = line.length > LINE_MAX_CHARS ? `${line.slice(0, safeCut(line, LINE_MAX_CHARS - 1))}…` : line;
    room -= codeText(cut).length + 1;
    if (room < 0) break;
    shown.push(cut);
  }
  if (shown.length === 0) return '';
  const left = diff.lines - shown.length;
  const more = left > 0 ? [`⋯ ${left} ${left === 1 ? 'line' : 'lines'} more`] : [];
  return `\n${codeBlock([...shown, ...more].join('\n'), 'diff')}`;
}
