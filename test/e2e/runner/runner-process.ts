/** `npm run runner` as a real process. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { processInfo } from '../../../runner/claude/process/tree.ts';

const MAIN = path.join(import.meta.dirname, '../../../runner/main.ts');

export class RunnerProcess {
  readonly #child: ChildProcess;
  output = '';
  readonly exited: Promise<number | null>;
  readonly #listeners = new Set<() => void>();

  constructor(home: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) {
    this.#child = spawn(process.execPath, [MAIN, ...args], {
      env: { ...process.env, ...env, HEDDLE_HOME: home },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const take = (chunk: Buffer) => {
      this.output += chunk.toString();
      for (const listener of [...this.#listeners]) listener();
    };
    this.#child.stdout?.on('data', take);
    this.#child.stderr?.on('data', take);
    this.exited = once(this.#child, 'close').then(([code]) => {
      for (const listener of [...this.#listeners]) listener();
      return code;
    });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get running(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  async said(words: string | RegExp): Promise<void> {
    const has = () => (typeof words === 'string' ? this.output.includes(words) : words.test(this.output));
    if (has()) return;
    await new Promise<void>((resolve, reject) => {
      const look = () => {
        if (!has() && this.running) return;
        this.#listeners.delete(look);
        if (has()) resolve();
        else reject(new Error(`the runner ended without "${words}":\n${this.output}`));
      };
      this.#listeners.add(look);
    });
  }

  /** Nobody reads any more what it says, as when its terminal was closed. */
  deafen(): void {
    this.#child.stdout?.destroy();
    this.#child.stderr?.destroy();
  }

  signal(signal: NodeJS.Signals): Promise<number | null> {
    this.#child.kill(signal);
    return this.exited;
  }
}

/** A zombie, which nobody has reaped yet, is not alive. */
export async function alive(pids: readonly number[]): Promise<number[]> {
  const infos = await Promise.all(pids.map((pid) => processInfo(pid)));
  return pids.filter((_, at) => infos[at] !== null);
}
