/** What was promised and what was really done, written down by the models and the watched modules; the checks compare. */

import type { Verdict } from '../../protocol/commands.ts';
import type { Gen, PromptId, RequestId, ThreadId, TurnId, UserId } from '../../protocol/ids.ts';
import type { Asked } from './models/claude.ts';

export interface Click {
  readonly id: string;
  readonly who: UserId;
  readonly thread: ThreadId;
  readonly verb: string;
  /** What the person read on the message whose button it was. */
  readonly read: string;
  /** The button does not stand, and never stood, on that message. */
  readonly forged: boolean;
  accepted: boolean;
  used: boolean;
}

export interface Asking {
  /** Unique; the prompt's text. */
  readonly text: string;
  readonly thread: ThreadId;
  readonly who: UserId;
  /** The person was told that it was taken. */
  acknowledged: boolean;
  prompt: PromptId | null;
}

export interface Decided {
  readonly asked: Asked;
  readonly verdict: Verdict;
  readonly atMs: number;
}

export class Ledger {
  readonly clicks = new Map<string, Click>();
  readonly askings = new Map<string, Asking>();
  /** Prompts that a CLI was given, by text. */
  readonly runs = new Map<string, number>();
  /** Turns whose growing text was kept as it was when they ended without their process. */
  readonly cut = new Set<string>();
  /** Texts that a CLI began to say. */
  readonly said: string[] = [];
  /** How a turn ended, as the CLI knows it. */
  readonly ends = new Map<TurnId, 'done' | 'interrupted' | 'failed'>();
  readonly decided: Decided[] = [];
  /** Open requests whose turn a person stopped: Heddle may deny them. */
  readonly stopped = new Set<RequestId>();
  /** [runner thread gen] -> numbered events on its disk, in order. */
  readonly journalled = new Map<string, string[]>();
  /** The same, as the Session applied them. */
  readonly applied = new Map<string, string[]>();
  /** A conversation that was over before all its events came: nothing more of it counts. */
  readonly over = new Set<string>();
  /** Turns that the Session closed before the runner said so. */
  readonly forced = new Set<string>();
  /** Messages that a moderator deleted: their text. */
  readonly moderated: string[] = [];
  /** Inputs that the objects took, to measure rows by. */
  inputs = 0;
  turns = 0;

  static key(runner: string, thread: string, gen: Gen | number): string {
    return `${runner} ${thread} ${gen}`;
  }
}

export class Violation extends Error {
  override readonly name = 'Violation';
  readonly invariant: string;
  constructor(invariant: string, words: string) {
    super(`${invariant}: ${words}`);
    this.invariant = invariant;
  }
}
