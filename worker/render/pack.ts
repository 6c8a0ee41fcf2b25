/** Packs what a turn says and does into messages, in order. Only the last message can still change its extent. */
import { renderPiece, renderPieceRaw } from './piece.ts';
import {
  type Context,
  cutPiece,
  MESSAGE_MAX_CHARS,
  NO_CONTEXT,
  type Piece,
  TOOL_FITS_UNTIL,
} from './split.ts';
import { type Helpers, joinsGroup, TOOL_LINE_COST, type ToolGroup, toolLine } from './tools.ts';
import type { ToolEntry } from './transcript.ts';

/** A text that came with the transcript; a safety net, not a place to cut. */
const CONTENT_MAX_CHARS = MESSAGE_MAX_CHARS - 10;

export type Part =
  | { readonly is: 'text'; readonly piece: Piece }
  | { readonly is: 'tools'; entries: ToolEntry[]; readonly root: string };

export interface Message {
  /** 0, 1, … within the turn. */
  readonly number: number;
  readonly parts: Part[];
}

export class Pack {
  private count = 0;
  private open: Message | null = null;
  private cost = 0;
  private readonly begun: (message: Message) => void;

  /** `begun` is told of each message when its first part goes in. */
  constructor(begun: (message: Message) => void) {
    this.begun = begun;
  }

  /** The next part begins a new message. */
  close(): void {
    this.open = null;
    this.cost = 0;
  }

  text(source: string): void {
    let from = 0;
    let context: Context = NO_CONTEXT;
    for (;;) {
      const { piece, end, next } = cutPiece(source, from, context, this.cost);
      if (piece.source.trim() !== '') this.add({ is: 'text', piece }, piece.cost);
      if (end === null) return;
      this.close();
      context = next;
      from = end;
    }
  }

  /** `root`: the call whose line it is. */
  tool(entry: ToolEntry, root: string): void {
    const last = this.open?.parts.at(-1);
    if (last?.is === 'tools' && joinsGroup(last, entry)) {
      last.entries.push(entry);
      return;
    }
    if (this.cost + TOOL_LINE_COST > TOOL_FITS_UNTIL) this.close();
    this.add({ is: 'tools', entries: [entry], root }, TOOL_LINE_COST);
  }

  private add(part: Part, cost: number): void {
    if (this.open === null) {
      this.open = { number: this.count++, parts: [] };
      this.begun(this.open);
    }
    this.open.parts.push(part);
    this.cost += cost;
  }
}

/** What the message says. At most 2,000 characters. */
export function messageText(message: Message, helpers: ReadonlyMap<string, Helpers>): string {
  const rich = joined(message, helpers, renderPiece);
  if (rich.length <= CONTENT_MAX_CHARS) return rich;
  return joined(message, helpers, renderPieceRaw);
}

function joined(
  message: Message,
  helpers: ReadonlyMap<string, Helpers>,
  render: (piece: Piece) => string,
): string {
  let text = '';
  let before: Part | null = null;
  for (const part of message.parts) {
    const words =
      part.is === 'text' ? render(part.piece) : toolLine(group(part), helpers.get(part.root) ?? null);
    if (words.trim() === '') continue;
    const apart = before?.is === 'text' && part.is === 'text' && !text.endsWith('```');
    text += text === '' ? words : `${apart ? '\n\n' : '\n'}${words}`;
    before = part;
  }
  return text;
}

function group(part: Extract<Part, { is: 'tools' }>): ToolGroup {
  return { entries: part.entries };
}
