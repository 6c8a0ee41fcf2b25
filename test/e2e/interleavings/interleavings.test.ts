/**
 * A thousand random interleavings of asks and clicks: several sessions, gens and people, real objects, a real runner, a stub CLI that
 * logs what it was told. HEDDLE_SEED repeats a plan (not its timing), HEDDLE_INTERLEAVINGS makes it longer.
 */
import { expect, it } from 'vitest';
import { Crew } from './crew.ts';
import { play } from './play.ts';
import { schedule } from './schedule.ts';

const LANES = 6;
const COUNT = Number(process.env.HEDDLE_INTERLEAVINGS ?? 1000);
const SEED = Number(process.env.HEDDLE_SEED ?? Math.floor(Math.random() * 2 ** 31));
/** A thousand take about a minute on two cores. Milliseconds. */
const TIMEOUT_MS = 240_000 + COUNT * 500;

it(`${COUNT} random interleavings: each decision reaches the process that asked, and nobody else decides`, {
  timeout: TIMEOUT_MS,
}, async () => {
  console.log(`interleavings: HEDDLE_SEED=${SEED} HEDDLE_INTERLEAVINGS=${COUNT}`);
  const crew = await Crew.start();
  try {
    const { findings, interleavings } = await play(crew, schedule(SEED, LANES, COUNT), SEED);
    console.log(
      `${interleavings} interleavings: ${crew.asks.length} prompts, ${crew.clicks.length} clicks, ${crew.cards.all.length} cards`,
    );
    expect(findings, `HEDDLE_SEED=${SEED}`).toEqual([]);
    expect(crew.system.discord.violations).toEqual([]);
  } finally {
    await crew.stop();
  }
});
