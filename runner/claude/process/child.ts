/** A spawned CLI: lines in and out, what it said last on stderr, and an end that leaves nothing running. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import type { Json } from '../line/json.ts';
import { LineSplitter } from '../line/lines.ts';
import type { Timeouts } from '../line/timeouts.ts';
import { commandFor } from './locate.ts';
import { descendants, endAll, type ProcessInfo, signal } from './tree.ts';

export interface ChildOptions {
  readonly bin: string;
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: Record<string, string>;
  /** Claude's id of the conversation, by which its tools are known. */
  readonly session: string;
  readonly timeouts: Timeouts;
  readonly onLine: (line: string) => void;
  /** A line was too long and is lost. */
  readonly onLostLine: () => void;
  /** Once, after the last line. */
  readonly onExit: (exit: ChildExit) => void;
}
export interface ChildExit {
  readonly code: number | null;
  readonly signal: string | null;
  readonly stderr: string;
}

/** Characters of stderr that are kept: its end says why a process ended. */
const STDERR_KEPT = 4_000;
/** A tool that inherited stdout or stderr keeps it open after the CLI's exit; the CLI's own last lines are there by then. */
const DRAIN_MS = 500;

export class Child {
  readonly #options: ChildOptions;
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #gone: Promise<void>;
  #stderr = '';
  #exited = false;
  #tree: readonly ProcessInfo[] = [];

  /** Spawns. @throws what `spawn` throws at once; a missing program comes as `failed`. */
  constructor(options: ChildOptions) {
    this.#options = options;
    const [command, ...first] = commandFor(options.bin);
    this.#child = spawn(command, [...first, ...options.argv], {
      cwd: options.cwd,
      env: options.env,
      stdio: 'pipe',
      // A group of its own: Ctrl-C in the runner's terminal is for the runner, which ends its sessions in order.
      detached: true,
      windowsHide: true,
    });
    // Some errors of a spawn come before there are pipes, and nobody else would listen.
    this.#child.on('error', () => undefined);
    const lines = new LineSplitter(options.onLine, options.onLostLine);
    this.#child.stdout.on('data', (chunk: Buffer) => lines.push(chunk));
    this.#child.stderr.setEncoding('utf8');
    this.#child.stderr.on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-STDERR_KEPT);
    });
    // A process that is gone cannot read: its exit tells so.
    this.#child.stdin.on('error', () => undefined);
    this.#gone = this.#watch(lines);
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Resolves when the process has exited and its last line was given on. Never rejects. */
  get gone(): Promise<void> {
    return this.#gone;
  }

  /** False: it is gone, or was told to go. */
  write(line: Json): boolean {
    if (this.#exited || !this.#child.stdin.writable) return false;
    // JSON.stringify leaves no raw line end. Claude: a line that is not JSON ends the process.
    this.#child.stdin.write(`${JSON.stringify(line)}\n`);
    return true;
  }

  /**
   * Ends the process and all that it started. `gently`: closes stdin and gives it time to write its state; otherwise,
   * and when that does not help, SIGTERM; then SIGKILL.
   */
  async end(gently: boolean): Promise<void> {
    const { closeMs, termMs } = this.#options.timeouts;
    await this.#look();
    this.#child.stdin.end();
    if (gently) await this.#within(closeMs);
    if (!this.#exited) {
      await this.#look();
      signal(this.pid, 'SIGTERM');
      await this.#within(termMs);
    }
    if (!this.#exited) {
      await this.#look();
      signal(this.pid, 'SIGKILL');
    }
    await this.#gone;
    await this.sweep();
  }

  /** Ends what the process left behind. Claude: its tools outlive a CLI that is killed. */
  async sweep(): Promise<void> {
    await this.#look();
    const left = this.#tree;
    this.#tree = [];
    // A system that does not list its processes must not keep the end of this one from being told.
    await endAll(left).catch(() => undefined);
  }

  /** After its parent's exit a child is found by its marks alone, so what was below before is remembered. */
  async #look(): Promise<void> {
    if (this.pid === 0) return;
    const now = await descendants(this.pid, this.#options.session).catch(() => []);
    this.#tree = [...this.#tree, ...now];
  }

  async #within(ms: number): Promise<void> {
    const timeout = new AbortController();
    await Promise.race([this.#gone, wait(ms, undefined, { signal: timeout.signal }).catch(() => undefined)]);
    timeout.abort();
  }

  async #watch(lines: LineSplitter): Promise<void> {
    const child = this.#child;
    const closed = once(child, 'close').catch(() => undefined);
    const [code, signalName] = await new Promise<[number | null, string | null]>((resolve) => {
      child.once('exit', (exitCode, exitSignal) => resolve([exitCode, exitSignal]));
      child.once('error', () => {
        // It never ran; after a spawn that worked, `error` is about a signal that could not be sent.
        if (child.pid === undefined) resolve([null, null]);
      });
    });
    this.#exited = true;
    if (child.pid !== undefined) {
      const timeout = new AbortController();
      await Promise.race([
        closed,
        wait(DRAIN_MS, undefined, { signal: timeout.signal }).catch(() => undefined),
      ]);
      timeout.abort();
    }
    child.stdout.destroy();
    child.stderr.destroy();
    lines.end();
    this.#options.onExit({ code, signal: signalName, stderr: this.#stderr.trim() });
  }
}
