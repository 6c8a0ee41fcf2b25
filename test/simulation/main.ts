/** The command line of the simulation. Loaded after the platform was replaced. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { play } from './play.ts';
import { hashOf } from './trace-hash.ts';
import type { SessionClass } from './world.ts';

export interface Options {
  readonly runs: number;
  readonly seed: number;
  readonly traceFile: string | null;
  /** Print each run's trace as a hash. */
  readonly hashes: boolean;
  /** Stop after this. Milliseconds of real time. */
  readonly budgetMs: number;
  /** A break is told and does not end it. */
  readonly goesOn: boolean;
  readonly print: (line: string) => void;
}

/** How many lines before the end are printed of a run that failed. */
const TRACE_LINES = 60;

/** True when no run broke anything. */
export async function simulate({
  runs,
  seed,
  traceFile,
  hashes,
  budgetMs,
  goesOn,
  print,
}: Options): Promise<boolean> {
  // By a name that the compiler does not follow: the object's types are Cloudflare's.
  const module: unknown = await import(new URL('../../worker/session/session.ts', import.meta.url).href);
  const { Session } = module as { Session: SessionClass };
  const folder = mkdtempSync(path.join(tmpdir(), 'heddle-simulation-'));
  const paths = { home: path.join(folder, 'home'), project: path.join(folder, 'project') };
  for (const each of Object.values(paths)) mkdirSync(each);
  const startedMs = performance.now();
  const sums: Record<string, number> = {};
  let done = 0;
  const broken: number[] = [];
  try {
    for (; done < runs && performance.now() - startedMs < budgetMs; done += 1) {
      const played = await play(seed + done, Session, paths);
      if (traceFile !== null) writeFileSync(traceFile, `${played.trace.join('\n')}\n`);
      if (played.violation !== null && goesOn) {
        broken.push(played.seed);
        print(`seed ${played.seed} breaks ${played.violation.message.replaceAll('\n', ' ')}`);
        continue;
      }
      if (played.violation !== null) {
        print(played.trace.slice(-TRACE_LINES).join('\n'));
        print(`seed ${played.seed} breaks ${played.violation.message}`);
        print(
          `trace ${hashOf(played.trace)}, ${played.trace.length} lines; again: npm run simulate -- --runs 1 --seed ${played.seed} --trace FILE`,
        );
        return false;
      }
      for (const [name, value] of Object.entries({ ...played.figures, steps: played.fired }))
        sums[name] = (sums[name] ?? 0) + value;
      const trace = `trace ${hashOf(played.trace)}, ${played.trace.length} lines`;
      if (runs === 1) print(trace);
      if (hashes) print(`seed ${played.seed}: ${trace}`);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
  const held = broken.length === 0 ? 'held' : `did not hold (${broken.join(', ')})`;
  print(`${done} runs from seed ${seed} ${held} in ${seconds} s: ${JSON.stringify(sums)}`);
  return broken.length === 0;
}
