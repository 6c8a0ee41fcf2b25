/**
 * The rules of both ends of a link. Pure: no I/O, no clock, no randomness.
 *
 * Each end numbers its messages 1, 2, … in a stream of its own and keeps them until the other has acked them. What is
 * durable is in `LinkEnd`; what lives and dies with one socket is in `Conn`. After `hello` (from the runner) and
 * `welcome` (from the object) both know what the other has, and each sends on from there. An end applies the items of a
 * `msg` and raises `received` in one transaction, and acks after it; so a message that comes again is known and skipped.
 *
 * A store can go back in time (restored from a backup). Then the two ends remember different pasts, and numbers lie. It
 * shows when they meet: the other acked more than was sent, or has less than it acked. The end whose messages it
 * concerns begins a **new stream** with all that it still keeps, renumbered from 1. Within a stream every message is
 * applied once and in order; across such a break one may be applied again, so bodies that act carry ids of their own.
 * What cannot be seen: a restored end that gave out at least as many new numbers as it had lost before it met the other.
 */
import { MESSAGES_FRAME_BYTES, utf8Bytes } from './codec.ts';
import { type Ack, Close, type CloseCode, type Frame, type Hello, type Welcome } from './frames.ts';
import type { BootId, StreamId } from './ids.ts';
import { FRAME_TARGET_BYTES, PROTOCOL_VERSION, WINDOW_BYTES, WINDOW_MESSAGES } from './limits.ts';
import { assertNever } from './never.ts';

/** How far an end has taken the other's messages. */
export interface Taken {
  readonly stream: StreamId;
  readonly last: number;
}

/** What one end stores. Its messages `acked` + 1 to `last` are stored with it. */
export interface LinkEnd {
  readonly stream: StreamId;
  /** The last number that it gave. */
  readonly last: number;
  /** Up to here the other end has stored them. */
  readonly acked: number;
  /** `null`: nothing came yet. */
  readonly received: Taken | null;
}

/** What one socket knows. It dies with the socket; it is plain data, so it fits a hibernating socket's attachment. */
export interface Conn {
  /** `deaf`: the other end has to begin a new stream first, so its numbers mean nothing. */
  readonly phase: 'greeting' | 'open' | 'deaf';
  /** UTF-8 sizes of the messages that are in flight: `acked` + 1, `acked` + 2, … */
  readonly inFlight: readonly number[];
}

export const newEnd = (stream: StreamId): LinkEnd => ({ stream, last: 0, acked: 0, received: null });

export const newConn: Conn = { phase: 'greeting', inFlight: [] };

/** A new stream with what is not acked, renumbered from 1. The store renumbers its messages in the same transaction. */
export const restarted = (end: LinkEnd, stream: StreamId): LinkEnd => ({
  stream,
  last: end.last - end.acked,
  acked: 0,
  received: end.received,
});

export const hello = (end: LinkEnd, boot: BootId): Hello => ({
  t: 'hello',
  version: PROTOCOL_VERSION,
  boot,
  sent: { stream: end.stream, last: end.last },
  received: end.received,
});

export const welcome = (end: LinkEnd, epoch: number, nowMs: number): Welcome => ({
  t: 'welcome',
  version: PROTOCOL_VERSION,
  epoch,
  sent: { stream: end.stream, last: end.last },
  received: end.received,
  now: nowMs,
});

/** What to do about a frame that came. Every change of `end` is stored before anything is sent. */
export type Step =
  | { readonly do: 'close'; readonly code: CloseCode }
  /** The ends know each other. Store `end`; if `restart`, then begin a new stream. The object then answers `welcome`. */
  | {
      readonly do: 'met';
      readonly end: LinkEnd;
      readonly restart: boolean;
      readonly conn: Conn;
      readonly boot: BootId | null;
    }
  /** Apply the items from index `skip` on and store `end`, in one transaction; then send `ack`. Nothing fresh: only send it. */
  | { readonly do: 'apply'; readonly end: LinkEnd; readonly skip: number; readonly ack: Ack }
  /** Store `end` and forget its messages up to `acked`. */
  | { readonly do: 'acked'; readonly end: LinkEnd; readonly conn: Conn }
  | { readonly do: 'nothing' }
  | { readonly do: 'live' | 'state'; readonly body: unknown };

const close = (code: CloseCode): Step => ({ do: 'close', code });

