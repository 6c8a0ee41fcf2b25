import { expect, it } from 'vitest';
import { lineCost } from '../../../worker/render/text/cost.ts';
import { showInvisible } from '../../../worker/render/text/escape.ts';

it('counts every character for no less than it takes when it is shown', () => {
  const short: string[] = [];
  for (let code = 0; code <= 0x10ffff; code++) {
    const char = String.fromCodePoint(code);
    if (lineCost(char) < showInvisible(char).length && !(code >= 0xd800 && code <= 0xdbff))
      short.push(code.toString(16));
  }
  expect(short).toEqual([]);
  // Half a pair is known as such only when something else follows.
  expect(lineCost('\ud800x')).toBeGreaterThanOrEqual(showInvisible('\ud800x').length);
  expect(lineCost('\ud800\ud800x')).toBeGreaterThanOrEqual(showInvisible('\ud800\ud800x').length);
});
