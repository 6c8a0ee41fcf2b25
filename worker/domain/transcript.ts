/**
 * The transcript: what the thread of a session shows is drawn from these entries and from nothing else. Times are Unix
 * milliseconds. All texts that came from a person, the model or a tool are untrusted.
 */

import type { GrantScope } from '../../protocol/commands.ts';
import type { EventOf, FailureCode, Risk, Todo, ToolClass, Usage } from '../../protocol/events.ts';
import type { PromptFile } from '../../protocol/files.ts';
import type { Gen, MessageId, PromptId, TurnId, UserId } from '../../protocol/ids.ts';

export interface Person {
  readonly id: UserId;
  /** The name that the guild shows. Untrusted text. */
  readonly name: string;
}

/** A prompt that waits, shown as a message of its own; it goes when its turn begins or it is cancelled. */
export interface QueuedEntry {
  readonly kind: 'queued';
  readonly prompt: PromptId;
  readonly author: Person;
  readonly text: string;
  /** `waiting`: its place is computed from the queue. `started`: its turn took over. */
  readonly state: 'waiting' | 'started' | 'cancelled' | 'expired';
  /** 1 is next. */
  readonly place: number;
  /** Why it waits when no turn runs: the runner is away since then. */
  readonly offlineSinceMs: number | null;
  /** The failure that it waits for the end of. */
  readonly outage?: { readonly code: FailureCode; readonly untilMs: number | null };
  /** Its author changed the text. */
  readonly edited?: true;
  /** Names of what is attached. Untrusted texts. */
  readonly files?: readonly string[];
  /** It has no place: it stays until someone sends or removes it, for this reason in our own words. */
  readonly held?: string;
}

/** The first slot of a turn. A turn that started by itself has no author. */
export interface PromptEntry {
  readonly kind: 'prompt';
  readonly turn: TurnId;
  readonly author: Person | null;
  readonly text: string;
  /** Names of what is attached. Untrusted texts. */
  readonly files?: readonly string[];
  /** The files themselves, and that it is one of Claude's slash commands: for asking it again, should it not run. */
  readonly attached?: readonly PromptFile[];
  readonly slash?: true;
  readonly project: string;
  readonly runner: string;
  readonly branch: string | null;
  readonly model: string | null;
  readonly mode: string | null;
  /** The folder is not trusted in Claude there, so its own settings, hooks and rules are not read. */
  readonly untrusted: boolean;
  /** How much of this turn's work is shown, chosen when it began; absent: `DEFAULT_VERBOSITY`. */
  readonly verbosity?: Verbosity;
  /** It was a plain message, which stands in the thread: the words are not repeated. */
  readonly said?: MessageId;
  readonly state: 'starting' | 'running' | 'stopping' | 'ended';
}

export interface TextEntry {
  readonly kind: 'text';
  readonly turn: TurnId;
  readonly segment: number;
  readonly text: string;
  /** It goes on where the segment before stopped. */
  readonly joined: boolean;
  /** Still growing. At most one an entry list, the last text of the running turn. */
  readonly live: boolean;
}

export interface ToolEntry {
  readonly kind: 'tool';
  readonly turn: TurnId;
  readonly tool: string;
  readonly parent: string | null;
  readonly name: string;
  readonly class: ToolClass;
  readonly summary: string;
  /** `stopped`: the turn ended before the call did. */
  readonly state: 'running' | 'done' | 'failed' | 'denied' | 'stopped';
  readonly startedMs: number;
  readonly added: number | null;
  readonly removed: number | null;
  /** The head of what an edit changed, and how many lines it has in all. Untrusted text. */
  readonly diff?: { readonly text: string; readonly lines: number };
  /** It ended before anything came after it, so its diff takes no more room than it has lines. */
  readonly last?: true;
}

/** The to-do list of a turn: one message that changes. Untrusted texts. */
export interface TodoEntry {
  readonly kind: 'todo';
  readonly turn: TurnId;
  readonly todos: readonly Todo[];
}

/** A file in the thread. Its bytes are with the object until Discord has them. */
export interface FileEntry {
  readonly kind: 'file';
  readonly turn: TurnId;
  readonly gen: Gen;
  /** Names it within the gen. */
  readonly file: string;
  readonly what: EventOf<'file'>['what'];
  readonly name: string;
  readonly bytes: number;
  readonly parts: number;
  /** One line. Untrusted text. */
  readonly caption: string;
}

