/** Which runner may open a link to this thread, and with which keys. */
import type { LinkAuth } from '../link/auth.ts';
import type { State } from './state/state.ts';

/** Null: not this one. */
export function linkAuth({ thread, conversation: c }: State, runner: string): LinkAuth | null {
  if (thread === null || c === null || c.runner !== runner) return null;
  return {
    runner: c.runner,
    publicKeys: c.access.keys ?? [c.runnerKey],
    standing: c.access.removed ? 'removed' : 'confirmed',
    origin: thread.origin,
    subject: thread.thread,
  };
}
