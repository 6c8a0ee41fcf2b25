/** A conversation of a thread: who and where it is, what it runs with, what it has spent, and that it is open or has ended. */
import type { From } from '../../../protocol/commands.ts';
import type { PermissionMode } from '../../../protocol/configure.ts';
import type { FailureCode } from '../../../protocol/events.ts';
import type {
  ClaudeSessionId,
  Gen,
  MessageId,
  ProcessId,
  ProjectName,
  RoleId,
  RunnerId,
  TurnId,
} from '../../../protocol/ids.ts';
import type { RunnerAccess } from '../../domain/access.ts';
import type { ModelSpent, Presence, Spent } from '../../domain/contract.ts';
import type { Person, Workspace } from '../../domain/transcript.ts';

/** The conversation of the newest gen. What belongs to an open one and what belongs to an end exclude each other. */
export type Conversation = OpenConversation | EndedConversation;

export interface OpenConversation extends Facts {
  readonly open: Open;
  readonly ended: null;
}

export interface EndedConversation extends Facts {
  readonly open: null;
  readonly ended: Ended;
}

/** What holds of a conversation whether it is open or not. */
export interface Facts extends Identity, Memory {
  readonly runsWith: RunsWith;
  readonly spent: Spending;
  /** Null: none. Whether it holds the queue is derived: `isOverBudget`. */
  readonly budget: Budget | null;
  /** Files that the last turn changed. */
  readonly files: number;
  /** How full the context window was at the end of the last turn that said so, 0 to 1. */
  readonly context: number | null;
}

/** Who and where it is. */
export interface Identity {
  readonly gen: Gen;
  /** Gen of the ended conversation of this thread that it goes on with. */
  readonly continues: Gen | null;
  readonly runner: RunnerId;
  readonly runnerName: string;
  /** Ed25519, raw, base64url. */
  readonly runnerKey: string;
  readonly access: RunnerAccess;
  readonly presence: Presence;
  readonly project: ProjectName;
  /** Name of the git worktree of its own that it works in. */
  readonly worktree: string | null;
  readonly starter: Person;
  /** Somebody else has asked in it as well, so Claude is told who says what. */
  readonly together: boolean;
  readonly title: string;
  /** The title is Claude's own. */
  readonly titled: boolean;
  readonly startedMs: number;
  readonly activeMs: number;
  /** When a card last notified somebody. */
  readonly notifiedMs: number;
  /** The runner has been told of it. */
  readonly begun: boolean;
}

/** What Claude knows of what was said and done. */
export interface Memory {
  readonly claudeSession: ClaudeSessionId;
  /** What Claude goes on from when it begins; null: from nothing. */
  readonly from: From | null;
  /** Claude's id of the last message of the last turn that it finished; a copy ends there. */
  readonly lastMessage: string | null;
  /** File changes were undone, and no turn that tells Claude so has begun. `toldIn`: the turn that is to; null: the next one. */
  readonly undone: { readonly toldIn: TurnId | null } | null;
}

/** Claude begins with nothing. */
export const NO_MEMORY: Omit<Memory, 'claudeSession'> = { from: null, lastMessage: null, undone: null };

/** What it runs with, as far as the runner has said. */
export interface RunsWith {
  readonly model: string | null;
  readonly mode: string | null;
  /** Of the project's folder, in the last turn. */
  readonly branch: string | null;
  readonly desired: DesiredSettings;
  /** What it may choose from; null: a process of it has to run first. */
  readonly offers: Offered | null;
  /** Its folder after the last turn that changed it; null: not known. */
  readonly workspace: Workspace | null;
}

/** What its people want it to run with. Null: the default. */
export interface DesiredSettings {
  /** Raised by each change. */
  readonly rev: number;
  readonly model: string | null;
  readonly mode: PermissionMode | null;
  readonly effort: string | null;
  /** The runner has taken the command that says so, or takes it when the conversation begins there. */
  readonly runnerNotified: boolean;
  /** The runner has said that it keeps this. */
  readonly confirmed: boolean;
}

export const DEFAULT_SETTINGS: DesiredSettings = {
  rev: 0,
  model: null,
  mode: null,
  effort: null,
  runnerNotified: true,
  confirmed: true,
};

export interface Offered {
  readonly models: readonly { readonly value: string; readonly name: string }[];
  readonly modes: readonly PermissionMode[];
  readonly efforts: readonly string[];
}

/** What it has spent, with what the conversation had that it goes on with. */
export interface Spending extends Spent {
  readonly models: readonly ModelSpent[];
  /** Prompts and texts. */
  readonly messages: number;
  /** What the ended conversation had spent; null: it goes on with none. */
  readonly inherited: Spent | null;
}

export const NOTHING_SPENT: Spending = {
  turns: 0,
  costUsd: 0,
  tokens: { in: 0, out: 0 },
  models: [],
  messages: 0,
  inherited: null,
};

export interface Budget {
  /** The queue is held when the finished turns have cost this much. */
  readonly usd: number;
  /** What Extend adds. */
  readonly stepUsd: number;
}

export interface Open {
  readonly process: ProcessId | null;
  readonly holds: Holds;
  /** The last turn failed, with these words; the next one clears it. */
  readonly failed: string | null;
  /** Entry of the open line that says that the budget is used. */
  readonly budgetNotice: number | null;
  /** Plain messages up to here are known. */
  readonly heardTo: MessageId;
}

/** What the session stands at: one of each kind at most, and they can stand together. */
export type Holds = { readonly [Is in Hold['is']]?: Extract<Hold, { readonly is: Is }> };
export type Hold = Outage | Unfinished | Undo;

/** What the next turn would fail of as well. The queue is held until somebody goes on. */
export interface Outage {
  readonly is: 'outage';
  /** The turn that failed. */
  readonly turn: TurnId;
  readonly code: FailureCode;
  /** When it ends, as far as Claude says. Unix milliseconds. */
  readonly untilMs: number | null;
  /** Somebody pressed for one continuation then. */
  readonly goOn: { readonly atMs: number; readonly by: Person; readonly roles: readonly RoleId[] } | null;
}

/** The turn that waits for Continue: nobody answered its request, or it failed half-way. The next prompt takes it away. */
export interface Unfinished {
  readonly is: 'unfinished';
  readonly turn: TurnId;
}

/** The offer to undo a turn that something is still to come of. While it is done, the queue is held. */
export interface Undo {
  readonly is: 'undo';
  /** Its entry. */
  readonly seq: number;
  readonly untilMs: number;
}

export interface Ended {
  readonly atMs: number;
  /** Name of who ended it; null: nobody did. */
  readonly by: string | null;
  /** Its thread is Heddle's to archive as soon as it shows all. */
  readonly toArchive: boolean;
  /** The runner has taken the end, or need not hear of it. Until then it is wanted for that. */
  readonly runnerNotified: boolean;
  /** The runner is to say something of the worktree, until then. */
  readonly worktreeAsked: {
    readonly do: 'look' | 'remove';
    readonly by: Person | null;
    readonly untilMs: number;
  } | null;
}

/** Whether Claude has something of it. */
export function isResumable(c: Conversation): boolean {
  return c.begun || c.from !== null;
}

/** Nothing is given to the runner any more until someone raises the budget. */
export function isOverBudget({ ended, budget, spent }: Conversation): boolean {
  return ended === null && budget !== null && spent.costUsd >= budget.usd;
}

/** The runner has taken what it was last told beside its turns: the settings of an open conversation, the end of one that ended. */
export function isRunnerNotified({ ended, runsWith }: Conversation): boolean {
  return (ended ?? runsWith.desired).runnerNotified;
}
