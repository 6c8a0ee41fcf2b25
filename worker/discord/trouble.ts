/** What keeps one channel's delivery from going on, and until when. Memory only: after a restart Discord says it again. */
import type { MessageId } from '../../protocol/ids.ts';
import type { Slot, SlotKey } from '../domain/slot.ts';
import type { DiscordError } from './errors.ts';
import { STREAM_INTERVAL_MS } from './plan.ts';
import { snowflakeTimeMs } from './snowflake.ts';

/** Why a channel cannot be written to for now. `text` is for a person. */
export interface ParkReason {
  readonly kind: 'locked' | 'forbidden' | 'channelGone' | 'tokenInvalid';
  readonly text: string;
}

/** First and longest wait after something that may pass; it doubles between them. */
const BACKOFF_FIRST_MS = 1000;
const BACKOFF_MAX_MS = 60_000;
/** A parked channel is tried again when it is pumped after this. Refusals count against Discord's 10,000 invalid requests in 10 minutes. */
const PARK_MIN_MS = 60_000;
/** The same for a token that Discord does not take: that ends with a new deployment. */
const PARK_TOKEN_MS = 10 * 60_000;
/** A parked channel is tried again by itself after the first of these; it doubles up to the second. */
const PARK_WAKE_FIRST_MS = 5 * 60_000;
const PARK_WAKE_MAX_MS = 6 * 60 * 60_000;
/** Live edits of a bot that ran into the global limit slow down to this, and recover one halving a calm while. */
const STREAM_INTERVAL_MAX_MS = 15_000;
const CALM_MS = 60_000;
/** An edit of an old message (30046) is tried this often, each time after a longer wait; then this body is given up. */
const HELD_TRIES_MAX = 4;
const HELD_GROWTH = 4;
/** Discord: messages older than an hour have a limit of edits of their own. */
const OLD_MESSAGE_MS = 60 * 60_000;

interface Hold {
  readonly hash: string;
  readonly untilMs: number;
  readonly tries: number;
}

export class Trouble {
  #pauseUntilMs = 0;
  #failures = 0;
  #parked: { reason: ParkReason; sinceMs: number; wakes: number } | null = null;
  #globalMs = Number.NEGATIVE_INFINITY;
  #intervalMs = STREAM_INTERVAL_MS;
  #oldUntilMs = 0;
  readonly #holds = new Map<SlotKey, Hold>();

  /** Nothing is sent before this. */
  get pausedUntilMs(): number {
    return this.#pauseUntilMs;
  }

  get parkedFor(): ParkReason | null {
    return this.#parked?.reason ?? null;
  }

