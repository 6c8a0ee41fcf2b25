/** Discord shows no tables: a narrow one becomes an aligned code block, a wide one a list that a phone can wrap. */
import { eastAsianWidth } from 'get-east-asian-width';
import type { Tokens } from 'marked';
import { codeBlock } from './escape.ts';
import { inline, plain } from './inline.ts';

/** What a phone of 390 points shows of a code block in one line: a longer one wraps, and the columns are gone. */
export const TABLE_MAX_COLUMNS = 34;
const GAP = '  ';
const SEPARATOR = ' · ';
/** Two lines of a phone's text: a row that has more is hard to follow without the names of its columns. */
const ROW_MAX_COLUMNS = 70;

export function table(token: Tokens.Table): string {
  const lines = token.raw.trimEnd().split('\n');
  // The lexer drops what goes beyond the head's columns; nothing that Claude says may be lost.
  if (lines.some((line) => cells(line) > token.header.length)) return codeBlock(token.raw.trimEnd());
  const rows = [token.header, ...token.rows].map((row) => row.map((cell) => oneLine(plain(cell.tokens))));
  const widths = token.header.map((_, column) => Math.max(...rows.map((row) => width(row[column] ?? ''))));
  const total = widths.reduce((sum, each) => sum + each, 0) + GAP.length * (widths.length - 1);
  if (total <= TABLE_MAX_COLUMNS) return aligned(token, rows, widths);
  const short = rows.slice(1).every((row) => width(row.join(SEPARATOR)) <= ROW_MAX_COLUMNS);
  return short && rows.length > 1 ? inRows(token) : listed(token);
}

/** How many cells a row's source has. */
export function cells(row: string): number {
  const inner = row
    .trim()
    .replace(/^\|/, '')
    .replace(/(?<!\\)\|$/, '');
  return inner.split(/(?<!\\)\|/).length;
}

function aligned(token: Tokens.Table, rows: readonly string[][], widths: readonly number[]): string {
  const lines = rows.map((row) =>
    widths
      .map((columns, column) => pad(row[column] ?? '', columns, token.align[column] ?? null))
      .join(GAP)
      .trimEnd(),
  );
  const rule = widths.map((columns) => '─'.repeat(columns)).join(GAP);
  return codeBlock([lines[0] ?? '', rule, ...lines.slice(1)].join('\n'));
}

function pad(text: string, columns: number, align: 'left' | 'center' | 'right' | null): string {
  const missing = columns - width(text);
  const before = align === 'right' ? missing : align === 'center' ? Math.floor(missing / 2) : 0;
  return ' '.repeat(before) + text + ' '.repeat(missing - before);
}

/** The names once, then a point for each row with its cells in a line. */
function inRows(token: Tokens.Table): string {
  const cell = (each: Tokens.TableCell, bold: boolean): string => {
    const text = oneLine(inline(each.tokens, bold));
    return bold && text !== '' ? `**${text}**` : text || '–';
  };
  const names = token.header.map((each) => oneLine(inline(each.tokens, true)) || '–');
  const rows = token.rows.map(
    (row) => `- ${row.map((each, column) => cell(each, column === 0)).join(SEPARATOR)}`,
  );
  return [`**${names.join(SEPARATOR)}**`, ...rows].join('\n');
}

/** One point for each row, its first cell in bold, the others below with the names of their columns. */
function listed(token: Tokens.Table): string {
  const names = token.header.map((cell) => oneLine(inline(cell.tokens, true)));
  if (token.rows.length === 0) return `**${names.join(' · ')}**`;
  return token.rows
    .map((row) =>
      row
        .map((cell, column) => {
          const name = names[column] ?? '';
          const text = oneLine(inline(cell.tokens, column === 0));
          if (column > 0 && text === '') return null;
          const value = column === 0 && text !== '' ? `**${text}**` : text;
          return `${column === 0 ? '-' : '  -'} ${name === '' ? value : `${name}: ${value}`}`;
        })
        .filter((line) => line !== null)
        .join('\n'),
    )
    .join('\n');
}

function oneLine(text: string): string {
  return text
    .replace(/\s*<br\s*\/?>\s*/gi, ' ')
    .replace(/\s+/g, ' ')
    .trim();
}

const NO_WIDTH = /[\p{Mn}\p{Me}\p{Cf}]/u;

/** Two letters of it make one flag. */
const REGIONAL = /[\u{1f1e6}-\u{1f1ff}]/u;
const SKIN = /\p{Emoji_Modifier}/u;
const JOINER = '\u200d';
/** Makes an emoji of the character before it. */
const AS_EMOJI = '\ufe0f';

/** Columns of a fixed-width font: Chinese, Japanese, Korean characters and emoji take two, however many characters an emoji has. */
function width(text: string): number {
  let columns = 0;
  let before = '';
  for (const char of text) {
    columns += columnsOf(char, before);
    before = char;
  }
  return columns;
}

function columnsOf(char: string, before: string): number {
  if (char < '\u0300') return 1;
  if (char === AS_EMOJI) return before === '' || isWide(before) ? 0 : 1;
  if (before === JOINER || NO_WIDTH.test(char) || (SKIN.test(char) && isWide(before))) return 0;
  if (REGIONAL.test(char)) return 1;
  return isWide(char) ? 2 : 1;
}

/** Of one character. */
function isWide(char: string): boolean {
  return eastAsianWidth(char.codePointAt(0) ?? 0) === 2;
}
