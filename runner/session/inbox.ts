/** The files of one thread's prompts: fetched once each, kept until the prompt is given, and taken away with the conversation. */
import { rmSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Gen, ThreadId } from '../../protocol/ids.ts';
import { errorName } from '../base/failure.ts';
import type { QueuedPrompt } from '../journal/session-state.ts';
import { isLocal } from '../link/target.ts';
import type { HostContext, HostPairing } from './host-context.ts';
import { dropFolders, fetchFiles, filesFolder, type Given } from './prompt-files.ts';

/** `words` null: all is here. */
export interface FetchDone {
  readonly prompt: QueuedPrompt;
  readonly words: string | null;
}

export class Inbox {
  readonly #context: HostContext;
  readonly #pairing: HostPairing;
  readonly #thread: ThreadId;
  readonly #done: (done: FetchDone) => void;
  /** The prompt that is next; what others had is of no use any more. */
  #wanted: QueuedPrompt | null = null;
  #held: Given | null = null;
  #underWay = 0;

  constructor(context: HostContext, pairing: HostPairing, thread: ThreadId, done: (done: FetchDone) => void) {
    this.#context = context;
    this.#pairing = pairing;
    this.#thread = thread;
    this.#done = done;
  }

  get busy(): boolean {
    return this.#underWay > 0;
  }

  /** Whether the prompt can be given now. If files are missing they are fetched, and `done` is called. */
  has(prompt: QueuedPrompt): boolean {
    if (prompt.files === undefined) return true;
    if (this.#wanted?.id !== prompt.id) {
      this.#wanted = prompt;
      this.#held = null;
      void this.#fetch(prompt, prompt.files);
    }
    return this.#held !== null;
  }

  /** As Claude gets it. @throws Error when `has` has not said that it is here. */
  given(prompt: QueuedPrompt): Given {
    if (prompt.files === undefined) return { text: prompt.text, pictures: [] };
    if (this.#wanted?.id !== prompt.id || this.#held === null) throw new Error('Its files are not here.');
    return this.#held;
  }

  /** It was given: what goes with it is not kept in memory any longer. */
  gone(prompt: QueuedPrompt): void {
    if (this.#wanted?.id !== prompt.id) return;
    this.#wanted = null;
    this.#held = null;
  }

  /** Files of other conversations than this go, and those that are still on their way. */
  keep(gen: Gen | null): void {
    if (this.#wanted !== null && this.#wanted.gen !== gen) {
      this.#wanted = null;
      this.#held = null;
    }
    this.#remove(() => dropFolders(this.#context.home.path, this.#pairing, this.#thread, gen));
  }

  #remove(files: () => void): void {
    try {
      files();
    } catch (error) {
      this.#context.log('files-kept', { error: errorName(error) });
    }
  }

  async #fetch(prompt: QueuedPrompt, files: NonNullable<QueuedPrompt['files']>): Promise<void> {
    this.#underWay += 1;
    const { home } = this.#context;
    const folder = path.join(filesFolder(home.path, this.#pairing, this.#thread), String(prompt.gen));
    const fetched = await fetchFiles(
      { id: prompt.id, text: prompt.text, files },
      {
        folder,
        local: this.#pairing.origin !== undefined && isLocal(this.#pairing.origin),
        fetch: this.#context.fetch ?? fetch,
        wait: (ms) => wait(ms, undefined, { ref: false }),
      },
    ).catch((error: unknown) => {
      this.#context.log('files-failed', { error: errorName(error) });
      return { ok: false, words: 'The runner could not fetch what is attached.' } as const;
    });
    this.#underWay -= 1;
    const current = this.#wanted?.id === prompt.id;
    if (current) this.#held = fetched.ok ? fetched : null;
    if (!current || !fetched.ok)
      this.#remove(() => rmSync(path.join(folder, prompt.id), { recursive: true, force: true }));
    this.#done({ prompt, words: fetched.ok ? null : fetched.words });
  }
}
