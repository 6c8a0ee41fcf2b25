/**
 * `npm run simulate -- --runs N --seed S`: runs N schedules from seed S on, until one breaks an invariant; its seed and the end of its
 * trace are printed, and the same seed gives the same trace. `--trace FILE` writes the whole trace of the last run, `--mutant NAME` breaks
 * something on purpose (mutants.ts). `--all` goes on after a break and prints a line for each. `--jobs N` shares the seeds among N processes.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { MUTANTS } from './mutants.ts';
import { replaceGlobals } from './platform/globals.ts';
import { installHooks } from './platform/hooks.ts';

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '200' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    seconds: { type: 'string', default: '86400' },
    trace: { type: 'string' },
    hashes: { type: 'boolean', default: false },
    mutant: { type: 'string' },
    all: { type: 'boolean', default: false },
    jobs: { type: 'string', default: '1' },
  },
});
const mutant = MUTANTS.find((one) => one.name === values.mutant);
if (values.mutant !== undefined && mutant === undefined)
  throw new Error(`no such mutant; there are ${MUTANTS.map((one) => one.name).join(', ')}`);

const print = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

process.exitCode = (await (Number(values.jobs) > 1 ? share() : alone())) ? 0 : 1;

async function alone(): Promise<boolean> {
  installHooks(mutant?.edits ?? []);
  replaceGlobals();
  const { simulate } = await import('./main.ts');
  return simulate({
    runs: Number(values.runs),
    seed: Number(values.seed),
    budgetMs: Number(values.seconds) * 1000,
    traceFile: values.trace ?? null,
    hashes: values.hashes,
    goesOn: values.all,
    print,
  });
}

/** Each process has a stretch of the seeds. */
async function share(): Promise<boolean> {
  const [jobs, runs, seed] = [values.jobs, values.runs, values.seed].map(Number) as [number, number, number];
  const each = Math.ceil(runs / jobs);
  const codes = Array.from({ length: jobs }, async (_, job) => {
    const mine = ['--runs', String(Math.min(each, runs - job * each)), '--seed', String(seed + job * each)];
    const argv = [...process.execArgv, ...process.argv.slice(1), '--jobs', '1', ...mine];
    const [code] = (await once(spawn(process.execPath, argv, { stdio: 'inherit' }), 'exit')) as [
      number | null,
    ];
    return code;
  });
  return (await Promise.all(codes)).every((code) => code === 0);
}
