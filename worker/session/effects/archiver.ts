/**
 * Archives the thread of a session that was ended: when it shows all, because Discord refuses edits in an archived thread and a message
 * would bring it back. Once: whoever opens the thread again after that wants it open.
 */
import type { Gen, ThreadId } from '../../../protocol/ids.ts';
import type { DiscordError } from '../../discord/errors.ts';
import type { RestChannel, RestResult } from '../../discord/rest-types.ts';
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
  if (thread === null || c === null || c.ended === null || !c.toArchive) return null;
  return { thread: thread.thread, gen: c.gen };
}

export class Archiver {
  readonly #options: ArchiverOptions;
  #running: Promise<void> | null = null;
  #notBeforeMs = 0;

  constructor(options: ArchiverOptions) {
    this.#options = options;
  }

  /** Looks whether there is something to archive. What fails for the time being is tried when it is called again. */
  pump(): void {
    if (this.#running !== null || Date.now() < this.#notBeforeMs || toArchive(this.#options.state()) === null)
      return;
    this.#running = this.#archive()
      // Whatever it was, the alarm looks again.
      .catch(() => {})
      .finally(() => {
        this.#running = null;
      });
  }

  async #archive(): Promise<void> {
    const { state, settled, set, done } = this.#options;
    if (!(await settled())) return;
    const wanted = toArchive(state());
    if (wanted === null) return;
    const result = await set(wanted.thread, true);
    // Somebody began here meanwhile. What they see must be theirs to answer.
    if (toArchive(state())?.gen !== wanted.gen) await set(wanted.thread, false);
    else if (result.ok || !mayWorkLater(result.error)) done(wanted.gen);
    else this.#notBeforeMs = Date.now() + Math.max(RETRY_MS, retryAfterMs(result.error));
  }
}

function mayWorkLater({ kind }: DiscordError): boolean {
  return kind === 'rateLimited' || kind === 'tooOld' || kind === 'transient' || kind === 'unknown';
}

function retryAfterMs(error: DiscordError): number {
  return 'retryAfterMs' in error ? (error.retryAfterMs ?? 0) : 0;
}
