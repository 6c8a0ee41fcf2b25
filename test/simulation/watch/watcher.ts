/** Where the watched modules tell what was really done: only what was committed. */
import type { Event } from '../../../protocol/events.ts';
import type { Context, Input, Outcome } from '../../../worker/session/state/input.ts';
import type { State } from '../../../worker/session/state/state.ts';

export interface Watcher {
  /** A rule ran in this life of an object; called before the commit. */
  ruled(life: string, before: State, input: Input, ctx: Context, outcome: Outcome): void;
  /** A runner numbered an event, and it is on disk. */
  journalled(runner: string, scope: string, event: Event): void;
}

let watcher: Watcher | null = null;
export const setWatcher = (value: Watcher): void => {
  watcher = value;
};

export function watching(): Watcher {
  if (watcher === null) throw new Error('no run has begun');
  return watcher;
}
