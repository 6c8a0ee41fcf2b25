import { expect, it } from 'vitest';
import { AlarmClock } from '../../worker/platform/alarm-clock.ts';

function clock() {
  const set: number[] = [];
  const alarm = new AlarmClock({ setAlarm: async (at) => void set.push(Number(at)) });
  return { alarm, set };
}

it('is set only to ring earlier', () => {
  const { alarm, set } = clock();
  alarm.ringBy(100_000, 0);
  alarm.ringBy(200_000, 0);
  alarm.ringBy(50_000, 0);
  expect(set).toEqual([100_000, 50_000]);
});

it('is never set to the present', () => {
  const { alarm, set } = clock();
  alarm.ringBy(5, 10);
  expect(set).toEqual([11]);
});

it('does not move what an earlier incarnation set to a later time', () => {
  const { alarm, set } = clock();
  alarm.sync(1_000);
  alarm.ringBy(90_000, 0);
  expect(set).toEqual([]);
});

it('is set anew after a rollback took it away', () => {
  const { alarm, set } = clock();
  const before = alarm.atMs;
  alarm.ringBy(1_000, 0);
  alarm.sync(before);
  alarm.ringBy(60_000, 0);
  expect(set).toEqual([1_000, 60_000]);
});

it('rings at once when it is found overdue, whatever the touch itself waits for', () => {
  for (const touch of [
    (alarm: AlarmClock, nowMs: number) => alarm.ringBy(nowMs + 90_000, nowMs),
    (alarm: AlarmClock, nowMs: number) => alarm.ringByEarliest(nowMs, [null, nowMs + 90_000]),
    (alarm: AlarmClock, nowMs: number) => alarm.ringByEarliest(nowMs, []),
  ]) {
    const { alarm, set } = clock();
    alarm.ringBy(60_000, 0);
    touch(alarm, 61_000);
    expect(set, 'late, about to ring').toHaveLength(1);
    touch(alarm, 62_000);
    expect(set).toEqual([60_000, 62_001]);
    touch(alarm, 62_500);
    expect(set, 'not with each touch').toHaveLength(2);
  }
});
