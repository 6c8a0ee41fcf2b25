/** What a link keeps on the runner's disk. The journal implements it; `MemoryStore` is for tests. */
import type { StreamId } from '../../protocol/ids.ts';
import { type LinkEnd, newEnd, restarted } from '../../protocol/link.ts';

/** One numbered message as JSON text. */
export interface Stored {
  readonly n: number;
  readonly text: string;
}

/** Durable state of one link (one guild or one thread of one pairing). All of it is synchronous; a failure throws and changes nothing. */
export interface LinkStore {
  /** The end as it is stored; the first call of a new link stores one with a new stream. */
  load(): LinkEnd;
  /** Stores a message (JSON text) and gives its number, `last` + 1. May be part of a larger transaction of the owner's. */
  append(text: string): number;
  /** Messages from number `from` on, in order: at most `max.messages`, and no more once their texts exceed `max.bytes`; at least one if there is one. */
  unacked(from: number, max: { readonly messages: number; readonly bytes: number }): readonly Stored[];
  /** Everything up to `n` is with the other end: raises `acked`, forgets the messages. */
  ackedTo(n: number): void;
  /** One transaction: whatever `apply` writes, and `received`. If `apply` throws, neither is there, and it throws on. */
  received(stream: StreamId, last: number, apply: () => void): void;
  /** Begins a new stream: what is not acked is renumbered from 1 (`restarted` in protocol/link.ts). One transaction. */
  newStream(): LinkEnd;
}

/** Forgets at the end of the process. */
export class MemoryStore implements LinkStore {
  #end: LinkEnd;
  #messages: Stored[] = [];
  readonly #newId: () => StreamId;

  constructor(newId: () => StreamId = () => crypto.randomUUID() as StreamId) {
    this.#newId = newId;
    this.#end = newEnd(newId());
  }

  load(): LinkEnd {
    return this.#end;
  }

  append(text: string): number {
    const n = this.#end.last + 1;
    this.#end = { ...this.#end, last: n };
    this.#messages.push({ n, text });
    return n;
  }

  unacked(from: number, max: { readonly messages: number; readonly bytes: number }): readonly Stored[] {
    const found: Stored[] = [];
    let bytes = 0;
    for (const message of this.#messages) {
      if (message.n < from) continue;
      if (found.length >= max.messages || bytes > max.bytes) break;
      found.push(message);
      bytes += message.text.length;
    }
    return found;
  }

  ackedTo(n: number): void {
    this.#end = { ...this.#end, acked: Math.max(this.#end.acked, n) };
    this.#messages = this.#messages.filter((message) => message.n > n);
  }

  received(stream: StreamId, last: number, apply: () => void): void {
    const before = { end: this.#end, messages: [...this.#messages] };
    try {
      apply();
      this.#end = { ...this.#end, received: { stream, last } };
    } catch (error) {
      this.#end = before.end;
      this.#messages = before.messages;
      throw error;
    }
  }

  newStream(): LinkEnd {
    const { acked } = this.#end;
    this.#end = restarted(this.#end, this.#newId());
    this.#messages = this.#messages.map(({ n, text }) => ({ n: n - acked, text }));
    return this.#end;
  }
}
