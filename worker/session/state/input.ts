import type { Command } from '../../../protocol/commands.ts';
import type { Event } from '../../../protocol/events.ts';
import type { PromptFile } from '../../../protocol/files.ts';
import type { Gen, InteractionId, MessageId, PromptId, RequestId, RunnerId } from '../../../protocol/ids.ts';
import type { Member, RunnerAccess } from '../../domain/access.ts';
import type {
  Presence,
  SessionAct,
  SessionActs,
  SessionAnswer,
  SessionOpen,
  SessionOpened,
} from '../../domain/contract.ts';
import type { Person } from '../../domain/transcript.ts';
import type { Durations } from '../../platform/durations.ts';
import type { Conversation } from './conversation.ts';
import type { Change } from './rows.ts';
import type { State } from './state.ts';

/** Everything that can happen to a session. */
export type Input =
  | { readonly kind: 'open'; readonly open: SessionOpen }
  | { readonly kind: 'act'; readonly act: SessionAct }
  | { readonly kind: 'event'; readonly event: Event }
  /** The runner's link is up: hello and welcome are done. */
  | { readonly kind: 'linkUp' }
  | {
      readonly kind: 'facts';
      readonly runner: RunnerId;
      readonly presence: Presence;
      readonly access: RunnerAccess;
    }
  /** The Guild has stored the report of this revision. */
  | { readonly kind: 'reported'; readonly rev: number }
  /** Discord does not let Heddle write in the thread, for this reason. `gone`: the thread was deleted. */
  | { readonly kind: 'parked'; readonly why: string; readonly gone: boolean }
  /** Discord took what the thread should show. `card`: it was the card of this request. */
  | {
      readonly kind: 'shown';
      readonly card: { readonly ref: number; readonly message: MessageId } | null;
      /** It was this file's. */
      readonly file?: { readonly gen: Gen; readonly file: string };
    }
  /** The thread of this ended conversation is archived, or Discord does not let Heddle do that. */
  | { readonly kind: 'archived'; readonly gen: Gen }
  /** The runner has taken every command that was stored for it. */
  | { readonly kind: 'runnerNotified' }
  /** Messages that people wrote in the thread; `upTo` is the newest one that was looked at. */
  | { readonly kind: 'heard'; readonly said: readonly Said[]; readonly upTo: MessageId }
  /** The thread has Claude's title, or keeps the name that it has. */
  | { readonly kind: 'named' }
  /** Time has passed: whatever is due is done. */
  | { readonly kind: 'clock' };

/** An act of a member who may do it, on the conversation that is here. */
export type Acted<K extends keyof SessionActs> = SessionActs[K] & {
  readonly c: Conversation;
  readonly member: Member;
  /** The same person, as the transcript names them. */
  readonly by: Person;
  readonly interaction: InteractionId;
  /** From elsewhere in the server, so nobody is there to be asked. */
  readonly through?: 'guild';
};
/** A button, menu or form of that conversation; `fields` absent: its form is to be opened. */
export type Pressed = Acted<'press'>;

/** What a rule may know besides the state. */
export interface Context {
  readonly nowMs: number;
  /** A fresh random UUID. */
  uuid(): string;
  readonly durations: Durations;
  readonly linkUp: boolean;
  /** All that the thread should show before this input is posted, so that finished turns need not be drawn again. */
  settled(): boolean;
  /** The input of a request from the parts that came, or null if there are none or some are missing. */
  inputOf(request: RequestId, parts: number): string | null;
}

/** The conversation has just moved to another runner: the link that is up is the old one's. */
export const unlinked = (ctx: Context): Context => ({ ...ctx, linkUp: false });

export type RuleAnswer =
  | SessionAnswer
  /** The prompt was taken; the words depend on whether the runner is there. */
  | { readonly kind: 'asked'; readonly prompt: PromptId }
  /** The card of this request, as it looks now. */
  | { readonly kind: 'decided'; readonly ref: number }
  /** `terminal`: who asks may go on with the conversation in a terminal. */
  | { readonly kind: 'status'; readonly terminal: boolean };

export interface Outcome {
  /** After the changes. */
  readonly state: State;
  readonly changes: readonly Change[];
  readonly commands: readonly Command[];
  /** The next conversation runs elsewhere: this runner hears the last of it, if it is there, and is forgotten. */
  readonly left: { readonly runner: RunnerId; readonly commands: readonly Command[] } | null;
  readonly answer: RuleAnswer | null;
  readonly opened: SessionOpened | null;
}

/** A message that somebody wrote in the thread. */
export interface Said {
  readonly id: MessageId;
  readonly author: Member;
  /** Without a mention of the bot; empty when Discord does not let Heddle read it. */
  readonly text: string;
  readonly files: readonly PromptFile[];
  /** Why what is attached cannot go with it; in our own words, with untrusted parts escaped. Then it is not taken at all. */
  readonly refused: string | null;
}
