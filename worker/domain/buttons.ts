/**
 * The buttons, menus and forms, and the custom id that they carry: a locator, never an authorization. The object that owns the button
 * looks the thing up and asks `may`. Parsing is total: anything that Heddle did not write is `null`.
 *
 * `h1:<verb>:<gen>:<ref>:<tag>`; the numbers in decimal, the tag 0 to 40 characters of [A-Za-z0-9_-].
 */
import type { Action } from './access.ts';

export interface ButtonRow {
  /** The object that does it: the Session of the thread, or the Guild. What it does stands in that object's table of handlers. */
  readonly owner: 'session' | 'guild';
  /** What `may` is asked before anything is done. */
  readonly right: Action;
  /** Stands also on the session card in the parent channel, and counts there. */
  readonly onCard?: true;
}

/** A row for each button. A new one needs a row here, and a handler in the Session's `rules.ts` or the Guild's `acts.ts`. */
export const BUTTONS = {
  /** Decide a request: ref = its number, tag = first 16 hex digits of the input's hash. */
  allow: { owner: 'session', right: 'decide' },
  deny: { owner: 'session', right: 'decide' },
  /** Deny it and say what to do instead: a form. */
  denywhy: { owner: 'session', right: 'decide' },
  /** Answer a question: a button's option behind the tag (`choiceTag`), or a menu of them. */
  pick: { owner: 'session', right: 'decide' },
  /** Answer a question, or all of several, in a form. */
  answer: { owner: 'session', right: 'decide' },
  /** Show the rule that would allow it always, and the scopes to choose from. */
  always: { owner: 'session', right: 'decide' },
  /** Allow it with that rule: the scope behind the tag, `s`ession or `p`roject; `x`: rather not. */
  rule: { owner: 'session', right: 'decide' },
  /** Allow it, and edits from then on. */
  edits: { owner: 'session', right: 'decide' },
  /** Approve a plan; with edits from then on; say what to change: a form. */
  approve: { owner: 'session', right: 'decide' },
  approveedits: { owner: 'session', right: 'decide' },
  changeplan: { owner: 'session', right: 'decide' },
  /** Interrupt a turn: tag = the turn; empty on the session card, which knows none: whatever runs. */
  stop: { owner: 'session', right: 'stop', onCard: true },
  /** Take a prompt out of the queue: tag = the prompt. */
  unqueue: { owner: 'session', right: 'stop' },
  /** Change the text of a prompt that waits: a form. tag = the prompt. */
  editqueued: { owner: 'session', right: 'ask' },
  /** Interrupt what runs, and run this prompt next: tag = the prompt. */
  sendnow: { owner: 'session', right: 'stop' },
  /** Which prompt of the queue: a menu, value = the prompt. */
  pickqueued: { owner: 'session', right: 'status' },
  /** The next prompt, in a form; on the newest turn and on the session card. */
  reply: { owner: 'session', right: 'ask', onCard: true },
  /** Go on after a pause: tag = the turn. */
  continue: { owner: 'session', right: 'ask' },
  /** The same once, when the usage limit ends, and rather not; let the pause be; begin a fresh conversation here: tag = the turn. */
  continueat: { owner: 'session', right: 'ask' },
  cancelat: { owner: 'session', right: 'stop' },
  discard: { owner: 'session', right: 'stop' },
  afresh: { owner: 'session', right: 'ask' },
  /** What undoing a turn's file changes would do, and yes or no to that: tag = the turn. */
  undo: { owner: 'session', right: 'ask' },
  undoyes: { owner: 'session', right: 'ask' },
  undono: { owner: 'session', right: 'ask' },
  /** A menu of the settings panel: tag = which. */
  set: { owner: 'session', right: 'ask' },
  /** End the conversation. */
  end: { owner: 'session', right: 'end' },
  /** Raise the budget that is used up: ref = the number of the line. */
  extend: { owner: 'session', right: 'budget' },
  /** Go on with the conversation that ended. */
  resume: { owner: 'session', right: 'ask', onCard: true },
  /** Yes to "end the running turn and begin anew?": tag = the interaction that asked. */
  renew: { owner: 'session', right: 'end' },
  /** Cancel all that is queued, from the session card. */
  cancelqueue: { owner: 'session', right: 'stop', onCard: true },
  /** What becomes of the worktree of an ended session: tag of `wtremove` = the mark of what was shown as lost, or nothing. */
  wtkeep: { owner: 'session', right: 'end' },
  wtremove: { owner: 'session', right: 'end' },
  /** What a turn changed: tag = the turn, ref = the page from 1; 0: the turn's own button. */
  diff: { owner: 'session', right: 'status' },
  /** A runner's pairing. Look at it: tag = the pairing; confirm the runner, or refuse it: tag = the runner. */
  pairlook: { owner: 'guild', right: 'answerPairing' },
  pairyes: { owner: 'guild', right: 'pair' },
  pairno: { owner: 'guild', right: 'answerPairing' },
  /** Another page of the list of runners: ref = the page. */
  runnerpage: { owner: 'guild', right: 'status' },
  /** Another page of the list of sessions: ref = the page. */
  page: { owner: 'guild', right: 'status' },
} as const satisfies Readonly<Record<string, ButtonRow>>;

export type Verb = keyof typeof BUTTONS;
type OwnedBy<O extends ButtonRow['owner']> = {
  [V in Verb]: (typeof BUTTONS)[V]['owner'] extends O ? V : never;
}[Verb];
export type SessionVerb = OwnedBy<'session'>;
export type GuildVerb = OwnedBy<'guild'>;

export function isSessionVerb(verb: Verb): verb is SessionVerb {
  return BUTTONS[verb].owner === 'session';
}

export interface CustomId {
  readonly verb: Verb;
  readonly gen: number;
  readonly ref: number;
  readonly tag: string;
}

const PATTERN = /^h1:([a-z]{1,20}):(\d{1,9}):(\d{1,9}):([A-Za-z0-9_-]{0,40})$/;

export function encodeCustomId(id: CustomId): string {
  return `h1:${id.verb}:${id.gen}:${id.ref}:${id.tag}`;
}

export function parseCustomId(text: string): CustomId | null {
  const match = PATTERN.exec(text);
  if (match === null) return null;
  const [, name, gen, ref, tag] = match;
  if (name === undefined || tag === undefined || !isVerb(name)) return null;
  return { verb: name, gen: Number(gen), ref: Number(ref), tag };
}

function isVerb(name: string): name is Verb {
  return Object.hasOwn(BUTTONS, name);
}

/** How much of an input's hash a button carries: 64 bits, enough to tell a changed input from the one shown. */
export const HASH_TAG_LENGTH = 16;

/** The tag of one choice of several on a card: `which` is a number or a letter. */
export function choiceTag(inputHash: string, which: string | number): string {
  return `${inputHash.slice(0, HASH_TAG_LENGTH)}_${which}`;
}

/** The hash part of a tag, and the choice behind it, if there is one. */
export function readTag(tag: string): { readonly hash: string; readonly which: string | null } {
  const at = tag.indexOf('_');
  return at === -1 ? { hash: tag, which: null } : { hash: tag.slice(0, at), which: tag.slice(at + 1) };
}
