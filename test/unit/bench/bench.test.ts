import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { streamWords } from '../../../playground/model/words.ts';
import { figure, table } from '../../bench/figure.ts';
import { readOptions } from '../../bench/options.ts';
import { faults, read, type Shown, wordsIn } from '../../bench/reading.ts';
import { median, p95, percentile, seeded } from '../../bench/statistics.ts';

describe('statistics', () => {
  it('takes the middle, or the mean of the two in the middle, whatever the order', () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([10, 1, 2, 3])).toBe(2.5);
    expect(median([7])).toBe(7);
    expect(median([])).toBeNaN();
  });

  it('takes the 19th of 20 as p95, and the only one of one', () => {
    const values = Array.from({ length: 20 }, (_, n) => 20 - n);
    expect(p95(values)).toBe(19);
    expect(p95([5])).toBe(5);
    expect(percentile(values, 1)).toBe(20);
    expect(percentile([], 0.5)).toBeNaN();
  });

  it('gives a percentile that is one of the values, with enough of them at or below it', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer(), { minLength: 1 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (values, share) => {
          const value = percentile(values, share);
          expect(values).toContain(value);
          const below = values.filter((one) => one <= value).length;
          expect(below).toBeGreaterThanOrEqual(share * values.length - 1e-6);
        },
      ),
    );
  });

  it('repeats random numbers by their seed', () => {
    const some = (seed: number) => {
      const random = seeded(seed);
      return Array.from({ length: 50 }, () => random());
    };
    expect(some(7)).toEqual(some(7));
    expect(some(7)).not.toEqual(some(8));
    expect(some(7).every((value) => value >= 0 && value < 1)).toBe(true);
  });
});

describe('words of a stream', () => {
  it('finds the words that the model streams', () => {
    expect(wordsIn(streamWords(30, 8).join(''))).toEqual(Array.from({ length: 30 }, (_, n) => n));
    expect(wordsIn('stream 200x8@25, demo, laptop')).toEqual([]);
  });

  it('tells which are there twice and which are not there', () => {
    expect(faults([0, 1, 1, 3], 5)).toEqual({ twice: [1], missing: [2, 4] });
    expect(faults([])).toEqual({ twice: [], missing: [] });
  });
});

describe('reading of a stream', () => {
  const writtenMs = [1000, 1100, 1200, 1300];
  const [a = '', b = '', c = '', d = ''] = streamWords(4, 8);
  const at = (atMs: number, text: string, message = 'm1'): Shown => ({ message, atMs, text });
  const good = [
    at(1150, a + b),
    at(1250, a + b + c),
    at(1400, a + b + c + d),
    at(1500, `${a + b + c + d}\n-# 5s`),
  ];

  it('measures from the first delta, over the longest wait, to the last word', () => {
    const calls = [900, 1050, 1200, 1390, 1450].map((atMs) => ({ atMs, status: 200 }));
    expect(read({ writtenMs, shown: good, calls })).toEqual({
      firstMs: 150,
      gapMs: 150,
      finalMs: 100,
      calls: 3,
      limited: 0,
      twice: 0,
      missing: 0,
    });
  });

  it('counts the time after the last edit that came while it streamed', () => {
    const shown = [at(1010, a), at(1900, a + b + c + d)];
    expect(read({ writtenMs, shown, calls: [] })).toMatchObject({ gapMs: 290, finalMs: 600 });
  });

  it('sees a word that stands in two messages for a moment only', () => {
    const shown = [at(1100, a + b), at(1200, b, 'm2'), at(1250, a), at(1400, b + c + d, 'm2')];
    expect(read({ writtenMs, shown, calls: [] })).toMatchObject({ twice: 1, missing: 0 });
  });

  it('sees a word that was missing for a moment, and one that never came', () => {
    const late = [at(1100, a), at(1200, c + d, 'm2'), at(1300, a + b)];
    expect(read({ writtenMs, shown: late, calls: [] }).missing).toBe(1);
    expect(read({ writtenMs, shown: [at(1100, a + b + c)], calls: [] }).missing).toBe(1);
    expect(read({ writtenMs, shown: [], calls: [] })).toMatchObject({ missing: 4, firstMs: Number.NaN });
  });

  it('sees a text that was deleted', () => {
    expect(read({ writtenMs, shown: [...good, at(1600, '')], calls: [] }).missing).toBe(4);
  });

  it('counts each 429', () => {
    const calls = [
      { atMs: 1100, status: 429 },
      { atMs: 5000, status: 429 },
    ];
    expect(read({ writtenMs, shown: good, calls }).limited).toBe(2);
  });
});

describe('figures', () => {
  it('meets an aim, misses one, and has none', () => {
    expect(figure('a', 5, 'ms', { under: 5 })).toMatchObject({ aim: '< 5', met: false });
    expect(figure('a', 5, 'ms', { atMost: 5 })).toMatchObject({ aim: '<= 5', met: true });
    expect(figure('a', 5, 'ms')).toMatchObject({ aim: null, met: null });
  });

  it('is never met when it could not be measured', () => {
    expect(figure('a', Number.NaN, 'ms', { under: 5 }).met).toBe(false);
    expect(figure('a', Number.NaN, 'ms', { atMost: 5 }).met).toBe(false);
  });

  it('does not round a miss into a hit', () => {
    expect(figure('a', 60.000_01, 'KiB', { atMost: 60 }).met).toBe(false);
  });

  it('says in the table what is missed', () => {
    const lines = table([figure('fast', 1, 'ms', { under: 2 }), figure('slow', 3, 'ms', { under: 2 })]).split(
      '\n',
    );
    expect(lines[1]).toMatch(/^fast .*met$/);
    expect(lines[2]).toMatch(/^slow .*MISSED$/);
  });
});

describe('arguments', () => {
  const say = () => {};
  it('filters by parts of names', () => {
    const run = readOptions(['--only', 'rows', '--only', 'stream 60'], say);
    expect(['rows', 'stream 60 s', 'stream 200 deltas', 'ask'].map((name) => run?.wants(name))).toEqual([
      true,
      true,
      false,
      false,
    ]);
    expect(readOptions([], say)?.wants('anything')).toBe(true);
  });

  it('refuses what it does not know', () => {
    expect(() => readOptions(['--fast'], say)).toThrow(TypeError);
    expect(() => readOptions(['--seed', 'x'], say)).toThrow(TypeError);
    expect(readOptions(['--help'], say)).toBeNull();
    expect(readOptions(['--seed', '12'], say)?.seed).toBe(12);
  });
});
