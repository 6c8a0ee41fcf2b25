/** `npm start`, step by step: check, start everything, say where it is, wait for the end, end everything. */
import { statSync } from 'node:fs';
import { hostname } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { System } from '../system.ts';
import { Health } from '../web/health.ts';
import { servePage } from '../web/server.ts';
import { HELP, parseArguments, type StartArguments } from './arguments.ts';
import { findClaude } from './claude.ts';
import { Family } from './family.ts';
import { choosePort } from './ports.ts';
import { reloadOnSave } from './reload.ts';
import { makeScratch, trustIn } from './scratch.ts';
import { listenForStop } from './signals.ts';
import { watchRunner, watchWorker } from './watch.ts';
import { liveWords, readyWords } from './words.ts';

const SCRIPTED_HINTS = [
  'Why does a test fail? run: npm test',
  'read README.md',
  'edit notes.txt',
  'several',
  'agents',
  'slow',
  'help',
];
const LIVE_HINTS = ['What is in this folder?', 'Run the tests and say what fails.'];
/** What Discord shows of a runner's name. */
const RUNNER_NAME_MAX = 32;
/** A local Discord is read for plain messages every second, and as long as it runs. */
const DURATIONS = { listenMs: 1_000, listenForMs: 24 * 60 * 60_000 };

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Gives the exit code. */
export async function main(argv: readonly string[]): Promise<number> {
  const parsed = parseArguments(argv);
  switch (parsed.is) {
    case 'help':
      print(HELP);
      return 0;
    case 'wrong':
      print(parsed.words);
      return 1;
    case 'start':
      return start(parsed.arguments);
  }
}

async function start(given: StartArguments): Promise<number> {
  // npm runs this in the package's folder and says where the person was.
  const live = given.live === null ? null : resolve(process.env.INIT_CWD ?? '', given.live);
  if (live !== null && !isFolder(live)) {
    print(`There is no folder ${live}. Nothing was started.`);
    return 1;
  }
  const [claude, port] = await Promise.all([findClaude(given.claude, live !== null), choosePort(given.port)]);
  if (!claude.found) {
    print(`${claude.words} Nothing was started.`);
    return 1;
  }
  if (!port.ok) {
    print(port.words);
    return 1;
  }
  if (port.note !== null) print(port.note);
  if (live !== null) print(liveWords(live, claude));
  print('Starting the Worker, a runner and a local Discord…');

  const ending = new AbortController();
  const family = new Family();
  const stopping = listenForStop(() => {
    print('Ending at once.');
    void family.end().finally(() => process.exit(130));
  });
  const starting = System.start({
    scriptedModel: live === null,
    durations: DURATIONS,
    onWorkerRestart: () => {
      if (!ending.signal.aborted)
        print('The Worker (workerd) had ended by itself and was started again; sessions are kept.');
    },
  });
  const ready = starting.then((system) => {
    // Whatever ends this process, the runner does not stay behind.
    process.on('exit', () => killRunners(system));
    return furnish(system, { live, claude: claude.bin, port: port.port, ending: ending.signal });
  });
  const code = await Promise.race([
    stopping.asked.then(() => 0),
    ready.then(
      (url) => {
        print(readyWords({ url, live }));
        return stopping.asked.then(() => 0);
      },
      (error: unknown) => {
        if (!ending.signal.aborted)
          print(`The playground could not start: ${error instanceof Error ? error.message : String(error)}`);
        return 1;
      },
    ),
  ]);
  if (code === 0) print('\nEnding the runner, Claude and the Worker…');
  ending.abort();
  await family.look();
  await starting.then(
    (system) => system.stop(),
    () => {},
  );
  await family.end();
  stopping.release();
  return code;
}

interface Settled {
  /** The folder of `--live`; null: a scratch project. */
  readonly live: string | null;
  readonly claude: string;
  readonly port: number;
  readonly ending: AbortSignal;
}

/** The project, its runner, the people and the page. Gives the page's address. */
async function furnish(system: System, { live, claude, port, ending }: Settled): Promise<string> {
  const health = new Health();
  const watch = { health, print, ending };
  watchWorker(system.worker.origin, watch);
  const folder = live ?? system.makeFolder('demo');
  const config = join(system.folder, 'claude');
  if (live === null) {
    makeScratch(folder);
    trustIn(config, folder);
  }
  const runner = await system.addRunner({
    name: live === null ? 'laptop' : hostname().slice(0, RUNNER_NAME_MAX) || 'laptop',
    projects: { [live === null ? 'demo' : basename(folder) || 'project']: folder },
    claude,
    ownGroup: true,
    env: live === null ? { CLAUDE_CONFIG_DIR: config } : {},
  });
  watchRunner(runner, watch);
  // The pairing is done: its private answers would only stand in the way.
  const owner = system.discord.user(system.owner);
  for (const { id, onlyForId } of system.channel.messages)
    if (onlyForId === owner.id) owner.deleteMessage(id);
  const others = ['sam', 'mallory'].map((name) => system.guild.addMember({ name }));
  const page = await servePage(
    {
      discord: system.discord,
      guild: system.guild,
      members: [system.owner, ...others],
      hints: live === null ? SCRIPTED_HINTS : LIVE_HINTS,
      live: live !== null,
      health,
    },
    port,
  );
  ending.addEventListener('abort', () => void page.close());
  const reloading = { root: ROOT, print, ending };
  reloadOnSave(
    { name: 'Worker', folders: ['worker', 'protocol'], reload: () => system.worker.reload() },
    reloading,
  );
  reloadOnSave({ name: 'Page', folders: ['playground/web/page'], reload: () => page.reload() }, reloading);
  return page.url;
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

/** A runner leads a group of its own; Claude's processes are in it or are ended by it. */
function killRunners({ runners }: System): void {
  for (const { pid, running } of runners) {
    if (!running || pid === null) continue;
    try {
      process.kill(-pid, 'SIGKILL');
    } catch {
      // It has ended meanwhile.
    }
  }
}
