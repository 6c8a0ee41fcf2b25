/** The card of a request: what Claude wants to do, who may say yes, and what came of it. */

import { assertNever } from '../../../protocol/never.ts';
import { encodeCustomId, HASH_TAG_LENGTH } from '../../domain/buttons.ts';
import type { Button, PlainSlot } from '../../domain/slot.ts';
import type { RequestEntry } from '../../domain/transcript.ts';
import { escapeTo } from '../text/escape.ts';
import { bytes, timestamp } from '../text/format.ts';
import { showInput } from './input.ts';
import { keyOf } from './keys.ts';
import { personName, whoMay } from './people.ts';
import { planCard, plannedLine } from './plan.ts';
import { answeredLines, questionCard } from './question.ts';
import { toolName } from './tools.ts';

const NAME_MAX_CHARS = 40;
const HEADLINE_MAX_CHARS = 80;
const DESCRIPTION_MAX_CHARS = 200;
const OUTSIDE_MAX_CHARS = 120;
const WORDS_MAX_CHARS = 300;

/** `over`: a later turn began, so the buttons of an expired card are of no use. `runner`: its name for a line of ours. */
export function requestSlot(entry: RequestEntry, over: boolean, runner: string): PlainSlot {
  const base = { kind: 'plain', key: keyOf(entry), rows: [], files: [], notify: null } as const;
  const { state } = entry;
  if (state.is === 'open') return { ...base, ...openSlot(entry) };
  const final = { ...base, phase: 'final', whenDeleted: 'gone', content: settled(entry, runner) } as const;
  if (state.is !== 'expired' || over) return final;
  return { ...final, rows: [pauseButtons(entry)] };
}

function openSlot(entry: RequestEntry): Omit<PlainSlot, 'key' | 'kind'> {
  switch (entry.asks) {
    case 'permission':
      return openCard(entry);
    case 'question':
      return questionCard(entry, entry.questions ?? []);
    case 'plan':
      return planCard(entry);
    default:
      return assertNever(entry.asks);
  }
}

function openCard(entry: RequestEntry): Omit<PlainSlot, 'key' | 'kind'> {
  const shown = showInput(entry);
  const words = saidAlready(entry) ? '' : escapeTo(entry.description, DESCRIPTION_MAX_CHARS);
  const whole = shown.whole && fitsIn(entry.description, words);
  const lines = [
    `🔐 ${headline(entry, HEADLINE_MAX_CHARS)}${shown.changed === '' ? '' : ` ${shown.changed}`}`,
  ];
  if (shown.body !== '') lines.push(shown.body);
  const risks = riskWords(entry);
  if (risks !== '') lines.push(`⚠️ ${risks}`);
  if (entry.input === null)
    lines.push(`⚠️ The input is ${bytes(entry.inputBytes)}, too large to be shown, so it can only be denied.`);
  if (edits(entry) !== null)
    lines.push('-# Accept all edits changes the mode to `acceptEdits` for this session');
  const facts = [
    words,
    entry.agent === null ? '' : `subagent ${escapeTo(entry.agent, NAME_MAX_CHARS)}`,
    `${whoMay(entry)} may answer until ${timestamp(entry.untilMs, 'f')}`,
  ];
  lines.push(`-# ${facts.filter((fact) => fact !== '').join(' · ')}`);
  const attach = entry.input !== null && !whole;
  return {
    phase: 'card',
    whenDeleted: 'again',
    content: lines.join('\n'),
    rows: [decisionButtons(entry)],
    files: attach ? [{ name: shown.fileName, source: `request:${entry.ref}` }] : [],
    notify: entry.notify ? entry.asked.id : null,
  };
}

/** The CLI describes a file tool by the path that the headline shows. */
function saidAlready({ description, summary }: RequestEntry): boolean {
  return description === summary && summary.length <= HEADLINE_MAX_CHARS;
}

/** Whether the description's end was not cut off. */
function fitsIn(text: string, shown: string): boolean {
  return text.trimEnd().endsWith('…') || !shown.endsWith('…');
}

function decisionButtons(entry: RequestEntry): Button[] {
  const about = { gen: entry.gen, ref: entry.ref, tag: entry.inputHash.slice(0, HASH_TAG_LENGTH) };
  const allow: Button = { label: 'Allow', style: 'success', id: encodeCustomId({ verb: 'allow', ...about }) };
  const deny: Button = { label: 'Deny', style: 'danger', id: encodeCustomId({ verb: 'deny', ...about }) };
  const why: Button = {
    label: 'Deny + reason',
    style: 'secondary',
    id: encodeCustomId({ verb: 'denywhy', ...about }),
  };
  if (entry.input === null) return [deny, why];
  const always: Button = {
    label: 'Always…',
    style: 'secondary',
    id: encodeCustomId({ verb: 'always', ...about }),
  };
  const all: Button = {
    label: 'Accept all edits',
    style: 'secondary',
    id: encodeCustomId({ verb: 'edits', ...about }),
  };
  const more = entry.rule !== undefined ? [always] : edits(entry) !== null ? [all] : [];
  return [allow, ...more, deny, why];
}

