import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { backoffCeilingMs, backoffMs } from '../../../protocol/backoff.ts';
import { Close, type Frame } from '../../../protocol/frames.ts';
import type { BootId, StreamId } from '../../../protocol/ids.ts';
import {
  FRAME_TARGET_BYTES,
  RECONNECT_FIRST_MS,
  RECONNECT_MAX_MS,
  WINDOW_BYTES,
  WINDOW_MESSAGES,
} from '../../../protocol/limits.ts';
import {
  batch,
  type Conn,
  hello,
  type LinkEnd,
  newConn,
  receive,
  room,
  sent,
  welcome,
} from '../../../protocol/link.ts';

const mine = 's-mine' as StreamId;
const theirs = 's-theirs' as StreamId;
const boot = 'b' as BootId;
const open: Conn = { phase: 'open', inFlight: [] };
const end = (over: Partial<LinkEnd> = {}): LinkEnd => ({
  stream: mine,
  last: 10,
  acked: 4,
  received: { stream: theirs, last: 7 },
  ...over,
});
const peer = (over: Partial<LinkEnd> = {}): LinkEnd => ({
  stream: theirs,
  last: 7,
  acked: 7,
  received: { stream: mine, last: 6 },
  ...over,
});
const msg = (from: number, count: number): Frame => ({ t: 'msg', from, items: Array(count).fill(0) });

describe('meeting', () => {
  test('each learns what the other has', () => {
    expect(receive('object', end(), newConn, hello(peer(), boot))).toEqual({
      do: 'met',
      end: end({ acked: 6 }),
      restart: false,
      conn: open,
      boot,
    });
    expect(receive('runner', end(), newConn, welcome(peer(), 1, 0))).toMatchObject({
      do: 'met',
      end: { acked: 6 },
      restart: false,
    });
  });

  test.each([
    ['the other acked more than was sent', { received: { stream: mine, last: 11 } }],
    ['the other has less than it acked', { received: { stream: mine, last: 3 } }],
    ['the other acked something, and now knows nothing', { received: null }],
    [
      'the other acked something, and now knows another stream',
      { received: { stream: 's-old' as StreamId, last: 5 } },
    ],
  ])('a new stream begins when %s', (_name, over) => {
    const step = receive('object', end(), newConn, hello(peer(over), boot));
    expect(step).toMatchObject({ do: 'met', restart: true, end: { acked: 4, last: 10 } });
  });

  test('the first meeting is not a restart', () => {
    const fresh = end({ acked: 0, last: 3 });
    expect(receive('object', fresh, newConn, hello(peer({ received: null }), boot))).toMatchObject({
      restart: false,
      end: { acked: 0, last: 3 },
    });
  });

  test('a new stream of the other is counted from nothing', () => {
    const other = peer({ stream: 's-new' as StreamId, last: 2 });
    expect(receive('object', end(), newConn, hello(other, boot))).toMatchObject({
      end: { received: { stream: 's-new', last: 0 } },
      conn: { phase: 'open' },
    });
  });

  test('an end that went back in time is not listened to until it begins a new stream', () => {
    const step = receive('object', end(), newConn, hello(peer({ last: 5 }), boot));
    expect(step).toMatchObject({ do: 'met', conn: { phase: 'deaf' }, end: { received: { last: 7 } } });
    if (step.do !== 'met') return;
    expect(receive('object', step.end, step.conn, msg(6, 1))).toEqual({ do: 'close', code: Close.protocol });
    expect(room(step.end, step.conn)).toBeNull();
    // An object has begun it before its welcome, so towards a runner it is a fault.
    expect(receive('runner', end(), newConn, welcome(peer({ last: 5 }), 1, 0))).toEqual({
      do: 'close',
      code: Close.protocol,
    });
  });

  test('another version closes 4014', () => {
    expect(receive('object', end(), newConn, { ...hello(peer(), boot), version: 2 })).toEqual({
      do: 'close',
      code: Close.version,
    });
  });

  test.each<[string, 'object' | 'runner', Conn, Frame]>([
    ['hello twice', 'object', open, hello(peer(), boot)],
    ['hello to a runner', 'runner', newConn, hello(peer(), boot)],
    ['welcome to an object', 'object', newConn, welcome(peer(), 1, 0)],
    ['welcome twice', 'runner', open, welcome(peer(), 1, 0)],
    ['msg before hello', 'object', newConn, msg(8, 1)],
    ['ack before hello', 'object', newConn, { t: 'ack', last: 4 }],
    ['live before hello', 'object', newConn, { t: 'live', body: 1 }],
    ['state before welcome', 'runner', newConn, { t: 'state', body: 1 }],
  ])('%s closes 4002', (_name, side, conn, frame) => {
    expect(receive(side, end(), conn, frame)).toEqual({ do: 'close', code: Close.protocol });
  });
});

