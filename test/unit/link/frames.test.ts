import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { expect, test } from 'vitest';
import { decodeFrame, encodeFrame } from '../../../protocol/codec.ts';
import { Frame } from '../../../protocol/frames.ts';
import { PROTOCOL_VERSION, SUBPROTOCOL } from '../../../protocol/limits.ts';

/** Frames as a peer of this version sends them, byte for byte. A change here is a new protocol version. */
const GOLDEN: Record<string, Frame> = {
  hello: {
    t: 'hello',
    version: 1,
    boot: 'b-1' as never,
    sent: { stream: 's-runner' as never, last: 12 },
    received: { stream: 's-object' as never, last: 7 },
  },
  'hello-first': {
    t: 'hello',
    version: 1,
    boot: 'b-1' as never,
    sent: { stream: 's-runner' as never, last: 0 },
    received: null,
  },
  welcome: {
    t: 'welcome',
    version: 1,
    epoch: 3,
    sent: { stream: 's-object' as never, last: 7 },
    received: { stream: 's-runner' as never, last: 11 },
    now: 1_795_000_000_000,
  },
  msg: { t: 'msg', from: 12, items: [{ kind: 'end', gen: 1 }, 'text', null] },
  ack: { t: 'ack', last: 12 },
  live: { t: 'live', body: { gen: 1, segment: 0, from: 0, text: 'Hello' } },
  state: { t: 'state', body: { kind: 'wanted', rev: 4, sessions: ['1'] } },
};

const folder = join(import.meta.dirname, '../../fixtures/frames');
const files = readdirSync(folder).filter((name) => name.endsWith('.json'));

test('row 22: the version and the subprotocol go together', () => {
  expect(SUBPROTOCOL).toBe(`heddle.v${PROTOCOL_VERSION}`);
});

test('there is a frozen frame of each kind, and no other file', () => {
  expect(files.sort()).toEqual(
    Object.keys(GOLDEN)
      .map((name) => `${name}.json`)
      .sort(),
  );
  const kinds = Frame.options.map((option) => option.entries.t.literal);
  expect(new Set(Object.values(GOLDEN).map((frame) => frame.t))).toEqual(new Set(kinds));
});

test.each(Object.entries(GOLDEN))('row 22: %s is written and read as it was frozen', (name, frame) => {
  const text = readFileSync(join(folder, `${name}.json`), 'utf8').trimEnd();
  expect(encodeFrame(frame)).toBe(text);
  expect(decodeFrame(text)).toEqual({ ok: true, frame });
});

test('row 22: a field that a later version adds is ignored', () => {
  expect(decodeFrame('{"t":"ack","last":1,"later":true}')).toEqual({
    ok: true,
    frame: { t: 'ack', last: 1 },
  });
  expect(v.is(Frame, { t: 'ack', last: 1, later: true })).toBe(true);
});
