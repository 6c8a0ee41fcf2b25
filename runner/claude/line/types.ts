/** The words that `runner/claude/` and the session host share. Nothing here is a detail of the CLI. */

import type { Verdict } from '../../../protocol/commands.ts';
import type { PermissionMode } from '../../../protocol/configure.ts';
import type { Event, Live } from '../../../protocol/events.ts';
import type { ClaudeSessionId, ProcessId, PromptId, RequestId, TurnId } from '../../../protocol/ids.ts';
import type { Log } from '../../base/log.ts';
import type { ClaudeOffers } from './offers.ts';
import type { RewindOutcome } from './rewind.ts';
import type { Timeouts } from './timeouts.ts';

/** `Omit` for each member of a union by itself; plain `Omit` would keep only what all members share. */
type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

/** A protocol event before the session host has put its `gen` on it. */
export type ClaudeEvent = DistributiveOmit<Event, 'gen'>;
export type ClaudeEventOf<K extends ClaudeEvent['kind']> = Extract<ClaudeEvent, { kind: K }>;
/** Live text before the session host has put its `gen` on it. */
export type ClaudeLive = Omit<Live, 'gen'>;

/** Which of Claude's settings are read: all of them, or the person's own only (no project settings, no project hooks). */
export type SettingsSources = 'all' | 'user';

/** A picture that comes with a prompt. */
export interface Picture {
  readonly type: 'image/png' | 'image/jpeg' | 'image/gif' | 'image/webp';
  readonly base64: string;
}

export interface ClaudeOptions {
  /** The CLI's executable, as `locateClaude` found it. A `.js`, `.mjs` or `.ts` file is run by this Node. */
  readonly bin: string;
  /** The project's folder. */
  readonly cwd: string;
  readonly claudeSession: ClaudeSessionId;
  /** True: the conversation has a transcript already. */
  readonly resume: boolean;
  /** It begins as a copy of that one, which stays as it is. Not with `resume`. */
  readonly forkOf?: ClaudeSessionId;
  /** The last message that the copy has; without it all of them. */
  readonly forkAt?: string;
  /** A second folder in which its file tools may read without asking. */
  readonly addFolder?: string;
  readonly mode: PermissionMode;
  readonly model?: string;
  readonly effort?: string;
  readonly settings: SettingsSources;
  /** Modes that a decision may change it to; none when left out. */
  readonly modes?: readonly PermissionMode[];
  /** Rules that were granted for this session, as the CLI writes them: it forgets them with its process. */
  readonly allowed?: readonly string[];
  /** Heddle's own folder. Claude's file tools may not touch it. */
  readonly heddleHome: string;
  /** The parent's environment; the CLI gets what the allow-list lets through. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly process: ProcessId;
  /** The CLI's version as `locateClaude` measured it; some CLIs do not say it when they start. */
  readonly version?: string;
  readonly timeouts?: Partial<Timeouts>;
  readonly log?: Log;
}

export interface Started {
  readonly pid: number;
  readonly version: string;
  readonly mode: string;
}

/** Why a process could not be started. `words` fit to be shown to a person. */
export type StartFailure =
  | { readonly code: 'notFound'; readonly words: string }
  | { readonly code: 'cwdMissing'; readonly words: string }
  | { readonly code: 'tooOld'; readonly version: string; readonly words: string }
  | { readonly code: 'transcriptMissing'; readonly words: string }
  | { readonly code: 'timeout'; readonly words: string }
  | {
      readonly code: 'exited';
      readonly exitCode: number | null;
      readonly signal: string | null;
      readonly words: string;
    };

/** What `start()` rejects with. Nothing of the process is left when it does. */
export class ClaudeStartError extends Error {
  override readonly name = 'ClaudeStartError';
  readonly failure: StartFailure;
  constructor(failure: StartFailure) {
    super(failure.words);
    this.failure = failure;
  }
}

