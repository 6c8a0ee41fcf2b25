import { describe, expect, test } from 'vitest';
import { Close, FINAL_CLOSE_CODES } from '../../../protocol/frames.ts';
import { afterEnd, type Ended, type Past } from '../../../runner/link/policy.ts';
import { LINK_TIMING } from '../../../runner/link/timing.ts';

const past: Past = { failures: 3, livedMs: null, clockCorrected: false, random: 0.5 };
const after = (ended: Ended, over: Partial<Past> = {}) => afterEnd(ended, { ...past, ...over }, LINK_TIMING);
const closed = (code: number): Ended => ({ how: 'closed', code });
type OurError = Extract<Ended, { how: 'refused' }>['error'];
const refused = (status: number, error: OurError = null, retryAfterMs: number | null = null): Ended => ({
  how: 'refused',
  status,
  error,
  retryAfterMs,
});

test('every final close code stops, and no other does', () => {
  const codes = [1000, 1001, 1005, 1006, 1009, 1011, 1012, 1015, 4000, 4999, ...Object.values(Close)];
  for (const code of codes) {
    expect([code, after(closed(code)).do]).toEqual([
      code,
      FINAL_CLOSE_CODES.includes(code) ? 'stop' : 'wait',
    ]);
  }
});

test('the wait doubles while it fails, and starts again after a healthy time', () => {
  expect(after(closed(1006))).toEqual({ do: 'wait', ms: 2000, failures: 4, why: 'offline' });
  expect(after(closed(1006), { livedMs: LINK_TIMING.healthyMs - 1 })).toMatchObject({
    ms: 2000,
    failures: 4,
  });
  expect(after(closed(1006), { livedMs: LINK_TIMING.healthyMs })).toMatchObject({ ms: 250, failures: 1 });
  expect(after(closed(1006), { failures: 1000 })).toMatchObject({ ms: 15_000 });
});

test('two processes with one key do not throw each other out for ever', () => {
  expect(after(closed(Close.superseded), { failures: 0, random: 0 })).toMatchObject({
    do: 'wait',
    ms: 15_000,
  });
});

describe('refusals', () => {
  test('our own words are final', () => {
    expect(after(refused(403, 'removed'))).toEqual({ do: 'stop', why: 'removed' });
    expect(after(refused(404, 'unknown'))).toEqual({ do: 'stop', why: 'unknown' });
    expect(after(refused(426, 'version'))).toEqual({ do: 'stop', why: 'version' });
  });
  test.each([301, 400, 403, 404, 426, 429, 500, 503])('a %i in other words is not', (status) => {
    expect(after(refused(status))).toMatchObject({ do: 'wait', why: 'refused', failures: 4 });
  });
  test('an upgrade that a proxy took away is tried again', () => {
    expect(after(refused(426, 'upgrade'))).toMatchObject({ do: 'wait' });
  });
  test('unconfirmed is polled', () => {
    expect(after(refused(403, 'unconfirmed'))).toEqual({
      do: 'wait',
      ms: 2000,
      failures: 0,
      why: 'unconfirmed',
    });
  });
  test('a wrong clock is set right and tried at once, one that was right is not', () => {
    expect(after(refused(401, 'unauthorized'), { clockCorrected: true })).toMatchObject({
      do: 'wait',
      ms: 0,
    });
    expect(after(refused(401, 'unauthorized'))).toMatchObject({ do: 'wait', ms: 2000, failures: 4 });
  });
  test('Retry-After is honoured, within reason', () => {
    expect(after(refused(429, null, 60_000))).toMatchObject({ ms: 60_000 });
    expect(after(refused(503, null, 1e9))).toMatchObject({ ms: 300_000 });
    expect(after(refused(503, null, 1))).toMatchObject({ ms: 2000 });
  });
});
