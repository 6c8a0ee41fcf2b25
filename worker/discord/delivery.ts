/**
 * Makes Discord show what a channel should show. One `Delivery` a channel, in the object that owns it; nothing else posts there.
 *
 * `pump()` says "look again". One drain runs at a time and sends one request at a time; before each it asks for the slots anew, so
 * what it sends is always the newest, and a lost `pump` is only late. What to send is `plan`'s; what an answer means is `Sender`'s.
 */

import type { MessageId } from '../../protocol/ids.ts';
import type { Slot, SlotKey } from '../domain/slot.ts';
import { Buckets } from './buckets.ts';
import type { DeliveryOptions } from './delivery-options.ts';
import { type Plan, plan } from './plan.ts';
import { Posted } from './posted.ts';
import { Sender } from './sender.ts';
import { type ParkReason, Trouble } from './trouble.ts';

/** A longer wait is the alarm's: an object that sleeps is billed and does not hibernate. */
const SLEEP_MAX_MS = 2000;
/** Free plan: 50 subrequests an invocation; the object needs some for itself. */
const CALLS_MAX = 30;
/** After something that must not happen: `desired` or the store threw. */
const BROKEN_WAIT_MS = 30_000;

export class Delivery {
  readonly #options: DeliveryOptions;
  readonly #posted: Posted;
  readonly #buckets = new Buckets();
  readonly #trouble = new Trouble();
  readonly #sender: Sender;
  readonly #after: (ms: number, fire: () => void) => () => void;
  /** True from a drain's start to the end of its last look, so that no pump falls between two drains. */
  #isBusy = false;
  #draining: Promise<void> | null = null;
  /** Ends the drain's sleep. */
  #kick: (() => void) | null = null;
  #sleepsForStream = false;
  #wakeMs: number | null = null;

  constructor(options: DeliveryOptions) {
    this.#options = options;
    this.#posted = new Posted(options.store, options.channel);
    this.#sender = new Sender(options, this.#posted, this.#buckets, this.#trouble);
    this.#after = options.after ?? afterMs;
  }