describe('messages', () => {
  test.each([
    [8, 3, { do: 'apply', skip: 0, last: 10 }],
    [6, 4, { do: 'apply', skip: 2, last: 9 }],
    [6, 2, { do: 'apply', skip: 2, last: 7 }],
    [1, 2, { do: 'apply', skip: 2, last: 7 }],
  ])('from %i, %i of them', (from, count, { skip, last }) => {
    expect(receive('object', end(), open, msg(from, count))).toEqual({
      do: 'apply',
      end: end({ received: { stream: theirs, last } }),
      skip,
      ack: { t: 'ack', last },
    });
  });
  test('a gap closes 4009', () => {
    expect(receive('object', end(), open, msg(9, 1))).toEqual({ do: 'close', code: Close.gap });
  });
  test('a number beyond what can be counted closes 4002', () => {
    const far = end({ received: { stream: theirs, last: Number.MAX_SAFE_INTEGER - 1 } });
    expect(receive('object', far, open, msg(Number.MAX_SAFE_INTEGER, 2))).toEqual({
      do: 'close',
      code: Close.protocol,
    });
  });
});

describe('acks', () => {
  const flying: Conn = { phase: 'open', inFlight: [10, 20, 30] };
  test('are cumulative', () => {
    expect(receive('object', end(), flying, { t: 'ack', last: 6 })).toEqual({
      do: 'acked',
      end: end({ acked: 6 }),
      conn: { phase: 'open', inFlight: [30] },
    });
    expect(receive('object', end(), flying, { t: 'ack', last: 4 })).toEqual({ do: 'nothing' });
    expect(receive('object', end(), flying, { t: 'ack', last: 0 })).toEqual({ do: 'nothing' });
  });
  test('of what was not sent on this socket close 4002', () => {
    expect(receive('object', end(), flying, { t: 'ack', last: 8 })).toEqual({
      do: 'close',
      code: Close.protocol,
    });
  });
});

describe('what may be sent', () => {
  const many = (count: number, size: number): { text: string }[] =>
    Array(count).fill({ text: 'x'.repeat(size) });
  /** Fills the window without any ack. */
  const fill = (size: number, last: number): { frames: number[][]; conn: Conn } => {
    const frames: number[][] = [];
    const state = end({ acked: 0, last });
    let conn = open;
    for (let space = room(state, conn); space !== null; space = room(state, conn)) {
      const { sizes } = batch(space, many(last - space.from + 1, size));
      frames.push(sizes);
      conn = sent(conn, sizes);
    }
    return { frames, conn };
  };

  test('nothing before the ends have met', () => expect(room(end(), newConn)).toBeNull());
  test('nothing when all is in flight', () => {
    expect(room(end(), { phase: 'open', inFlight: Array(6).fill(1) })).toBeNull();
  });
  test('small messages: as many as the window counts', () => {
    expect(fill(10, 1000).conn.inFlight).toHaveLength(WINDOW_MESSAGES);
  });
  test('large messages: as many bytes as the window holds, in frames of the target size', () => {
    const { frames, conn } = fill(50_000, 1000);
    const total = conn.inFlight.reduce((sum, size) => sum + size, 0);
    expect(total).toBeGreaterThan(WINDOW_BYTES - 50_000);
    expect(total).toBeLessThanOrEqual(WINDOW_BYTES + 50_000);
    for (const sizes of frames) {
      expect(sizes.reduce((sum, size) => sum + size + 1, 64)).toBeLessThanOrEqual(FRAME_TARGET_BYTES);
    }
  });
  test('a message above the target goes alone', () => {
    expect(fill(FRAME_TARGET_BYTES + 5, 3).frames.map((sizes) => sizes.length)).toEqual([1, 1, 1]);
  });
  test('a store that ends early does not loop', () => {
    const space = room(end(), open);
    expect(space).not.toBeNull();
    if (space !== null) expect(batch(space, [])).toEqual({ texts: [], sizes: [] });
  });
});

test('row 25: backoff has full jitter under a doubling ceiling', () => {
  fc.assert(
    fc.property(
      fc.nat(10_000),
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      (failures, random) => {
        const ms = backoffMs(failures, random);
        expect(ms).toBeGreaterThanOrEqual(0);
        expect(ms).toBeLessThan(backoffCeilingMs(failures));
        expect(backoffCeilingMs(failures)).toBe(
          Math.min(RECONNECT_MAX_MS, RECONNECT_FIRST_MS * 2 ** Math.min(failures, 30)),
        );
      },
    ),
  );
  expect([0, 1, 2, 6, 7].map(backoffCeilingMs)).toEqual([500, 1000, 2000, 30_000, 30_000]);
});
