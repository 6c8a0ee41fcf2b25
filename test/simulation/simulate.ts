/** Runs `npm run simulate` in a process of its own, because it replaces time, chance and the network. */
import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const SCRIPT = path.join(import.meta.dirname, 'run.ts');

export interface Result {
  readonly held: boolean;
  readonly output: string;
}

/** Two at a time: as many as there are cores where the tests run. */
export const PLACES = 2;
let running = 0;
const waiting: (() => void)[] = [];

export async function simulate(...options: string[]): Promise<Result> {
  if (running >= PLACES) await new Promise<void>((resolve) => waiting.push(resolve));
  running += 1;
  try {
    return await play(options);
  } finally {
    running -= 1;
    waiting.shift()?.();
  }
}

async function play(options: readonly string[]): Promise<Result> {
  const argv = ['--disable-warning=ExperimentalWarning', SCRIPT, ...options];
  try {
    return { held: true, output: (await run(process.execPath, argv)).stdout };
  } catch (error) {
    if (!(error instanceof Error) || !('stdout' in error)) throw error;
    return { held: false, output: `${String(error.stdout)}${'stderr' in error ? String(error.stderr) : ''}` };
  }
}
