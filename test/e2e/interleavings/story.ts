/** What happened, as two sides tell it: people with what they were told, and the stub CLI with what it received. Plain data. */
import type { StubEntry } from '../../stub-claude-script.ts';
import type { Verb } from './schedule.ts';

/** A count that rises with everything that begins or ends; who is first in it began first. */
export type Tick = number;

/** Why something was refused, by the words that the person read. */
export type Why =
  /** They may not. */
  | 'person'
  | 'earlier'
  | 'already'
  | 'over'
  /** The button is not on the card of its request. */
  | 'elsewhere'
  /** What it would allow is not what is asked. */
  | 'changed'
  /** Not a button of Heddle's. */
  | 'unknown'
  /** No session is there. */
  | 'nowhere'
  /** Words that this list does not have. */
  | 'other';

export type Told =
  | { readonly is: 'done'; readonly words: string }
  | { readonly is: 'refused'; readonly why: Why; readonly words: string }
  /** No answer, or one that does not say what became of it. */
  | { readonly is: 'lost'; readonly words: string };

interface Deed {
  readonly who: string;
  /** The thread that it was done in. */
  readonly thread: string;
  readonly round: number;
  readonly begin: Tick;
  readonly end: Tick;
  readonly told: Told;
}

export interface Ask extends Deed {
  /** In the prompt's text, and nowhere else. */
  readonly token: string;
  /** The stub begins a second turn by itself after it. */
  readonly later: boolean;
}

export interface Command extends Deed {
  readonly what: 'stop' | 'new' | 'end' | 'resume';
}

/** What a button of a card carries. */
export interface Locator {
  readonly gen: number;
  readonly ref: number;
  readonly tag: string;
}

export interface Click extends Deed {
  readonly verb: Verb;
  /** Null: junk. */
  readonly id: Locator | null;
  /** The message that the button was on. */
  readonly message: string;
  /** Sent as if from the parent channel. */
  readonly fromChannel: boolean;
  /** What the second delivery was told; null: there was none, or it said nothing. */
  readonly echo: Told | null;
}

/** A card as it was first posted. */
export interface Card extends Locator {
  readonly message: string;
  readonly thread: string;
  /** What Claude wants to run: unique, and in the stub's log as well. */
  readonly command: string;
  readonly round: number;
  readonly seen: Tick;
  /** Its message as it is now. */
  shown: { readonly text: string; readonly open: boolean };
  /** A later message was posted in the thread, so Heddle knows this one's id. */
  known: boolean;
}

/** Who began which conversation of a thread, and when it was the thread's newest at the earliest and latest. */
export interface Conversation {
  readonly thread: string;
  readonly gen: number;
  readonly starter: string;
  /** It goes on with the one before, which ended: the same conversation for Claude. */
  readonly continues: boolean;
  readonly from: Tick;
  to: Tick;
}

/** What ends turns (`kill`, `doom`) or loses answers (`crash`), and is nobody's command. `thread` null: everywhere. */
export interface Storm {
  readonly what: 'kill' | 'crash' | 'doom';
  readonly thread: string | null;
  readonly round: number;
  readonly begin: Tick;
  end: Tick;
}

export interface Story {
  /** Of the runner. */
  readonly owner: string;
  readonly cards: readonly Card[];
  readonly conversations: readonly Conversation[];
  readonly asks: readonly Ask[];
  readonly clicks: readonly Click[];
  readonly commands: readonly Command[];
  readonly storms: readonly Storm[];
  readonly log: readonly StubEntry[];
  /** Everything of the rounds before this one has come to rest. */
  readonly settled: number;
}
