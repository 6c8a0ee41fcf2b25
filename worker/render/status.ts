/** What `/status` says, to one who asks. */
import type { ThreadId } from '../../protocol/ids.ts';
import type { SessionSummary } from '../contract.ts';
import { encodeCustomId } from '../discord/custom-id.ts';
import { stateLine } from './card.ts';
import { escapeTo } from './escape.ts';
import { modelName, money, ordinal, percent, plural, timestamp, tokens } from './format.ts';
import type { Button, ButtonRow } from './slot.ts';

const TITLE_MAX_CHARS = 80;
const NAME_MAX_CHARS = 40;
const PROMPT_MAX_CHARS = 60;
/** Of the queue and of the requests; more are counted. */
const LINES_MAX = 5;
/** With the longest names and links a session takes 230 characters of Discord's 2,000. */
const SESSIONS_A_PAGE = 7;

/** `/status` in a thread: what the summary does not hold. Names and texts are untrusted. */
export interface StatusDetails {
  readonly runner: string;
  readonly model: string | null;
  readonly mode: string | null;
  /** Claude's id of the conversation, for those who may go on with it in a terminal. */
  readonly terminal?: string | null;
  /** How full the context window is, 0 to 1. */
  readonly context: number | null;
  /** Prompts that wait, in order. */
  readonly queue: readonly { readonly author: string; readonly text: string }[];
  readonly requests: readonly {
    readonly ref: number;
    readonly name: string;
    readonly summary: string;
    readonly url: string | null;
  }[];
}

export interface ListedSession {
  readonly thread: ThreadId;
  readonly summary: SessionSummary;
  /** The runner's name. Untrusted text. */
  readonly runner: string;
}

export interface StatusPage {
  readonly text: string;
  readonly rows: readonly ButtonRow[];
}

/** At most 2,000 characters. */
export function sessionStatus(summary: SessionSummary, details: StatusDetails): string {
  const { queue, requests, context } = details;
  const title = escapeTo(summary.title, TITLE_MAX_CHARS) || 'New session';
  const names = [
    summary.project,
    details.runner,
    details.model === null ? '' : modelName(details.model),
    details.mode ?? '',
    summary.starter.name,
  ];
  const spent = [
    plural(summary.turns, 'turn'),
    money(summary.costUsd),
    `${tokens(summary.tokens.in)} tokens in, ${tokens(summary.tokens.out)} out`,
    ...(context === null ? [] : [`${percent(context)} context`]),
    `began ${timestamp(summary.startedMs, 'R')}`,
  ];
  const asks = requests.map(({ name, summary: about, url }) => {
    const words = `${escapeTo(name, NAME_MAX_CHARS)} ${escapeTo(about, PROMPT_MAX_CHARS)}`.trimEnd();
    return `🔐 ${words}${url === null ? '' : ` · ${url}`}`;
  });
  const waits = queue.map(
    ({ author, text }, index) =>
      `⏳ ${ordinal(index + 1)}: **${escapeTo(author, NAME_MAX_CHARS)}** ${escapeTo(text, PROMPT_MAX_CHARS)}`,
  );
  return [
    `**${title}**`,
    stateLine(summary, details.runner),
    names
      .filter((name) => name !== '')
      .map((name) => escapeTo(name, NAME_MAX_CHARS))
      .join(' · '),
    spent.join(' · '),
    ...some(asks, 'more requests'),
    ...some(waits, 'more in line'),
    ...terminalLine(summary, details.terminal ?? null),
  ].join('\n');
}

/** Claude: two processes on one conversation fork it silently. */
function terminalLine({ state }: SessionSummary, id: string | null): readonly string[] {
  if (id === null) return [];
  const first = state.is === 'ended' ? '' : ' after `/end` here';
  return [`-# In a terminal, in the project’s folder${first}: \`claude --resume ${id}\``];
}

function some(lines: readonly string[], words: string): readonly string[] {
  if (lines.length <= LINES_MAX) return lines;
  return [...lines.slice(0, LINES_MAX - 1), `-# ${lines.length - LINES_MAX + 1} ${words}`];
}

/** `page` counts from 0; one that is not there is the nearest. */
export function sessionList(sessions: readonly ListedSession[], page: number): StatusPage {
  if (sessions.length === 0) return { text: 'No sessions yet. `/new` begins one.', rows: [] };
  const pages = Math.ceil(sessions.length / SESSIONS_A_PAGE);
  const at = Math.min(Math.max(0, Math.trunc(page) || 0), pages - 1);
  const shown = sessions.slice(at * SESSIONS_A_PAGE, (at + 1) * SESSIONS_A_PAGE).map(listed);
  const more = pages === 1 ? [] : [`-# Page ${at + 1} of ${pages} · ${sessions.length} sessions`];
  const turn = (label: string, to: number): Button => ({
    label,
    style: 'secondary',
    id: encodeCustomId({ verb: 'page', gen: 0, ref: to, tag: '' }),
  });
  const row = [
    ...(at > 0 ? [turn('Newer', at - 1)] : []),
    ...(at < pages - 1 ? [turn('Older', at + 1)] : []),
  ];
  return { text: [...shown, ...more].join('\n'), rows: row.length === 0 ? [] : [row] };
}

/** The thread's link shows its name by itself. */
function listed({ thread, summary, runner }: ListedSession): string {
  const where = [summary.project, runner, summary.starter.name].map((name) => escapeTo(name, 24)).join(' · ');
  // A failure's words are in its thread; here one line has to do.
  const state = summary.state.is === 'failed' ? 'Failed' : stateLine(summary, runner);
  return `<#${thread}> ${state}\n-# ${where}`;
}
