/** Claude's Markdown as Discord's. A whole text in one go; `split.ts` cuts it into pieces that fit first. */
import { Marked, type Token, type Tokens } from 'marked';
import { blocksOf } from './blocks.ts';
import { codeBlock } from './escape.ts';
import { checkbox, inline, prose } from './inline.ts';
import { memo } from './memo.ts';
import { table } from './table.ts';

/** `[name]: url` stays a line of text: a name that is defined later would change what a full message says. */
const marked = new Marked({ gfm: true, tokenizer: { def: () => undefined } });

/** Enough for the open tail and the last messages of many sessions; an entry holds its text and about as much again. */
const MEMO_ENTRIES = 1000;
const MEMO_CHARS = 500_000;

type Kind = 'code' | 'list' | 'heading' | 'other';

interface Piece {
  readonly kind: Kind;
  readonly text: string;
  /** An empty line stood before it. */
  readonly apart: boolean;
}

/** Discord draws room around code and headings by itself, and a phone has none to give away. */
function gap(before: Kind, after: Kind, apart: boolean): string {
  if (!apart || before === 'code' || after === 'code' || before === 'heading' || after === 'list')
    return '\n';
  return '\n\n';
}

function join(pieces: readonly Piece[]): string {
  let text = '';
  let before: Kind | null = null;
  for (const piece of pieces) {
    if (piece.text.trim() === '') continue;
    text += before === null ? piece.text : gap(before, piece.kind, piece.apart) + piece.text;
    before = piece.kind;
  }
  return text;
}

/** Nested deeper than anybody writes: the lexer's time grows with the square of the depth. */
const TOO_DEEP = /^(?:[ \t]*(?:>|(?:[-*+]|\d{1,9}[.)])(?=[ \t]))){25}/m;

function renderOnce(source: string): Piece[] {
  if (TOO_DEEP.test(source)) return [{ kind: 'code', text: codeBlock(source.trim()), apart: false }];
  return pieces(marked.lexer(source));
}

const renderBlock = memo(renderOnce, MEMO_ENTRIES, MEMO_CHARS);

/** Discord's Markdown of a text of Claude's. Total: any text gives a text. */
export function renderMarkdown(source: string): string {
  const blocks = blocksOf(source).map((block) => renderBlock(block));
  return join(
    blocks.flatMap(([first, ...rest]) => (first === undefined ? [] : [{ ...first, apart: true }, ...rest])),
  );
}

/** The inline tokens of the first block of prose, for a summary of what a text says. */
export function lexBlocks(source: string): readonly Token[] {
  return marked.lexer(source);
}

function pieces(tokens: readonly Token[]): Piece[] {
  const all: Piece[] = [];
  let apart = false;
  for (const token of tokens) {
    if (token.type === 'space') {
      apart = true;
      continue;
    }
    all.push({ kind: kindOf(token), text: block(token), apart });
    // The lexer counts the empty lines after some blocks as the block's own.
    apart = /\n[ \t]*\n\s*$/.test(token.raw);
  }
  return all;
}

function kindOf(token: Token): Kind {
  switch (token.type) {
    case 'code':
      return 'code';
    case 'list':
    case 'table':
      return 'list';
    case 'heading':
      return (token as Tokens.Heading).depth <= DISCORD_HEADINGS ? 'heading' : 'other';
    default:
      return 'other';
  }
}

/** Discord knows three levels. */
const DISCORD_HEADINGS = 3;

function block(token: Token): string {
  switch (token.type) {
    case 'heading': {
      const { depth, tokens } = token as Tokens.Heading;
      const deep = depth > DISCORD_HEADINGS;
      const words = inline(tokens, deep);
      if (words.trim() === '') return '';
      return deep ? `**${words}**` : `${'#'.repeat(depth)} ${words}`;
    }
    case 'code': {
      const { text, lang, codeBlockStyle } = token as Tokens.Code;
      // The lexer counts the empty lines after indented code as code.
      return codeBlock(codeBlockStyle === 'indented' ? text.trimEnd() : text, lang ?? '');
    }
    case 'blockquote':
      return join(pieces((token as Tokens.Blockquote).tokens))
        .split('\n')
        .map((line) => `> ${line.replace(/^(> )+/, '')}`)
        .join('\n');
    case 'list':
      return list(token as Tokens.List);
    case 'table':
      return table(token as Tokens.Table);
    case 'hr':
      return '───';
    case 'paragraph':
      return inline((token as Tokens.Paragraph).tokens);
    case 'text':
      return inline((token as Tokens.Text).tokens ?? [token]);
    case 'checkbox':
      return checkbox(token as Tokens.Checkbox);
    case 'html':
      return htmlAsText(token.raw);
    default:
      return prose(token.raw);
  }
}

/** Its own lines may look like ours as well. */
function htmlAsText(raw: string): string {
  return inline([{ type: 'text', raw: raw.trimEnd(), text: '' } as Token]);
}

function list(token: Tokens.List): string {
  const first = typeof token.start === 'number' ? token.start : 1;
  return token.items
    .map((item, index) => listItem(item, token.ordered ? `${first + index}.` : '-'))
    .join('\n');
}

/** Discord nests lists by two spaces. A code block in an item stands at the margin, else its lines would be indented too. */
function listItem(item: Tokens.ListItem, marker: string): string {
  let text = marker;
  let fresh = true;
  for (const token of item.tokens) {
    if (token.type === 'space') continue;
    const body = block(token);
    if (token.type === 'checkbox') {
      text += ` ${body.trimEnd()}`;
      continue;
    }
    if (body.trim() === '') continue;
    if (token.type === 'code') text += `\n${body}`;
    else if (fresh && token.type !== 'list') text += ` ${indent(body)}`;
    else text += `\n  ${indent(body)}`;
    fresh = false;
  }
  return text;
}

/** All lines but the first two spaces in, except those of code blocks. */
function indent(text: string): string {
  let code = false;
  return text
    .split('\n')
    .map((line, index) => {
      const fence = line.startsWith('```');
      const keep = code || fence || index === 0;
      if (fence) code = !code;
      return keep || line === '' ? line : `  ${line}`;
    })
    .join('\n');
}
