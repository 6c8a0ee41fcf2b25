/**
 * What to send next so that a channel shows what it should: pure. It is asked anew before each request.
 *
 * Creates are strictly in order, and text that is missing above a message to be created is completed first. Among what may go
 * now: that, the next create, a card to close, final edits (the newest message first), live edits.
 *
 * **The rhythm.** Discord gives about five requests in five seconds, sometimes for creates and edits together. What shows a growing
 * text is the *stream*: it keeps one request of each window for the final edit until the window's very end, where holding it back would
 * gain nothing any more, and spreads all of them evenly over what is left of the window, so that no gap is longer than it must be.
 * The step from a full message to the next is part of the stream. Other edits of earlier messages (a button that moved on) wait, while
 * text streams, for that last request; where requests are many, the stream's steps leave it to them.
 */
import type { Slot, SlotKey } from '../domain/slot.ts';
import type { Route, Tokens } from './buckets.ts';
import type { PostedRow } from './store.ts';

/** Four live edits and one reserved request fit in a window of five seconds, and no gap is near 1.4 s. */
export const STREAM_INTERVAL_MS = 1200;
/** Requests of a window that a stream leaves alone. */
const RESERVE = 1;
/** A stream with no request for this long stands still. */
const STREAM_QUIET_MS = 2500;
/** A reserved request may be used for something else this long before its window ends: a final edit then waits no longer. */
const RELEASE_MS = 250;
/**
 * Where few requests are left, no gap should be longer than this (with the way to Discord it is 1.4 s), so the stream takes the reserved
 * one earlier, but not earlier than `RELEASE_MAX_MS` before the window's end: a final edit may have to wait as long.
 */
const GAP_MS = 1300;
export const RELEASE_MAX_MS = 750;
/**
 * Discord's `enforce_nonce` knows a nonce for "the past few minutes". A create younger than this is sent again with its nonce; of
 * an older one the channel is asked whether it is there.
 */
export const NONCE_TRUST_MS = 60_000;

export interface Situation {
  readonly nowMs: number;
  readonly slots: readonly Slot[];
  row(key: SlotKey): PostedRow | undefined;
  /** Posted, and shows something else than it should. */
  isStale(slot: Slot): boolean;
  /** Posted with text that was still growing. */
  isPartial(key: SlotKey): boolean;
  /** Nothing is done about this slot before; `Infinity`: not before its body changes. */
  heldUntilMs(slot: Slot): number;
  tokens(route: Route): Tokens;
  /** The route has answered and named its bucket. */
  isKnown(route: Route): boolean;
  /** Creates and edits spend from one bucket, or may do so. */
  readonly shared: boolean;
  /** When the stream's last request went out, and the least time between two. */
  readonly stream: { readonly lastMs: number; readonly intervalMs: number };
}

export type Step =
  | { readonly do: 'create'; readonly slot: Slot; readonly stream: boolean }
  /** Look whether a create of unknown outcome was applied. */
  | { readonly do: 'find'; readonly slot: Slot; readonly stream: false }
  | { readonly do: 'edit'; readonly slot: Slot; readonly stream: boolean }
  | { readonly do: 'delete'; readonly slot: Slot; readonly stream: false };

export type Plan =
  | Step
  /** `live`: a live text that grows changes nothing before then. */
  | { readonly do: 'wait'; readonly untilMs: number; readonly live: boolean }
  | { readonly do: 'idle' };

interface Candidate {
  readonly step: Step;
  /** Lower goes first. */
  readonly rank: number;
  readonly atMs: number;
}

const RANK = { flush: 0, create: 1, card: 2, tail: 3, final: 4, delete: 5, live: 6, aside: 7 } as const;

export function plan(now: Situation): Plan {
  const first = creating(now);
  const others = editing(now).filter((candidate) => candidate.step.slot !== first?.step.slot);
  const candidates = [...(first === null ? [] : [first]), ...others, ...deleting(now)].filter(
    (candidate) => candidate.atMs < Number.POSITIVE_INFINITY,
  );
  if (candidates.length === 0) return { do: 'idle' };
  const ready = candidates.filter((candidate) => candidate.atMs <= now.nowMs);
  if (ready.length > 0) return ready.reduce((best, one) => (one.rank < best.rank ? one : best)).step;
  return {
    do: 'wait',
    untilMs: Math.min(...candidates.map((candidate) => candidate.atMs)),
    live: candidates.some((candidate) => candidate.step.stream),
  };
}

/** The next create, or what must come before it. */
function creating(now: Situation): Candidate | null {
  const index = now.slots.findIndex((slot) => slot.deleted === undefined && isDue(now.row(slot.key)));
  const slot = now.slots[index];
  if (slot === undefined) return null;
  const held = now.heldUntilMs(slot);
  if (isUncertain(now, slot)) {
    const atMs = Math.max(held, whenFree(now, 'read', 0));
    return { step: { do: 'find', slot, stream: false }, rank: RANK.create, atMs };
  }
  const above = flushBefore(now, index);
  if (above !== null) {
    const stream = slot.phase === 'live';
    const atMs = stream ? tick(now, 'edit') : whenFree(now, 'edit', 0);
    return { step: { do: 'edit', slot: above, stream }, rank: RANK.flush, atMs };
  }
  const stream = slot.phase === 'live';
  return {
    step: { do: 'create', slot, stream },
    rank: RANK.create,
    atMs: Math.max(held, createTurn(now, stream)),
  };
}

