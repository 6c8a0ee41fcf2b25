/** Work beside an object's main work: archiving a thread, reporting, reading for messages. One try at a time, and failures are paced. */
import { errorName, log } from './log.ts';

/**
 * What comes after a try.
 * `more`: look again at once. `rest`: the next pump looks again. A number: nothing is tried for so many milliseconds.
 */
export type Next = 'more' | 'rest' | number;

export interface SideWorkOptions<T> {
  /** Names it in the log. */
  readonly name: string;
  /** What is to be done; null: nothing. It reads what is stored, so a pump that was lost is only late. */
  readonly look: () => T | null;
  /** One try. A throw is a failure. */
  deed(todo: T): Promise<Next>;
  /** How long to wait after so many failures in a row, 1 or more. Milliseconds. */
  readonly pace: (failures: number) => number;
  /** Told when the next try may be. Absent: whoever pumps does so often enough. */
  readonly wakeBy?: (atMs: number) => void;
  /** Unix milliseconds. */
  readonly now?: () => number;
}

export class SideWork<T> {
  readonly #options: SideWorkOptions<T>;
  readonly #now: () => number;
  #running: Promise<void> | null = null;
  #failures = 0;
  #notBeforeMs = 0;

  constructor(options: SideWorkOptions<T>) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
  }

  get running(): boolean {
    return this.#running !== null;
  }

  /** Nothing is tried before this. Unix milliseconds. */
  waitUntil(atMs: number): void {
    this.#notBeforeMs = Math.max(this.#notBeforeMs, atMs);
  }

  /** Resolves when there is nothing to do for now. Never rejects. */
  pump(): Promise<void> {
    if (this.#running !== null) return this.#running;
    const todo = this.#due();
    if (todo === null) return Promise.resolve();
    this.#running = this.#work(todo);
    return this.#running;
  }

  async #work(first: T): Promise<void> {
    for (let todo: T | null = first; todo !== null; todo = this.#due()) {
      const next = await this.#try(todo);
      if (next === 'rest') break;
      if (next !== 'more') this.waitUntil(this.#now() + next);
    }
    // In the same step as the last look: a pump right after it looks again.
    this.#running = null;
  }

  async #try(todo: T): Promise<Next> {
    try {
      const next = await this.#options.deed(todo);
      this.#failures = 0;
      return next;
    } catch (error) {
      return this.#failed(error);
    }
  }

  #due(): T | null {
    const { look, wakeBy } = this.#options;
    try {
      const todo = look();
      if (todo === null || this.#now() >= this.#notBeforeMs) return todo;
      wakeBy?.(this.#notBeforeMs);
    } catch (error) {
      this.waitUntil(this.#now() + this.#failed(error));
    }
    return null;
  }

  #failed(error: unknown): number {
    log('side.failed', { work: this.#options.name, error: errorName(error) });
    this.#failures += 1;
    return this.#options.pace(this.#failures);
  }
}
