/** Where a fenced code block begins and ends, line by line (CommonMark 4.5). */

export interface Fence {
  /** The backticks or tildes that opened it. */
  readonly marker: string;
  /** The language and whatever else stands behind them. */
  readonly info: string;
  /** Columns that its lines are indented by. */
  readonly indent: number;
}

/** In a list a fence may be indented as far as the item's text, or follow the item's marker. */
const OPENING = /^( {0,3})(`{3,}|~{3,})(.*)$/;
const OPENING_IN_LIST = /^(\s*)(`{3,}|~{3,})(.*)$/;
const OPENING_AFTER_MARKER = /^(\s*(?:[-*+]|\d{1,9}[.)])\s+)(`{3,}|~{3,})(.*)$/;

/** The fence that this whole line opens, if it opens one. */
export function fenceOpening(line: string, inList: boolean): Fence | null {
  if (!line.includes('```') && !line.includes('~~~')) return null;
  const match = (inList ? OPENING_IN_LIST : OPENING).exec(line) ?? OPENING_AFTER_MARKER.exec(line);
  const [, before, marker, info] = match ?? [];
  if (before === undefined || marker === undefined || info === undefined) return null;
  // With a backtick behind them, backticks are code inside of a line.
  if (marker.startsWith('`') && info.includes('`')) return null;
  return { marker, info: info.trim(), indent: before.length };
}

/** Whether this line ends the block. */
export function fenceCloses(fence: Fence, line: string): boolean {
  const text = line.trim();
  return text.length >= fence.marker.length && text === fence.marker.charAt(0).repeat(text.length);
}
