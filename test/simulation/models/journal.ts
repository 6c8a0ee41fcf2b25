/** The real journal, in memory, with crashes: between a commit and what follows from it. */
import { Journal } from '../../../runner/journal/journal.ts';
import { Dead, lives } from '../platform/clock.ts';

export class SimJournal extends Journal {
  readonly runner: string;
  /** The process dies right after the next commit. */
  crashAfterCommit: (() => void) | null = null;
  #nesting = 0;
  #onDisk: (() => void)[] = [];

  constructor(runner: string) {
    super(':memory:');
    this.runner = runner;
  }

  onDisk(tell: () => void): void {
    if (this.#nesting > 0) this.#onDisk.push(tell);
    else tell();
  }

  override tx<T>(change: () => T): T {
    // The base class migrates in its constructor, before this class has fields.
    if (!(#nesting in this)) return super.tx(change);
    lives.getStore()?.check();
    if (this.#nesting > 0) return super.tx(change);
    const crash = this.crashAfterCommit;
    let value: T;
    this.#nesting += 1;
    try {
      value = super.tx(() => {
        const done = change();
        if (crash !== null) {
          this.dropEffects();
          // What is dropped are the effects so far; the commit itself goes on.
        }
        return done;
      });
    } catch (error) {
      this.#onDisk = [];
      throw error;
    } finally {
      this.#nesting -= 1;
    }
    for (const tell of this.#onDisk.splice(0)) tell();
    if (crash !== null) {
      this.crashAfterCommit = null;
      crash();
      throw new Dead('the runner died after a commit');
    }
    return value;
  }

  override sql(text: string) {
    lives.getStore()?.check();
    return super.sql(text);
  }
}
