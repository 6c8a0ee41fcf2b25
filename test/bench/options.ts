import { parseArgs } from 'node:util';

export interface Run {
  /** Fewer and shorter runs, for who develops: the numbers are rough. */
  readonly quick: boolean;
  readonly seed: number;
  /** Whether a figure of this name is asked for. */
  readonly wants: (name: string) => boolean;
  /** A line for who waits. */
  readonly say: (line: string) => void;
}

export const USAGE = `npm run bench -- [--quick] [--only NAME]... [--seed NUMBER]

  --quick      few runs: rough numbers in two minutes
  --only NAME  only figures whose name holds NAME: ask, click, stream, "stream 37 s", rows, bundle, memory,
               many, recovery, resume
  --seed N     the random pauses and ends of this seed`;

/** Throws a TypeError for arguments that it does not know. */
export function readOptions(args: readonly string[], say: (line: string) => void): Run | null {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: 'boolean', default: false },
      only: { type: 'string', multiple: true, default: [] },
      seed: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return null;
  const seed = values.seed === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(values.seed);
  if (!Number.isSafeInteger(seed)) throw new TypeError('--seed takes a whole number');
  const { quick, only } = values;
  return {
    quick,
    seed,
    say,
    wants: (name) => only.length === 0 || only.some((part) => name.includes(part)),
  };
}
