/** What a Session keeps, as the rules see it. Plain data; store.ts keeps each document in a row of its own. */

import type { From } from '../../../protocol/commands.ts';
import type { PermissionMode } from '../../../protocol/configure.ts';
import type { FailureCode } from '../../../protocol/events.ts';
import type { PromptFile } from '../../../protocol/files.ts';
import type {
  ChannelId,
  ClaudeSessionId,
  Gen,
  GuildId,
  InteractionId,
  MessageId,
  ProcessId,
  ProjectName,
  PromptId,
  RequestId,
  RoleId,
  RunnerId,
  ThreadId,
  TurnId,
} from '../../../protocol/ids.ts';
import type { Member, RunnerAccess } from '../../domain/access.ts';
import type {
  Attached,
  ModelSpent,
  Presence,
  SessionState,
  SessionSummary,
  Spent,
  Where,
} from '../../domain/contract.ts';
import type { Entry, Notify, Person, RequestEntry, Verbosity, Workspace } from '../../domain/transcript.ts';

/** The thread itself, over all its conversations. */
export interface Thread {
  readonly guild: GuildId;
  readonly thread: ThreadId;
  readonly parent: ChannelId | null;
  readonly card: 'parent' | 'thread';
  readonly madeThread: boolean;
  readonly origin: string;
  /** The newest conversation's. */
  readonly gen: Gen;
  /** The next request's number, over all gens. */
  readonly nextRef: number;
  /** Entries before this one are settled: posted whole, never drawn again. */
  readonly windowSeq: number;
  /** Plain messages are left alone. */
  readonly deaf?: boolean;
  /** Raised whenever the summary changes; the Guild has seen `reportedRev`. */
  readonly rev: number;
  readonly reportedRev: number;
  /** The name that Heddle gave it, until it has Claude's title or somebody renamed it; absent: it keeps the name that it has. */
  readonly name?: string;
  /** How much of Claude's work it shows; `DEFAULT_VERBOSITY` when nobody chose. */
  readonly verbosity?: Verbosity;
  /** What notifies whom, by user id; `DEFAULT_NOTIFY` for one who did not choose. */
  readonly notify?: Readonly<Record<string, Notify>>;
}

/** Null: the default. */
export interface Wish {
  /** Raised by each change. */
  readonly rev: number;
  readonly model: string | null;
  readonly mode: PermissionMode | null;
  readonly effort: string | null;
  /** The runner has said that it keeps this. */
  readonly held: boolean;
}

export interface Offered {
  readonly models: readonly { readonly value: string; readonly name: string }[];
  readonly modes: readonly PermissionMode[];
  readonly efforts: readonly string[];
}

/** The conversation of the newest gen. */
export interface Conversation {
  readonly gen: Gen;
  readonly runner: RunnerId;
  readonly runnerName: string;
  /** Ed25519, raw, base64url. */
  readonly runnerKey: string;
  readonly access: RunnerAccess;
  readonly presence: Presence;
  readonly project: ProjectName;
  readonly claudeSession: ClaudeSessionId;
  /** What Claude goes on from when it begins; null: from nothing. */
  readonly from: From | null;
  /** Claude's id of the last message of the last turn that it finished; a copy ends there. */
  readonly lastMessage?: string | null;
  /** The ended conversation of this thread that it is. */
  readonly continues: Gen | null;
  readonly starter: Person;
  /** Somebody else has asked in it as well, so Claude is told who says what. */
  readonly together?: true;
  readonly title: string;
  /** Files that the last turn changed. */
  readonly files?: number;
  /** The title is Claude's own. */
  readonly titled?: boolean;
  readonly startedMs: number;
  readonly activeMs: number;
  /** The runner has been told of it. */
  readonly begun: boolean;
  readonly process: ProcessId | null;
  readonly model: string | null;
  readonly mode: string | null;
  /** What its people want it to run with; absent: nothing that is not the default. */
  readonly wish?: Wish;
  /** What it may choose from, as the runner last said. */
  readonly offers?: Offered;
  /** It works in a git worktree of its own. */
  readonly worktree?: SessionWorktree;
  /** What its folder looked like after the last turn that changed that; absent: not known. */
  readonly workspace?: Workspace;
  /** Of the project's folder, in the last turn. */
  readonly branch: string | null;
  readonly turns: number;
  readonly costUsd: number;
  readonly tokensIn: number;
  readonly tokensOut: number;
  /** The counts by model; absent in what older code stored, as what follows. */
  readonly models?: readonly ModelSpent[];
  /** Prompts and texts. */
  readonly messages?: number;
  /** How full the context window was at the end of the last turn that said so, 0 to 1. */
  readonly context?: number;
  /** What the conversation that this one continues had spent. */
  readonly inherited?: Spent;
  /** The queue is held when the finished turns have cost this much; null: nothing holds it. */
  readonly budgetUsd?: number | null;
  /** What Extend adds. */
  readonly budgetStepUsd?: number | null;
  /** The open line that says so: its entry. */
  readonly budgetLine?: number | null;
  /** The turn that waits for Continue or End because nobody answered its request. */
  readonly paused: TurnId | null;
  /** What the next turn would fail of as well; what waits is kept until somebody goes on. Absent: nothing. */
  readonly outage?: Outage | null;
  /** The last turn failed, with these words; the next one clears it. */
  readonly failed: string | null;
  /** Why Discord does not let Heddle write in the thread. */
  readonly parked: string | null;
  /** The last card that notified. */
  readonly notifiedMs: number;
  readonly ended: { readonly atMs: number; readonly by: string } | null;
  /** Plain messages up to here are known; absent: those from before it began. */
  readonly heardTo?: MessageId;
  /** The offer to undo a turn that something is still to come of, and until when. */
  readonly undo?: { readonly seq: number; readonly untilMs: number } | null;
  /** The last turn's file changes were undone, and Claude does not know it yet. */
  readonly undone?: boolean;
  /** It was ended by a person, and its thread is Heddle's to archive as soon as it shows all. */
  readonly toArchive: boolean;
  /** It ended and the runner has not heard of it yet, so the runner is wanted for that alone. */
  readonly untold?: boolean;
}

