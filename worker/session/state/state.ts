/** What a Session keeps, as the rules see it. Plain data; store.ts keeps each document in a row of its own. */

import type { PromptFile } from '../../../protocol/files.ts';
import type {
  ChannelId,
  Gen,
  GuildId,
  InteractionId,
  MessageId,
  ProcessId,
  ProjectName,
  PromptId,
  RequestId,
  RoleId,
  ThreadId,
  TurnId,
} from '../../../protocol/ids.ts';
import type { Member } from '../../domain/access.ts';
import type { Attached, SessionState, SessionSummary, Where } from '../../domain/contract.ts';
import type { Entry, Notify, Person, RequestEntry, Verbosity } from '../../domain/transcript.ts';
import { type Conversation, isOverBudget, isResumable, isRunnerNotified } from './conversation.ts';

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
  /** Plain messages in it are prompts. */
  readonly listens: boolean;
  /** Why Discord does not let Heddle write in it; null: it does, as far as is known. */
  readonly parked: string | null;
  /** Raised whenever the summary changes; the Guild has seen `reportedRev`. */
  readonly rev: number;
  readonly reportedRev: number;
  /** The name that Heddle gave it, until it has Claude's title or somebody renamed it; null: it keeps the name that it has. */
  readonly name: string | null;
  /** How much of Claude's work it shows. */
  readonly verbosity: Verbosity;
  /** What notifies whom, by user id; `DEFAULT_NOTIFY` for one who did not choose. */
  readonly notify: Readonly<Record<string, Notify>>;
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
  /** It does not wait for its turn: it stays, for this reason, until someone sends or removes it. */
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

/** What waits for its turn: the queue without the prompts that are held. */
export function waitingOf(state: State): readonly Queued[] {
  return queueOf(state).filter((queued) => queued.held === undefined);
}

/** Something for the runner to do, or something of it open: the runner should be linked. */
export function hasWork(state: State): boolean {
  const { conversation: c } = state;
  const held = c !== null && (isOverBudget(c) || c.open?.holds.outage !== undefined);
  return state.turns.size > 0 || (!held && waitingOf(state).length > 0) || state.requests.size > 0;
}

/** The runner is to hear of something, or to say something, beside its turns. */
function isAsked({ conversation: c, entries }: State): boolean {
  if (c === null) return false;
  if (!isRunnerNotified(c) || c.ended?.worktreeAsked != null) return true;
  const undo = c.open?.holds.undo;
  const entry = undo === undefined ? undefined : entries.get(undo.seq);
  return entry?.kind === 'undo' && (entry.state.is === 'looking' || entry.state.is === 'doing');
}

/** What the directory and the session card show; `null` before the first conversation. */
export function summarize(state: State): SessionSummary | null {
  const { conversation: c } = state;
  if (c === null) return null;
  const { turns, costUsd, tokens } = c.spent;
  return {
    gen: c.gen,
    ...(c.continues === null ? {} : { continues: c.continues }),
    ...(c.ended !== null && isResumable(c) ? { resumable: true } : {}),
    state: sessionState(state, c),
    title: c.title,
    project: c.project,
    runner: c.runner,
    starter: c.starter,
    startedMs: c.startedMs,
    activeMs: c.activeMs,
    turns,
    queued: waitingOf(state).length,
    costUsd,
    tokens,
    ...(c.files === 0 ? {} : { files: c.files }),
    work: hasWork(state) || isAsked(state),
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
  const parked = state.thread?.parked ?? null;
  if (parked !== null) return { is: 'failed', words: parked };
  const open = [...state.requests.values()].find((request) => request.decidedMs === null);
  if (open !== undefined) {
    const entry = state.entries.get(open.seq);
    if (entry?.kind === 'request')
      return { is: 'waiting', for: waitsFor(entry), who: entry.asked, message: open.message };
  }
  if (!c.presence.online && hasWork(state)) return { is: 'offline', sinceMs: c.presence.sinceMs };
  const [turn] = state.turns.values();
  if (turn !== undefined) return { is: 'running', sinceMs: turn.startedMs };
  if (c.budget !== null && isOverBudget(c)) return { is: 'paused', budgetUsd: c.budget.usd };
  if (c.open.failed !== null) return { is: 'failed', words: c.open.failed };
  return { is: 'idle' };
}
