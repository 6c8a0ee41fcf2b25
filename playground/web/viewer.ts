/**
 * One open page: who it acts as, and what it was sent so far. After a change it is sent only what is different, so that
 * a stream of edits costs one message each.
 */
import type { UserId } from '../../protocol/ids.ts';
import type { Change } from '../discord/world/world.ts';
import type { Playground } from './playground.ts';
import { messagesIn, placesFor, surroundings } from './snapshot.ts';
import type { MessageShown, ToPage } from './wire.ts';

/** Edits of one stream come in bursts; a person does not see the difference. */
const GATHER_MS = 30;

export class Viewer {
  #member: UserId;
  readonly #playground: Playground;
  readonly #send: (message: ToPage) => void;
  #timer: NodeJS.Timeout | null = null;
  #around = '';
  /** What was sent, by channel and message id. */
  #sent = new Map<string, Map<string, string>>();
  /** Channels to look at again; null: all. */
  #dirty: Set<string> | null = new Set();

  constructor(playground: Playground, member: UserId, send: (message: ToPage) => void) {
    this.#playground = playground;
    this.#member = member;
    this.#send = send;
  }

  get member(): UserId {
    return this.#member;
  }

  /** Sends everything as this member sees it. */
  be(member: UserId): void {
    this.#member = member;
    this.#stopTimer();
    this.#dirty = new Set();
    this.#sent = new Map();
    const around = surroundings(this.#playground, member);
    this.#around = JSON.stringify(around);
    const { messages } = this.#look(null);
    this.#send({ type: 'all', viewer: member, around, messages });
  }

  changed(change: Change | null): void {
    if (change === null || change.kind === 'guild' || change.kind === 'time') this.#dirty = null;
    else if (change.channelId !== undefined) this.#dirty?.add(change.channelId);
    this.#timer ??= setTimeout(() => this.#flush(), GATHER_MS);
  }

  close(): void {
    this.#stopTimer();
  }

  #stopTimer(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #flush(): void {
    this.#timer = null;
    const dirty = this.#dirty;
    this.#dirty = new Set();
    const { messages, gone } = this.#look(dirty);
    const around = surroundings(this.#playground, this.#member);
    const text = JSON.stringify(around);
    const moved = text !== this.#around;
    this.#around = text;
    if (!moved && messages.length === 0 && gone.length === 0) return;
    this.#send({ type: 'change', messages, gone, ...(moved ? { around } : {}) });
  }

  /** What is new or different in these channels, and what is no longer there. */
  #look(dirty: ReadonlySet<string> | null): { messages: MessageShown[]; gone: string[] } {
    const messages: MessageShown[] = [];
    const gone: string[] = [];
    const places = placesFor(this.#playground, this.#member);
    for (const place of places) {
      if (dirty !== null && !dirty.has(place.id) && this.#sent.has(place.id)) continue;
      const before = this.#sent.get(place.id) ?? new Map<string, string>();
      const now = new Map<string, string>();
      for (const message of messagesIn(place, this.#member)) {
        const text = JSON.stringify(message);
        now.set(message.id, text);
        if (before.get(message.id) !== text) messages.push(message);
      }
      for (const id of before.keys()) if (!now.has(id)) gone.push(id);
      this.#sent.set(place.id, now);
    }
    const seen = new Set<string>(places.map(({ id }) => id));
    for (const [id, lost] of this.#sent) {
      if (seen.has(id)) continue;
      gone.push(...lost.keys());
      this.#sent.delete(id);
    }
    return { messages, gone };
  }
}
