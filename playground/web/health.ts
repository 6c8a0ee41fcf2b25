/** How the parts of the playground are, for the page. Whoever watches a part says so here. */
import { EventEmitter } from 'node:events';
import type { RunnerShown } from './wire.ts';

export class Health {
  readonly #events = new EventEmitter();
  readonly #troubles = new Map<string, string>();
  readonly #runners = new Map<string, { running: boolean; turn: (on: boolean) => Promise<void> }>();

  get troubles(): readonly string[] {
    return [...this.#troubles.values()];
  }

  get runners(): readonly RunnerShown[] {
    return [...this.#runners].map(([name, { running }]) => ({ name, running }));
  }

  /** `words` for a person; null: this part is well. */
  say(part: string, words: string | null): void {
    if ((this.#troubles.get(part) ?? null) === words) return;
    if (words === null) this.#troubles.delete(part);
    else this.#troubles.set(part, words);
    this.#events.emit('change');
  }

  /** `turn` starts or stops the runner when the page asks for it. */
  runner(name: string, running: boolean, turn: (on: boolean) => Promise<void>): void {
    this.#runners.set(name, { running, turn });
    this.#events.emit('change');
  }

  /** False: there is no such runner. */
  async turnRunner(name: string, on: boolean): Promise<boolean> {
    const found = this.#runners.get(name);
    if (found === undefined) return false;
    if (found.running !== on) await found.turn(on);
    return true;
  }

  onChange(listener: () => void): () => void {
    this.#events.on('change', listener);
    return () => this.#events.off('change', listener);
  }
}
