/** What `/status` says, to one who asks. */
import type { SessionSummary } from '../../domain/contract.ts';
import type { Workspace } from '../../domain/transcript.ts';
import { escapeTo } from '../text/escape.ts';
import { fitting, modelName, money, ordinal, percent, plural, timestamp, tokens } from '../text/format.ts';
import { stateLine } from './card.ts';
import { workspaceLines } from './workspace.ts';

const TITLE_MAX_CHARS = 80;
const NAME_MAX_CHARS = 40;
const PROMPT_MAX_CHARS = 60;
/** Of the queue and of the requests; more are counted. */
const LINES_MAX = 5;
const MODEL_LINES_MAX = 3;
/** Discord: 2,000 a message; the rest is for the line that says that there is more. */
const TEXT_MAX_CHARS = 1_950;

/** `/status` in a thread: what the summary does not hold. Names and texts are untrusted. */
export interface StatusDetails {
  readonly runner: string;
  readonly model: string | null;
  readonly mode: string | null;
  /** Asked for, and the runner has not said yet that it keeps it. */
  readonly desired: readonly string[];
  /** What its folder looks like; null: not known. */
  readonly workspace: Workspace | null;
  /** Name of its own worktree. */
  readonly worktree: string | null;
  /** Claude's id of the conversation, for those who may go on with it in a terminal. */
  readonly terminal: string | null;
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
    ...(summary.messages === undefined ? [] : [plural(summary.messages, 'message')]),
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
  const { shown, left } = fitting(
    [
      `**${title}**`,
      stateLine(summary, details.runner),
      names
        .filter((name) => name !== '')
        .map((name) => escapeTo(name, NAME_MAX_CHARS))
        .join(' · '),
      ...(summary.doing === undefined ? [] : [`-# ⏳ ${escapeTo(summary.doing, NAME_MAX_CHARS)}`]),
      ...desiredLine(details.desired),
      spent.join(' · '),
      ...workspaceLines(details.workspace, details.worktree),
      ...modelLines(summary),
      ...budgetLine(summary),
      ...some(asks, 'more requests'),
      ...some(waits, 'more in line'),
      ...terminalLine(summary, details.terminal),
    ],
    TEXT_MAX_CHARS,
  );
  return [...shown, ...(left > 0 ? [`-# ${plural(left, 'more line')}`] : [])].join('\n');
}

function desiredLine(desired: readonly string[]): readonly string[] {
  if (desired.length === 0) return [];
  return [`-# Asked for, not taken yet: ${desired.map((one) => escapeTo(one, NAME_MAX_CHARS)).join(' · ')}`];
}

/** By model, the dearest first. */
function modelLines({ models = [] }: SessionSummary): readonly string[] {
  const dearest = models.toSorted((a, b) => b.costUsd - a.costUsd);
  return some(
    dearest.map(
      ({ model, costUsd, in: used, out }) =>
        `-# ${escapeTo(modelName(model), NAME_MAX_CHARS)}: ${money(costUsd)} · ${tokens(used)} in, ${tokens(out)} out`,
    ),
    'more models',
    MODEL_LINES_MAX,
  );
}

function budgetLine({ budgetUsd, costUsd }: SessionSummary): readonly string[] {
  if (budgetUsd === undefined) return [];
  const share = Math.floor((costUsd / budgetUsd) * 100);
  return [`Budget ${money(budgetUsd)}, ${share}% used · \`/budget\` changes it`];
}

/** Claude: two processes on one conversation fork it silently. */
function terminalLine({ state }: SessionSummary, id: string | null): readonly string[] {
  if (id === null) return [];
  const first = state.is === 'ended' ? '' : ' after `/end` here';
  return [`-# In a terminal, in the project’s folder${first}: \`claude --resume ${id}\``];
}

function some(lines: readonly string[], words: string, max = LINES_MAX): readonly string[] {
  if (lines.length <= max) return lines;
  return [...lines.slice(0, max - 1), `-# ${lines.length - max + 1} ${words}`];
}
