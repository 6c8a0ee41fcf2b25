/** The card of a plan. The plan itself stands above it, as Claude's own text. */
import { encodeCustomId, HASH_TAG_LENGTH, type Verb } from '../../domain/buttons.ts';
import type { Button, PlainSlot } from '../../domain/slot.ts';
import type { RequestEntry, RequestState } from '../../domain/transcript.ts';
import { escapeTo, showInvisible } from '../text/escape.ts';
import { bytes, timestamp } from '../text/format.ts';
import { indented, readObject } from '../text/json.ts';
import { FILE_JSON_MAX_CHARS, READ_MAX_CHARS, requestFileText } from './input.ts';
import { personName, whoMay } from './people.ts';

const FIRST_LINE_MAX_CHARS = 120;
const AGENT_MAX_CHARS = 40;

type Card = Omit<PlainSlot, 'key' | 'kind'>;

export function planCard(entry: RequestEntry): Card {
  const whole = entry.input !== null && entry.plan?.whole !== false;
  const lines = [`📋 ${planTitle(entry)}`];
  if (entry.input === null)
    lines.push(
      `⚠️ The plan is ${bytes(entry.inputBytes)}, too large to be shown, so it can only be sent back.`,
    );
  else if (!whole) lines.push('The whole plan is in the attached file.');
  if (entry.edits !== undefined)
    lines.push('-# Accept edits changes the mode to `acceptEdits` for this session');
  const facts = [
    entry.agent === null ? '' : `subagent ${escapeTo(entry.agent, AGENT_MAX_CHARS)}`,
    `${whoMay(entry)} may answer until ${timestamp(entry.untilMs, 'f')}`,
  ].filter((fact) => fact !== '');
  lines.push(`-# ${facts.join(' · ')}`);
  return {
    phase: 'card',
    whenDeleted: 'again',
    content: lines.join('\n'),
    rows: [buttons(entry)],
    files: entry.input === null || whole ? [] : [{ name: 'plan.md', source: `request:${entry.ref}` }],
    notify: entry.notify ? entry.asked.id : null,
  };
}

/** The file that the card attaches: the plan, and what else the input holds. Null: it cannot be read. */
export function planFileText(input: string): string | null {
  const { plan, ...others } = (input.length > READ_MAX_CHARS ? null : readObject(input)) ?? {};
  if (typeof plan !== 'string') return requestFileText('input.json', input);
  const rest =
    Object.keys(others).length === 0
      ? ''
      : `\n\n---\n${indented(JSON.stringify(others), FILE_JSON_MAX_CHARS)}\n`;
  return showInvisible(`${plan}${rest}`);
}

function planTitle({ plan }: RequestEntry): string {
  const first = escapeTo(plan?.first ?? '', FIRST_LINE_MAX_CHARS);
  return first === '' ? 'Claude would begin now; it wrote no plan' : `Plan ready: ${first}`;
}

function buttons(entry: RequestEntry): Button[] {
  const tag = entry.inputHash.slice(0, HASH_TAG_LENGTH);
  const button = (label: string, style: Button['style'], verb: Verb): Button => ({
    label,
    style,
    id: encodeCustomId({ verb, gen: entry.gen, ref: entry.ref, tag }),
  });
  const change = button('Change…', 'secondary', 'changeplan');
  if (entry.input === null) return [change];
  const approve = button('Approve', 'success', 'approve');
  if (entry.edits === undefined) return [approve, change];
  return [approve, button('Approve + accept edits', 'primary', 'approveedits'), change];
}

const WORDS_MAX_CHARS = 300;

/** `📋 asker approved · edits accepted` */
export function plannedLine(state: Extract<RequestState, { is: 'decided' }>): string {
  const who = personName(state.by);
  if (state.verdict === 'allow')
    return `📋 ${who} approved${state.also?.is === 'edits' ? ' · edits accepted' : ''}`;
  const words =
    state.words === null || state.words === '' ? '' : `: “${escapeTo(state.words, WORDS_MAX_CHARS)}”`;
  return `📋 ${who} wants it changed${words}`;
}
