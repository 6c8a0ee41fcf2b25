/**
 * The session cards in the guild's parent channels: one `Delivery` a channel. A card's newest body is a row here until Discord
 * shows it; only those rows are handed to the delivery, which leaves a posted message alone that is not asked for.
 */
import type { ChannelId, MessageId } from '../../protocol/ids.ts';
import { Delivery, type ParkReason } from '../discord/delivery.ts';
import type { DiscordRest } from '../discord/rest.ts';
import { SqlDeliveryStore } from '../discord/store.ts';
import { log } from '../log.ts';
import type { CardSlot, Slot, SlotKey } from '../render/slot.ts';
import type { Store } from './store.ts';
import type { Timers } from './timers.ts';

export const CARDS_TIMER = 'cards:';

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
  put(channel: ChannelId, slot: CardSlot, safetyMs: number): void {
    const body = JSON.stringify(slot);
    const known = this.#store.one<{ slot: string }>(
      'SELECT slot FROM cards WHERE channel = ? AND key = ?',
      channel,
      slot.key,
    );
    if (known?.slot === body) return;
    this.#store.run(
      `INSERT INTO cards (channel, key, n, slot, dirty) VALUES (?, ?, ?, ?, 1)
       ON CONFLICT DO UPDATE SET slot = excluded.slot, dirty = 1`,
      channel,
      slot.key,
      known === null ? this.#store.raise('card') : 0,
      body,
    );
    this.#timers.atLatest(`${CARDS_TIMER}${channel}`, safetyMs);
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
    const state = this.#channel(channel);
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
      delivery: new Delivery({
        channel,
        rest: this.#rest,
        store: this.#deliveryStore,
        desired: () => ({ channel, slots: this.#dirty(channel) }),
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

  #dirty(channel: ChannelId): Slot[] {
    return this.#store
      .all<{ slot: string }>('SELECT slot FROM cards WHERE channel = ? AND dirty = 1 ORDER BY n', channel)
      .map((row) => JSON.parse(row.slot) as CardSlot);
  }

  #settle(channel: ChannelId, delivery: Delivery): void {
    const slots = this.#dirty(channel);
    const shown = slots.filter((slot) => delivery.isShown(slot));
    this.#store.transaction(() => {
      for (const slot of shown) {
        this.#store.run('UPDATE cards SET dirty = 0 WHERE channel = ? AND key = ?', channel, slot.key);
      }
      const wake = delivery.nextWakeMs();
      const timer = `${CARDS_TIMER}${channel}`;
      if (shown.length === slots.length) this.#timers.clear(timer);
      else if (wake !== null) this.#timers.set(timer, wake);
    });
  }
}
