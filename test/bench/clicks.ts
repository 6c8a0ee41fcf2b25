/** A click on Allow, from its POST to the line on the CLI's stdin, with no network in between. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { System } from '../../playground/system.ts';
import type { StubClaude, StubEntry } from '../stub-claude-script.ts';
import { quietly, several } from './conversation.ts';
import { type Figure, figure } from './figure.ts';
import type { Run } from './options.ts';
import { median, p95 } from './statistics.ts';

const WARM_UP = 2;
const TIMEOUT_MS = 10_000;
const POLL_MS = 5;
/** Nobody presses Allow the moment that it is there. */
const READING_MS = 300;

export async function clicks(system: System, stub: StubClaude, run: Run): Promise<Figure[]> {
  const conversations = await several(system);
  const { discord, owner } = system;
  const toStdinMs: number[] = [];
  const answeredMs: number[] = [];
  for (let n = -WARM_UP; n < (run.quick ? 5 : 20); n++) {
    const decided = decisions(stub).length;
    await quietly(conversations, n, (one) => one.ask('ask:1'));
    const { outcome, sentMs } = await quietly(conversations, n, async (one) => {
      const card = await one.card();
      await sleep(READING_MS);
      const logged = discord.log.length;
      const outcome = await discord.user(owner).click(card.id, 'Allow');
      return { outcome, sentMs: discord.log.slice(logged).find(({ dir }) => dir === 'out')?.t_ms };
    });
    if (outcome.failed !== undefined) throw new Error(`the click failed: ${outcome.failed}`);
    const decision = await newDecision(stub, decided);
    if (n < 0) continue;
    toStdinMs.push(decision.atMs - (sentMs ?? Number.NaN));
    answeredMs.push(outcome.ackMs);
  }
  return [
    figure('click on Allow to the CLI’s stdin, median', median(toStdinMs), 'ms', { under: 20 }),
    figure('click on Allow to the CLI’s stdin, p95', p95(toStdinMs), 'ms'),
    figure('click on Allow to its answer, median', median(answeredMs), 'ms'),
  ];
}

const decisions = (stub: StubClaude): StubEntry[] => stub.read().filter(({ event }) => event === 'decision');

async function newDecision(stub: StubClaude, before: number): Promise<StubEntry> {
  for (const untilMs = Date.now() + TIMEOUT_MS; Date.now() < untilMs; ) {
    const found = decisions(stub)[before];
    if (found !== undefined) return found;
    await sleep(POLL_MS);
  }
  throw new Error('the decision did not reach the CLI');
}