/** A message that goes on with a running stream is part of it; any other goes at once. */
function createTurn(now: Situation, stream: boolean): number {
  if (!stream || !isStreaming(now)) return whenFree(now, 'create', 0);
  return now.shared ? tick(now, 'create') : whenFree(now, 'create', RESERVE);
}

function isDue(row: PostedRow | undefined): boolean {
  return row === undefined || row.state === 'sending';
}

function isUncertain(now: Situation, slot: Slot): boolean {
  const row = now.row(slot.key);
  return row !== undefined && row.sentMs > 0 && now.nowMs - row.sentMs > NONCE_TRUST_MS;
}

/** The message above the one to be created, when text of it is missing. */
function flushBefore(now: Situation, index: number): Slot | null {
  const above = now.slots.slice(0, index).findLast((slot) => isPosted(now.row(slot.key)));
  if (above === undefined || above.phase === 'card' || above.deleted !== undefined) return null;
  const missing = now.isPartial(above.key) && now.isStale(above) && now.heldUntilMs(above) <= now.nowMs;
  return missing ? above : null;
}

function isPosted(row: PostedRow | undefined): boolean {
  return row !== undefined && row.message !== null;
}

function editing(now: Situation): Candidate[] {
  const tail = now.slots.findLast((slot) => isPosted(now.row(slot.key)));
  const streaming = isStreaming(now) && now.slots.some((slot) => slot.phase === 'live');
  return now.slots
    .filter((slot) => slot.deleted === undefined && isPosted(now.row(slot.key)) && now.isStale(slot))
    .map((slot) => {
      const stream = slot.phase === 'live';
      const { rank, free } = editTurn(now, slot, slot === tail, streaming);
      return { step: { do: 'edit', slot, stream }, rank, atMs: Math.max(free, now.heldUntilMs(slot)) };
    });
}

function editTurn(
  now: Situation,
  slot: Slot,
  isTail: boolean,
  streaming: boolean,
): { rank: number; free: number } {
  switch (slot.phase) {
    case 'card':
      return { rank: RANK.card, free: whenFree(now, 'edit', 0) };
    case 'live':
      return { rank: RANK.live, free: tick(now, 'edit') };
    case 'final':
      if (isTail) return { rank: RANK.tail, free: whenFree(now, 'edit', 0) };
      if (streaming) return { rank: RANK.aside, free: whenSpare(now, 'edit') };
      return { rank: RANK.final, free: whenFree(now, 'edit', 0) };
  }
}

function deleting(now: Situation): Candidate[] {
  return now.slots
    .filter((slot) => slot.deleted !== undefined)
    .flatMap((slot): Candidate[] => {
      const row = now.row(slot.key);
      if (row === undefined || row.state === 'gone') return [];
      const held = now.heldUntilMs(slot);
      if (row.message !== null) {
        const atMs = Math.max(held, whenFree(now, 'delete', 0));
        return [{ step: { do: 'delete', slot, stream: false }, rank: RANK.delete, atMs }];
      }
      // A create that may have been applied: it must be found to be deleted.
      if (row.sentMs === 0) return [];
      const atMs = Math.max(held, whenFree(now, 'read', 0));
      return [{ step: { do: 'find', slot, stream: false }, rank: RANK.delete, atMs }];
    });
}

function isStreaming(now: Situation): boolean {
  return now.nowMs - now.stream.lastMs < STREAM_QUIET_MS;
}

/** When more than `reserve` requests are left. */
function whenFree(now: Situation, route: Route, reserve: number): number {
  const { left, resetMs } = now.tokens(route);
  return left > reserve || resetMs === null ? now.nowMs : resetMs;
}

/** When the stream may send next. */
function tick(now: Situation, route: Route): number {
  const { left, resetMs } = now.tokens(route);
  const { lastMs, intervalMs } = now.stream;
  const earliest = Math.max(now.nowMs, lastMs + intervalMs);
  if (resetMs === null) return earliest;
  if (left <= 0) return Math.max(earliest, resetMs);
  // The reserved one closes the spread at the window's end.
  const scarceMs = Math.max(resetMs - RELEASE_MAX_MS, lastMs + left * GAP_MS);
  const releaseMs = Math.min(resetMs - RELEASE_MS, scarceMs);
  const spread = lastMs + (releaseMs - lastMs) / left;
  // Whether creates and edits share the window is not known before the first edit, so that is not put off.
  return Math.max(earliest, now.isKnown(route) ? spread : Math.min(spread, lastMs + GAP_MS));
}

/** When an edit takes nothing from a stream: at the end of a window that still has a request. */
function whenSpare(now: Situation, route: Route): number {
  const { left, resetMs } = now.tokens(route);
  if (resetMs === null) return now.nowMs;
  return left > 0 ? Math.max(now.nowMs, resetMs - RELEASE_MS) : resetMs + RELEASE_MS;
}
