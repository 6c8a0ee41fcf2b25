/** Work beside the main work: one try at a time, failures paced, nothing that it throws reaches who pumps it. */
import { expect, it } from 'vitest';
import { type Next, SideWork } from '../../worker/platform/side-work.ts';

function rig(deed: (todo: number) => Promise<Next>, look: () => number | null = () => 1) {
  const clock = { nowMs: 1_000 };
  const wakes: number[] = [];
  const tries: number[] = [];
  const work = new SideWork<number>({
    name: 'test',
    look,
    deed: (todo) => {
      tries.push(clock.nowMs);
      return deed(todo);
    },
    pace: (failures) => failures * 100,
    wakeBy: (atMs) => wakes.push(atMs),
    now: () => clock.nowMs,
  });
  return { work, clock, wakes, tries };
}

it('tries one at a time, and looks again as long as there is more', async () => {
  let left = 3;
  let running = 0;
  let most = 0;
  const { work, tries } = rig(
    async () => {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setImmediate(resolve));
      running -= 1;
      left -= 1;
      return 'more';
    },
    () => (left === 0 ? null : left),
  );
  await Promise.all([work.pump(), work.pump(), work.pump()]);
  expect(tries).toHaveLength(3);
  expect(most).toBe(1);
});

it('rests after one try when it is told to, and pumps again', async () => {
  const { work, tries } = rig(async () => 'rest');
  await work.pump();
  await work.pump();
  expect(tries).toHaveLength(2);
});

it('waits longer after each failure in a row, says when it may be woken, and begins anew after a success', async () => {
  let fails = true;
  const { work, clock, wakes, tries } = rig(async () => {
    if (fails) throw new Error('no');
    return 'rest';
  });
  await work.pump();
  expect(wakes).toEqual([1_100]);
  clock.nowMs = 1_099;
  await work.pump();
  expect(tries).toEqual([1_000]);
  clock.nowMs = 1_100;
  await work.pump();
  expect(wakes.at(-1)).toBe(1_300);
  fails = false;
  clock.nowMs = 1_300;
  await work.pump();
  fails = true;
  await work.pump();
  expect(wakes.at(-1)).toBe(1_400);
});

it('never rejects, whatever throws: the look, or a deed that throws at once', async () => {
  const broken = rig(
    async () => 'rest',
    () => {
      throw new Error('rows are gone');
    },
  );
  await expect(broken.work.pump()).resolves.toBeUndefined();
  const rude = rig(() => {
    throw new Error('not even a promise');
  });
  await expect(rude.work.pump()).resolves.toBeUndefined();
  expect(rude.wakes).toEqual([1_100]);
});

it('looks again at a pump that comes right when it has ended', async () => {
  let todo: number | null = 1;
  const { work, tries } = rig(
    async () => {
      todo = null;
      return 'more';
    },
    () => todo,
  );
  // Runs in the very step after the last look.
  await work.pump().then(() => {
    todo = 2;
    return work.pump();
  });
  expect(tries).toHaveLength(2);
});
