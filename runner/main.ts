/** `npm run runner`: the command line. Nothing is imported here before it is needed, so that a runner stays small. */
import { setFlagsFromString } from 'node:v8';
import { errorName, Failure } from './base/failure.ts';

// A runner waits for others nearly all of the time: machine code for speed costs it memory and gives it nothing.
for (const flag of ['--optimize-for-size', '--max-semi-space-size=1', '--no-maglev', '--no-opt'])
  setFlagsFromString(flag);

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

async function main(argv: readonly string[]): Promise<number> {
  // A service starts it without arguments: no parser is loaded for that.
  if (argv.length === 0) return (await import('./cli/run.ts')).run({ projects: [], yes: false }, { print });
  return (await import('./cli/arguments.ts')).runArguments(argv, print);
}

function fail(error: unknown): void {
  if (error instanceof Failure) print(error.message);
  else {
    print(
      `Heddle stopped by an error of its own (${errorName(error)}). What it had accepted is in its journal and goes on at the next start.`,
    );
    // Its message may hold text of a session, so it is shown only on request.
    if (process.env.HEDDLE_DEBUG) console.error(error);
  }
}

// A terminal that was closed, or a reader that went away, is no reason to leave Claude running: what is said is lost, no more.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});

// The last line: what throws costs its session and no more (base/guard.ts). Whatever passes all guards is known by nobody, so stop.
process.on('uncaughtException', (error) => {
  fail(error);
  process.exit(1);
});

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  fail(error);
  process.exitCode = 1;
}
