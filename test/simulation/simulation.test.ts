/** The simulation as `npm run simulate` plays it. */
import { describe, expect, it } from 'vitest';
import { MUTANTS } from './mutants.ts';
import { PLACES, simulate } from './simulate.ts';

/** Of each of the two processes that play other seeds each time: two minutes in all. */
const SECONDS = 60;

/** Others each time, or those of `HEDDLE_SIMULATION_SEED`: a schedule that nobody has seen finds more than one that always held. */
function seeds(): number[] {
  const asked = process.env.HEDDLE_SIMULATION_SEED;
  const first = asked === undefined ? Math.floor(Math.random() * 1e9) : Number(asked);
  return Array.from({ length: PLACES }, (_, n) => first + n * 100_000);
}

describe('whatever breaks, in whatever order', () => {
  it.concurrent.each(seeds())('the invariants hold from seed %i on', async (seed) => {
    const { held, output } = await simulate(
      '--runs',
      '100000',
      '--seconds',
      `${SECONDS}`,
      '--seed',
      `${seed}`,
    );
    expect(held, output).toBe(true);
    console.log(output.trim());
    const runs = new RegExp(`^(\\d+) runs from seed ${seed} held`, 'm').exec(output)?.[1];
    expect(Number(runs)).toBeGreaterThan(0);
  });

  it('the same seed gives the same run, alone or after others', async () => {
    const first = await simulate('--runs', '1', '--seed', '7');
    const again = await simulate('--runs', '1', '--seed', '7');
    const trace = /^trace (\w+), (\d+) lines$/m.exec(first.output);
    expect(Number(trace?.[2])).toBeGreaterThan(100);
    expect(again.output).toContain(trace?.[0]);
    const after = await simulate('--runs', '3', '--seed', '5', '--hashes');
    expect(after.output).toContain(`seed 7: ${trace?.[0]}`);
  });
});

describe('each invariant, broken on purpose, is seen broken', () => {
  it.concurrent.each(MUTANTS)('$name', async ({ name, breaks }) => {
    const { held, output } = await simulate('--runs', '30', '--seed', '1', '--mutant', name);
    expect(held, output).toBe(false);
    expect(/^seed \d+ breaks (.*)$/m.exec(output)?.[1], output).toMatch(breaks);
  });

  it('a failing seed fails again, in the same way', async () => {
    const options = ['--mutant', 'post-again'];
    const found = await simulate('--runs', '30', '--seed', '1', ...options);
    const seed = /^seed (\d+) breaks/m.exec(found.output)?.[1] ?? '';
    const trace = /^trace \w+, \d+ lines/m.exec(found.output)?.[0];
    expect(trace).toBeDefined();
    const again = await simulate('--runs', '1', '--seed', seed, ...options);
    expect(again.output).toContain(trace);
  });
});
