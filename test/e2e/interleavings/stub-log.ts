import { closeSync, type FSWatcher, openSync, readSync, watch, writeFileSync } from 'node:fs';
import type { StubEntry } from '../../stub-claude-script.ts';
import { tokenIn } from './oracle.ts';

const CHUNK_BYTES = 64 * 1024;

/** The stub's log as it grows. */
export class StubLog {
  readonly entries: StubEntry[] = [];
  /** By the mark in its text: where a prompt runs. */
  readonly ran = new Map<string, Extract<StubEntry, { event: 'prompt' }>>();
  /** Prompts whose turn is over. */
  readonly results = new Set<string>();
  /** Turns that a conversation began by itself and that are over. */
  readonly own = new Map<string, number>();
  /** Processes that said that they end. */
  readonly ended = new Set<number>();
  readonly #file: number;
  readonly #watcher: FSWatcher;
  readonly #grown: () => void;
  #rest = '';

  constructor(path: string, grown: () => void) {
    writeFileSync(path, '', { flag: 'a' });
    this.#file = openSync(path, 'r');
    this.#grown = grown;
    this.#watcher = watch(path, () => this.read());
  }

  /** Takes what is there. */
  read(): void {
    const before = this.entries.length;
    const buffer = Buffer.alloc(CHUNK_BYTES);
    for (let length = 1; length > 0; ) {
      length = readSync(this.#file, buffer, 0, buffer.length, null);
      // Prompts and commands are ASCII here.
      const lines = (this.#rest + buffer.toString('latin1', 0, length)).split('\n');
      this.#rest = lines.pop() ?? '';
      for (const line of lines) this.#take(JSON.parse(line) as StubEntry);
    }
    if (this.entries.length > before) this.#grown();
  }

  close(): void {
    this.#watcher.close();
    closeSync(this.#file);
  }

  #take(entry: StubEntry): void {
    this.entries.push(entry);
    switch (entry.event) {
      case 'prompt':
        this.ran.set(tokenIn(entry.text) ?? '', entry);
        return;
      case 'result':
        if (entry.prompt !== null) this.results.add(entry.prompt);
        else this.own.set(entry.session, (this.own.get(entry.session) ?? 0) + 1);
        return;
      case 'end':
        this.ended.add(entry.pid);
        return;
      case 'start':
      case 'asked':
      case 'decision':
      case 'interrupt':
        return;
    }
  }
}
