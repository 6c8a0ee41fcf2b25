/** One run: a storm, then calm, then the reckoning. */
import { check, checkEnd } from './checks.ts';
import { SIMULATED } from './durations.ts';
import { Violation } from './ledger.ts';
import { calm, storm } from './storm.ts';
import { type Paths, type SessionClass, World } from './world.ts';

const HOUR_MS = 3_600_000;
const { promptWaitMs, requestWaitMs, questionWaitMs, runnerGoneMs } = SIMULATED;
/** Nothing waits longer than a prompt for a request that is waited for longest, or a runner, and what follows from them. */
const CALM_MS = promptWaitMs + Math.max(requestWaitMs, questionWaitMs, runnerGoneMs) + 6 * HOUR_MS;
const ACTS = 60;
/** More than any good run needs: something runs in circles. */
const FIRED_MAX = 400_000;

export interface Played {
  readonly seed: number;
  readonly violation: Violation | null;
  readonly trace: readonly string[];
  readonly fired: number;
  readonly figures: Readonly<Record<string, number>>;
}

export async function play(seed: number, Session: SessionClass, paths: Paths): Promise<Played> {
  const world = new World(seed, Session, paths);
  const step = () => {
    check(world);
    if (world.clock.fired > FIRED_MAX)
      throw new Violation('5 every state has an exit', 'it never comes to rest');
  };
  let violation: Violation | null = null;
  let figures: Record<string, number> = {};
  try {
    await storm(world, ACTS, step);
    calm(world);
    world.people.look();
    await world.clock.runUntil(world.clock.nowMs + CALM_MS, step);
    checkEnd(world);
    check(world);
    figures = await idle(world, step);
  } catch (error) {
    violation =
      error instanceof Violation
        ? error
        : new Violation('threw', error instanceof Error ? (error.stack ?? error.message) : String(error));
    world.note(violation.message);
  }
  const { trace, clock } = world;
  world.close();
  return { seed, violation, trace, fired: clock.fired, figures };
}

/** 8: what rests costs nothing, and what was done was done with few rows. */
async function idle(world: World, step: () => void): Promise<Record<string, number>> {
  const hosts = [...world.threads.values()].map(({ host }) => host);
  const rows = hosts.reduce((sum, { storage }) => sum + storage.rowsWritten, 0);
  const requests = hosts.reduce((sum, host) => sum + host.requests, 0);
  await world.clock.runUntil(world.clock.nowMs + 24 * HOUR_MS, step);
  const more = hosts.reduce((sum, { storage }) => sum + storage.rowsWritten, 0) - rows;
  const rung = hosts.reduce((sum, host) => sum + host.requests, 0) - requests;
  if (more > 4 || rung > 4)
    throw new Violation('8 it fits the free plan', `a day of rest cost ${more} rows and ${rung} requests`);
  const { inputs, turns } = world.ledger;
  const alarms = hosts.reduce((sum, { storage }) => sum + storage.alarmsSet, 0);
  const posts = world.discord.requests;
  return { rows, alarms, requests: Math.round(requests), inputs, turns, posts };
}
