/** The card of a question: what is asked, the options as text, and how to answer. */
import { choiceTag, encodeCustomId, HASH_TAG_LENGTH, type Verb } from '../../domain/buttons.ts';
import type { Button, ButtonRow, Menu, PlainSlot } from '../../domain/slot.ts';
import type { Question, RequestEntry, RequestState } from '../../domain/transcript.ts';
import { ellipsis, escapeTo, showInvisible } from '../text/escape.ts';
import { timestamp } from '../text/format.ts';
import { MESSAGE_MAX_CHARS } from '../text/split.ts';
import { personName, whoMay } from './people.ts';

/** More buttons than this are a row too many on a phone; then it is a menu. */
const BUTTONS_MAX = 4;
/** Of a button; a phone shows about this much. Characters. */
const BUTTON_LABEL_MAX = 34;
/** Discord: each text of a menu's option. */
const OPTION_TEXT_MAX = 100;
/** Room for the mention in front, and the line below. */
const BODY_MAX_CHARS = MESSAGE_MAX_CHARS - 300;
const AGENT_MAX_CHARS = 40;
/** How much is shown of a question, a label and a description; the next row when the one before is too long in all. */
const ROOM = [
  { question: 700, label: 100, description: 300 },
  { question: 400, label: 80, description: 120 },
  { question: 250, label: 50, description: 0 },
  { question: 200, label: 0, description: 0 },
] as const;
type Room = (typeof ROOM)[number];

type Card = Omit<PlainSlot, 'key' | 'kind'>;

export function questionCard(entry: RequestEntry, questions: readonly Question[]): Card {
  const { text, whole } = body(questions);
  const facts = [
    entry.agent === null ? '' : `subagent ${escapeTo(entry.agent, AGENT_MAX_CHARS)}`,
    `${whoMay(entry)} may answer until ${timestamp(entry.untilMs, 'f')}`,
  ].filter((fact) => fact !== '');
  return {
    phase: 'card',
    whenDeleted: 'again',
    content: `${text}\n-# ${facts.join(' · ')}`,
    rows: rows(entry, questions),
    files: whole ? [] : [{ name: 'input.json', source: `request:${entry.ref}` }],
    notify: entry.notify ? entry.asked.id : null,
  };
}

/** `whole`: nothing of the questions was cut. */
function body(questions: readonly Question[]): { readonly text: string; readonly whole: boolean } {
  for (const room of ROOM) {
    const shown = questions.map((question) => one(question, questions.length > 1, room));
    const text = shown.map((each) => each.text).join('\n');
    if (text.length <= BODY_MAX_CHARS) return { text, whole: shown.every((each) => each.whole) };
  }
  return { text: `❓ ${questions.length} questions, in the attached file`, whole: false };
}

function one(
  { question, options, many }: Question,
  apart: boolean,
  room: Room,
): { readonly text: string; readonly whole: boolean } {
  let whole = true;
  const said = (text: string, max: number): string => {
    if (text.trim() === '') return '';
    const shown = max === 0 ? '' : escapeTo(text, max);
    if (shown === '' || (shown.endsWith('…') && !text.trimEnd().endsWith('…'))) whole = false;
    return shown;
  };
  const asked = said(question, room.question);
  const lines = [`❓ ${apart ? `**${asked}**` : asked}${many && apart ? ' · several' : ''}`];
  for (const { label, description } of options) {
    const name = said(label, room.label);
    const words = said(description, room.description);
    if (name !== '') lines.push(`- **${name}**${words === '' ? '' : `: ${words}`}`);
  }
  return { text: lines.join('\n'), whole };
}

function rows(entry: RequestEntry, questions: readonly Question[]): ButtonRow[] {
  const about = { gen: entry.gen, ref: entry.ref };
  const tag = entry.inputHash.slice(0, HASH_TAG_LENGTH);
  const id = (verb: Verb, of = tag) => encodeCustomId({ verb, ...about, tag: of });
  const [question] = questions;
  if (question === undefined) return [];
  if (questions.length > 1) return [[{ label: 'Answer', style: 'primary', id: id('answer') }]];
  const other: Button = {
    label: question.options.length === 0 ? 'Answer' : 'Other…',
    style: 'secondary',
    id: id('answer'),
  };
  if (question.options.length === 0) return [[other]];
  if (!question.many && question.options.length <= BUTTONS_MAX) {
    const options = question.options.map(
      ({ label }, n): Button => ({
        label: plainLabel(label, BUTTON_LABEL_MAX),
        style: 'primary',
        id: id('pick', choiceTag(entry.inputHash, n)),
      }),
    );
    return [[...options, other]];
  }
  const menu: Menu = {
    id: id('pick'),
    placeholder: question.many ? 'Choose one or more' : 'Choose',
    min: 1,
    max: question.many ? question.options.length : 1,
    options: menuOptions(question),
  };
  return [[menu], [other]];
}

/** Options by their number, so that no label has to be unique, short or safe. */
export function menuOptions({ options }: Question) {
  return options.map(({ label, description }, n) => ({
    label: plainLabel(label, OPTION_TEXT_MAX),
    value: String(n),
    description: plainLabel(description, OPTION_TEXT_MAX, ''),
  }));
}

/** Of a control: Discord shows no markup there. */
export function plainLabel(text: string, max: number, empty = '…'): string {
  const line = showInvisible(text.trimStart().slice(0, max * 4))
    .replace(/\s+/g, ' ')
    .trim();
  return line === '' ? empty : ellipsis(line, max);
}

/** Four of both fit a message. */
const ANSWER_MAX_CHARS = 240;
const QUESTION_MAX_CHARS = 180;

/** `❓ Which database? → SQLite (asker)`, a line for each. */
export function answeredLines(state: Extract<RequestState, { is: 'decided' }>): string[] | null {
  if (state.also?.is !== 'answers') return null;
  const { answers } = state.also;
  return answers.map(({ question, answer }, n) => {
    const who = n === answers.length - 1 ? ` (${personName(state.by)})` : '';
    return `❓ ${escapeTo(question, QUESTION_MAX_CHARS)} → ${escapeTo(answer, ANSWER_MAX_CHARS)}${who}`;
  });
}
