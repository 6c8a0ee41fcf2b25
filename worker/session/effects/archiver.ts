/**
 * Archives the thread of a session that was ended: when it shows all, because Discord refuses edits in an archived thread and a message
 * would bring it back. Once: whoever opens the thread again after that wants it open.
 */
import type { Gen, ThreadId } from '../../../protocol/ids.ts';
import { mayWorkLater, retryAfterMs } from '../../discord/errors.ts';
import type { RestChannel, RestResult } from '../../discord/rest-types.ts';
import { SideWork } from '../../platform/side-work.ts';
import type { State } from '../state/state.ts';

/** What failed for the time being is not asked again before this. */
const RETRY_MS = 5_000;

export interface ArchiverOptions {
  readonly state: () => State;
  /** Waits until nothing is on its way to the thread, and says whether it shows all that it should. */
  readonly settled: () => Promise<boolean>;
  readonly set: (thread: ThreadId, archived: boolean) => Promise<RestResult<RestChannel>>;
  /** It is done, or will never be. */
  readonly done: (gen: Gen) => void;
}

/** The ended conversation whose thread is still to be archived. */
export function toArchive({ thread, conversation: c }: State): { thread: ThreadId; gen: Gen } | null {
  if (thread === null || c === null || c.ended?.toArchive !== true) return null;
  return { thread: thread.thread, gen: c.gen };
}

export function archiver({ state, settled, set, done }: ArchiverOptions): SideWork<unknown> {
  return new SideWork({
    name: 'archive',
    look: () => toArchive(state()),
    deed: async () => {
      if (!(await settled())) return 'rest';
      const wanted = toArchive(state());
      if (wanted === null) return 'rest';
      const result = await set(wanted.thread, true);
      // Somebody began here meanwhile. What they see must be theirs to answer.
      if (toArchive(state())?.gen !== wanted.gen) await set(wanted.thread, false);
      else if (result.ok || !mayWorkLater(result.error)) done(wanted.gen);
      else return Math.max(RETRY_MS, retryAfterMs(result.error));
      return 'rest';
    },
    pace: () => RETRY_MS,
  });
}
