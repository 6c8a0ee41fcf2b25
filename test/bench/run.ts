/** `npm run bench`: docs/bench.md says what each figure measures, from where to where. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { bundleSize } from './bundle.ts';
import { type Figure, table } from './figure.ts';
import { many } from './many.ts';
import { readOptions, USAGE } from './options.ts';
import { resumes } from './resume.ts';
import { rows } from './rows.ts';
import { streams } from './streams.ts';
import { stubFigures } from './stub.ts';

const FOLDER = join(import.meta.dirname, '../../bench');

const run = readOptions(process.argv.slice(2), (line) => process.stderr.write(`${line}\n`));
if (run === null) process.stdout.write(`${USAGE}\n`);
else {
  run.say(`seed ${run.seed}; load ${load()}`);
  const beganMs = performance.now();
  const figures: Figure[] = [];
  for (const part of [bundleSize, stubFigures, rows, many, resumes, streams])
    figures.push(...(await part(run)));
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(join(FOLDER, 'results.json'), `${JSON.stringify(figures, null, 2)}\n`);
  const judged = figures.filter(({ met }) => met !== null);
  const missed = judged.filter(({ met }) => met === false);
  process.stdout.write(`${table(figures)}\n\n`);
  process.stdout.write(
    `${judged.length - missed.length} of ${judged.length} aims met, in ${Math.round((performance.now() - beganMs) / 1000)} s; load now ${load()}\n`,
  );
}

function load(): string {
  return loadavg()
    .map((value) => value.toFixed(1))
    .join(' ');
}
