import fc from 'fast-check';
import { expect, it } from 'vitest';
import { BLOCKED_BACKOFF_MS, classify, errorText } from '../../../worker/discord/errors.ts';

const LIMITED = { 'x-ratelimit-bucket': 'abc', 'x-ratelimit-scope': 'user', 'retry-after': '2' };

it.each([
  [404, 10008, { kind: 'gone', what: 'message' }],
  [404, 10003, { kind: 'gone', what: 'channel' }],
  [404, 10015, { kind: 'gone', what: 'webhook' }],
  [404, 0, { kind: 'gone', what: 'other' }],
  [400, 50083, { kind: 'archived' }],
  [403, 160005, { kind: 'locked' }],
  [403, 50001, { kind: 'forbidden', code: 50001 }],
  [403, 50013, { kind: 'forbidden', code: 50013 }],
  [401, 0, { kind: 'tokenInvalid' }],
  [401, 50027, { kind: 'interactionOver' }],
  [400, 160004, { kind: 'threadExists' }],
  [400, 50035, { kind: 'invalid', status: 400, code: 50035 }],
  [413, 40005, { kind: 'invalid', status: 413 }],
  [403, 40333, { kind: 'transient', retryAfterMs: BLOCKED_BACKOFF_MS }],
  [500, 0, { kind: 'transient', status: 500 }],
  [429, 30046, { kind: 'tooOld' }],
  [302, 0, { kind: 'transient' }],
])('reads %i with code %i', (status, code, expected) => {
  const error = classify(status, new Headers(), JSON.stringify({ message: 'words', code }));
  expect(error).toMatchObject(expected);
});

it("tells Discord's own 429 from Cloudflare's", () => {
  const body = JSON.stringify({ message: 'You are being rate limited.', retry_after: 1.337, global: false });
  expect(classify(429, new Headers(LIMITED), body)).toEqual({
    kind: 'rateLimited',
    retryAfterMs: 1337,
    global: false,
    scope: 'user',
  });
  expect(classify(429, new Headers({ 'retry-after': '3' }), '<html>error code: 1015')).toEqual({
    kind: 'transient',
    status: 429,
    retryAfterMs: BLOCKED_BACKOFF_MS,
  });
  const long = new Headers({ 'retry-after': '600' });
  expect(classify(429, long, body)).toMatchObject({ kind: 'transient', retryAfterMs: BLOCKED_BACKOFF_MS });
  expect(classify(429, long, 'nothing')).toMatchObject({ kind: 'transient', retryAfterMs: 600_000 });
  expect(classify(429, new Headers(LIMITED), '{}')).toMatchObject({
    kind: 'rateLimited',
    retryAfterMs: 2000,
  });
});

it('knows the global limit by header or body', () => {
  const global = new Headers({ 'x-ratelimit-global': 'true', 'retry-after': '1' });
  expect(classify(429, global, '{"retry_after":0.5}')).toMatchObject({
    kind: 'rateLimited',
    global: true,
    retryAfterMs: 500,
  });
  expect(classify(429, new Headers(), '{"retry_after":0.5,"global":true}')).toMatchObject({
    global: true,
    scope: 'global',
  });
});

it('takes a page of HTML for no answer of Discord', () => {
  for (const status of [400, 401, 403, 404])
    expect(classify(status, new Headers(), '<!doctype html>')).toMatchObject({
      kind: 'transient',
      retryAfterMs: BLOCKED_BACKOFF_MS,
    });
});

it('says where the form is wrong', () => {
  const body = {
    code: 50035,
    message: 'Invalid Form Body',
    errors: { content: { _errors: [{ code: 'X', message: 'Too long.' }] } },
  };
  expect(errorText(classify(400, new Headers(), JSON.stringify(body)))).toBe(
    'refused 400/50035: Invalid Form Body (content: Too long.)',
  );
});

it('is total', () => {
  fc.assert(
    fc.property(fc.integer({ min: 300, max: 599 }), fc.oneof(fc.string(), fc.json()), (status, body) => {
      const error = classify(status, new Headers(), body);
      expect(errorText(error).length).toBeLessThan(400);
      if ('retryAfterMs' in error) expect(error.retryAfterMs).toBeGreaterThanOrEqual(0);
    }),
  );
});