export interface Turn {
  readonly turn: TurnId;
  /** Null: it started by itself. */
  readonly prompt: PromptId | null;
  readonly author: Person | null;
  /** Someone wants it to end. */
  readonly stopping: Person | 'expired' | null;
  readonly startedMs: number;
  /** Its first entry. */
  readonly seq: number;
}

export interface Queued {
  readonly prompt: PromptId;
  /** Order in the queue; one that was moved to the front has a lower one than any before it. */
  readonly n: number;
  readonly text: string;
  readonly author: Person;
  /** The author's, so that a share taken back can be seen to concern them. */
  readonly roles: readonly RoleId[];
  readonly atMs: number;
  /** It is dropped, visibly, when it could not be started until then. */
  readonly untilMs: number;
  /** The plain message that it was, which stands in the thread. */
  readonly said?: MessageId;
  /** Its message in the thread; null while it is expected to start at once. */
  readonly seq: number | null;
  /** One of Claude's own slash commands. */
  readonly slash?: true;
  /** Its author changed the text. */
  readonly edited?: true;
  readonly files?: readonly PromptFile[];
  /** It is not in the line: it stays, for this reason, until someone sends or removes it. */
  readonly held?: string;
}

/** A request that is open, or decided and not delivered yet. */
export interface Request {
  readonly ref: number;
  readonly gen: Gen;
  readonly request: RequestId;
  readonly process: ProcessId;
  readonly turn: TurnId | null;
  readonly inputHash: string;
  /** How many parts its input came in. */
  readonly parts: number;
  readonly untilMs: number;
  readonly seq: number;
  /** The message that shows its card; null while that is not known. */
  readonly message: MessageId | null;
  /** When it was decided; null while it is open. */
  readonly decidedMs: number | null;
  readonly askedMs?: number;
  /** Who is asked was reminded, or the reminder of another one stood for it. */
  readonly reminded?: true;
}

/** "End the running turn and begin anew?", waiting for a yes. */
export interface Renewal extends Where, Attached {
  readonly id: InteractionId;
  readonly text: string | null;
  readonly project: ProjectName | null;
  readonly untilMs: number;
}

export interface State {
  readonly thread: Thread | null;
  readonly conversation: Conversation | null;
  readonly turns: ReadonlyMap<TurnId, Turn>;
  readonly queue: ReadonlyMap<PromptId, Queued>;
  readonly requests: ReadonlyMap<number, Request>;
  readonly renewals: ReadonlyMap<InteractionId, Renewal>;
  /** From `thread.windowSeq` on, in order. */
  readonly entries: ReadonlyMap<number, Entry>;
  /** The number of the last entry that was ever added. */
  readonly lastSeq: number;
}

