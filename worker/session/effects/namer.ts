/**
 * Gives the thread Claude's title, once, when it still has the name that Heddle gave it: a rename by hand stays.
 * Discord: a thread can be renamed twice in ten minutes.
 */
import type { ThreadId } from '../../../protocol/ids.ts';
import type { DiscordError } from '../../discord/errors.ts';
import type { RestChannel, RestResult } from '../../discord/rest-types.ts';
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
}

/** The thread that is to be renamed, from which name to which; null: none, or not any more. */
export function toRename({
  thread,
  conversation: c,
}: State): { thread: ThreadId; from: string; to: string } | null {
  if (thread?.name === undefined || c?.titled !== true || c.ended !== null) return null;
  return { thread: thread.thread, from: thread.name, to: threadName(c.title, c.project) };
}

export class Namer {
  readonly #options: NamerOptions;
  #running = false;
  #notBeforeMs = 0;

  constructor(options: NamerOptions) {
    this.#options = options;
  }

  /** Looks whether there is something to do. What fails for the time being is tried when it is called again. */
  pump(nowMs: number): void {
    const wanted = toRename(this.#options.state());
    if (this.#running || nowMs < this.#notBeforeMs || wanted === null) return;
    this.#running = true;
    void this.#rename(wanted)
      .then((tryAgain) => {
        if (tryAgain) this.#notBeforeMs = nowMs + RETRY_MS;
        else this.#options.done();
      })
      .catch(() => {
        this.#notBeforeMs = nowMs + RETRY_MS;
      })
      .finally(() => {
        this.#running = false;
      });
  }

  /** Whether it may work later. */
  async #rename({ thread, from, to }: { thread: ThreadId; from: string; to: string }): Promise<boolean> {
    const { look, rename } = this.#options;
    const now = await look(thread);
    if (!now.ok) return mayWorkLater(now.error);
    // An archived thread is left alone: a change would open it.
    if (now.value.name !== from || now.value.archived || to === from) return false;
    const result = await rename(thread, to);
    return !result.ok && mayWorkLater(result.error);
  }
}

function mayWorkLater({ kind }: DiscordError): boolean {
  return kind === 'rateLimited' || kind === 'transient' || kind === 'unknown';
}
