/**
 * Cuts a growing Markdown text into pieces that each fit a message. Where a piece ends depends only on the text before that place
 * (and on there being more): a piece that is followed by another never changes again. So the thresholds are met early,
 * best places first, instead of looking back from the limit, and lengths are counted in the source by what a character can
 * cost at most when it is rendered.
 */
import { lineCost, Meter } from './cost.ts';
import { isBoundary } from './escape.ts';
import { type Fence, fenceCloses, fenceOpening } from './fence.ts';
import { Marks } from './marks.ts';
import { cells } from './table.ts';

/** Discord: characters of a message's content. */
export const MESSAGE_MAX_CHARS = 2000;

/** From which cost on a piece ends at such a place. The last one leaves room for a grapheme and for what a fence costs. */
const FULL_AT = {
  /** Before a heading or a code block: what belongs together stays together. */
  fence: 1100,
  heading: 1200,
  /** After an empty line. */
  block: 1500,
  /** After any line. */
  line: 1600,
  sentence: 1700,
  /** Between words, but not in code, a link or bold text. */
  word: 1760,
  anyWord: 1830,
  anywhere: 1900,
  /** Even in a grapheme: it is a pile of marks and no letter. */
  anyUnit: 1960,
} as const;

/** A tool's line is put into a message that has less than this, the line counted. */
export const TOOL_FITS_UNTIL = FULL_AT.anywhere;

/** What surrounds the place where a piece begins, so that it can be rendered by itself. */
export interface Context {
  /** In this code block. */
  readonly fence: Fence | null;
  /** Below these two lines, a table's head. */
  readonly table: string | null;
  /** In a list, so that indented lines are no code. */
  readonly list: boolean;
  /** In a quoted line. */
  readonly quote: boolean;
}

export const NO_CONTEXT: Context = { fence: null, table: null, list: false, quote: false };

export interface Piece {
  readonly source: string;
  readonly context: Context;
  readonly cost: number;
  /** More follows in the next message, so it never changes again. */
  readonly full: boolean;
}

/** What a piece may cost on top of its text: the break before it, the fences around it if it cannot be rendered better. */
const PIECE_COST = 12;
/** A closing fence and its line feed. */
const FENCE_END_COST = 4;

const HEADING = /^#{1,6}\s/;
const LIST_ITEM = /^\s*(?:[-*+]|\d{1,9}[.)])\s/;
const RULE = /^\s{0,3}([-*_])[ \t]*(?:\1[ \t]*){2,}$/;
const TABLE_RULE = /^\s{0,3}\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?\s*$/;
/** It may become the end of a code block. */
const CLOSING_BEGUN = /^\s*(?:`+|~+)\s*$/;
const SENTENCE_END = /[.!?:;…。！？][)\]"'”’*_`]*$/;

/**
 * The piece of `text` that begins at `from` in a message that costs `used` already (0: it is empty). `end` is where the next
 * message goes on, or null when the whole rest fits. An empty piece with an `end` says that the message was full already.
 */
export function cutPiece(
  text: string,
  from: number,
  context: Context,
  used: number,
): { piece: Piece; end: number | null; next: Context } {
  const scan = new Scan(text, from, context, used);
  const end = scan.run();
  const source = text.slice(from, end ?? text.length);
  return {
    piece: { source, context, cost: scan.cost - used, full: end !== null },
    end,
    next: scan.context(),
  };
}

class Scan {
  cost: number;
  private readonly text: string;
  private readonly from: number;
  private fence: Fence | null;
  private table: string | null;
  private list: boolean;
  private quote: boolean;
  private readonly empty: boolean;
  private afterBlank: boolean;
  private afterHeading = false;
  private lastLine = '';

  constructor(text: string, from: number, context: Context, used: number) {
    this.text = text;
    this.from = from;
    this.fence = context.fence;
    this.table = context.table;
    this.list = context.list;
    this.quote = context.quote;
    this.empty = used === 0;
    this.afterBlank = used > 0;
    this.cost = used + PIECE_COST;
    if (context.fence !== null)
      this.cost += context.fence.marker.length + context.fence.info.length + FENCE_END_COST;
    if (context.table !== null) this.cost += context.table.length * 2;
  }

  context(): Context {
    return { fence: this.fence, table: this.table, list: this.list, quote: this.quote };
  }

