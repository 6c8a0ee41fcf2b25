/** What delivery is given by the object that owns the channel. */
import type { ChannelId, MessageId } from '../../protocol/ids.ts';
import type { Desired, Slot, SlotKey } from '../domain/slot.ts';
import type { DiscordRest } from './rest.ts';
import type { DeliveryStore } from './store.ts';
import type { ParkReason } from './trouble.ts';

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
  /** Something was cut or refused, or failed: one line without the text that was sent. */
  readonly onNote?: (note: string) => void;
  /** Calls `fire` once after a while; gives back what cancels it. Default: `setTimeout`. */
  readonly after?: (ms: number, fire: () => void) => () => void;
}
