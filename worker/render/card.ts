import type { SessionSummary } from '../contract.ts';
import type { CardSlot, SlotKey } from './slot.ts';

/** What a session card shows or links and the summary does not hold. */
export interface CardNames {
  readonly key: SlotKey;
  /** The runner's name. Untrusted text. */
  readonly runner: string;
  /** Discord's link to the thread; null: not there yet. */
  readonly threadUrl: string | null;
  /** Discord's link to the message of the open request. */
  readonly requestUrl: string | null;
}

/** What is known of a session that is still being made. Untrusted texts. */
export interface StartingFacts {
  readonly key: SlotKey;
  readonly title: string;
  readonly project: string;
  readonly runner: string;
  readonly starter: string;
}

export function renderSessionCard(_summary: SessionSummary, _names: CardNames): CardSlot {
  throw new Error('not yet');
}

export function renderStartingCard(_facts: StartingFacts): CardSlot {
  throw new Error('not yet');
}

/** `why`: our own words, untrusted parts escaped. */
export function renderFailedCard(_facts: StartingFacts, _why: string): CardSlot {
  throw new Error('not yet');
}
