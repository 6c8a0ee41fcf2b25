/**
 * The session cards in the guild's parent channels: one `Delivery` a channel. A row holds each card's newest body. That a channel
 * has something to show is its timer; which cards it is, is remembered, and after a wake the newest are compared again: a row
 * for that would be billed twice with each change.
 */
import type { ChannelId, MessageId } from '../../../protocol/ids.ts';
import { Delivery } from '../../discord/delivery.ts';
import type { DiscordRest } from '../../discord/rest.ts';
import { SqlDeliveryStore } from '../../discord/store.ts';
import type { ParkReason } from '../../discord/trouble.ts';
import type { CardSlot, Slot, SlotKey } from '../../domain/slot.ts';
import { log } from '../../platform/log.ts';
import type { Store } from '../storage/store.ts';
import type { Timers } from '../storage/timers.ts';

export const CARDS_TIMER = 'cards:';

/** After a wake, of a channel that has something to show, this many cards are looked at: those that changed last. */
const LOOK_BACK = 100;

/** What came of posting a card. `later`: Discord did not take it yet; it is kept and posted. */
export type Posted =
  | { readonly is: 'posted'; readonly message: MessageId }
  | { readonly is: 'parked'; readonly reason: ParkReason }
  | { readonly is: 'later' };

interface Channel {
  readonly delivery: Delivery;
  parked: ParkReason | null;
  /** Called when a slot's message is there. */
  readonly waiting: Map<SlotKey, () => void>;
  /** Cards that Discord may not show as they are. */
  readonly unshown: Set<SlotKey>;
}

export class Cards {
  readonly #store: Store;
  readonly #timers: Timers;
  readonly #rest: DiscordRest;
  readonly #deliveryStore: SqlDeliveryStore;
  readonly #channels = new Map<ChannelId, Channel>();

  constructor(store: Store, timers: Timers, rest: DiscordRest, sql: SqlStorage) {
    this.#store = store;
    this.#timers = timers;
    this.#rest = rest;
    this.#deliveryStore = new SqlDeliveryStore(sql);
  }

  /** Inside a transaction; call `pump` after it. A card keeps its place among those of its channel. */
  put(channel: ChannelId, slot: CardSlot, nowMs: number, safetyMs: number): void {
    const body = JSON.stringify(slot);
    const known = this.#store.one<{ slot: string }>(
      'SELECT slot FROM cards WHERE channel = ? AND key = ?',
      channel,
      slot.key,
    );
    if (known?.slot === body) return;
    this.#store.run(
      `INSERT INTO cards (channel, key, n, slot, changed_ms) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET slot = excluded.slot, changed_ms = excluded.changed_ms`,
      channel,
      slot.key,
      known === null ? this.#store.raise('card') : 0,
      body,
      nowMs,
    );
    this.#channel(channel).unshown.add(slot.key);
    this.#timers.atLatest(`${CARDS_TIMER}${channel}`, nowMs + safetyMs);
  }

  /** Makes Discord show what is not shown yet. Resolves when nothing more can go now. */
  async pump(channel: ChannelId): Promise<void> {
    const { delivery } = this.#channel(channel);
    delivery.pump();
    await delivery.idle();
    this.#settle(channel, delivery);
  }

  /** Pumps until a card has its message. */
  async post(channel: ChannelId, key: SlotKey): Promise<Posted> {
    const state = await this.#unparked(channel);
    const there = new Promise<void>((resolve) => state.waiting.set(key, resolve));
    await Promise.race([there, this.pump(channel)]);
    state.waiting.delete(key);
    const message = state.delivery.messageOf(key);
    if (message !== null) return { is: 'posted', message };
    return state.parked === null ? { is: 'later' } : { is: 'parked', reason: state.parked };
  }

  isPosted(channel: ChannelId, key: SlotKey): boolean {
    return this.#channel(channel).delivery.messageOf(key) !== null;
  }

  /** A card that is not wanted any more; its message stays. */
  forget(channel: ChannelId, key: SlotKey): void {
    this.#store.run('DELETE FROM cards WHERE channel = ? AND key = ?', channel, key);
    this.#channel(channel).unshown.delete(key);
  }

  /** Nothing more will change on this card, so that it was posted need not be remembered either. */
  drop(channel: ChannelId, key: SlotKey): void {
    this.forget(channel, key);
    this.#channel(channel).delivery.forget(key);
  }

  #channel(channel: ChannelId): Channel {
    const known = this.#channels.get(channel);
    if (known !== undefined) return known;
    const waiting = new Map<SlotKey, () => void>();
    const state: Channel = {
      parked: null,
      waiting,
      unshown: this.#lastChanged(channel),
      delivery: new Delivery({
        channel,
        rest: this.#rest,
        store: this.#deliveryStore,
        desired: () => ({ channel, slots: this.#unshown(channel) }),
        readFile: () => null,
        now: Date.now,
        schedule: (atMs) => this.#store.transaction(() => this.#timers.set(`${CARDS_TIMER}${channel}`, atMs)),
        onParked: (reason) => {
          state.parked = reason;
        },
        onPosted: (key) => waiting.get(key)?.(),
        onNote: (note) => log('guild.card', { note }),
      }),
    };
    this.#channels.set(channel, state);
    return state;
  }

  /** Someone asks again, perhaps because a permission was just given: what kept the channel from being written to is forgotten. */
  async #unparked(channel: ChannelId): Promise<Channel> {
    const state = this.#channel(channel);
    if (state.parked === null) return state;
    await state.delivery.idle();
    if (this.#channels.get(channel) === state) this.#channels.delete(channel);
    return this.#channel(channel);
  }

  #lastChanged(channel: ChannelId): Set<SlotKey> {
    const rows = this.#store.all<{ key: string }>(
      'SELECT key FROM cards WHERE channel = ? ORDER BY changed_ms DESC LIMIT ?',
      channel,
      LOOK_BACK,
    );
    return new Set(rows.map((row) => row.key));
  }

  /** In the order in which the cards were first put. */
  #unshown(channel: ChannelId): Slot[] {
    const found = [...this.#channel(channel).unshown].flatMap((key) =>
      this.#store.all<{ n: number; slot: string }>(
        'SELECT n, slot FROM cards WHERE channel = ? AND key = ?',
        channel,
        key,
      ),
    );
    return found.toSorted((a, b) => a.n - b.n).map((row) => JSON.parse(row.slot) as CardSlot);
  }

  #settle(channel: ChannelId, delivery: Delivery): void {
    const { unshown } = this.#channel(channel);
    for (const slot of this.#unshown(channel)) if (delivery.isShown(slot)) unshown.delete(slot.key);
    const timer = `${CARDS_TIMER}${channel}`;
    const wakeMs = delivery.nextWakeMs();
    if (unshown.size > 0 && wakeMs === null) return;
    this.#store.transaction(() => {
      if (unshown.size === 0) this.#timers.clear(timer);
      else if (wakeMs !== null) this.#timers.set(timer, wakeMs);
    });
  }
}
