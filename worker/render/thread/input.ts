/**
 * A request's input as its card shows it: a command, a diff, or the JSON itself. `whole` is true only if everything that the input
 * holds can be read on the card; otherwise the card attaches the input as a file (`requestFileText`).
 */

import type { RequestEntry } from '../../domain/transcript.ts';
import { countLines, type DiffLine, diffLines, diffText } from '../text/diff.ts';
import {
  codeBlock,
  codeText,
  escapeTo,
  hidesMore,
  inlineCode,
  safeCut,
  showInvisible,
} from '../text/escape.ts';
import { changed } from '../text/format.ts';
import { indented, readObject } from '../text/json.ts';
import { partialStrings } from '../text/partial-json.ts';

/** Of a card's code block: a phone shows about this many lines before a thumb must move twice. */
const LINES_MAX = 25;
/** Of the code block as it is sent. The card's own lines need the rest of Discord's 2,000. */
const BODY_MAX_CHARS = 1000;
/** What is shown of the end of a longer one: what a command does last may matter most. */
const TAIL_LINES = 6;
const TAIL_MAX_CHARS = 300;
const EXTRAS_MAX_CHARS = 240;
/** A longer path may be cut off in the headline. */
const PATH_SAID_MAX_CHARS = 40;
/** Of indented JSON for a card, which is drawn at each look and shows the ends of it. */
const CARD_JSON_MAX_CHARS = 60_000;
/** The same for a file, which is made once. */
export const FILE_JSON_MAX_CHARS = 2_000_000;
/**
 * An input that is longer is attached as it came. A model writes half of that in a turn at most; taking apart what is longer could need
 * more memory than a Durable Object has (128 MB).
 */
export const READ_MAX_CHARS = 1024 * 1024;
/** A longer one that hides more than this is not attached: nobody reads what is made of escapes. */
const HIDDEN_MAX = 100_000;

export interface ShownInput {
  /** Lines that the edit adds and removes, for the headline. */
  readonly changed: string;
  /** Code block and what else the input says; empty for an empty input. */
  readonly body: string;
  readonly whole: boolean;
  readonly fileName: FileName;
}

export type FileName = 'command.sh' | 'change.diff' | 'input.json';

type Fields = Readonly<Record<string, unknown>>;

export function showInput(
  entry: Pick<RequestEntry, 'input' | 'cut' | 'description' | 'summary'>,
): ShownInput {
  const { input, cut } = entry;
  if (input === null) return { changed: '', body: '', whole: false, fileName: 'input.json' };
  if (cut) return showHead(input);
  const fields = readObject(input);
  const kind = fields === null ? 'input.json' : fileNameOf(fields);
  if (fields === null || kind === 'input.json') {
    // Nothing is left to show of an input that the card's own lines say whole.
    if (fields !== null && Object.keys(fields).length > 0 && others(fields, [], entry) === '')
      return { changed: '', body: '', whole: true, fileName: 'input.json' };
    return framed(indented(input, CARD_JSON_MAX_CHARS), 'json', 'input.json', '');
  }
  const known = kind === 'command.sh' ? ['command'] : EDIT_FIELDS;
  if (kind === 'command.sh')
    return framed(String(fields.command), 'bash', kind, '', others(fields, known, entry));
  // Claude: the CLI fills in what an edit does without it.
  const { replace_all: everywhere, ...rest } = fields;
  const extras = others(everywhere === false ? rest : fields, known, entry);
  const diff = editDiff(fields);
  const counts = changed(countLines(diff, '+'), countLines(diff, '-'));
  return framed(diffText(diff), 'diff', kind, counts, extras);
}

/** The file that the card attaches, of the input's whole JSON text. Invisible characters show as escapes here too. Null: it cannot be read. */
export function requestFileText(name: string, input: string): string | null {
  if (input.length > READ_MAX_CHARS) return hidesMore(input, HIDDEN_MAX) ? null : showInvisible(input);
  const fields = readObject(input);
  const kind = fields === null ? 'input.json' : fileNameOf(fields);
  if (fields === null || kind !== name || kind === 'input.json')
    return showInvisible(indented(input, FILE_JSON_MAX_CHARS));
  const known = kind === 'command.sh' ? ['command'] : EDIT_FIELDS.filter((field) => field !== 'file_path');
  const notes = Object.entries(fields)
    .filter(([field]) => !known.includes(field))
    .map(([field, value]) => `# ${field}: ${JSON.stringify(value)}\n`)
    .join('');
  const text = kind === 'command.sh' ? String(fields.command) : diffText(editDiff(fields));
  return showInvisible(`${notes}${text}\n`);
}

const EDIT_FIELDS = ['file_path', 'old_string', 'new_string', 'content', 'edits'];

/** By what the input holds and not by the tool's name: a name promises nothing. */
function fileNameOf(fields: Fields): FileName {
  const isText = (field: string): boolean => typeof fields[field] === 'string';
  if (isText('command')) return 'command.sh';
  if (!isText('file_path')) return 'input.json';
  const has = EDIT_FIELDS.filter((field) => field in fields && field !== 'file_path').join();
  if (has === 'content' && isText('content')) return 'change.diff';
  if (has === 'old_string,new_string' && isText('old_string') && isText('new_string')) return 'change.diff';
  const { edits } = fields;
  return has === 'edits' && Array.isArray(edits) && edits.every(isPlainEdit) ? 'change.diff' : 'input.json';
}

