/** `npm start`, step by step: check, start everything, say where it is, wait for the end, end everything. */
import { statSync } from 'node:fs';
import { hostname } from 'node:os';
import { basename, resolve } from 'node:path';
import { System } from '../system.ts';
import { Health } from '../web/health.ts';
import { type PageServer, servePage } from '../web/server.ts';
import { HELP, parseArguments, type StartArguments } from './arguments.ts';
import { findClaude } from './claude.ts';
import { Family } from './family.ts';
import { choosePort } from './ports.ts';
import { makeScratch } from './scratch.ts';
import { listenForStop } from './signals.ts';
import { watchRunner, watchWorker } from './watch.ts';
import { liveWords, readyWords } from './words.ts';

const SCRIPTED_HINTS = [
  'run: npm test',
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
  const live = given.live === null ? null : resolve(given.live);
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
  if (live !== null) print(liveWords(live, claude.version));

  let system: System | null = null;
  // Whatever ends this process, the runner does not stay behind.
  process.on('exit', () => {
    for (const { pid, running } of system?.runners ?? []) if (running && pid !== null) killGroup(pid);
  });
  const family = new Family();
  const stopping = listenForStop(() => {
    print('Ending at once.');
    void family.end().finally(() => process.exit(130));
  });
  const playground = run(
    { live, claude: claude.bin, port: port.port },
    {
      onSystem: (started) => {
        system = started;
      },
    },
  );
  const code = await Promise.race([
    stopping.asked.then(() => 0),
    playground.then(
      () => stopping.asked.then(() => 0),
      (error: unknown) => {
        print(`The playground could not start: ${error instanceof Error ? error.message : String(error)}`);
        return 1;
      },
    ),
  ]);
  if (code === 0) print('\nEnding the runner, Claude and the Worker…');
  await family.look();
  await playground.then(
    ({ close }) => close(),
    () => {},
  );
  await family.end();
  stopping.release();
  return code;
}

interface Settled {
  /** The folder of `--live`. */
  readonly live: string | null;
  readonly claude: string;
  readonly port: number;
}

/** Starts everything. What was started is ended again when a later step fails. */
async function run(
  { live, claude, port }: Settled,
  { onSystem }: { readonly onSystem: (system: System) => void },
): Promise<{ close(): Promise<void> }> {
  const health = new Health();
  let page: PageServer | null = null;
  const system = await System.start({
    scriptedModel: live === null,
    onWorkerRestart: () =>
      print('The Worker (workerd) had ended by itself and was started again; sessions are kept.'),
  });
  onSystem(system);
  const watching = [watchWorker(system.worker.origin, health, print)];
  const close = async (): Promise<void> => {
    for (const { stop } of watching) stop();
    await page?.close();
    await system.stop();
  };
  try {
    const folder = live ?? system.makeFolder('demo');
    if (live === null) makeScratch(folder);
    const runner = await system.addRunner({
      name: live === null ? 'laptop' : hostname().slice(0, RUNNER_NAME_MAX) || 'laptop',
      projects: { [live === null ? 'demo' : basename(folder) || 'project']: folder },
      claude,
      ownGroup: true,
    });
    watching.push(watchRunner(runner, health, print));
    // The pairing is done: its private answers would only stand in the way.
    const owner = system.discord.user(system.owner);
    for (const { id, onlyForId } of system.channel.messages)
      if (onlyForId === owner.id) owner.deleteMessage(id);
    const others = ['sam', 'mallory'].map((name) => system.guild.addMember({ name }));
    page = await servePage(
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
    print(readyWords({ url: page.url, live }));
    return { close };
  } catch (error) {
    await close();
    throw error;
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

/** The runner leads a group of its own; Claude's processes are in it or are ended by it. */
function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended meanwhile.
  }
}