/** What was chosen with a decision. Answers and rules are untrusted texts. */
export type Also =
  | {
      readonly is: 'answers';
      readonly answers: readonly { readonly question: string; readonly answer: string }[];
    }
  | { readonly is: 'rule'; readonly rule: string; readonly scope: GrantScope }
  /** Claude goes on in a mode in which edits need no permission. */
  | { readonly is: 'edits' };

/** A question of Claude's. Untrusted texts. */
export interface Question {
  readonly question: string;
  readonly header: string;
  /** More than one option may be chosen. */
  readonly many: boolean;
  readonly options: readonly { readonly label: string; readonly description: string }[];
}

export type RequestState =
  | { readonly is: 'open' }
  | {
      readonly is: 'decided';
      readonly verdict: 'allow' | 'deny';
      readonly by: Person;
      readonly atMs: number;
      /** The reason given with a denial. */
      readonly words: string | null;
      /** Null: not on the CLI's stdin yet. */
      readonly deliveredMs: number | null;
      /** The runner took longer than 10 s or is away. */
      readonly late: boolean;
      /** What the decision did beside saying yes or no. */
      readonly also?: Also;
    }
  /** Answered by Heddle itself: a question that no card can show. */
  | { readonly is: 'declined'; readonly words: string }
  | { readonly is: 'void'; readonly why: string }
  | { readonly is: 'expired'; readonly atMs: number };

export interface RequestEntry {
  readonly kind: 'request';
  /** The Session's own short number of the request, 1, 2, …, unique over all gens. */
  readonly ref: number;
  readonly gen: Gen;
  readonly turn: TurnId | null;
  readonly asks: 'permission' | 'question' | 'plan';
  readonly name: string;
  readonly class: ToolClass;
  readonly summary: string;
  readonly description: string;
  readonly inputHash: string;
  readonly inputBytes: number;
  /** The input's JSON text, whole if it is short, else its head; the card attaches the whole then. Null: too large to be shown, so it can only be denied. */
  readonly input: string | null;
  /** `input` is not all of it. */
  readonly cut: boolean;
  readonly agent: string | null;
  readonly outside: string | null;
  /** Whom the card asks, and who else may decide. */
  readonly asked: Person;
  readonly alsoMay: readonly Person[];
  readonly untilMs: number;
  /** False when another card of this session notified within the last minute. */
  readonly notify: boolean;
  /** What it seems to do. */
  readonly risks?: readonly Risk[];
  /** The rule of the CLI's own that would allow it always: its index among the suggestions, its whole text, where it may be kept. */
  readonly rule?: { readonly index: number; readonly label: string; readonly scopes: readonly GrantScope[] };
  /** The suggestion to go on without asking for edits: its index; of a plan, that it may be approved so. */
  readonly edits?: number;
  /** What is asked, all of it. Of a question only. */
  readonly questions?: readonly Question[];
  /** Of a plan only: its first line, and whether all that the input holds stands in the messages above the card. */
  readonly plan?: { readonly first: string; readonly whole: boolean };
  readonly state: RequestState;
}

/** Nobody answered a request for a while. It goes when the request is over. */
export interface ReminderEntry {
  readonly kind: 'reminder';
  readonly ref: number;
  readonly turn: TurnId | null;
  readonly asked: Person;
  readonly asks: RequestEntry['asks'];
  readonly name: string;
  readonly summary: string;
  /** Of the card. */
  readonly url: string;
  readonly over: boolean;
}

/** The session's budget is used up, and who let it go on. */
export interface BudgetEntry {
  readonly kind: 'budget';
  /** Unique in the thread. */
  readonly n: number;
  readonly gen: Gen;
  readonly limitUsd: number;
  /** What Extend adds. */
  readonly stepUsd: number;
  /** Whose prompt waits for it; null: nothing waits, or they want to hear of nothing. Absent in what older code stored. */
  readonly notify?: Person | null;
  readonly state:
    | { readonly is: 'open' }
    /** `toUsd`: null, no budget any more. */
    | { readonly is: 'raised'; readonly by: Person; readonly toUsd: number | null }
    | { readonly is: 'over' };
}

