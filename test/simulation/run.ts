/**
 * `npm run simulate -- --runs N --seed S`: runs N schedules from seed S on, until one breaks an invariant; its seed and the end of its
 * trace are printed, and the same seed gives the same trace. `--trace FILE` writes the whole trace of the last run, `--mutant NAME` breaks
 * something on purpose (mutants.ts).
 */
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
  },
});
const mutant = MUTANTS.find((one) => one.name === values.mutant);
if (values.mutant !== undefined && mutant === undefined)
  throw new Error(`no such mutant; there are ${MUTANTS.map((one) => one.name).join(', ')}`);

const print = (line: string): void => {
  process.stdout.write(`${line}\n`);
};
installHooks(mutant?.edits ?? []);
replaceGlobals();
const { simulate } = await import('./main.ts');
const held = await simulate({
  runs: Number(values.runs),
  seed: Number(values.seed),
  budgetMs: Number(values.seconds) * 1000,
  traceFile: values.trace ?? null,
  hashes: values.hashes,
  print,
});
process.exitCode = held ? 0 : 1;
