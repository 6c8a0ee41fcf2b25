/** What queues in a thread: its prompts, one at a time, each with its files, to the process that it needs. */

import { errorName } from '../base/failure.ts';
import type { ClaudeProcess } from '../claude/line/types.ts';
import type { Conversation, QueuedPrompt } from '../journal/session-state.ts';
import type { ClaudeRun } from './claude-run.ts';
import { type FetchDone, Inbox } from './inbox.ts';
import { notRun } from './session-endings.ts';
import type { SessionPart } from './session-part.ts';
import type { SessionProcess } from './session-process.ts';
import type { SessionRewind } from './session-rewind.ts';
import type { SessionTuning } from './session-tuning.ts';

export interface QueuePart extends SessionPart {
  readonly process: SessionProcess;
  readonly tuning: SessionTuning;
  readonly rewind: SessionRewind;
}

export class SessionQueue {
  readonly #host: QueuePart;
  readonly #inbox: Inbox;

  constructor(host: QueuePart) {
    this.#host = host;
    this.#inbox = new Inbox(host.context, host.pairing, host.thread, (done) => this.#fetched(done));
  }

  /** Files of a prompt are on their way. */
  get busy(): boolean {
    return this.#inbox.busy;
  }

  /** Files of prompts go with their conversation. */
  keepFiles(): void {
    const { conversation } = this.#host.rows.state();
    this.#inbox.keep(conversation === null || conversation.ended ? null : conversation.gen);
  }

  /** Starts the next thing that can be started. Safe to call at any time. */
  pump(): void {
    const { context, rows, phase, process, tuning, rewind } = this.#host;
    if (phase() !== 'open') return;
    const { conversation, prompts } = rows.state();
    const first =
      conversation === null || conversation.ended
        ? undefined
        : prompts.find((prompt) => prompt.gen === conversation.gen && prompt.state === 'accepted');
    // It is no prompt yet while its files are on their way.
    const next = first === undefined || this.#inbox.has(first) ? first : undefined;
    const { run } = process;
    const rewinds = rewind.waits(conversation);
    const wanted = next !== undefined || rewinds;
    if (run !== null) run.wanted = wanted && run.gen === conversation?.gen;
    if (conversation === null || conversation.ended || !wanted) {
      if (run?.phase === 'waiting') process.drop(run);
      context.pool.settle();
    } else if (run === null) process.askForPlace(conversation);
    else if (tuning.busy || rewind.busy) return;
    else if (run.gen === conversation.gen && run.phase === 'live' && run.process?.busy === false) {
      // The settings are the last word, also on a process that began before they changed: a new one begins under them.
      if (!tuning.allows(run, conversation)) process.replace(run);
      else if (rewinds) rewind.start(run);
      else if (next !== undefined) this.#feed(run, run.process, conversation, next);
    } else if (rewinds && run.process?.busy === true) rewind.refuse('A turn runs.');
  }

  #feed(run: ClaudeRun, process: ClaudeProcess, conversation: Conversation, next: QueuedPrompt): void {
    const { context, apply, tuning, log } = this.#host;
    const { gen, ran } = conversation;
    const why = next.slash === true ? process.whyNotSlash(next.text) : null;
    if (why !== null) {
      const events = [notRun(gen, next.id, 'other', why)];
      apply({ writes: [{ write: 'promptEnded', id: next.id }], events });
      return this.pump();
    }
    // Marked before it is fed: after a crash in between it counts as started, and is never fed again.
    apply({
      writes: [
        { write: 'promptStarted', id: next.id },
        ...(ran === 'never' ? [{ write: 'ran', gen, ran: 'fed' } as const] : []),
      ],
      events: [],
    });
    // The settings may allow other modes than when it began.
    tuning.offer(run);
    run.wanted = false;
    run.used = true;
    run.touch();
    context.pool.touch(run);
    try {
      const { text, pictures } = this.#inbox.given(next);
      process.prompt(next.id, text, next.slash === true, pictures);
      this.#inbox.gone(next);
    } catch (error) {
      // A turn has just begun by itself, or the process has just gone: its end pumps again.
      log('prompt-returned', { process: process.id, error: errorName(error) });
      apply({ writes: [{ write: 'promptReturned', id: next.id }], events: [] });
      run.wanted = true;
    }
  }

  /** The files of a prompt are here, or cannot be had; then it is not run. */
  #fetched({ prompt, words }: FetchDone): void {
    const { rows, phase, apply, guard, pump } = this.#host;
    if (phase() !== 'open') return;
    guard.run('files', () => {
      const waits = rows.state().prompts.some(({ id, state }) => id === prompt.id && state === 'accepted');
      if (words !== null && waits) {
        const events = [notRun(prompt.gen, prompt.id, 'files', words)];
        apply({ writes: [{ write: 'promptEnded', id: prompt.id }], events });
      }
      pump();
    });
  }
}