export interface EndEntry {
  readonly kind: 'end';
  readonly turn: TurnId;
  readonly outcome:
    | { readonly as: 'done' }
    | { readonly as: 'interrupted'; readonly by: Person | null }
    /** Nobody answered a request in time. */
    | { readonly as: 'paused' }
    | {
        readonly as: 'failed';
        readonly code: FailureCode;
        readonly words: string;
        readonly untilMs: number | null;
        /** Claude never saw the prompt. */
        readonly notRun?: true;
      };
  /** What became of what a failure offers; absent: it stands until a later turn begins. */
  readonly after?:
    | { readonly is: 'over' }
    | { readonly is: 'scheduled'; readonly atMs: number; readonly by: Person };
  readonly durationMs: number;
  readonly costUsd: number;
  readonly usage: Usage;
  readonly context: number | null;
  readonly files: { readonly changed: number; readonly added: number; readonly removed: number } | null;
  /** Whom a long turn or a failure tells; null: nobody. */
  readonly notify: Person | null;
}

interface Undoing {
  /** Relative to the project; the first of them. Untrusted text. */
  readonly files: readonly string[];
  /** Of all files. */
  readonly count: number;
  readonly insertions: number;
  readonly deletions: number;
}

/** The file changes of a turn may be undone; `of` is that turn. */
export interface UndoEntry {
  readonly kind: 'undo';
  /** Unique, 40 characters at most. */
  readonly id: string;
  readonly of: TurnId;
  /** Who asked, and then who answered. */
  readonly by: Person;
  readonly state:
    | { readonly is: 'looking' }
    | ({ readonly is: 'asking' } & Undoing)
    | ({ readonly is: 'doing' } & Undoing)
    /** The runner did not say in time whether it is done. */
    | ({ readonly is: 'late' } & Undoing)
    | ({ readonly is: 'done' } & Undoing)
    | { readonly is: 'nothing' }
    | { readonly is: 'kept' }
    | { readonly is: 'cannot'; readonly why: string };
}

/** One quiet line that stands by itself: the runner went away, a prompt was dropped, the conversation ended. */
export interface NoteEntry {
  readonly kind: 'note';
  /** Unique, 40 characters at most. */
  readonly id: string;
  readonly turn: TurnId | null;
  /** Our own words, with untrusted parts already escaped by `escapeText`. */
  readonly text: string;
}

/** What becomes of the worktree of a conversation that has ended. */
export interface WorktreeEntry {
  readonly kind: 'worktree';
  readonly gen: Gen;
  readonly name: string;
  readonly state:
    | { readonly is: 'looking' }
    | {
        readonly is: 'open';
        readonly uncommitted: number;
        readonly unmerged: number;
        /** Some of both. Untrusted text. */
        readonly files: readonly string[];
        readonly commits: readonly string[];
        /** Another one when something in it has changed. */
        readonly mark: string;
        /** Someone wants it removed; the next press does it. */
        readonly sure: boolean;
      }
    /** Our own words, with untrusted parts already escaped. */
    | { readonly is: 'kept'; readonly why: string }
    | { readonly is: 'removed'; readonly by: Person | null }
    | { readonly is: 'missing' };
}

export type Entry =
  | QueuedEntry
  | PromptEntry
  | TextEntry
  | ToolEntry
  | TodoEntry
  | FileEntry
  | RequestEntry
  | ReminderEntry
  | EndEntry
  | BudgetEntry
  | UndoEntry
  | WorktreeEntry
  | NoteEntry;

/** How much of the work between the words a thread shows. */
export type Verbosity = 'quiet' | 'normal' | 'verbose';
export const DEFAULT_VERBOSITY: Verbosity = 'normal';
/** What notifies a person. `requests`: only what needs them. */
export type Notify = 'all' | 'requests' | 'none';
export const DEFAULT_NOTIFY: Notify = 'all';

/** What a thread should show: entries in their order, those of finished turns left out once they are posted. */
export interface ThreadView {
  readonly gen: Gen;
  readonly entries: readonly Entry[];
  /** A turn runs that Stop would end. */
  readonly stoppable: TurnId | null;
  /** Nothing runs and the conversation goes on: the newest turn has its row of buttons. */
  readonly idle?: boolean;
}

export type Workspace = Omit<EventOf<'workspace'>, 'kind' | 'gen'>;