  /** Where the piece ends, or null. */
  run(): number | null {
    let at = this.from;
    while (at < this.text.length) {
      const feed = this.text.indexOf('\n', at);
      const complete = feed !== -1;
      const lineEnd = complete ? feed : this.text.length;
      const line = this.text.slice(at, lineEnd);
      const begins = at === 0 || this.text.charCodeAt(at - 1) === 10;
      const first = at === this.from;
      if (begins && !(first && this.empty) && this.endsBefore(line, complete)) {
        this.quote = false;
        return at;
      }
      const rowExtra = this.table === null ? 0 : this.rowCost(line);
      const cut = this.takeLine(line, at);
      if (cut !== null) return cut;
      this.cost += rowExtra;
      if (!complete) return null;
      this.cost++;
      this.finishLine(line, begins);
      at = lineEnd + 1;
    }
    return null;
  }

  /** Whether the message is full before this line. Nothing but what the line surely is may count. */
  private endsBefore(line: string, complete: boolean): boolean {
    if (line.trim() === '') return false;
    if (this.fence !== null) return this.cost >= FULL_AT.line && !CLOSING_BEGUN.test(line);
    if (complete && this.cost >= FULL_AT.fence && fenceOpening(line, this.list) !== null) return true;
    if (this.cost >= FULL_AT.heading && HEADING.test(line)) return true;
    // A line with bars may be a table's head; the next line tells.
    const head = this.table === null && this.lastLine.includes('|');
    if (this.afterHeading || head) return this.cost >= FULL_AT.sentence;
    return this.cost >= (this.afterBlank ? FULL_AT.block : FULL_AT.line);
  }

  /** Adds the line's cost; the place inside of it where the message is full, or null. */
  private takeLine(line: string, at: number): number | null {
    const whole = lineCost(line, FULL_AT.sentence - this.cost);
    if (this.cost + whole < FULL_AT.sentence) {
      this.cost += whole;
      return null;
    }
    const marks = new Marks();
    const meter = new Meter();
    for (let index = 0; index < line.length; index++) {
      if (this.cost >= FULL_AT.sentence && this.endsInside(line, index, at, marks)) {
        this.quote = this.fence === null && (this.quote || /^\s{0,3}>/.test(line));
        this.table = null;
        return at + index;
      }
      marks.pass(line, index);
      this.cost += meter.next(line.charCodeAt(index));
    }
    return null;
  }

  private endsInside(line: string, index: number, at: number, marks: Marks): boolean {
    if (at + index === this.from && this.empty) return false;
    if (this.cost >= FULL_AT.anyUnit) return !isLow(line.charCodeAt(index));
    if (this.cost >= FULL_AT.anywhere) return isBoundary(this.text, at + index);
    const word = index > 0 && isSpace(line.charCodeAt(index - 1)) && !isSpace(line.charCodeAt(index));
    if (!word) return false;
    if (this.cost >= FULL_AT.anyWord) return true;
    if (this.fence !== null || this.table !== null) return this.fence !== null && this.cost >= FULL_AT.word;
    if (!marks.clean) return false;
    return (
      this.cost >= FULL_AT.word || SENTENCE_END.test(line.slice(Math.max(0, index - 12), index).trimEnd())
    );
  }

  /** What a complete line changes for those below it. */
  private finishLine(line: string, begins: boolean): void {
    const blank = line.trim() === '';
    if (this.fence !== null) {
      if (fenceCloses(this.fence, line)) this.fence = null;
      this.afterBlank = false;
      return;
    }
    this.quote = false;
    this.fence = begins ? fenceOpening(line, this.list) : null;
    if (this.fence !== null) this.cost += FENCE_END_COST;
    if (blank) this.table = null;
    else if (this.table === null && this.isTableRule(line)) {
      this.table = `${this.lastLine}\n${line}\n`;
      this.cost += this.rowCost(this.lastLine);
    }
    if (LIST_ITEM.test(line)) this.list = true;
    else if (!blank && this.afterBlank && !/^\s/.test(line)) this.list = false;
    if (RULE.test(line)) this.cost += 3;
    if (line.startsWith('>')) this.cost += 4;
    this.afterHeading = HEADING.test(line) || (blank && this.afterHeading);
    this.afterBlank = blank;
    this.lastLine = begins ? line : '';
  }

  private isTableRule(line: string): boolean {
    return (
      line.includes('-') &&
      this.lastLine.includes('|') &&
      TABLE_RULE.test(line) &&
      cells(line) === cells(this.lastLine)
    );
  }

  /** A row may become a list with the names of all columns, or a line as wide as a table may be. */
  private rowCost(line: string): number {
    const names = (this.table ?? '').indexOf('\n');
    return Math.max(names, 0) + 8 * cells(line) + 42;
  }
}

function isSpace(unit: number): boolean {
  return unit === 32 || unit === 9;
}
function isLow(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff;
}
