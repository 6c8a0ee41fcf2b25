/**
 * `npm run walks`: how much of the code three things walk through that happen all the time, counted by V8 around the real modules. Both
 * halves run in one process, in the simulation's world; Discord, the network and the CLI's process are stand-ins.
 *
 * - a prompt, from the interaction to the CLI's stdin
 * - a click on Allow, likewise
 * - a text delta, from the CLI's stdout to the edit that shows it
 *
 * Each is walked twice, and the second is counted. What runs beside the way is told apart (walk.ts): while a prompt or a click is on
 * its way the thread is drawn anew and a session's step ends as each does; what a delta's text becomes is the renderer's own matter. `--list` prints every file of the way with
 * the functions that were entered.
 */
import { registerHooks } from 'node:module';
import { replaceGlobals } from '../simulation/platform/globals.ts';
import { installHooks } from '../simulation/platform/hooks.ts';

const STUB = new URL('cli.ts', import.meta.url).href;
installHooks([]);
registerHooks({
  resolve: (specifier, context, next) =>
    specifier === 'node:child_process' && context.parentURL?.endsWith('runner/claude/process/child.ts')
      ? { url: STUB, shortCircuit: true }
      : next(specifier, context),
});
const realTimeout = setTimeout;
replaceGlobals();
const { walk } = await import('./walk.ts');
const walks = await walk(() => new Promise((resolve) => realTimeout(resolve, 1)));
for (const { name, beside, walked } of walks) {
  const isBeside = (path: string) => beside.test(path);
  const files = [...walked.files].filter((file) => !isBeside(file)).sort();
  const functions = [...walked.functions].filter((one) => !isBeside(one));
  const all = `with what runs beside it ${walked.functions.size} in ${walked.files.size}`;
  process.stdout.write(`${name}: ${functions.length} functions in ${files.length} files (${all})\n`);
  if (!process.argv.includes('--list')) continue;
  for (const file of files) {
    const own = functions.filter((one) => one.startsWith(`${file}: `));
    process.stdout.write(`  ${file}: ${own.map((one) => one.slice(file.length + 2)).join(', ')}\n`);
  }
}
process.exit(0);