/** The suggestion to accept all edits, where there is no rule to offer: the two are not the same thing. */
function edits(entry: RequestEntry): number | null {
  return entry.rule === undefined && entry.input !== null ? (entry.edits ?? null) : null;
}

/** `outside the project: /etc/hosts · network · deletes`, as far as it is so. */
function riskWords(entry: RequestEntry): string {
  const where =
    entry.outside === null || entry.outside === entry.summary
      ? ''
      : `: ${escapeTo(entry.outside, OUTSIDE_MAX_CHARS)}`;
  return [...(entry.outside === null ? [] : [`outside the project${where}`]), ...(entry.risks ?? [])].join(
    ' · ',
  );
}

function pauseButtons(entry: RequestEntry): Button[] {
  const about = { gen: entry.gen, ref: entry.ref, tag: entry.turn ?? '' };
  return [
    { label: 'Continue', style: 'primary', id: encodeCustomId({ verb: 'continue', ...about }) },
    { label: 'End', style: 'secondary', id: encodeCustomId({ verb: 'end', ...about }) },
  ];
}

/** `**Bash**: npm test`, `**Edit** src/auth.ts` */
function headline(entry: RequestEntry, max: number): string {
  const name = toolName(entry.name);
  const summary = escapeTo(entry.summary, max);
  if (summary === '') return `**${name}**`;
  return `**${name}**${entry.class === 'command' ? ':' : ''} ${summary}`;
}

/** One quiet line. */
function settled(entry: RequestEntry, runner: string): string {
  const what =
    entry.asks === 'permission'
      ? `${toolName(entry.name)} ${escapeTo(entry.summary, HEADLINE_MAX_CHARS)}`.trimEnd()
      : `${entry.asks === 'plan' ? '📋' : '❓'} ${asked(entry)}`;
  const { state } = entry;
  switch (state.is) {
    case 'open':
      return `-# ❓ ${asked(entry)}`;
    case 'decided': {
      const who = personName(state.by);
      const reason =
        state.words === null || state.words === '' ? '' : `: “${escapeTo(state.words, WORDS_MAX_CHARS)}”`;
      const said =
        state.verdict === 'allow'
          ? `✓ ${who} allowed ${what}${alsoWords(state)}`
          : `✗ ${who} denied ${what}${reason}`;
      const lines = answeredLines(state) ?? [entry.asks === 'plan' ? plannedLine(state) : said];
      return `-# ${lines.join('\n-# ')}${delivery(state, runner)}`;
    }
    case 'declined':
      return `-# ${entry.asks === 'plan' ? '📋' : '❓'} ${asked(entry)} · asked in plain text instead`;
    case 'void':
      return `-# ⊘ ${what} · ${escapeTo(state.why, WORDS_MAX_CHARS) || 'needs no answer any more'}`;
    case 'expired':
      return `-# ⏸ No answer to ${what}; Claude paused ${timestamp(state.atMs, 'R')}`;
    default:
      return assertNever(state);
  }
}

type Decided = Extract<RequestEntry['state'], { is: 'decided' }>;

function alsoWords({ also }: Decided): string {
  switch (also?.is) {
    case 'rule': {
      const where = also.scope === 'session' ? 'in this session' : 'in this project';
      return ` · always ${where}: ${escapeTo(also.rule, OUTSIDE_MAX_CHARS)}`;
    }
    case 'edits':
      return ' · edits accepted from here on';
    case 'answers':
    case undefined:
      return '';
    default:
      return assertNever(also);
  }
}

function delivery(state: Decided, runner: string): string {
  if (state.deliveredMs !== null) return ` · delivered ${timestamp(state.deliveredMs, 'T')}`;
  return state.late ? ` · delivered when ${runner} is back` : ' · on its way';
}

/** What a question or a plan is about, from its input if it can be read. */
function asked(entry: RequestEntry): string {
  const words = questionTexts(entry.input).join(' / ') || entry.summary || entry.description;
  if (words.trim() === '') return entry.asks === 'plan' ? 'Claude has a plan' : 'Claude has a question';
  return escapeTo(words, WORDS_MAX_CHARS);
}

function questionTexts(input: string | null): string[] {
  try {
    const value: unknown = JSON.parse(input ?? 'null');
    if (typeof value !== 'object' || value === null) return [];
    if ('plan' in value && typeof value.plan === 'string') return [firstLine(value.plan)];
    if (!('questions' in value) || !Array.isArray(value.questions)) return [];
    return value.questions.flatMap((each: unknown) =>
      typeof each === 'object' && each !== null && 'question' in each && typeof each.question === 'string'
        ? [each.question]
        : [],
    );
  } catch {
    return [];
  }
}

function firstLine(plan: string): string {
  const line = plan.split('\n').find((each) => each.trim() !== '') ?? '';
  return `Plan: ${line.replace(/^#+\s*/, '')}`;
}
