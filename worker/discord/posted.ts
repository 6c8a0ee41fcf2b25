/**
 * What one channel's messages show now: the stored rows, and on top of them what only memory knows. Rows are read when a slot is
 * first asked for: a parent channel has had many session cards.
 */
import type { ChannelId, MessageId } from '../../protocol/ids.ts';
import type { Slot, SlotKey } from '../domain/slot.ts';
import { shortHash } from './hash.ts';
import { editBody } from './message-body.ts';
import type { DeliveryStore, PostedRow } from './store.ts';

interface Entry {
  row: PostedRow;
  /** Hash of what the message shows; a live edit moves it and not the row's. */
  shown: string;
  /** The body shown was of phase `live`, or is not known, so text may be missing. */
  partial: boolean;
}

interface Hashed {
  readonly slot: Slot;
  readonly bare: boolean;
  readonly hash: string;
}

export class Posted {
  readonly #store: DeliveryStore;
  readonly #channel: ChannelId;
  /** Null: the slot has no row. */
  readonly #entries = new Map<SlotKey, Entry | null>();
  readonly #hashes = new Map<SlotKey, Hashed>();

  constructor(store: DeliveryStore, channel: ChannelId) {
    this.#store = store;
    this.#channel = channel;
  }

  #entry(key: SlotKey): Entry | null {
    const known = this.#entries.get(key);
    if (known !== undefined) return known;
    const row = this.#store.get(this.#channel, key);
    const entry = row === null ? null : { row, shown: row.hash, partial: row.hash === '' };
    this.#entries.set(key, entry);
    return entry;
  }

  row(key: SlotKey): PostedRow | undefined {
    return this.#entry(key)?.row;
  }

  message(key: SlotKey): MessageId | null {
    return this.#entry(key)?.row.message ?? null;
  }

  /** A slot has this message. */
  hasMessage(message: MessageId): boolean {
    return this.#store.hasMessage(this.#channel, message);
  }

  /** Text of it may be missing in Discord. */
  isPartial(key: SlotKey): boolean {
    return this.#entry(key)?.partial ?? false;
  }

  /** Of the body that the slot should show. `bare`: as a message without its files does. */
  hash(slot: Slot, bare = this.row(slot.key)?.state === 'bare'): string {
    const known = this.#hashes.get(slot.key);
    // Slots are drawn anew for each look, and most of them did not change: comparing is much cheaper than hashing.
    if (known !== undefined && known.bare === bare && isSame(known.slot, slot)) return known.hash;
    const hash = shortHash(JSON.stringify(editBody(slot, bare).body));
    this.#hashes.set(slot.key, { slot, bare, hash });
    return hash;
  }

  /** A posted message shows something else than it should. */
  isStale(slot: Slot): boolean {
    const entry = this.#entry(slot.key);
    return entry !== null && entry.row.message !== null && entry.shown !== this.hash(slot);
  }

  /** Stores the row. `shown` is its hash. What shows a part only is stored as unknown, so that another incarnation knows it, too. */
  put(row: PostedRow, partial: boolean): void {
    const stored = partial ? { ...row, hash: '' } : row;
    this.#store.put(this.#channel, stored);
    this.#entries.set(row.key, { row: stored, shown: row.hash, partial });
  }

  /** Changes what memory knows of the row and writes nothing. */
  remember(row: PostedRow): void {
    const entry = this.#entry(row.key);
    if (entry !== null) entry.row = row;
  }

  /** The message shows this body now. A live edit's hash is not worth a write: a restart costs one edit more. */
  edited(slot: Slot, hash: string): void {
    const entry = this.#entry(slot.key);
    if (entry === null) return;
    if (slot.phase !== 'live') this.put({ ...entry.row, hash }, false);
    else {
      entry.shown = hash;
      entry.partial = true;
    }
  }

  /** Drops the rows of messages that nothing will change any more, but for the newest ones; what is in doubt stays. */
  dropSettled(mayChange: (key: SlotKey) => boolean, newest: number): void {
    const rows = this.#store.all(this.#channel);
    const created = (row: PostedRow) => BigInt(row.message ?? 0);
    const recent = new Set(
      rows
        .filter((row) => row.message !== null)
        .toSorted((a, b) => (created(a) < created(b) ? 1 : -1))
        .slice(0, newest)
        .map((row) => row.key),
    );
    for (const { key, state } of rows) {
      if (state === 'sending' || recent.has(key) || mayChange(key)) continue;
      this.#store.drop(this.#channel, key);
      this.#entries.delete(key);
      this.#hashes.delete(key);
    }
  }

  /**
   * From when an edit is sent until its answer is there, what the message shows is not known, so that any body is worth an edit. Stored,
   * because the slot may be again what it was when another incarnation looks.
   */
  doubt(key: SlotKey): void {
    const entry = this.#entry(key);
    if (entry === null) return;
    entry.shown = '';
    if (entry.row.hash !== '') this.put({ ...entry.row, hash: '' }, entry.partial);
  }

  forget(keyPrefix: string): void {
    this.#store.forget(this.#channel, keyPrefix);
    for (const known of [this.#entries, this.#hashes])
      for (const key of [...known.keys()]) if (key.startsWith(keyPrefix)) known.delete(key);
  }
}

/** Both give the same edit. */
function isSame(a: Slot, b: Slot): boolean {
  if (a === b) return true;
  if (a.content !== b.content || JSON.stringify(a.rows) !== JSON.stringify(b.rows)) return false;
  return a.kind === 'card'
    ? b.kind === 'card' && a.accent === b.accent
    : b.kind === 'plain' && a.notify === b.notify;
}