  /** A parked channel may be tried again: on a pump, or because its time has come. */
  mayTry(nowMs: number): boolean {
    if (this.#parked === null) return true;
    const restMs = this.#parked.reason.kind === 'tokenInvalid' ? PARK_TOKEN_MS : PARK_MIN_MS;
    return nowMs >= this.#parked.sinceMs + restMs;
  }

  /** When a parked channel is tried again though nobody pumps it. A channel that is gone does not come back: never. */
  parkWakeMs(): number {
    if (this.#parked === null) return 0;
    if (this.#parked.reason.kind === 'channelGone') return Number.POSITIVE_INFINITY;
    const waitMs = Math.min(PARK_WAKE_MAX_MS, PARK_WAKE_FIRST_MS * 2 ** this.#parked.wakes);
    return (
      this.#parked.sinceMs + Math.max(waitMs, this.#parked.reason.kind === 'tokenInvalid' ? PARK_TOKEN_MS : 0)
    );
  }

  /** True when the reason is news. */
  park(reason: ParkReason, nowMs: number): boolean {
    const before = this.#parked;
    this.#parked = { reason, sinceMs: nowMs, wakes: before === null ? 0 : before.wakes + 1 };
    return before?.reason.kind !== reason.kind;
  }

  /** A request was answered as it should be. True when this ends a parking. */
  worked(): boolean {
    this.#failures = 0;
    const was = this.#parked !== null;
    this.#parked = null;
    return was;
  }

  pause(untilMs: number): void {
    this.#pauseUntilMs = Math.max(this.#pauseUntilMs, untilMs);
  }

  /** It may pass: wait at least `leastMs`, longer each time. */
  failed(leastMs: number, nowMs: number): void {
    const backoffMs = Math.min(BACKOFF_MAX_MS, BACKOFF_FIRST_MS * 2 ** this.#failures);
    this.#failures += 1;
    this.pause(nowMs + Math.max(leastMs, backoffMs));
  }

  /**
   * The bot as a whole was too fast, so other channels wait for the same moment. `spread`, in [0, 1): how much later than that this one
   * goes on; the more often it happens, the further apart they are.
   */
  limitedGlobally(retryAfterMs: number, spread: number, nowMs: number): void {
    this.#intervalMs = Math.min(STREAM_INTERVAL_MAX_MS, this.streamIntervalMs(nowMs) * 2);
    this.#globalMs = nowMs;
    this.pause(nowMs + retryAfterMs + spread * (this.#intervalMs - 2 * STREAM_INTERVAL_MS));
  }

  /** The least time between two requests of a stream. */
  streamIntervalMs(nowMs: number): number {
    const calms = Math.floor((nowMs - this.#globalMs) / CALM_MS);
    return calms > 10 ? STREAM_INTERVAL_MS : Math.max(STREAM_INTERVAL_MS, this.#intervalMs / 2 ** calms);
  }

  /** This body is refused: nothing more about this slot until it has another. */
  refuse(slot: Slot, hash: string): void {
    this.#holds.set(slot.key, { hash, untilMs: Number.POSITIVE_INFINITY, tries: 0 });
  }

  /** 30046: no message of this age is edited for a while. This one after some tries not before it has another body. */
  tooOld(slot: Slot, hash: string, waitMs: number, nowMs: number): void {
    this.#oldUntilMs = nowMs + waitMs;
    this.hold(slot, hash, waitMs, nowMs);
  }

  /** Nothing about this slot for a while; after some tries with the same body, not before it has another. */
  hold(slot: Slot, hash: string, waitMs: number, nowMs: number): void {
    const before = this.#holds.get(slot.key);
    const tries = (before?.hash === hash ? before.tries : 0) + 1;
    const untilMs =
      tries >= HELD_TRIES_MAX ? Number.POSITIVE_INFINITY : nowMs + waitMs * HELD_GROWTH ** (tries - 1);
    this.#holds.set(slot.key, { hash, untilMs, tries });
  }

  /** A hold without end is about one body; one with an end is about the message. */
  heldUntilMs(slot: Slot, hash: string, message: MessageId | null, nowMs: number): number {
    const hold = this.#holds.get(slot.key);
    const held =
      hold === undefined || (hold.untilMs === Number.POSITIVE_INFINITY && hold.hash !== hash)
        ? 0
        : hold.untilMs;
    if (this.#oldUntilMs <= nowMs || message === null) return held;
    const isOld = nowMs - (snowflakeTimeMs(message) ?? nowMs) > OLD_MESSAGE_MS;
    return isOld ? Math.max(held, this.#oldUntilMs) : held;
  }

  release(slot: Slot): void {
    this.#holds.delete(slot.key);
  }
}

/** Why an error keeps everything in a channel from being sent; null: it does not. */
export function parkReason(error: DiscordError): ParkReason | null {
  switch (error.kind) {
    case 'locked':
      return { kind: 'locked', text: 'The thread is locked.' };
    case 'forbidden':
      return { kind: 'forbidden', text: `Discord does not allow it here: ${error.text}` };
    case 'tokenInvalid':
      return { kind: 'tokenInvalid', text: 'Discord does not accept the bot token.' };
    case 'gone':
      return error.what === 'message'
        ? null
        : { kind: 'channelGone', text: 'The channel or thread is gone.' };
    default:
      return null;
  }
}