export interface ExitInfo {
  readonly code: number | null;
  readonly signal: string | null;
  readonly why: EndReason | 'crashed';
  /** For `crashed`: what it said last on stderr. */
  readonly words: string;
}

/** `idle`: to be resumed later. `ended`: the conversation is over, or the runner stops. */
export type EndReason = 'idle' | 'ended';

/** Where everything goes that a process says. None of these is called again after `onExit`. */
export interface ClaudeSink {
  /** Numbered things, in the order in which the thread shows them. */
  onEvent(event: ClaudeEvent): void;
  onLive(live: ClaudeLive): void;
  /** A decision granted this until the process ends; the next one of the session has to be given it again. Before `requestSettled`. */
  onGranted?(grant: Grant): void;
  /** The mode that it runs in has changed by itself: Claude began a plan, or one was approved. */
  onModeChanged?(): void;
  /** After `processEnded`, and only for a process whose `start()` succeeded. */
  onExit(info: ExitInfo): void;
}

export interface Decision {
  readonly request: RequestId;
  readonly inputHash: string;
  readonly verdict: Verdict;
}

/** What to change in a running process. Absent: stays; null: the default. */
export interface Tuning {
  readonly model?: string | null;
  readonly mode?: PermissionMode;
  readonly effort?: string | null;
}

/** What the CLI did not take, with its words; empty when it took all. */
export type TuneResult = readonly { readonly what: keyof Tuning; readonly words: string }[];

export interface ClaudeProcess {
  readonly id: ProcessId;
  /** 0 until `start()` has spawned it. */
  readonly pid: number;
  /** Spawns the CLI and shakes hands. @throws ClaudeStartError */
  start(): Promise<Started>;
  /**
   * Gives the CLI a prompt; `turnBegan` and exactly one `turnEnded` of it follow, also when the process dies.
   * @throws Error when a turn is running, the process is gone or had this prompt before: the caller holds the queue.
   */
  prompt(id: PromptId, text: string, slash?: boolean, pictures?: readonly Picture[]): void;
  /** Why this may not be given to it as a slash command; null when it may. */
  whyNotSlash(text: string): string | null;
  /** Changes what it runs with, also in the middle of a turn. */
  tune(tuning: Tuning): Promise<TuneResult>;
  /** What undoing a turn's file changes would do; with `apply` it is done. Not while a turn runs. */
  rewind(turn: TurnId, apply: boolean): Promise<RewindOutcome>;
  /** What it runs with now. */
  readonly now: { readonly model: string | null; readonly mode: string };
  /** What it reported when it started; null before that. */
  readonly offers: ClaudeOffers | null;
  /**
   * Ends the running turn, if it is this one. Resolves when the turn is over; a CLI that does not obey in time is
   * ended. Another turn, or none: resolves at once and nothing happens.
   */
  interrupt(turn: TurnId): Promise<void>;
  /**
   * Hands a decision to the CLI. On 'delivered' the event `requestSettled` has been emitted; a refusal emits
   * nothing, its words are for the one who decided.
   */
  decide(decision: Decision): 'delivered' | { readonly refused: string };
  /** Ends the process and everything that it started. Resolves after `onExit`. Calling it again waits for the same end. */
  end(reason: EndReason): Promise<void>;
  /** A prompt was given or a turn started by itself, and it has not ended. */
  readonly busy: boolean;
  /** Background agents and shells that may start a turn by themselves: such a process is not idle. */
  readonly backgroundTasks: number;
  readonly openRequests: number;
  /** The text that streams now, whole (`from` 0): for a reader who comes back. Null when none does. */
  readonly live: ClaudeLive | null;
}

/** What was granted for as long as the session goes on. The CLI forgets it with its process. */
export type Grant =
  /** As the CLI writes a rule: `Bash(npm run *)`. */
  | { readonly grants: 'rules'; readonly rules: readonly string[] }
  | { readonly grants: 'mode'; readonly mode: PermissionMode };
