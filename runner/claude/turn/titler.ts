/** Asks Claude for a title of the conversation, once: after the first turn of a new one, whose words it is made of. */

import type { ControlReply } from '../line/control.ts';
import { string } from '../line/json.ts';

/** A shorter prompt is a title by itself, and needs no request to the model. */
const PROMPT_MIN_CHARS = 40;
/** As much of the prompt as tells what it is about. */
const PROMPT_MAX_CHARS = 2_000;

export interface TitlerOptions {
  /** False: the conversation has a title, or had its chance. */
  readonly fresh: boolean;
  /** Claude: the answer's `title` may be null. */
  readonly ask: (description: string) => Promise<ControlReply>;
  readonly titled: (title: string) => void;
}

export class Titler {
  readonly #options: TitlerOptions;
  #first: string | null = null;
  #over: boolean;

  constructor(options: TitlerOptions) {
    this.#options = options;
    this.#over = !options.fresh;
  }

  prompted(text: string): void {
    this.#first ??= text;
  }

  /** The first turn is done; one that failed or was stopped says little of what is to come. */
  async turnDone(): Promise<void> {
    const text = this.#first?.trim() ?? '';
    if (this.#over || text === '') return;
    this.#over = true;
    // A command of Claude's own is not what the conversation is about.
    if (text.length < PROMPT_MIN_CHARS || text.startsWith('/')) return;
    const reply = await this.#options.ask(text.slice(0, PROMPT_MAX_CHARS));
    const title = reply.ok ? string(reply.response, 'title') : null;
    if (title !== null && title.trim() !== '') this.#options.titled(title);
  }
}
