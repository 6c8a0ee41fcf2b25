/** What one channel's messages show now: the stored rows, and on top of them what only memory knows. */
import type { ChannelId, MessageId } from '../../protocol/ids.ts';
import type { Slot, SlotKey } from '../render/slot.ts';
import { shortHash } from './hash.ts';
import { editBody } from './message-body.ts';
import type { DeliveryStore, PostedRow } from './store.ts';

interface Entry {
  row: PostedRow;
  /** Hash of what the message shows; a live edit moves it and not the row's. */
  shown: string;
  /** The body shown was of phase `live`, so text may be missing; true when it is not known, after a restart. */
  partial: boolean;
}

export class Posted {
  readonly #store: DeliveryStore;
  readonly #channel: ChannelId;
  readonly #entries = new Map<SlotKey, Entry>();
  /** Render gives the same object for a slot that did not change, mostly. */
  readonly #hashes = new WeakMap<Slot, { bare: boolean; hash: string }>();

  constructor(store: DeliveryStore, channel: ChannelId) {
    this.#store = store;
    this.#channel = channel;
    for (const row of store.load(channel))
      this.#entries.set(row.key, { row, shown: row.hash, partial: true });
  }

  row(key: SlotKey): PostedRow | undefined {
    return this.#entries.get(key)?.row;
  }

  message(key: SlotKey): MessageId | null {
    return this.#entries.get(key)?.row.message ?? null;
  }

  /** A slot has this message. */
  hasMessage(message: MessageId): boolean {
    return this.#entries.values().some((entry) => entry.row.message === message);
  }

  /** Text of it may be missing in Discord. */
  isPartial(key: SlotKey): boolean {
    return this.#entries.get(key)?.partial ?? false;
  }

  /** Of the body that the slot should show. `bare`: as a message without its files does. */
  hash(slot: Slot, bare = this.row(slot.key)?.state === 'bare'): string {
    const known = this.#hashes.get(slot);
    if (known?.bare === bare) return known.hash;
    const hash = shortHash(JSON.stringify(editBody(slot, bare).body));
    this.#hashes.set(slot, { bare, hash });
    return hash;
  }

  /** A posted message shows something else than it should. */
  isStale(slot: Slot): boolean {
    const entry = this.#entries.get(slot.key);
    return entry !== undefined && entry.row.message !== null && entry.shown !== this.hash(slot);
  }

  /** Stores the row. `shown` is its hash. */
  put(row: PostedRow, partial: boolean): void {
    this.#store.put(this.#channel, row);
    this.#entries.set(row.key, { row, shown: row.hash, partial });
  }

  /** Changes what memory knows of the row and writes nothing. */
  remember(row: PostedRow): void {
    const entry = this.#entries.get(row.key);
    if (entry !== undefined) entry.row = row;
  }

  /** The message shows this body now. A live edit's hash is not worth a write: a restart costs one edit more. */
  edited(slot: Slot, hash: string): void {
    const entry = this.#entries.get(slot.key);
    if (entry === undefined) return;
    if (slot.phase !== 'live') this.put({ ...entry.row, hash }, false);
    else {
      entry.shown = hash;
      entry.partial = true;
    }
  }

  forget(keyPrefix: string): void {
    this.#store.forget(this.#channel, keyPrefix);
    for (const key of [...this.#entries.keys()]) if (key.startsWith(keyPrefix)) this.#entries.delete(key);
  }
}
