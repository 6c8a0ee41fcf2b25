/**
 * Makes Discord show what a channel should show. One `Delivery` a channel, in the object that owns it; nothing else posts there.
 *
 * `pump()` says "look again". One drain runs at a time; before each request it asks for the slots anew, so what it sends is always
 * the newest, and a lost `pump` is only late. A wait longer than `SLEEP_MAX_MS` is given to the object's alarm (`schedule`).
 */
import type { ChannelId, MessageId } from '../../protocol/ids.ts';
import type { Desired, Slot, SlotKey } from '../render/slot.ts';
import type { DiscordRest } from './rest.ts';
import type { DeliveryStore } from './store.ts';

/** Why a channel cannot be written to for now. `text` is for a person. */
export interface ParkReason {
  readonly kind: 'locked' | 'forbidden' | 'channelGone' | 'tokenInvalid';
  readonly text: string;
}

export interface DeliveryOptions {
  readonly channel: ChannelId;
  readonly rest: Pick<
    DiscordRest,
    'me' | 'createMessage' | 'editMessage' | 'deleteMessage' | 'messagesAfter' | 'patchChannel'
  >;
  readonly store: DeliveryStore;
  /** What the channel should show now. Called before each request. */
  readonly desired: () => Desired;
  /** The text of a `SlotFile`; null when it is not there any more. */
  readonly readFile: (source: string) => string | Uint8Array | null;
  readonly now: () => number;
  /** Be woken at this time (call `pump()` then). The last one given holds. */
  readonly schedule: (atMs: number) => void;
  /** It cannot go on; null: it can again. Called on changes only. */
  readonly onParked: (reason: ParkReason | null) => void;
  /** A message was created. In the same synchronous step as its row, so writes in it are of one transaction. */
  readonly onPosted?: (key: SlotKey, message: MessageId) => void;
  /** Discord shows this body now. Same step as the row, if one is written. */
  readonly onShown?: (slot: Slot) => void;
  /** Something was cut or refused: one line without the text that was sent. */
  readonly onNote?: (note: string) => void;
  /** Calls `fire` once after a while; gives back what cancels it. Default: `setTimeout`. */
  readonly after?: (ms: number, fire: () => void) => () => void;
}

export declare class Delivery {
  constructor(options: DeliveryOptions);
  /**
   * Starts a drain, or makes the running one look again. Never throws and returns at once. `live`: nothing changed but the text of a
   * live slot, which need not be looked at before the next live edit is due.
   */
  pump(what?: 'live'): void;
  /** Resolves when no drain runs: for `waitUntil` and tests. Never rejects. */
  idle(): Promise<void>;
  /** When it wants to be pumped though nothing changes; null: not before something changes. */
  nextWakeMs(): number | null;
  /** The message of a slot, if it is there. */
  messageOf(key: SlotKey): MessageId | null;
  /** Discord shows exactly this body (or it is gone for good): an ended turn's slots may be left out when all are. */
  isShown(slot: Slot): boolean;
  /** Forgets the rows of slots whose key begins so. Their messages stay; they must not be desired again. */
  forget(keyPrefix: string): void;
}
