/** What an edit changed, from the CLI's own account of it: a head for its line in the thread, the whole for a file. Pure. */
import { DIFF_HEAD_MAX, DIFF_INLINE_CHARS, DIFF_INLINE_LINES } from '../../../protocol/limits.ts';
import { clip } from '../line/clip.ts';
import { type Json, number, records, string, strings } from '../line/json.ts';

/** Longer lines tell nothing on a phone. */
const LINE_MAX = 160;
/** Between places of a file that lie apart. */
const APART = '⋯';

export interface EditDiff {
  readonly path: string;
  readonly added: number;
  readonly removed: number;
  readonly head: { readonly text: string; readonly lines: number };
  /** A unified diff, when the head is not all of it. */
  readonly whole: string | null;
}

/** Null when `detail` (the CLI's `tool_use_result`) tells of no edit. */
export function editDiff(detail: Json): EditDiff | null {
  const path = string(detail, 'filePath');
  if (path === null || !Array.isArray(detail.structuredPatch)) return null;
  const created = string(detail, 'type') === 'create';
  const hunks = created
    ? [{ at: '@@ -0,0 +1 @@', lines: added(string(detail, 'content') ?? '') }]
    : records(detail, 'structuredPatch').map((hunk) => ({
        at: `@@ -${number(hunk, 'oldStart') ?? 0},${number(hunk, 'oldLines') ?? 0} +${number(hunk, 'newStart') ?? 0},${number(hunk, 'newLines') ?? 0} @@`,
        lines: strings(hunk, 'lines') ?? [],
      }));
  const all = hunks.flatMap((hunk) => hunk.lines);
  const told = hunks.flatMap(({ lines }, at) => [...(at > 0 ? [APART] : []), ...near(lines)]);
  const text = head(told);
  const isWhole = told.length <= DIFF_INLINE_LINES && told.join('\n').length <= DIFF_INLINE_CHARS;
  return {
    path,
    added: all.filter((line) => line.startsWith('+')).length,
    removed: all.filter((line) => line.startsWith('-')).length,
    head: { text, lines: told.length },
    whole: isWhole ? null : hunks.map(({ at, lines }) => [at, ...lines].join('\n')).join('\n'),
  };
}

function added(content: string): string[] {
  if (content === '') return [];
  return content
    .replace(/\n$/, '')
    .split('\n')
    .map((line) => `+${line}`);
}

/** The changed lines and one line around them. */
function near(lines: readonly string[]): string[] {
  const changes = (at: number): boolean => /^[+-]/.test(lines[at] ?? '');
  const shown: string[] = [];
  let last = -1;
  lines.forEach((line, at) => {
    if (!changes(at) && !changes(at - 1) && !changes(at + 1)) return;
    if (last >= 0 && at > last + 1) shown.push(APART);
    last = at;
    shown.push(line);
  });
  return shown;
}

function head(lines: readonly string[]): string {
  let text = '';
  for (const line of lines) {
    const next = `${text === '' ? '' : '\n'}${clip(line, LINE_MAX)}`;
    if (text.length + next.length > DIFF_HEAD_MAX) break;
    text += next;
  }
  return text;
}
