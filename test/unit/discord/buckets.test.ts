import { expect, it } from 'vitest';
import { Buckets } from '../../../worker/discord/buckets.ts';
import { nonceOf } from '../../../worker/discord/hash.ts';
import { snowflakeAt, snowflakeTimeMs } from '../../../worker/discord/snowflake.ts';

const said = (hash: string, remaining: number, resetAfterMs = 5000) => ({
  hash,
  limit: 5,
  remaining,
  resetAfterMs,
});

it('takes create and edit for one bucket until Discord says otherwise', () => {
  const buckets = new Buckets();
  expect(buckets.mayShare).toBe(true);
  buckets.spend('create', 0);
  expect(buckets.tokens('edit', 1).left).toBe(4);
  buckets.observe('create', said('c', 3), 100);
  expect(buckets.tokens('edit', 101).left).toBe(3);
  buckets.spend('edit', 200);
  buckets.observe('edit', said('e', 4), 300);
  expect(buckets.mayShare).toBe(false);
  expect(buckets.tokens('edit', 301).left).toBe(4);
});

it('learns that they share', () => {
  const buckets = new Buckets();
  buckets.observe('create', said('m', 2), 0);
  buckets.observe('edit', said('m', 1, 4900), 100);
  expect(buckets.mayShare).toBe(true);
  expect(buckets.tokens('create', 200)).toMatchObject({ left: 1 });
});

it('counts what was sent without an answer', () => {
  const buckets = new Buckets();
  for (let n = 0; n < 7; n++) buckets.spend('create', n);
  expect(buckets.tokens('create', 10)).toMatchObject({ left: 0 });
  expect(buckets.tokens('create', 5001)).toMatchObject({ left: 5, resetMs: null });
});

it('is not open before a 429 says so', () => {
  const buckets = new Buckets();
  buckets.block('edit', 9000);
  expect(buckets.tokens('edit', 8999).left).toBe(0);
  expect(buckets.tokens('edit', 9100).left).toBe(5);
});

it('names creates within 25 characters, each with its own nonce', () => {
  const nonces = new Set<string>();
  for (let n = 0; n < 20_000; n++) nonces.add(nonceOf('1300000000000000000', `t.${n}.0`, n % 3));
  expect(nonces.size).toBe(20_000);
  for (const nonce of nonces) expect(nonce.length).toBeLessThanOrEqual(25);
  expect(nonceOf('1', 'a', 0)).toBe(nonceOf('1', 'a', 0));
});

it('reads and makes snowflakes', () => {
  expect(snowflakeTimeMs('175928847299117063')).toBe(1462015105796);
  expect(snowflakeTimeMs(snowflakeAt(1_800_000_000_123))).toBe(1_800_000_000_123);
  expect(snowflakeTimeMs('x')).toBeNull();
  expect(snowflakeAt(0)).toBe('0');
});
