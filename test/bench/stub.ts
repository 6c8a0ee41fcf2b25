/** The figures that need a CLI which does nothing by itself: acknowledgement, click to stdin, the runner's memory. */
import { join } from 'node:path';
import { System } from '../../playground/system.ts';
import { buildRunner } from '../../runner/build.ts';
import { stubClaude } from '../stub-claude-script.ts';
import { acknowledgement } from './acknowledgement.ts';
import { clicks } from './clicks.ts';
import type { Figure } from './figure.ts';
import { memory } from './memory.ts';
import type { Run } from './options.ts';

const LATENCY_MS = 20;

export async function stubFigures(run: Run): Promise<Figure[]> {
  if (!['ask', 'click', 'memory'].some(run.wants)) return [];
  await using system = await System.start({ discord: { latencyMs: LATENCY_MS } });
  const stub = stubClaude(system.folder);
  const main = await buildRunner(join(system.folder, 'packed'));
  const runner = await system.addRunner({ claude: stub.bin, main });
  const figures: Figure[] = [];
  // First: what a runner occupies grows with the sessions that it has held.
  if (run.wants('memory')) figures.push(...(await memory(system, runner)));
  if (run.wants('ask')) figures.push(...(await acknowledgement(system, run)));
  if (run.wants('click')) figures.push(...(await clicks(system, stub, run)));
  return figures;
}