export const EMPTY: State = {
  thread: null,
  conversation: null,
  turns: new Map(),
  queue: new Map(),
  requests: new Map(),
  renewals: new Map(),
  entries: new Map(),
  lastSeq: 0,
};

/** What is kept of a member. */
export function personOf({ id, name }: Member): Person {
  return { id, name };
}

/** The queue in its order, with what is held. */
export function queueOf(state: State): readonly Queued[] {
  return [...state.queue.values()].sort((a, b) => a.n - b.n);
}

/** What waits for its turn: the queue without what is held. */
export function lineOf(state: State): readonly Queued[] {
  return queueOf(state).filter((queued) => queued.held === undefined);
}

/** Something for the runner to do, or something of it open: the runner should be linked. */
export function hasWork(state: State): boolean {
  const { conversation: c } = state;
  const waits = lineOf(state).length > 0 && !(c !== null && (isHeld(c) || c.outage != null));
  return state.turns.size > 0 || waits || state.requests.size > 0;
}

/** The runner is to look what an undo would change, or to do it. */
function rewinds({ conversation: c, entries }: State): boolean {
  const entry = c?.undo == null ? undefined : entries.get(c.undo.seq);
  return entry?.kind === 'undo' && (entry.state.is === 'looking' || entry.state.is === 'doing');
}

/** Whether Claude has something of it. */
export function isResumable(c: Conversation): boolean {
  return c.begun || c.from != null;
}

/** What the directory and the session card show; `null` before the first conversation. */
export function summarize(state: State): SessionSummary | null {
  const { conversation: c } = state;
  if (c === null) return null;
  return {
    gen: c.gen,
    // Absent in what older code stored.
    ...(c.continues == null ? {} : { continues: c.continues }),
    ...(c.ended !== null && isResumable(c) ? { resumable: true } : {}),
    state: sessionState(state, c),
    title: c.title,
    project: c.project,
    runner: c.runner,
    starter: c.starter,
    startedMs: c.startedMs,
    activeMs: c.activeMs,
    turns: c.turns,
    queued: lineOf(state).length,
    costUsd: c.costUsd,
    tokens: { in: c.tokensIn, out: c.tokensOut },
    ...((c.files ?? 0) === 0 ? {} : { files: c.files ?? 0 }),
    work: hasWork(state) || c.untold === true || c.worktree?.asked != null || rewinds(state),
  };
}

/** As the session card says it: `Needs asker: Bash`. */
function waitsFor({ asks, name }: RequestEntry): string {
  switch (asks) {
    case 'permission':
      return name;
    case 'question':
      return 'a question';
    case 'plan':
      return 'a plan';
  }
}

function sessionState(state: State, c: Conversation): SessionState {
  if (c.ended !== null) return { is: 'ended' };
  if (c.parked !== null) return { is: 'failed', words: c.parked };
  const open = [...state.requests.values()].find((request) => request.decidedMs === null);
  if (open !== undefined) {
    const entry = state.entries.get(open.seq);
    if (entry?.kind === 'request')
      return { is: 'waiting', for: waitsFor(entry), who: entry.asked, message: open.message };
  }
  if (!c.presence.online && hasWork(state)) return { is: 'offline', sinceMs: c.presence.sinceMs };
  const [turn] = state.turns.values();
  if (turn !== undefined) return { is: 'running', sinceMs: turn.startedMs };
  if (isHeld(c)) return { is: 'paused', budgetUsd: c.budgetUsd ?? 0 };
  if (c.failed !== null) return { is: 'failed', words: c.failed };
  return { is: 'idle' };
}

/** Nothing is given to the runner any more until someone raises the budget. */
export function isHeld(c: Conversation): boolean {
  return c.ended === null && c.budgetUsd != null && c.costUsd >= c.budgetUsd;
}

export interface SessionWorktree {
  readonly name: string;
  /** The runner is to say something of it, until then. */
  readonly asked?: {
    readonly do: 'look' | 'remove';
    readonly by: Person | null;
    readonly untilMs: number;
  } | null;
}

export interface Outage {
  /** The turn that failed. */
  readonly turn: TurnId;
  readonly code: FailureCode;
  /** When it ends, as far as Claude says. Unix milliseconds. */
  readonly untilMs: number | null;
  /** Somebody pressed for one continuation then. */
  readonly goOn: { readonly atMs: number; readonly by: Person; readonly roles: readonly RoleId[] } | null;
}