/** Takes one frame. `side` is the end that takes it: only a runner says hello, only an object says welcome. */
export function receive(side: 'object' | 'runner', end: LinkEnd, conn: Conn, frame: Frame): Step {
  switch (frame.t) {
    case 'hello':
      return side === 'object' && conn.phase === 'greeting'
        ? meet(end, frame, frame.boot)
        : close(Close.protocol);
    case 'welcome':
      return side === 'runner' && conn.phase === 'greeting' ? meetObject(end, frame) : close(Close.protocol);
    case 'msg':
      return conn.phase === 'open' ? take(end, frame.from, frame.items.length) : close(Close.protocol);
    case 'ack':
      return conn.phase === 'greeting' ? close(Close.protocol) : takeAck(end, conn, frame.last);
    case 'live':
    case 'state':
      return conn.phase === 'greeting' ? close(Close.protocol) : { do: frame.t, body: frame.body };
    default:
      return assertNever(frame);
  }
}

function meet(end: LinkEnd, other: Hello | Welcome, boot: BootId | null): Step {
  if (other.version !== PROTOCOL_VERSION) return close(Close.version);
  const has = other.received?.stream === end.stream ? other.received.last : 0;
  // More than was sent: our store went back in time. Less than it acked: theirs did, and what they lost is gone here.
  const restart = has > end.last || has < end.acked;
  const received =
    end.received?.stream === other.sent.stream ? end.received : { stream: other.sent.stream, last: 0 };
  return {
    do: 'met',
    end: { ...end, received, acked: restart ? end.acked : has },
    restart,
    conn: { phase: received.last > other.sent.last ? 'deaf' : 'open', inFlight: [] },
    boot,
  };
}

/** The object has seen our hello, so it has already begun a new stream where one was due: a deaf runner cannot be. */
function meetObject(end: LinkEnd, frame: Welcome): Step {
  const step = meet(end, frame, null);
  return step.do === 'met' && step.conn.phase === 'deaf' ? close(Close.protocol) : step;
}

function take(end: LinkEnd, from: number, count: number): Step {
  if (end.received === null) return close(Close.protocol);
  const { stream, last } = end.received;
  if (from > last + 1) return close(Close.gap);
  const upTo = from + (count - 1);
  if (!Number.isSafeInteger(upTo)) return close(Close.protocol);
  const reached = Math.max(last, upTo);
  return {
    do: 'apply',
    end: { ...end, received: { stream, last: reached } },
    skip: Math.min(count, last + 1 - from),
    ack: { t: 'ack', last: reached },
  };
}

function takeAck(end: LinkEnd, conn: Conn, last: number): Step {
  if (last > end.acked + conn.inFlight.length) return close(Close.protocol);
  if (last <= end.acked) return { do: 'nothing' };
  return {
    do: 'acked',
    end: { ...end, acked: last },
    conn: { ...conn, inFlight: conn.inFlight.slice(last - end.acked) },
  };
}

/** How much the next frame may hold; `null`: nothing may go now. `from` is the number of its first message. */
export interface Room {
  readonly from: number;
  readonly messages: number;
  /** UTF-8, of the messages alone. */
  readonly bytes: number;
}

export function room(end: LinkEnd, conn: Conn): Room | null {
  if (conn.phase !== 'open') return null;
  const from = end.acked + conn.inFlight.length + 1;
  if (from > end.last) return null;
  const messages = WINDOW_MESSAGES - conn.inFlight.length;
  const left = WINDOW_BYTES - conn.inFlight.reduce((sum, bytes) => sum + bytes, 0);
  if (messages <= 0 || left <= 0) return null;
  return { from, messages, bytes: Math.min(left, FRAME_TARGET_BYTES - MESSAGES_FRAME_BYTES) };
}

/** What the next frame holds, of the stored messages from `room.from` on: at least one, so one larger than the room goes alone. */
export function batch(
  room: Room,
  messages: Iterable<{ readonly text: string }>,
): { readonly texts: string[]; readonly sizes: number[] } {
  const texts: string[] = [];
  const sizes: number[] = [];
  let left = room.bytes;
  for (const { text } of messages) {
    const bytes = utf8Bytes(text);
    left -= bytes + 1; // the comma
    if (texts.length > 0 && (left < 0 || texts.length >= room.messages)) break;
    texts.push(text);
    sizes.push(bytes);
  }
  return { texts, sizes };
}

/** After these were sent. */
export const sent = (conn: Conn, sizes: readonly number[]): Conn => ({
  ...conn,
  inFlight: [...conn.inFlight, ...sizes],
});
