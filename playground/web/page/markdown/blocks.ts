/** Discord's Markdown line by line: code blocks, headings, subtext, quotes, lists, and the rest. */
import { parseInline } from './inline.ts';
import type { Block, Item, List } from './nodes.ts';

const FENCE = /```(?:([\w+\-.#]{1,32})\n)?\n*([^\n][\s\S]*?)\n*```/y;
const HEADING = /^(#{1,3}) +(.+)$/;
const SUBTEXT = /^-# +(.+)$/;
const QUOTE = /^> ?(.*)$/;
const ITEM = /^( *)(?:([-*])|(\d{1,9})\.) +(.+)$/;
/** Quotes do not nest in Discord; one level is for a quoted code block or list. */
const QUOTE_DEPTH_MAX = 1;

export function parseBlocks(text: string, depth = 0): readonly Block[] {
  const blocks: Block[] = [];
  let paragraph: string[] = [];
  const endParagraph = (): void => {
    const joined = paragraph.join('\n');
    if (joined !== '') blocks.push({ type: 'paragraph', children: parseInline(joined) });
    paragraph = [];
  };
  let at = 0;
  while (at < text.length) {
    const { line, end } = lineAt(text, at);
    if (depth < QUOTE_DEPTH_MAX && line.startsWith('>>> ')) {
      endParagraph();
      blocks.push({ type: 'quote', children: parseBlocks(text.slice(at + 4), depth + 1) });
      return blocks;
    }
    if (depth < QUOTE_DEPTH_MAX && /^> /.test(line)) {
      endParagraph();
      const quoted = takeLines(text, at, QUOTE);
      blocks.push({
        type: 'quote',
        children: parseBlocks(quoted.lines.map((found) => found[1] ?? '').join('\n'), depth + 1),
      });
      at = quoted.end;
      continue;
    }
    const heading = HEADING.exec(line);
    const subtext = SUBTEXT.exec(line);
    if (heading !== null || subtext !== null) {
      endParagraph();
      blocks.push(
        heading === null
          ? { type: 'subtext', children: parseInline(subtext?.[1] ?? '') }
          : {
              type: 'heading',
              level: Math.min(3, heading[1]?.length ?? 1) as 1 | 2 | 3,
              children: parseInline(heading[2] ?? ''),
            },
      );
      at = end;
      continue;
    }
    if (ITEM.test(line) && !line.includes('```')) {
      endParagraph();
      const items = takeLines(text, at, ITEM);
      blocks.push(...listsOf(items.lines));
      at = items.end;
      continue;
    }
    const fence = fenceIn(text, at, end);
    if (fence !== null) {
      const before = text.slice(at, fence.start);
      if (before !== '') paragraph.push(before);
      endParagraph();
      blocks.push({ type: 'code', language: fence.language, text: fence.text });
      at = text.charAt(fence.end) === '\n' ? fence.end + 1 : fence.end;
      continue;
    }
    paragraph.push(line);
    at = end;
  }
  endParagraph();
  return blocks;
}

/** The line without its end, and where the next begins. */
function lineAt(text: string, at: number): { line: string; end: number } {
  const newline = text.indexOf('\n', at);
  return newline < 0
    ? { line: text.slice(at), end: text.length }
    : { line: text.slice(at, newline), end: newline + 1 };
}

/** This line and those after it, as long as they fit. A line that begins a code block is left. */
function takeLines(text: string, from: number, pattern: RegExp): { lines: RegExpExecArray[]; end: number } {
  const lines: RegExpExecArray[] = [];
  let at = from;
  while (at < text.length) {
    const { line, end } = lineAt(text, at);
    const found = pattern.exec(line);
    if (found === null) break;
    lines.push(found);
    at = end;
  }
  return { lines, end: at };
}

interface Fence {
  readonly start: number;
  readonly end: number;
  readonly language: string;
  readonly text: string;
}

/** A code block that begins in this line. */
function fenceIn(text: string, from: number, lineEnd: number): Fence | null {
  const start = text.indexOf('```', from);
  if (start < 0 || start >= lineEnd) return null;
  FENCE.lastIndex = start;
  const found = FENCE.exec(text);
  if (found === null) return null;
  return { start, end: start + found[0].length, language: found[1] ?? '', text: found[2] ?? '' };
}

interface OpenList {
  readonly indent: number;
  readonly start: number | null;
  readonly items: { children: Item['children']; lists: List[] }[];
}

/** Items with more indent than the one before belong to it. */
function listsOf(lines: readonly RegExpExecArray[]): List[] {
  const top: List[] = [];
  const open: OpenList[] = [];
  for (const [, spaces = '', , number, body = ''] of lines) {
    const indent = spaces.length;
    const start = number === undefined ? null : Number(number);
    while (open.length > 1 && indent < (open.at(-1)?.indent ?? 0)) open.pop();
    let list = open.at(-1);
    const deeper = list !== undefined && indent > list.indent;
    if (list === undefined || deeper || (list.start === null) !== (start === null)) {
      const fresh: OpenList = { indent, start, items: [] };
      const parent = deeper ? list : open.at(-2);
      if (!deeper) open.pop();
      const holder = parent?.items.at(-1)?.lists ?? top;
      holder.push({ type: 'list', start, items: fresh.items });
      open.push(fresh);
      list = fresh;
    }
    list.items.push({ children: parseInline(body), lists: [] });
  }
  return top;
}
