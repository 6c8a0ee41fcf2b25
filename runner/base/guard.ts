/**
 * Where something comes in (a socket, a process's output, a timer, a file that changes, a promise that nobody waits for) stands a guard.
 * What throws behind it is logged by its name and costs what the guard stands for: a connection, a process, a session. Never the runner.
 */
import { errorName } from './failure.ts';
import type { Fields, Log } from './log.ts';

export class Guard {
  readonly #log: Log;
  readonly #fields: Fields;
  readonly #failed: (error: unknown) => void;

  /** `fields`: what it stands for, in the log. `failed`: what that costs; left out: nothing, the next try is another. */
  constructor(log: Log, fields: Fields, failed: (error: unknown) => void = () => {}) {
    this.#log = log;
    this.#fields = fields;
    this.#failed = failed;
  }

  /** Runs it now. Undefined: it threw. */
  run<T>(what: string, act: () => T): T | undefined {
    try {
      return act();
    } catch (error) {
      this.#caught(what, error);
      return undefined;
    }
  }

  /** For whoever calls back. */
  callback<A extends readonly unknown[]>(what: string, act: (...args: A) => void): (...args: A) => void {
    return (...args) => this.run(what, () => act(...args));
  }

  /** For a promise that nobody else waits for. Resolves when that is settled, and never rejects. */
  watch(what: string, work: Promise<unknown>): Promise<void> {
    return work.then(
      () => {},
      (error: unknown) => this.#caught(what, error),
    );
  }

  #caught(what: string, error: unknown): void {
    this.#log('failed', { ...this.#fields, what, error: errorName(error) });
    try {
      this.#failed(error);
    } catch (again) {
      this.#log('failed', { ...this.#fields, what: `${what}, and then`, error: errorName(again) });
    }
  }
}
