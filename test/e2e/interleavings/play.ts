/** Plays a schedule with the crew and asks the oracle about it. */
import { Stuck } from './bell.ts';
import type { Crew } from './crew.ts';
import { type Finding, judge } from './oracle.ts';
import { Random } from './random.ts';
import { Rounds } from './rounds.ts';
import type { Round } from './schedule.ts';

/** How often the whole story is judged on the way; it is at the end in any case. Rounds. */
const JUDGE_EVERY = { 'each round': 1, 'now and then': 10 } as const;
/** More say nothing more. */
const FINDINGS_MAX = 30;

export interface Result {
  readonly interleavings: number;
  /** Of all rounds, each once, in the order in which they were found. */
  readonly findings: readonly Finding[];
}

export interface PlayOptions {
  readonly judged?: keyof typeof JUDGE_EVERY;
  /** After so many hangs it stops: each costs the bell's patience, and what comes after it says little. */
  readonly hangsMax?: number;
  /** What is looked for was found: it stops. */
  readonly enough?: (findings: readonly Finding[]) => boolean;
}

export async function play(
  crew: Crew,
  rounds: readonly Round[],
  seed: number,
  { judged = 'now and then', hangsMax = 1, enough = () => false }: PlayOptions = {},
): Promise<Result> {
  const stage = new Rounds(crew, new Random(seed ^ 0x5eed));
  const found = new Map<string, Finding>();
  const find = (findings: readonly Finding[]) => {
    for (const finding of findings) found.set(`${finding.rule}: ${finding.what}`, finding);
  };
  let interleavings = 0;
  let hangs = 0;
  const isOver = () => hangs >= hangsMax || found.size >= FINDINGS_MAX || enough([...found.values()]);
  for (const [number, round] of rounds.entries()) {
    interleavings += round.batches.length;
    const isDue = number % JUDGE_EVERY[judged] === 0 || number === rounds.length - 1;
    for (const part of ['act', 'settle'] as const) {
      try {
        await stage[part](number, round);
        if (judged === 'each round' || (isDue && part === 'settle')) find(judge(crew.story));
      } catch (error) {
        if (!(error instanceof Stuck)) throw error;
        hangs += 1;
        const where = `${error.message} (round ${number}, ${round.weather})`;
        find([...judge(crew.story), { rule: 'hangs', what: `${where}\n${crew.runner.output.slice(-3000)}` }]);
      }
      if (isOver()) return { interleavings, findings: [...found.values()] };
    }
  }
  return { interleavings, findings: [...found.values()] };
}
