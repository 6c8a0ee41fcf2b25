import { expect, test } from 'vitest';
import { ProcessPool, type Tenant } from '../../../runner/session/process-pool.ts';

const tenant = (idle: boolean, evicted: () => void = () => {}): Tenant => ({ idle, evict: evicted });

test('each place that is taken or left is told, so that the guilds know the load', () => {
  const sizes: number[] = [];
  const pool: ProcessPool = new ProcessPool(
    () => 2,
    () => sizes.push(pool.size),
  );
  const [one, two, three] = [tenant(false), tenant(false), tenant(false)];
  pool.ask(one, () => {});
  pool.ask(two, () => {});
  expect(pool.ask(three, () => {})).toBe(false);
  expect(sizes).toEqual([1, 2]);
  pool.release(one);
  // The one that waited has its place.
  expect(sizes).toEqual([1, 2, 1, 2]);
  pool.release(one);
  expect(sizes).toHaveLength(4);
});

test('over the limit the least recently used idle one goes, and no busy one', () => {
  const gone: string[] = [];
  const pool = new ProcessPool(() => 2);
  const old = tenant(true, () => gone.push('old'));
  const newer = tenant(true, () => gone.push('newer'));
  pool.ask(old, () => {});
  pool.ask(newer, () => {});
  pool.touch(old);
  pool.ask(tenant(false), () => {});
  expect(gone).toEqual(['newer']);
});
