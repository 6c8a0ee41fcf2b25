import { expect, it } from 'vitest';
import {
  bytes,
  changed,
  duration,
  modelName,
  money,
  ordinal,
  percent,
  plural,
  timestamp,
  tokens,
} from '../../../worker/render/text/format.ts';
import { memo } from '../../../worker/render/text/memo.ts';

it('durations', () => {
  expect([0, 400, 59_400, 59_600, 134_000, 3_599_600, 3_600_000, 90_000_000].map(duration)).toEqual([
    '1s',
    '1s',
    '59s',
    '1m 00s',
    '2m 14s',
    '1h 00m',
    '1h 00m',
    '25h 00m',
  ]);
});

it('money, tokens, sizes', () => {
  expect([0, 0.0001, 0.004, 0.21, 12.3].map(money)).toEqual(['$0', '<$0.001', '$0.004', '$0.21', '$12.30']);
  expect([0, 950, 999, 1000, 1234, 12_345, 999_600, 1_200_000].map(tokens)).toEqual([
    '0',
    '950',
    '999',
    '1k',
    '1.2k',
    '12k',
    '1M',
    '1.2M',
  ]);
  expect([12, 9_100_000].map(bytes)).toEqual(['12 bytes', '9.1 MB']);
});

it('counts', () => {
  expect([1, 2, 3, 4, 11, 12, 13, 21, 102, 111].map(ordinal)).toEqual([
    '1st',
    '2nd',
    '3rd',
    '4th',
    '11th',
    '12th',
    '13th',
    '21st',
    '102nd',
    '111th',
  ]);
  expect([plural(1, 'file'), plural(2, 'file'), plural(2, 'search', 'searches')]).toEqual([
    '1 file',
    '2 files',
    '2 searches',
  ]);
  expect([changed(12, 3), changed(0, 3), changed(null, null)]).toEqual(['+12 −3', '−3', '']);
  expect(percent(0.384)).toBe('38%');
  expect(timestamp(1_767_323_045_999, 'R')).toBe('<t:1767323045:R>');
});

it('names of models', () => {
  const names = [
    'claude-sonnet-4-5-20250929',
    'claude-opus-4-1',
    'claude-3-5-haiku-20241022',
    'claude-sonnet-4-20250514',
    'us.anthropic.claude-sonnet-4-5-20250929-v1:0',
    'gpt-x',
    'opus',
  ];
  expect(names.map(modelName)).toEqual([
    'Sonnet 4.5',
    'Opus 4.1',
    'Haiku 3.5',
    'Sonnet 4',
    'Sonnet 4.5',
    'gpt-x',
    'opus',
  ]);
});

it('a memory that forgets the oldest, and never too late', () => {
  let computed = 0;
  const length = memo((text) => ({ length: text.length, nth: ++computed }), 2, 10);
  length('a');
  length('bb');
  expect(length('a').nth).toBe(1);
  length('ccc');
  expect(length('a').nth).toBe(1);
  expect(length('bb').nth).toBe(4);
  length('too long for it all');
  expect(length('a').nth).toBe(6);
});
