/** The arguments of `npm run chaos`. */
import { parseArgs } from 'node:util';
import type { Mutation } from '../../playground/worker.ts';

export interface ChaosOptions {
  /** How long people ask and things fail. Seconds. */
  readonly seconds: number;
  /** Repeats what people and the weather want to do, not its timing. */
  readonly seed: number;
  /** Deliberate breaks of the Worker: proof that the books find them. */
  readonly mutations?: readonly Mutation[];
  /** How long everything may take to come to rest. Milliseconds. */
  readonly restMs?: number;
}

export const USAGE = 'usage: npm run chaos -- --seconds N [--seed S]';
const SECONDS_DEFAULT = 60;

/** Throws with what is wrong. */
export function readOptions(argv: readonly string[]): ChaosOptions {
  const { values } = parseArgs({
    args: [...argv],
    options: { seconds: { type: 'string' }, seed: { type: 'string' } },
  });
  const seconds = Number(values.seconds ?? SECONDS_DEFAULT);
  const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31));
  if (!Number.isFinite(seconds) || seconds <= 0) throw new Error(`--seconds ${values.seconds}: not a time`);
  if (!Number.isSafeInteger(seed) || seed < 0) throw new Error(`--seed ${values.seed}: not a seed`);
  return { seconds, seed };
}
