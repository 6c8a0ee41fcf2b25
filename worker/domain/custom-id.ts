/**
 * What a button carries: a locator, never an authorization. The object that owns the channel looks the thing up and asks
 * `may`. Parsing is total: anything that Heddle did not write is `null`.
 *
 * `h1:<verb>:<gen>:<ref>:<tag>`; the numbers in decimal, the tag 0 to 40 characters of [A-Za-z0-9_-].
 */
export const VERBS = [
  /** Decide a request: ref = its number, tag = first 16 hex digits of the input's hash. */
  'allow',
  'deny',
  /** Deny it and say what to do instead: a form. */
  'denywhy',
  /** Answer a question: a button's option behind the tag (`choiceTag`), or a menu of them. */
  'pick',
  /** Answer a question, or all of several, in a form. */
  'answer',
  /** Show the rule that would allow it always, and the scopes to choose from. */
  'always',
  /** Allow it with that rule: the scope behind the tag, `s`ession or `p`roject; `x`: rather not. */
  'rule',
  /** Allow it, and edits from then on. */
  'edits',
  /** Approve a plan; with edits from then on; say what to change: a form. */
  'approve',
  'approveedits',
  'changeplan',
  /** Interrupt a turn: tag = the turn. */
  'stop',
  /** Take a prompt out of the queue: tag = the prompt. */
  'unqueue',
  /** Change the text of a prompt that waits: a form. tag = the prompt. */
  'editqueued',
  /** Interrupt what runs, and run this prompt next: tag = the prompt. */
  'sendnow',
  /** Which prompt of the queue: a menu, value = the prompt. */
  'pickqueued',
  /** The next prompt, in a form; on the newest turn and on the session card. */
  'reply',
  /** Go on after a pause: tag = the turn. */
  'continue',
  /** The same once, when the usage limit ends, and rather not; let the pause be; begin a fresh conversation here: tag = the turn. */
  'continueat',
  'cancelat',
  'discard',
  'afresh',
  /** What undoing a turn's file changes would do, and yes or no to that: tag = the turn. */
  'undo',
  'undoyes',
  'undono',
  /** A menu of the settings panel: tag = which. */
  'set',
  /** End the conversation. */
  'end',
  /** Raise the budget that is used up: ref = the number of the line. */
  'extend',
  /** Go on with the conversation that ended. */
  'resume',
  /** Yes to "end the running turn and begin anew?": tag = the interaction that asked. */
  'renew',
  /** Cancel all that is queued, from the session card. */
  'cancelqueue',
  /** A runner's pairing: tag = the runner. */
  'pairlook',
  'pairyes',
  'pairno',
  /** What becomes of the worktree of an ended session: tag of `wtremove` = the mark of what was shown as lost, or nothing. */
  'wtkeep',
  'wtremove',
  /** What a turn changed: tag = the turn, ref = the page from 1; 0: the turn's own button. */
  'diff',
  /** Another page of the list of runners: ref = the page. */
  'runnerpage',
  /** Another page of a list: ref = the page. */
  'page',
] as const;
export type Verb = (typeof VERBS)[number];

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
  const verb = VERBS.find((known) => known === name);
  if (verb === undefined || tag === undefined) return null;
  return { verb, gen: Number(gen), ref: Number(ref), tag };
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
