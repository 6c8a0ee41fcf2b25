import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  decodeFrame,
  encodeFrame,
  encodeMessage,
  encodeMessages,
  isLongerThan,
  MESSAGE_MAX_BYTES,
  utf8Bytes,
} from '../../../protocol/codec.ts';
import { Close } from '../../../protocol/frames.ts';
import { FRAME_MAX_BYTES } from '../../../protocol/limits.ts';

const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31));
const params = { seed, numRuns: 500 };
const protocol = { ok: false, close: Close.protocol };

describe(`seed ${seed}`, () => {
  test('byte lengths are those of UTF-8', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.nat(80), (text, max) => {
        const bytes = new TextEncoder().encode(text).length;
        expect(utf8Bytes(text)).toBe(bytes);
        expect(isLongerThan(text, max)).toBe(bytes > max);
      }),
      params,
    );
  });

  test('lone surrogates count as the replacement character that they become', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0xd700, max: 0xe010 })), (units) => {
        const text = String.fromCharCode(...units);
        expect(utf8Bytes(text)).toBe(new TextEncoder().encode(text).length);
      }),
      params,
    );
  });

  test('decoding is total: anything gives a frame or a close code', () => {
    const junk = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.json(),
      fc.uint8Array(),
      fc.anything(),
      fc
        .record(
          {
            t: fc.oneof(fc.constantFrom('hello', 'welcome', 'msg', 'ack', 'live', 'state'), fc.string()),
            from: fc.oneof(fc.integer(), fc.double(), fc.string()),
            last: fc.oneof(fc.integer(), fc.double(), fc.constant(null)),
            items: fc.oneof(fc.array(fc.jsonValue()), fc.jsonValue()),
            body: fc.jsonValue(),
            version: fc.oneof(fc.nat(), fc.string()),
            sent: fc.oneof(fc.record({ stream: fc.string(), last: fc.integer() }), fc.jsonValue()),
            received: fc.option(fc.record({ stream: fc.string(), last: fc.integer() })),
          },
          { requiredKeys: ['t'] },
        )
        .map((value) => JSON.stringify(value)),
    );
    fc.assert(
      fc.property(junk, (data) => {
        const decoded = decodeFrame(data);
        // What was read says the same when it is written and read again.
        if (decoded.ok) expect(decodeFrame(encodeFrame(decoded.frame))).toEqual(decoded);
        else expect(Object.values(Close)).toContain(decoded.close);
      }),
      params,
    );
  });

  test('messages of a store read back as a frame', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
        fc.array(fc.jsonValue(), { minLength: 1, maxLength: 50 }),
        (from, bodies) => {
          const items = bodies.map((body) => JSON.parse(JSON.stringify(body)) as unknown);
          const frame = decodeFrame(
            encodeMessages(
              from,
              bodies.map((body) => JSON.stringify(body)),
            ),
          );
          expect(frame).toEqual({ ok: true, frame: { t: 'msg', from, items } });
        },
      ),
      params,
    );
  });
});

test.each([
  ['{', protocol],
  ['', protocol],
  ['ping', protocol],
  ['[]', protocol],
  ['null', protocol],
  ['{"t":"nope"}', protocol],
  ['{"t":"msg","from":0,"items":[1]}', protocol],
  ['{"t":"msg","from":1,"items":[]}', protocol],
  ['{"t":"msg","from":1.5,"items":[1]}', protocol],
  ['{"t":"ack","last":-1}', protocol],
  ['{"t":"ack","last":9007199254740993}', protocol],
  ['{"t":"hello","version":1,"boot":"","sent":{"stream":"a","last":0},"received":null}', protocol],
])('%s closes', (text, expected) => {
  expect(decodeFrame(text)).toEqual(expected);
});

test('depth is no way to break it', () => {
  const depth = 200_000;
  expect(decodeFrame('['.repeat(depth))).toEqual(protocol);
  const decoded = decodeFrame(`{"t":"state","body":${'['.repeat(depth)}${']'.repeat(depth)}}`);
  expect(decoded.ok || decoded.close === Close.protocol).toBe(true);
});

test('the size limit is in bytes, to the byte', () => {
  const frame = (bytes: number): string => {
    const shell = '{"t":"state","body":""}';
    return `{"t":"state","body":"${'x'.repeat(bytes - shell.length)}"}`;
  };
  expect(decodeFrame(frame(FRAME_MAX_BYTES)).ok).toBe(true);
  expect(decodeFrame(frame(FRAME_MAX_BYTES + 1))).toEqual({ ok: false, close: Close.tooLarge });
  const wide = `{"t":"state","body":"${'é'.repeat(FRAME_MAX_BYTES / 2)}"}`;
  expect(wide.length).toBeLessThan(FRAME_MAX_BYTES);
  expect(decodeFrame(wide)).toEqual({ ok: false, close: Close.tooLarge });
});

test('a message that could never be sent is refused when it is made', () => {
  const largest = encodeMessage('x'.repeat(MESSAGE_MAX_BYTES - 2));
  expect(largest.ok).toBe(true);
  if (!largest.ok) return;
  expect(decodeFrame(encodeMessages(Number.MAX_SAFE_INTEGER, [largest.text])).ok).toBe(true);
  expect(encodeMessage('x'.repeat(MESSAGE_MAX_BYTES - 1))).toEqual({ ok: false, why: 'tooLarge' });
  expect(encodeMessage(undefined)).toEqual({ ok: false, why: 'notJson' });
  expect(encodeMessage(1n)).toEqual({ ok: false, why: 'notJson' });
  const circle: { self?: unknown } = {};
  circle.self = circle;
  expect(encodeMessage(circle)).toEqual({ ok: false, why: 'notJson' });
});
