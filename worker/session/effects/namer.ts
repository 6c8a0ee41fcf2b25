/**
 * Gives the thread Claude's title, once, when it still has the name that Heddle gave it: a rename by hand stays.
 * Discord: a thread can be renamed twice in ten minutes.
 */
import type { ThreadId } from '../../../protocol/ids.ts';
import { mayWorkLater } from '../../discord/errors.ts';
import type { RestChannel, RestResult } from '../../discord/rest-types.ts';
import { SideWork } from '../../platform/side-work.ts';
import { threadName } from '../../render/panels/thread-name.ts';
import type { State } from '../state/state.ts';

/** What failed for the time being is not asked again before this. */
const RETRY_MS = 60_000;

export interface NamerOptions {
  readonly state: () => State;
  readonly look: (thread: ThreadId) => Promise<RestResult<RestChannel>>;
  readonly rename: (thread: ThreadId, name: string) => Promise<RestResult<RestChannel>>;
  /** It is done, or will never be. */
  readonly done: () => void;
  readonly now?: () => number;
}

/** The thread that is to be renamed, from which name to which; null: none, or not any more. */
export function toRename({
  thread,
  conversation: c,
}: State): { thread: ThreadId; from: string; to: string } | null {
  if (thread === null || thread.name === null || c?.ended !== null || !c.titled) return null;
  return { thread: thread.thread, from: thread.name, to: threadName(c.title, c.project) };
}

export function namer({ state, look, rename, done, now }: NamerOptions): SideWork<unknown> {
  return new SideWork({
    name: 'name',
    look: () => toRename(state()),
    deed: async ({ thread, from, to }) => {
      const found = await look(thread);
      // An archived thread is left alone: a change would open it.
      const mine = found.ok && found.value.name === from && !found.value.archived && to !== from;
      const result = mine ? await rename(thread, to) : found;
      if (!result.ok && mayWorkLater(result.error)) return RETRY_MS;
      done();
      return 'rest';
    },
    pace: () => RETRY_MS,
    ...(now === undefined ? {} : { now }),
  });
}
