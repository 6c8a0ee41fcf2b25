/** A piece of Claude's text as one part of a message. */
import { codeBlock, showInvisible } from '../text/escape.ts';
import { type Fence, fenceCloses } from '../text/fence.ts';
import { renderMarkdown } from '../text/markdown.ts';
import { memo } from '../text/memo.ts';
import type { Piece } from '../text/split.ts';

/** Full messages of the turns that run in one isolate: 200 turns of 4 messages. */
const MEMO_ENTRIES = 800;
const MEMO_CHARS = 1_000_000;

/** Discord's Markdown of a piece, with what surrounds its beginning opened again: its code block, its table's head. */
export function renderPiece(piece: Piece): string {
  const source = standalone(piece);
  return piece.full ? renderFull(source) : render(source);
}

/** The same with nothing rendered: never longer than the piece's cost. */
export function renderPieceRaw(piece: Piece): string {
  if (piece.source.trim() === '') return '';
  return codeBlock(showInvisible(piece.source).replace(/^\n+|\s+$/g, ''));
}

const render = (source: string): string => renderMarkdown(source).trimEnd();

/** Full pieces are asked for at each edit of the messages below them; the one that grows would only push them out. */
const renderFull = memo(render, MEMO_ENTRIES, MEMO_CHARS);

function standalone({ source, context }: Piece): string {
  if (context.fence !== null) return reopened(source, context.fence);
  if (context.quote) return `> ${source}`;
  if (context.table !== null && source.slice(0, endOfLine(source)).includes('|'))
    return context.table + source;
  return context.list ? dedented(source) : source;
}

function reopened(source: string, fence: Fence): string {
  const lines = source.split('\n');
  const close = lines.findIndex((line) => fenceCloses(fence, line));
  const inside = (close === -1 ? lines : lines.slice(0, close)).map((line) => {
    const indent = line.length - line.trimStart().length;
    return line.slice(Math.min(indent, fence.indent));
  });
  const block = `${fence.marker}${fence.info}\n${inside.join('\n')}`;
  if (close === -1) return block;
  return `${block}\n${fence.marker}\n${dedented(lines.slice(close + 1).join('\n'))}`;
}

/** Lines of a list whose item is in the message before would be code by their indent. */
function dedented(source: string): string {
  const indent = /^\n*([ \t]+)(?=\S)/.exec(source)?.[1]?.length ?? 0;
  if (indent === 0) return source;
  let deep = true;
  return source
    .split('\n')
    .map((line) => {
      const own = line.length - line.trimStart().length;
      if (line.trim() !== '' && own === 0) deep = false;
      return deep ? line.slice(Math.min(own, indent)) : line;
    })
    .join('\n');
}

function endOfLine(text: string): number {
  const feed = text.indexOf('\n');
  return feed === -1 ? text.length : feed;
}
