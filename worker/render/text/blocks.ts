/**
 * Parts a Markdown text at those empty lines where a block surely ends. Each part can be parsed by itself, and all but the last
 * stay the same while the text grows, so their parsing can be remembered.
 */
import { type Fence, fenceCloses, fenceOpening } from './fence.ts';

const LIST_ITEM = /^\s{0,3}(?:[-*+]|\d{1,9}[.)])(?:\s|$)/;
const INDENTED = /^(?:\s|$)/;

export function blocksOf(source: string): string[] {
  const blocks: string[] = [];
  let lines: string[] = [];
  let fence: Fence | null = null;
  let blank = false;
  let inList = false;
  for (const line of source.split('\n')) {
    const empty = line.trim() === '';
    if (fence === null && !empty && blank && !(inList && INDENTED.test(line))) {
      if (lines.length > 0) blocks.push(lines.join('\n'));
      lines = [];
      inList = false;
    }
    if (fence !== null) fence = fenceCloses(fence, line) ? null : fence;
    else if (!empty) {
      fence = fenceOpening(line, inList);
      inList ||= LIST_ITEM.test(line);
    }
    if (!empty || lines.length > 0) lines.push(line);
    blank = empty && fence === null;
  }
  if (lines.length > 0) blocks.push(lines.join('\n'));
  return blocks;
}
