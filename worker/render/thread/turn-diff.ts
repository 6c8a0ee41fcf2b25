/** What a turn's edits changed, file by file, in pages of a message. From what Claude's own edits reported; a command's changes are not in it. */
import type { TurnId } from '../../../protocol/ids.ts';
import type { Entry, ToolEntry } from '../../domain/transcript.ts';
import { codeBlock, codeText, ellipsis, escapeTo, showInvisible } from '../text/escape.ts';
import { changed, plural } from '../text/format.ts';

/** Of one block, so that a page holds at least one. Characters. */
const BLOCK_MAX_CHARS = 1500;
const LINE_MAX_CHARS = 300;
/** Discord: 2,000 a message; the rest is for the line about pages. */
const PAGE_MAX_CHARS = 1900;
const NAME_MAX_CHARS = 150;

type Edit = ToolEntry & { readonly diff: NonNullable<ToolEntry['diff']> };

/** The pages; none when the turn has no edit that is known. */
export function turnDiff(entries: readonly Entry[], turn: TurnId): readonly string[] {
  const files = new Map<string, Edit[]>();
  for (const entry of entries) {
    if (!isEdit(entry) || entry.turn !== turn) continue;
    const edits = files.get(entry.summary);
    if (edits === undefined) files.set(entry.summary, [entry]);
    else edits.push(entry);
  }
  const pages: string[] = [];
  for (const block of [...files].flatMap(([name, edits]) => blocksOf(name, edits))) {
    const last = pages.at(-1);
    if (last !== undefined && last.length + block.length + 1 <= PAGE_MAX_CHARS)
      pages[pages.length - 1] = `${last}\n${block}`;
    else pages.push(block);
  }
  return pages;
}

/** Whether Diff has something to show. */
export function hasDiff(entries: readonly Entry[], turn: TurnId): boolean {
  return entries.some((entry) => isEdit(entry) && entry.turn === turn);
}

function isEdit(entry: Entry): entry is Edit {
  return (
    entry.kind === 'tool' && entry.state === 'done' && entry.diff !== undefined && entry.diff.text !== ''
  );
}

function blocksOf(name: string, edits: readonly Edit[]): string[] {
  const sum = (key: 'added' | 'removed'): number => edits.reduce((all, edit) => all + (edit[key] ?? 0), 0);
  const head = `**${escapeTo(name, NAME_MAX_CHARS)}** ${changed(sum('added'), sum('removed'))}`.trimEnd();
  const lines = edits.flatMap(({ diff }, index) => [
    ...(index === 0 ? [] : ['@@']),
    ...diff.text.split('\n'),
  ]);
  const cut = edits.reduce(
    (all, { diff }) => all + Math.max(0, diff.lines - diff.text.split('\n').length),
    0,
  );
  const blocks = chunks(lines).map((text) => codeBlock(text, 'diff'));
  const more =
    cut > 0 ? `\n-# ${plural(cut, 'more line')}; all of it is in \`changes.diff\` in the thread` : '';
  return blocks.map((block, index) => {
    const title = index === 0 ? `${head}\n` : '';
    return `${title}${block}${index === blocks.length - 1 ? more : ''}`;
  });
}

/** By what the lines are long by themselves in a code block: together they are no longer. */
function chunks(lines: readonly string[]): string[] {
  const all: string[][] = [];
  let room = 0;
  for (const line of lines) {
    const short = ellipsis(showInvisible(line), LINE_MAX_CHARS);
    const cost = codeText(short).length + 1;
    if (cost > room) {
      all.push([]);
      room = BLOCK_MAX_CHARS;
    }
    all.at(-1)?.push(short);
    room -= cost;
  }
  return all.map((block) => block.join('\n'));
}
