/** What an edit changed, under its line: a diff that a phone can take in. */
import { codeBlock, codeText, safeCut } from './escape.ts';
import type { ToolEntry } from './transcript.ts';

/** A longer one is cut to `HEAD_LINES`; the whole comes as a file at the end of the turn. */
export const DIFF_LINES_MAX = 25;
const HEAD_LINES = 12;
/** Of one line: what wraps more than twice on a phone says nothing more. */
const LINE_MAX_CHARS = 120;
/** Of the text between the fences, the line about the rest left out. */
const DIFF_MAX_CHARS = 700;
/** Fences, language, and `⋯ 1234567 lines more`. */
const AROUND_CHARS = 45;
/** What a diff may take below its line. */
export const DIFF_COST = DIFF_MAX_CHARS + AROUND_CHARS;

/** The diff below an edit's line, with its line feed in front; empty when there is none to show. */
export function editDiff(entry: ToolEntry): string {
  const { diff, state } = entry;
  if (diff === undefined || state !== 'done' || diff.lines === 0) return '';
  const lines = diff.text.split('\n');
  const wanted = diff.lines > DIFF_LINES_MAX ? HEAD_LINES : DIFF_LINES_MAX;
  const shown: string[] = [];
  let room = DIFF_MAX_CHARS;
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
