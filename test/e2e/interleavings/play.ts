/** Plays a schedule with the crew and asks the oracle about it. */
import { Stuck } from './bell.ts';
import type { Crew } from './crew.ts';
import { type Finding, judge } from './oracle.ts';
import { Random } from './random.ts';
import { Rounds } from './rounds.ts';
import type { Round } from './schedule.ts';

/** How often the whole story is judged on the way; it is at the end in any case. Rounds. */
const JUDGE_EVERY = { 'each round': 1, 'now and then': 10 } as const;

export interface Result {
  readonly interleavings: number;
  readonly findings: readonly Finding[];
}

/** Stops at the first round after which something is found. */
export async function play(
  crew: Crew,
  rounds: readonly Round[],
  seed: number,
  judged: keyof typeof JUDGE_EVERY = 'now and then',
): Promise<Result> {
  const stage = new Rounds(crew, new Random(seed ^ 0x5eed));
  let interleavings = 0;
  for (const [number, round] of rounds.entries()) {
    interleavings += round.batches.length;
    const isDue = number % JUDGE_EVERY[judged] === 0 || number === rounds.length - 1;
    const findings: Finding[] = [];
    try {
      await stage.act(number, round);
      // Something that is wrong may keep the rest from coming to its end.
      if (judged === 'each round') findings.push(...judge(crew.story));
      if (findings.length === 0) await stage.settle(number, round);
      if (findings.length === 0 && isDue) findings.push(...judge(crew.story));
    } catch (error) {
      if (!(error instanceof Stuck)) throw error;
      const where = `${error.message} (round ${number}, ${round.weather})`;
      findings.push(...judge(crew.story), {
        rule: 'hangs',
        what: `${where}\n${crew.runner.output.slice(-3000)}`,
      });
    }
    if (findings.length > 0) return { interleavings, findings };
  }
  return { interleavings, findings: [] };
}
