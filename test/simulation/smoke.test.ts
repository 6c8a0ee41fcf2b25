/** A few runs of the simulation, with seeds that nobody has seen: for `npm run test:quick`. */
import { expect, it } from 'vitest';
import { simulate } from './simulate.ts';

it('ten schedules hold', async () => {
  const seed = Math.floor(Math.random() * 1e9);
  const { held, output } = await simulate('--runs', '10', '--seed', `${seed}`);
  expect(held, output).toBe(true);
  console.log(output.trim());
});
