/**
 * The whole wire contract of a link, one JSON text frame a line of this union.
 *
 * A link is symmetric: each end numbers its own messages 1, 2, … within a stream, the other end acks cumulatively,
 * and both store before they ack. A socket carries no state: after `hello` and `welcome` each end sends again what
 * the other has not acked. `live` and `state` frames are outside the numbering: the newest replaces what came before.
 */
import * as v from 'valibot';
import type { BootId, StreamId } from './ids.ts';
import { count } from './shapes.ts';

const id = v.pipe(v.string(), v.minLength(1), v.maxLength(100));
const stream = v.pipe(
  id,
  v.transform((value) => value as StreamId),
);

/** What an end has numbered itself: the stream's id and the last number it gave. */
const Sent = v.object({ stream, last: count });
/** What an end has taken from the other: of which stream, and up to where. `null`: nothing yet. */
const Received = v.nullable(v.object({ stream, last: count }));

export const Hello = v.object({
  t: v.literal('hello'),
  version: count,
  boot: v.pipe(
    id,
    v.transform((value) => value as BootId),
  ),
  sent: Sent,
  received: Received,
});

export const Welcome = v.object({
  t: v.literal('welcome'),
  version: count,
  /** Number of this connection; frames of an older one are dropped. */
  epoch: count,
  sent: Sent,
  received: Received,
  /** The object's clock, Unix milliseconds. */
  now: count,
});

/** Numbered messages `from`, `from` + 1, …; their bodies are checked by the link's user. */
export const Messages = v.object({
  t: v.literal('msg'),
  from: v.pipe(count, v.minValue(1)),
  items: v.pipe(v.array(v.unknown()), v.minLength(1), v.maxLength(1000)),
});

/** Everything up to `last` is stored. */
export const Ack = v.object({ t: v.literal('ack'), last: count });

/** Volatile text of the running turn; see `Live` in session.ts. */
export const LiveFrame = v.object({ t: v.literal('live'), body: v.unknown() });

/** A level-triggered whole that replaces what was sent before; see guild.ts. */
export const StateFrame = v.object({ t: v.literal('state'), body: v.unknown() });

export const Frame = v.variant('t', [Hello, Welcome, Messages, Ack, LiveFrame, StateFrame]);
export type Frame = v.InferOutput<typeof Frame>;
export type Hello = v.InferOutput<typeof Hello>;
export type Welcome = v.InferOutput<typeof Welcome>;
export type Ack = v.InferOutput<typeof Ack>;

/** Why an end closes a socket. 4000 to 4999 are free for applications (RFC 6455 7.4.2). */
export const Close = {
  /** A newer connection of the same runner took over. */
  superseded: 4001,
  /** A frame that cannot be read, or one that may not come now. */
  protocol: 4002,
  /** The signature is no longer good: removed, or the key changed. */
  unauthorized: 4003,
  /** Nothing was heard for too long. */
  stale: 4008,
  /** A number was skipped; connect again and resend. */
  gap: 4009,
  /** The conversation of this link is over. */
  gone: 4010,
  tooLarge: 4013,
  /** The other end speaks a version that this one does not. */
  version: 4014,
} as const;
export type CloseCode = (typeof Close)[keyof typeof Close];

/** Close codes after which a runner does not connect again by itself. */
export const FINAL_CLOSE_CODES: readonly number[] = [Close.unauthorized, Close.gone, Close.version];
