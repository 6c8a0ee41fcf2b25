/** Text that is still streaming: a frame at once, then at most one every `intervalMs`, until the finished text is out. */
import type { TurnId } from '../../../protocol/ids.ts';
import { SEGMENT_MAX_BYTES } from '../../../protocol/limits.ts';
import type { ClaudeLive } from '../line/types.ts';

/** A UTF-16 code unit takes at most three bytes; what is longer is shown when it is finished. */
const LIVE_MAX_UNITS = Math.floor(SEGMENT_MAX_BYTES / 3);

interface Partial {
  readonly turn: TurnId;
  readonly segment: number;
  text: string;
  sent: number;
  /** A frame of it is out, so that giving it up has to be told. */
  told: boolean;
}

export class LiveText {
  readonly #emit: (live: ClaudeLive) => void;
  readonly #intervalMs: number;
  readonly #nowMs: () => number;
  #partial: Partial | null = null;
  #lastMs = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | null = null;

  constructor(emit: (live: ClaudeLive) => void, intervalMs: number, nowMs: () => number) {
    this.#emit = emit;
    this.#intervalMs = intervalMs;
    this.#nowMs = nowMs;
  }

  /** What a reader who has seen nothing yet needs: the whole partial. */
  get whole(): ClaudeLive | null {
    const partial = this.#partial;
    if (partial === null || partial.text === '') return null;
    return { turn: partial.turn, segment: partial.segment, from: 0, text: partial.text };
  }

  open(turn: TurnId, segment: number, initial: string): void {
    this.abandon();
    this.#partial = { turn, segment, text: '', sent: 0, told: false };
    this.append(initial);
  }

  append(text: string): void {
    const partial = this.#partial;
    if (partial === null || text === '') return;
    if (partial.text.length + text.length > LIVE_MAX_UNITS) return;
    partial.text += text;
    const waitMs = this.#lastMs + this.#intervalMs - this.#nowMs();
    if (waitMs <= 0) this.#flush();
    else this.#timer ??= setTimeout(() => this.#flush(), waitMs);
  }

  /** The CLI gave up what it streamed: nothing of it stands. */
  abandon(): void {
    const partial = this.#partial;
    this.close();
    if (partial?.told) this.#emit({ turn: partial.turn, segment: partial.segment, from: 0, text: '' });
  }

  /** The finished text is out, or the turn is over. */
  close(): void {
    this.#partial = null;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #flush(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    const partial = this.#partial;
    if (partial === null || partial.sent === partial.text.length) return;
    const from = partial.sent;
    partial.sent = partial.text.length;
    partial.told = true;
    this.#lastMs = this.#nowMs();
    this.#emit({ turn: partial.turn, segment: partial.segment, from, text: partial.text.slice(from) });
  }
}
