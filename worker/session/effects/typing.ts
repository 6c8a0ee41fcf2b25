/**
 * Shows that Claude is at it while nothing else in the thread moves. Only when something wakes the object anyway: no timer and no alarm
 * is for this. Discord shows it for ten seconds, or until the next message.
 */
import type { ThreadId } from '../../../protocol/ids.ts';
import { SideWork } from '../../platform/side-work.ts';
import type { State } from '../state/state.ts';

/** A little less than Discord shows it for. */
const SHOWN_MS = 8_000;
/** A message that comes or changes says by itself that Claude is at it, for about this long. */
export const MOVED_MS = SHOWN_MS / 2;

export interface TypingOptions {
  readonly state: () => State;
  readonly online: () => boolean;
  readonly show: (thread: ThreadId) => Promise<unknown>;
  readonly now?: () => number;
}

export function typing({ state, online, show, now }: TypingOptions): SideWork<unknown> {
  return new SideWork({
    name: 'typing',
    look: () => (isWorking(state()) && online() ? (state().thread?.thread ?? null) : null),
    deed: async (thread) => {
      await show(thread);
      return SHOWN_MS;
    },
    // Whether it is shown matters to nobody: the next one comes anyway.
    pace: () => SHOWN_MS,
    ...(now === undefined ? {} : { now }),
  });
}

/** A turn runs, and waits for nobody. */
export function isWorking({ thread, conversation, turns, requests }: State): boolean {
  if (conversation === null || conversation.ended !== null || thread?.parked != null) return false;
  const waits = [...requests.values()].some((request) => request.decidedMs === null);
  return !waits && [...turns.values()].some((turn) => turn.stopping === null);
}
