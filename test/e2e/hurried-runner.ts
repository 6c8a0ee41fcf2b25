/** A runner whose links and processes have little patience, so that a test need not have much. Its arguments are those of runner/main.ts. */
import { parseArgs } from 'node:util';
import { Failure } from '../../runner/base/failure.ts';
import { run } from '../../runner/cli/run.ts';
import { parseProjectOption } from '../../runner/home/projects.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    name: { type: 'string' },
    claude: { type: 'string' },
    yes: { type: 'boolean', default: false },
    project: { type: 'string', multiple: true, default: [] },
  },
});
const { name, claude, yes, project } = values;
const [link] = positionals;

const print = (line: string) => process.stdout.write(`${line}\n`);
try {
  process.exitCode = await run(
    {
      yes,
      projects: project.map(parseProjectOption),
      ...(link === undefined ? {} : { link }),
      ...(name === undefined ? {} : { name }),
      ...(claude === undefined ? {} : { claude }),
    },
    {
      print,
      hurry: {
        timings: { idleMs: 60_000, flushMs: 500, lingerMs: 1_000, offerMs: 100 },
        timing: {
          pingIntervalMs: 300,
          pongTimeoutMs: 2_500,
          healthyMs: 500,
          handshakeTimeoutMs: 4_000,
          welcomeTimeoutMs: 4_000,
          sleepCheckMs: 100,
          sleepSlackMs: 700,
        },
        timeouts: { startMs: 20_000, promptMs: 20_000, interruptMs: 2_000, closeMs: 500, termMs: 500 },
      },
    },
  );
} catch (error) {
  if (!(error instanceof Failure)) throw error;
  print(error.message);
  process.exitCode = 1;
}
