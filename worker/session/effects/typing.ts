/**
 * Shows that Claude is at it while nothing else in the thread moves. Only when something wakes the object anyway: no timer and no alarm
 * is for this. Discord shows it for ten seconds, or until the next message.
 */
import type { ThreadId } from '../../../protocol/ids.ts';
import type { State } from '../state/state.ts';

/** A little less than Discord shows it for. */
const SHOWN_MS = 8_000;

export interface TypingOptions {
  readonly state: () => State;
  readonly online: () => boolean;
  readonly show: (thread: ThreadId) => Promise<unknown>;
}

export class Typing {
  readonly #options: TypingOptions;
  #notBeforeMs = 0;

  constructor(options: TypingOptions) {
    this.#options = options;
  }

  /** Something in the thread moved, and says by itself that Claude is at it. */
  moved(nowMs: number): void {
    this.#notBeforeMs = Math.max(this.#notBeforeMs, nowMs + SHOWN_MS / 2);
  }

  pump(nowMs: number): void {
    if (nowMs < this.#notBeforeMs || !isWorking(this.#options.state()) || !this.#options.online()) return;
    this.#notBeforeMs = nowMs + SHOWN_MS;
    const { thread } = this.#options.state();
    // Whether it is shown matters to nobody: the next one comes anyway.
    if (thread !== null) void this.#options.show(thread.thread).catch(() => {});
  }
}

/** A turn runs, and waits for nobody. */
export function isWorking({ conversation, turns, requests }: State): boolean {
  if (conversation === null || conversation.ended !== null || conversation.parked !== null) return false;
  const waits = [...requests.values()].some((request) => request.decidedMs === null);
  return !waits && [...turns.values()].some((turn) => turn.stopping === null);
}