interface Edit {
  readonly old_string: string;
  readonly new_string: string;
}

function isPlainEdit(value: unknown): value is Edit {
  if (typeof value !== 'object' || value === null) return false;
  const fields = value as Fields;
  return (
    typeof fields.old_string === 'string' &&
    typeof fields.new_string === 'string' &&
    Object.keys(fields).length === 2
  );
}

function editDiff(fields: Fields): DiffLine[] {
  const { content, edits } = fields;
  if (typeof content === 'string') return diffLines('', content);
  if (Array.isArray(edits))
    return edits.filter(isPlainEdit).flatMap((edit, index) => {
      const lines = diffLines(edit.old_string, edit.new_string);
      return index === 0 ? lines : [{ sign: ' ', text: '⋯' } as const, ...lines];
    });
  return diffLines(String(fields.old_string ?? ''), String(fields.new_string ?? ''));
}

/** What the input holds beside its main part and what the card's own lines say already. */
function others(fields: Fields, known: readonly string[], entry: Said): string {
  return Object.entries(fields)
    .filter(
      ([field, value]) => !(known.includes(field) && field !== 'file_path') && !isSaid(field, value, entry),
    )
    .map(([field, value]) => `${escapeTo(field, 60)} ${inlineCode(JSON.stringify(value) ?? 'null')}`)
    .join(' · ');
}

type Said = Pick<RequestEntry, 'description' | 'summary'>;

/** A path is in the headline as the runner wrote it, relative to the project; one outside of it has a line of its own. */
function isSaid(field: string, value: unknown, { description, summary }: Said): boolean {
  if (field === 'description') return value === description;
  if (field !== 'file_path' || typeof value !== 'string') return false;
  const short = summary !== '' && summary.length <= PATH_SAID_MAX_CHARS && !/\s\s|[\t\n\r]/.test(summary);
  return short && (value === summary || value.endsWith(`/${summary}`) || value.endsWith(`\\${summary}`));
}

function framed(text: string, lang: string, fileName: FileName, counts: string, extras = ''): ShownInput {
  const block = headAndTail(text);
  const fits = extras.length <= EXTRAS_MAX_CHARS;
  const more = extras === '' ? '' : fits ? `\n-# ${extras}` : '\n-# More settings: see the file.';
  return { changed: counts, body: codeBlock(block.text, lang) + more, whole: block.whole && fits, fileName };
}

/** As much as the card has room for, with how much is left out in between. */
function headAndTail(text: string): { text: string; whole: boolean } {
  const lines = text.split('\n');
  if (codeText(text).length <= BODY_MAX_CHARS && lines.length <= LINES_MAX) return { text, whole: true };
  const tail = fit(lines.slice(-TAIL_LINES).join('\n'), TAIL_MAX_CHARS, 'end');
  const rest = text.slice(0, text.length - tail.length);
  const headLines = rest
    .split('\n')
    .slice(0, LINES_MAX - TAIL_LINES - 1)
    .join('\n');
  const head = fit(headLines, BODY_MAX_CHARS - TAIL_MAX_CHARS - 60, 'start');
  const left = rest.length - head.length;
  if (left <= 0) return { text, whole: true };
  return {
    text: `${head.replace(/\n$/, '')}\n⋯ ${left} characters more: see the file ⋯\n${tail}`,
    whole: false,
  };
}

/** The start or end of a text that is at most `max` long once it stands in a code block. */
function fit(text: string, max: number, side: 'start' | 'end'): string {
  let part = text;
  let room = max;
  while (codeText(part).length > max) {
    const cut = side === 'start' ? safeCut(text, room) : text.length - safeCut(text, text.length - room);
    part = side === 'start' ? text.slice(0, cut) : text.slice(text.length - cut);
    if (room === 0) return '';
    room = Math.floor(room * 0.8);
  }
  return part;
}

/** Only the head of the input is here: what can be read of its main part, else its text. */
function showHead(input: string): ShownInput {
  const strings = partialStrings(input);
  const command = strings.get('command');
  if (command !== undefined) return headOnly(command.text, 'bash', 'command.sh');
  if (strings.has('file_path')) {
    const text = [
      ...diffLines(strings.get('old_string')?.text ?? '', ''),
      ...diffLines('', (strings.get('new_string') ?? strings.get('content'))?.text ?? ''),
    ];
    if (text.length > 0) return headOnly(diffText(text), 'diff', 'change.diff');
  }
  return headOnly(input, 'json', 'input.json');
}

function headOnly(text: string, lang: string, fileName: FileName): ShownInput {
  const lines = text.split('\n').slice(0, LINES_MAX).join('\n');
  const head = fit(lines, BODY_MAX_CHARS - 60, 'start');
  return { changed: '', body: codeBlock(`${head}\n⋯ more: see the file ⋯`, lang), whole: false, fileName };
}
