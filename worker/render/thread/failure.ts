/** A turn that failed, in one message: what happened, what was kept, and what can be done. */

import type { FailureCode } from '../../../protocol/events.ts';
import type { Gen } from '../../../protocol/ids.ts';
import { encodeCustomId } from '../../domain/buttons.ts';
import type { Button, ButtonRow } from '../../domain/slot.ts';
import type { EndEntry } from '../../domain/transcript.ts';
import { escapeTo } from '../text/escape.ts';
import { timestamp } from '../text/format.ts';

const NAME_MAX_CHARS = 40;
const WORDS_MAX_CHARS = 600;

interface Kind {
  readonly what: string;
  readonly next: string;
  /** `continue`: going on where it stopped makes sense. `afresh`: only a fresh conversation does. */
  readonly offers?: 'continue' | 'afresh';
  /** What waits would fail in the same way, so it is kept until somebody goes on. */
  readonly holds?: true;
  /** What the runner says adds nothing to ours. */
  readonly mute?: true;
}

const FAILURES: Readonly<Record<FailureCode, Kind>> = {
  api: { what: 'The model’s API refused.', next: '', offers: 'continue' },
  login: {
    what: 'Claude is not signed in on the runner.',
    next: 'Its owner runs `claude` on that machine and signs in with `/login`; then **Continue**.',
    offers: 'continue',
    holds: true,
  },
  limit: { what: 'The plan’s usage limit is reached.', next: '', offers: 'continue', holds: true },
  overloaded: {
    what: 'The model is overloaded.',
    next: 'Claude tried several times. Continue in a while.',
    offers: 'continue',
  },
  tooLong: {
    what: 'The conversation no longer fits the model.',
    next: '`/claude compact` makes it shorter; `/new` begins anew.',
  },
  budget: { what: 'The budget is spent.', next: '' },
  crashed: {
    what: 'Claude’s process ended unexpectedly.',
    next: 'The conversation is kept: `/ask` goes on.',
    offers: 'continue',
  },
  restarted: {
    what: 'The runner was restarted in the middle of this turn.',
    next: 'It is not run again by itself.',
    offers: 'continue',
    mute: true,
  },
  start: { what: 'Claude could not be started on the runner.', next: '', offers: 'continue' },
  project: {
    what: 'The project’s folder is not there, or not exposed any more.',
    next: 'The conversation is kept; **Continue** when it is back.',
    offers: 'continue',
    holds: true,
  },
  worktree: { what: 'The worktree of this session could not be made.', next: '', offers: 'continue' },
  transcript: {
    what: 'Claude no longer has this conversation.',
    next: 'What it said stays in this thread. **Begin afresh** asks this again without it, and so does `/new`.',
    offers: 'afresh',
    holds: true,
  },
  files: {
    what: 'An attached file cannot be had, so the prompt was not run.',
    next: 'Attach it again and ask once more.',
  },
  other: { what: 'It failed.', next: '' },
};

/** The thread offers to go on where it stopped. */
export function canGoOn(code: FailureCode): boolean {
  return FAILURES[code].offers === 'continue';
}

/** Whatever is asked next would fail in the same way. */
export function holdsQueue(code: FailureCode): boolean {
  return FAILURES[code].holds === true;
}

type Failure = Extract<EndEntry['outcome'], { as: 'failed' }>;

/** What happened, and what to do next. */
export function failureWords(failure: Failure, after: EndEntry['after']): string {
  const words = escapeTo(failure.words, WORDS_MAX_CHARS);
  const { what, next, mute } = FAILURES[failure.code];
  const until =
    failure.untilMs === null
      ? ''
      : ` It ends ${timestamp(failure.untilMs, 'R')} (${timestamp(failure.untilMs, 't')}).`;
  // The runner has nothing to add to that.
  const said = words === '' || mute === true ? '' : `\n-# ${words}`;
  const goesOn =
    after?.is === 'scheduled'
      ? `\n⏰ Goes on by itself ${timestamp(after.atMs, 'R')}, as ${escapeTo(after.by.name, NAME_MAX_CHARS)} wished.`
      : '';
  return `✗ ${what}${until}${next === '' ? '' : ` ${next}`}${said}${goesOn}`;
}

/** `over`: a later turn began. */
export function failureRows(entry: EndEntry, failure: Failure, gen: Gen, over: boolean): ButtonRow[] {
  const { offers } = FAILURES[failure.code];
  if (over || offers === undefined || entry.after?.is === 'over') return [];
  const button = (
    label: string,
    verb: Parameters<typeof encodeCustomId>[0]['verb'],
    first: boolean,
  ): Button => ({
    label,
    style: first ? 'primary' : 'secondary',
    id: encodeCustomId({ verb, gen, ref: 0, tag: entry.turn }),
  });
  if (offers === 'afresh') return [[button('Begin afresh', 'afresh', true)]];
  if (entry.after?.is === 'scheduled') return [[button('Cancel', 'cancelat', false)]];
  const discard = button('Discard', 'discard', false);
  return failure.code === 'limit' && failure.untilMs !== null
    ? [[button(`Continue at ${clockTime(failure.untilMs)}`, 'continueat', true), discard]]
    : [[button('Continue', 'continue', true), discard]];
}

/** Discord: a button's label cannot show a time in the reader's own zone; the message beside it does. */
function clockTime(ms: number): string {
  return `${new Date(ms).toISOString().slice(11, 16)} UTC`;
}

/** Why what is queued waits, for its own line. */
export function outageWords(code: FailureCode, untilMs: number | null): string {
  switch (code) {
    case 'limit':
      return untilMs === null
        ? 'waits for the usage limit'
        : `waits for the usage limit, which ends ${timestamp(untilMs, 'R')}`;
    case 'login':
      return 'waits until Claude is signed in on the runner';
    case 'project':
      return 'waits for the project’s folder';
    default:
      return 'waits for Continue';
  }
}
