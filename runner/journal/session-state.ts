/** What the runner stores of a thread, and what a step changes of it. */

import type { CommandOf } from '../../protocol/commands.ts';
import type { Event } from '../../protocol/events.ts';
import type { PromptFile } from '../../protocol/files.ts';
import type {
  ClaudeSessionId,
  Gen,
  ProcessId,
  ProjectName,
  PromptId,
  TurnId,
  UserId,
} from '../../protocol/ids.ts';
import type { Wish } from './wishes.ts';

/** How much Claude may know of the conversation: `fed`: a prompt was given once; `kept`: a turn was finished, so there is a transcript. */
export type Ran = 'never' | 'fed' | 'kept';

export interface Conversation {
  readonly gen: Gen;
  readonly project: ProjectName;
  readonly claudeSession: ClaudeSessionId;
  readonly starter: UserId;
  readonly ran: Ran;
  /** It begins as a copy of that conversation; null: with nothing, or as itself. */
  readonly forkOf: ClaudeSessionId | null;
  /** Up to that message of it; null: all. */
  readonly forkAt: string | null;
  /** It works in a git worktree of this name. `goesOn`: one that was made for the conversation that it goes on from. */
  readonly worktree?: { readonly name: string; readonly goesOn: boolean } | null;
  readonly ended: boolean;
  /** Why no process may ever run for it; null when one may. */
  readonly refused: string | null;
}

export interface QueuedPrompt {
  readonly id: PromptId;
  readonly gen: Gen;
  readonly text: string;
  /** One of Claude's own slash commands. */
  readonly slash?: boolean;
  /** It is not run without them. */
  readonly files?: readonly PromptFile[];
  readonly state: 'accepted' | 'started';
}

export interface LiveProcess {
  readonly process: ProcessId;
  readonly gen: Gen;
  /** The running turn that no prompt started. */
  readonly ownTurn: TurnId | null;
}

/** A thread's rows. */
export interface ThreadState {
  /** The newest one. */
  readonly conversation: Conversation | null;
  /** Those that have not ended, oldest first. */
  readonly prompts: readonly QueuedPrompt[];
  readonly processes: readonly LiveProcess[];
}

/** What the rules need to know of other threads. */
export interface Facts {
  /** Another thread's conversation that is not over has this Claude session. */
  readonly takenElsewhere: (session: ClaudeSessionId) => boolean;
  /** A prompt of this id was seen before, ended or not. */
  readonly seen: (prompt: PromptId) => boolean;
  /** What earlier gens, of whatever thread, know of this Claude session; null: nothing. */
  readonly before: (session: ClaudeSessionId) => Pick<Conversation, 'ran' | 'forkOf' | 'forkAt'> | null;
}

export type Write =
  | { readonly write: 'conversation'; readonly conversation: Conversation }
  | { readonly write: 'conversationEnded'; readonly gen: Gen }
  | { readonly write: 'ran'; readonly gen: Gen; readonly ran: Ran }
  | { readonly write: 'claudeSession'; readonly gen: Gen; readonly claudeSession: ClaudeSessionId }
  | {
      readonly write: 'promptAccepted';
      readonly gen: Gen;
      readonly id: PromptId;
      readonly text: string;
      readonly slash?: true;
      readonly files?: readonly PromptFile[];
    }
  | { readonly write: 'promptStarted'; readonly id: PromptId }
  /** It was marked, but the CLI did not take it. */
  | { readonly write: 'promptReturned'; readonly id: PromptId }
  | { readonly write: 'promptEnded'; readonly id: PromptId }
  | { readonly write: 'ownTurn'; readonly process: ProcessId; readonly turn: TurnId | null }
  | { readonly write: 'processGone'; readonly process: ProcessId }
  /** Not when the one that is there is newer. */
  | { readonly write: 'wish'; readonly gen: Gen; readonly wish: Wish };

export type Effect =
  /** Start what can be started. */
  | { readonly effect: 'pump' }
  | { readonly effect: 'interrupt'; readonly turn: TurnId }
  | { readonly effect: 'decide'; readonly command: CommandOf<'decide'> }
  /** Let the running process be as it is wished. */
  | { readonly effect: 'configure'; readonly modeNow: boolean }
  /** Look at the worktree of the ended conversation, or remove it, and tell. */
  | { readonly effect: 'worktree'; readonly command: CommandOf<'worktree'> }
  /** Say what undoing a turn would change, or do it. */
  | { readonly effect: 'rewind'; readonly command: CommandOf<'rewind'> }
  /** End each process of a gen that is over. */
  | { readonly effect: 'endOld' };

export interface Outcome {
  readonly writes: readonly Write[];
  readonly events: readonly Event[];
  readonly effects: readonly Effect[];
}