  /**
   * Starts a drain, or makes the running one look again. Never throws and returns at once. `live`: nothing changed but the text of
   * a live slot, which need not be looked at before the next live edit is due.
   */
  pump(what?: 'live'): void {
    if (this.#isBusy) {
      // Without a sleep to end, the drain is in a request and looks again after it.
      if (what === undefined || !this.#sleepsForStream) this.#kick?.();
      return;
    }
    const nowMs = this.#options.now();
    if (this.#wakeMs !== null && this.#wakeMs <= nowMs) this.#wakeMs = null;
    if (!this.#trouble.mayTry(nowMs)) return this.#wakeAt(this.#trouble.parkWakeMs());
    const drain = this.#drain();
    if (this.#isBusy) this.#draining = drain;
  }

  /** Resolves when no drain runs: for `waitUntil` and tests. Never rejects. */
  async idle(): Promise<void> {
    while (this.#draining !== null) await this.#draining;
  }

  /** When it wants to be pumped though nothing changes; null: not before something changes. */
  nextWakeMs(): number | null {
    // A drain at work looks again by itself, and says when it stops: an alarm that rang for it meanwhile would ring in circles.
    return this.#isBusy ? null : this.#wakeMs;
  }

  /**
   * Why nothing can be shown for now; `nextWakeMs` says when that is looked at again, so no safety alarm is needed. Null while a drain
   * tries again: should the object be reset in the middle of it, nothing else would.
   */
  parked(): ParkReason | null {
    return this.#isBusy ? null : this.#trouble.parkedFor;
  }

  /** The message of a slot, if it is there. */
  messageOf(key: SlotKey): MessageId | null {
    return this.#posted.message(key);
  }

  /**
   * Discord shows exactly this body, or never will (the message is gone for good, the body is refused): an ended turn's slots may
   * be left out when all are so.
   */
  isShown(slot: Slot): boolean {
    const row = this.#posted.row(slot.key);
    if (row?.state === 'gone') return true;
    if (slot.deleted !== undefined) return row === undefined || (row.message === null && row.sentMs === 0);
    if (row === undefined || row.message === null) return false;
    return !this.#posted.isStale(slot) || this.#heldUntilMs(slot, 0) === Number.POSITIVE_INFINITY;
  }

  /** Forgets the rows of slots whose key begins so. Their messages stay; they must not be desired again. */
  forget(keyPrefix: string): void {
    this.#posted.forget(keyPrefix);
  }

  /** Forgets messages that are never desired again, or may not change; the `newest` are kept all the same. */
  dropSettled(mayChange: (key: SlotKey) => boolean, newest: number): void {
    this.#posted.dropSettled(mayChange, newest);
  }

  async #drain(): Promise<void> {
    this.#isBusy = true;
    try {
      for (let calls = 0; calls < CALLS_MAX; ) {
        const next = this.#look();
        switch (next.do) {
          case 'idle':
            this.#wakeMs = null;
            return;
          case 'wait':
            if (next.untilMs - this.#options.now() > SLEEP_MAX_MS) return this.#wakeAt(next.untilMs);
            await this.#sleep(next);
            break;
          default:
            calls += await this.#sender.send(next);
        }
      }
      this.#wakeAt(this.#options.now());
    } catch (error) {
      this.#options.onNote?.(`delivery stopped: ${error instanceof Error ? error.name : 'unknown'}`);
      this.#wakeAt(this.#options.now() + BROKEN_WAIT_MS);
    } finally {
      this.#isBusy = false;
      this.#draining = null;
    }
  }

  #look(): Plan {
    const nowMs = this.#options.now();
    if (!this.#trouble.mayTry(nowMs)) return { do: 'wait', untilMs: this.#trouble.parkWakeMs(), live: true };
    if (this.#trouble.pausedUntilMs > nowMs)
      return { do: 'wait', untilMs: this.#trouble.pausedUntilMs, live: true };
    return plan({
      nowMs,
      slots: this.#options.desired().slots,
      row: (key) => this.#posted.row(key),
      isStale: (slot) => this.#posted.isStale(slot),
      isPartial: (key) => this.#posted.isPartial(key),
      heldUntilMs: (slot) => this.#heldUntilMs(slot, nowMs),
      tokens: (route) => this.#buckets.tokens(route, nowMs),
      isKnown: (route) => this.#buckets.isKnown(route),
      shared: this.#buckets.mayShare,
      stream: { lastMs: this.#sender.streamedMs, intervalMs: this.#trouble.streamIntervalMs(nowMs) },
    });
  }

  #heldUntilMs(slot: Slot, nowMs: number): number {
    const { key } = slot;
    return this.#trouble.heldUntilMs(slot, this.#posted.hash(slot), this.#posted.message(key), nowMs);
  }

  /** Given on only when it is news: each alarm that is set costs a row. */
  #wakeAt(atMs: number): void {
    const wakeMs = Number.isFinite(atMs) ? atMs : null;
    if (this.#wakeMs === wakeMs) return;
    this.#wakeMs = wakeMs;
    try {
      if (wakeMs !== null) this.#options.schedule(wakeMs);
    } catch {
      // The object's safety alarm pumps all the same.
      this.#options.onNote?.('the alarm could not be set');
    }
  }

  async #sleep(wait: { readonly untilMs: number; readonly live: boolean }): Promise<void> {
    this.#sleepsForStream = wait.live;
    await new Promise<void>((resolve) => {
      const cancel = this.#after(Math.max(1, wait.untilMs - this.#options.now()), resolve);
      this.#kick = () => {
        cancel();
        resolve();
      };
    });
    this.#kick = null;
  }
}

function afterMs(ms: number, fire: () => void): () => void {
  const timer = setTimeout(fire, ms);
  return () => clearTimeout(timer);
}
