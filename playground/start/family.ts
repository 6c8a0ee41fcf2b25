/**
 * Every process below this one, remembered for the end. A runner that was killed leaves its Claude processes to the
 * system, where nobody finds them by their parent any more.
 */
import { descendants, endAll, type ProcessInfo } from '../../runner/claude/process/tree.ts';

/** A Claude process that lives shorter than this ends by itself. */
const LOOK_MS = 2_000;

export class Family {
  readonly #seen = new Map<string, ProcessInfo>();
  readonly #timer = setInterval(() => void this.look(), LOOK_MS);

  async look(): Promise<void> {
    const found = await descendants(process.pid, null).catch(() => []);
    for (const info of found) this.#seen.set(`${info.pid} ${info.started}`, info);
  }

  /** Ends those that are still there, and no others that have got their pid. Resolves when they are gone. */
  async end(): Promise<void> {
    clearInterval(this.#timer);
    await endAll([...this.#seen.values()]);
  }
}
