import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../runner/main.ts', import.meta.url));
/** What a runner may take to end its Claude processes before it is ended with SIGKILL. */
const STOP_TIMEOUT_MS = 10_000;
const SAID_TIMEOUT_MS = 30_000;
/** Output kept for error messages. Characters. */
const OUTPUT_MAX = 100_000;

export interface RunnerSetup {
  readonly name: string;
  /** HEDDLE_HOME. */
  readonly home: string;
  readonly projects: Readonly<Record<string, string>>;
  readonly claude: string | null;
  readonly env: Readonly<Record<string, string>>;
  /** Its program; default: its source. */
  readonly main?: string;
  /** True: Ctrl-C in this terminal does not reach it. Whoever starts it ends it, with `stop` or `kill`. */
  readonly ownGroup?: boolean;
}

/** A runner in a process of its own, as `npm run runner` starts it. */
export class LocalRunner {
  readonly setup: RunnerSetup;
  #process: ChildProcess | null = null;
  #output = '';
  #listeners = new Set<() => void>();

  constructor(setup: RunnerSetup) {
    this.setup = setup;
  }

  /** What it has printed since it was made, over all its starts. */
  get output(): string {
    return this.#output;
  }

  get pid(): number | null {
    return this.#process?.pid ?? null;
  }

  get running(): boolean {
    return this.#process !== null && this.#process.exitCode === null && this.#process.signalCode === null;
  }

  /** With a pairing link: pairs first. */
  start(link?: string): void {
    const { name, home, projects, claude, env, main = MAIN } = this.setup;
    if (env.HOME !== undefined) mkdirSync(env.HOME, { recursive: true });
    const args = [main, ...(link === undefined ? [] : [link, '--yes', '--name', name])];
    if (link !== undefined)
      for (const [project, path] of Object.entries(projects)) args.push('--project', `${project}=${path}`);
    if (claude !== null) args.push('--claude', claude);
    const child = spawn(process.execPath, args, {
      env: { ...process.env, ...env, HEDDLE_HOME: home },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: this.setup.ownGroup === true,
    });
    this.#process = child;
    const take = (chunk: Buffer) => {
      this.#output = (this.#output + chunk.toString()).slice(-OUTPUT_MAX);
      for (const listener of this.#listeners) listener();
    };
    child.stdout.on('data', take);
    child.stderr.on('data', take);
    child.on('exit', (code, signal) => take(Buffer.from(`[exit ${code ?? signal}]\n`)));
  }

  /** Resolves when its output since `from` (a length of `output`) has this text. */
  async said(text: string | RegExp, from = 0): Promise<void> {
    const has = () => {
      const output = this.#output.slice(from);
      return typeof text === 'string' ? output.includes(text) : text.test(output);
    };
    if (has()) return;
    await new Promise<void>((resolve, reject) => {
      const done = (error?: Error) => {
        clearTimeout(timer);
        this.#listeners.delete(look);
        if (error === undefined) resolve();
        else reject(error);
      };
      const look = () => {
        if (has()) done();
        else if (!this.running)
          done(new Error(`the runner ended before it said "${text}":\n${this.#output}`));
      };
      const timer = setTimeout(
        () => done(new Error(`the runner did not say "${text}":\n${this.#output}`)),
        SAID_TIMEOUT_MS,
      );
      this.#listeners.add(look);
    });
  }

  /** Resolves when the process that runs now has ended; at once when none runs. */
  async ended(): Promise<void> {
    const child = this.#process;
    if (child !== null && this.running) await once(child, 'exit');
  }

  /** As Ctrl-C does. Resolves when the process is gone. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    const child = this.#process;
    if (child === null || !this.running) return;
    const gone = once(child, 'exit');
    child.kill(signal);
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
    await gone;
    clearTimeout(timer);
  }
}
