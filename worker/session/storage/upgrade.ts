/** Heads that older code stored, in the shape of now. SQL cannot reshape JSON, so it is done when they are loaded. */
import type { TurnId } from '../../../protocol/ids.ts';
import { snowflakeAt } from '../../discord/snowflake.ts';
import { DEFAULT_VERBOSITY } from '../../domain/transcript.ts';
import {
  type Conversation,
  DEFAULT_SETTINGS,
  type DesiredSettings,
  type Ended,
  type Facts,
  type Holds,
  type Identity,
  type Memory,
  type Open,
  type Outage,
  type RunsWith,
  type Spending,
  type Undo,
} from '../state/conversation.ts';
import { HEAD_VERSION, type Head } from '../state/rows.ts';
import type { Thread } from '../state/state.ts';

/** Version 1, which had no number. Optional is what its first code did not write. */
export interface Head1 extends Pick<Head, 'turns'> {
  readonly thread: Thread1 | null;
  readonly conversation: Conversation1 | null;
}

type Chosen = 'name' | 'verbosity' | 'notify';
type Thread1 = Omit<Thread, 'listens' | 'parked' | Chosen> &
  Partial<Pick<Thread, Chosen>> & { readonly deaf?: boolean };

type Conversation1 = Omit<Identity, 'worktree' | Later> &
  Pick<Memory, 'claudeSession' | 'from'> &
  Pick<RunsWith, 'model' | 'mode' | 'branch'> &
  Pick<Spending, 'turns' | 'costUsd'> &
  Pick<Open, 'process' | 'failed'> &
  Pick<Ended, 'toArchive'> &
  Partial<Pick<Facts, Later> & Pick<RunsWith, 'offers' | 'workspace'> & Pick<Open, 'heardTo'>> &
  Partial<Pick<Spending, 'models' | 'messages' | 'inherited'>> & {
    readonly tokensIn: number;
    readonly tokensOut: number;
    readonly budgetUsd?: number | null;
    readonly budgetStepUsd?: number | null;
    readonly budgetLine?: number | null;
    readonly wish?: Pick<DesiredSettings, 'rev' | 'model' | 'mode' | 'effort'> & { readonly held: boolean };
    readonly worktree?: { readonly name: string; readonly asked?: Ended['worktreeAsked'] };
    readonly undone?: boolean;
    readonly paused: TurnId | null;
    readonly outage?: Omit<Outage, 'is'> | null;
    readonly undo?: Omit<Undo, 'is'> | null;
    readonly parked: string | null;
    readonly ended: { readonly atMs: number; readonly by: string } | null;
    readonly untold?: boolean;
  };
type Later = 'lastMessage' | 'together' | 'titled' | 'files' | 'context';

/** Pure. A newer head is refused before it is loaded. */
export function upgradeHead(stored: Head | Head1): Head {
  if ('version' in stored) return stored;
  const { thread, conversation: c, turns } = stored;
  return {
    version: HEAD_VERSION,
    thread: thread === null ? null : threadOf(thread, c?.parked ?? null),
    conversation: c === null ? null : conversationOf(c),
    turns,
  };
}

function threadOf({ deaf = false, ...same }: Thread1, parked: string | null): Thread {
  return { name: null, verbosity: DEFAULT_VERBOSITY, notify: {}, ...same, listens: !deaf, parked };
}

function conversationOf(c: Conversation1): Conversation {
  // Group by group; what is left of the last stays as it is.
  const { model, mode, branch, offers = null, workspace = null, wish, ...rest } = c;
  const { turns, costUsd, tokensIn, tokensOut, models = [], messages = 0, inherited = null, ...rest2 } = rest;
  const { budgetUsd: usd = null, budgetStepUsd, budgetLine: budgetNotice = null, ...rest3 } = rest2;
  const { paused, outage, undo, process, failed, heardTo = snowflakeAt(c.startedMs), ...rest4 } = rest3;
  const { parked: _, ended, toArchive, untold = false, worktree, undone = false, ...same } = rest4;
  const { held: confirmed, ...desired } = { ...DEFAULT_SETTINGS, held: true, ...wish };
  const facts: Facts = {
    lastMessage: null,
    together: false,
    titled: false,
    files: 0,
    context: null,
    ...same,
    undone: undone ? { toldIn: null } : null,
    worktree: worktree?.name ?? null,
    runsWith: {
      ...{ model, mode, branch, offers, workspace },
      desired: { ...desired, confirmed, runnerNotified: ended !== null || !untold },
    },
    spent: { turns, costUsd, tokens: { in: tokensIn, out: tokensOut }, models, messages, inherited },
    budget: usd === null ? null : { usd, stepUsd: budgetStepUsd ?? usd },
  };
  if (ended === null) {
    const holds = holdsOf(outage, paused, undo);
    return { ...facts, open: { process, failed, budgetNotice, heardTo, holds }, ended };
  }
  const { atMs, by } = ended;
  const asked = worktree?.asked ?? null;
  return {
    ...facts,
    open: null,
    ended: { atMs, by: by || null, toArchive, runnerNotified: !untold, worktreeAsked: asked },
  };
}

function holdsOf(outage: Conversation1['outage'], turn: TurnId | null, undo: Conversation1['undo']): Holds {
  return {
    ...(outage == null ? {} : { outage: { is: 'outage', ...outage } }),
    ...(turn === null ? {} : { unfinished: { is: 'unfinished', turn } }),
    ...(undo == null ? {} : { undo: { is: 'undo', ...undo } }),
  };
}
