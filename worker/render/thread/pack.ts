/** Packs what a turn says and does into messages, in order. Only the last message can still change its extent. */
import { LONG_TEXT_CHARS } from '../../../protocol/limits.ts';
import { assertNever } from '../../../protocol/never.ts';
import type { ToolEntry, Verbosity } from '../../domain/transcript.ts';
import {
  type Context,
  cutPiece,
  MESSAGE_MAX_CHARS,
  NO_CONTEXT,
  type Piece,
  TOOL_FITS_UNTIL,
} from '../text/split.ts';
import { type Tail, tailOf } from './long-text.ts';
import { renderPiece, renderPieceRaw } from './piece.ts';
import { type Helpers, joinsGroup, type ToolGroup, toolCost, toolLine } from './tools.ts';

/** A text that came with the transcript; a safety net, not a place to cut. */
const CONTENT_MAX_CHARS = MESSAGE_MAX_CHARS - 10;

/** `-# ⋯ 1234567 characters are left out here: see the file below.` */
const GAP_COST = 70;

export type Part =
  | { readonly is: 'text'; readonly piece: Piece }
  /** So much of a long text is left out. */
  | { readonly is: 'gap'; readonly chars: number }
  | { readonly is: 'tools'; entries: ToolEntry[]; readonly root: string; readonly verbosity: Verbosity };

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
      const tail = from < LONG_TEXT_CHARS ? null : tailOf(source, from, context.fence);
      if (tail !== null) return this.tail(source, from, tail);
      const { piece, end, next } = cutPiece(source, from, context, this.cost);
      if (piece.source.trim() !== '') this.add({ is: 'text', piece }, piece.cost);
      if (end === null) return;
      this.close();
      context = next;
      from = end;
    }
  }

  /** What goes before it is left out, and the next part begins a new message. */
  private tail(source: string, from: number, { at, fence }: Tail): void {
    this.close();
    this.add({ is: 'gap', chars: at - from }, GAP_COST);
    const piece = { source: source.slice(at), context: { ...NO_CONTEXT, fence }, cost: 0, full: false };
    this.add({ is: 'text', piece }, MESSAGE_MAX_CHARS);
  }

  /** `root`: the call whose line it is. */
  tool(entry: ToolEntry, root: string, verbosity: Verbosity): void {
    const last = this.open?.parts.at(-1);
    if (last?.is === 'tools' && joinsGroup(last, entry, verbosity)) {
      last.entries.push(entry);
      return;
    }
    const { most, now } = toolCost(entry, verbosity);
    if (this.cost + most > TOOL_FITS_UNTIL) this.close();
    this.add({ is: 'tools', entries: [entry], root, verbosity }, now);
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
    const words = partWords(part, helpers, render);
    if (words.trim() === '') continue;
    const apart = before?.is === 'text' && part.is === 'text' && !text.endsWith('```');
    text += text === '' ? words : `${apart ? '\n\n' : '\n'}${words}`;
    before = part;
  }
  return text;
}

function partWords(
  part: Part,
  helpers: ReadonlyMap<string, Helpers>,
  render: (piece: Piece) => string,
): string {
  switch (part.is) {
    case 'text':
      return render(part.piece);
    case 'gap':
      return `-# ⋯ ${part.chars} characters are left out here: see the file below.`;
    case 'tools':
      return toolLine(group(part), helpers.get(part.root) ?? null);
    default:
      return assertNever(part);
  }
}

function group({ entries, verbosity }: Extract<Part, { is: 'tools' }>): ToolGroup {
  return { entries, verbosity };
}
