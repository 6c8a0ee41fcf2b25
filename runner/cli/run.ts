/** Pairs if there is a link, then runs until a signal: the runner as a person meets it. */
import { hostname } from 'node:os';
import path from 'node:path';
import { Failure } from '../base/failure.ts';
import { createLog } from '../base/log.ts';
import { Runner, type RunnerOptions } from '../guild/runner.ts';
import { isOwnFolder, meantFolder, personsFolder } from '../home/folder.ts';
import { type Home, lockHome, openHome } from '../home/home.ts';
import { readPairings } from '../home/pairings.ts';
import { realFolder, visibleProjects } from '../home/projects.ts';
import { readSettings, type Settings, withProjects, writeSettings } from '../home/settings.ts';
import { pair, parsePairingLink } from '../pairing/pairing.ts';
import { StatusWords } from './status-words.ts';

export interface RunArguments {
  readonly link?: string;
  readonly claude?: string;
  readonly name?: string;
  readonly projects: readonly { readonly name: string; readonly path: string }[];
  /** Ask nothing. */
  readonly yes: boolean;
}

export interface RunPorts {
  readonly print: (line: string) => void;
  /** Shorter waits than a person's runner has: for tests. */
  readonly hurry?: Pick<RunnerOptions, 'timings' | 'timing' | 'timeouts'>;
}

/** What Discord shows; `PairRequest` in protocol/guild.ts has the limit. Characters. */
const NAME_MAX = 32;
const NOT_PAIRED = 'Not paired. Nothing was sent; the link stays good until it expires.';

/** Runs until a signal, or until no server wants this runner any more. Gives the exit code. Throws a `Failure`. */
export async function run(given: RunArguments, { print, hurry = {} }: RunPorts): Promise<number> {
  const home = openHome();
  // Refused before anything is touched.
  if (given.link !== undefined) parsePairingLink(given.link);
  const lock = lockHome(home);
  try {
    const settings = prepare(home, given);
    const words = new StatusWords(print);
    if (given.link !== undefined) await pairNow(home, given, settings, words, print);
    else {
      const pairings = readPairings(home, ({ message }) => print(message));
      const guilds = pairings.map((pairing) => pairing.guild);
      if (guilds.length === 0)
        throw new Failure(
          'unpaired',
          'This runner is not paired with any server yet. Type /runner pair in Discord; it gives you the command to run here.',
        );
      if (pairings.some((pairing) => pairing.next !== undefined))
        await (await import('../pairing/rotation.ts')).finishRotations({ home, print });
      if (given.projects.length > 0) writeSettings(home, withProjects(settings, given.projects, guilds));
    }
    return await serve(home, given, words, { print, hurry });
  } finally {
    lock.release();
  }
}

/** The settings with the name given; checks what can be wrong before a code is used up. */
function prepare(home: Home, given: RunArguments): Settings {
  for (const project of given.projects) realFolder(project.path, home);
  const settings = readSettings(home);
  return given.name === undefined ? settings : { ...settings, name: given.name.trim().slice(0, NAME_MAX) };
}

async function pairNow(
  home: Home,
  given: RunArguments,
  settings: Settings,
  words: StatusWords,
  print: (line: string) => void,
): Promise<void> {
  const link = parsePairingLink(given.link ?? '');
  await requireClaude(home, given, settings);
  const shown = visibleProjects(settings, link.guild);
  if (!given.yes) requireTerminal();
  const projects =
    given.projects.length > 0 || shown.length > 0 ? given.projects : [await firstProject(home, given.yes)];
  print(`Pair this machine with the Discord server ${link.guild}, through ${link.origin}?`);
  for (const project of projects)
    print(`  It may run Claude Code in ${project.path} (project "${project.name}").`);
  if (shown.length > 0) print(`  It already sees: ${shown.join(', ')}.`);
  print(
    '  Whoever controls that server and that Worker can prompt Claude here, and approve what Claude asks.',
  );
  if (!given.yes) await confirm();
  const name = settings.name || hostname().slice(0, NAME_MAX) || 'runner';
  const paired = await pair({ home, link, name });
  writeSettings(home, withProjects(settings, projects, [link.guild]));
  words.paired(paired.pairing, paired.fingerprint);
}

function requireTerminal(): void {
  if (!process.stdin.isTTY)
    throw new Failure(
      'refused',
      'There is no terminal to answer on. Nothing was sent. Add --yes to pair without a question, and --project NAME=PATH to say which folder Claude may work in.',
    );
}

async function confirm(): Promise<void> {
  const prompts = await import('@clack/prompts');
  const answer = await prompts.confirm({ message: 'Pair?', initialValue: false });
  if (answer !== true) throw new Failure('refused', NOT_PAIRED);
}

/** The folder that the person is in. Heddle's own is meant by nobody, so there it asks. */
async function firstProject(home: Home, quiet: boolean): Promise<RunArguments['projects'][number]> {
  const here = personsFolder();
  if (!isOwnFolder(here)) return projectOf(realFolder(here, home));
  if (quiet)
    throw new Failure(
      'project',
      'Which folder may Claude work in? Add --project NAME=PATH, such as --project api=/home/me/api. Nothing was sent.',
    );
  const prompts = await import('@clack/prompts');
  const answer = await prompts.text({
    message: 'Which folder may Claude work in?',
    placeholder: '/home/me/api',
    validate: (text) => whyNot(text ?? '', home),
  });
  if (prompts.isCancel(answer)) throw new Failure('refused', NOT_PAIRED);
  return projectOf(realFolder(meantFolder(answer), home));
}

function whyNot(text: string, home: Home): string | undefined {
  try {
    if (text.trim() === '') return 'The path of a folder with a project of yours.';
    realFolder(meantFolder(text), home);
    return undefined;
  } catch (error) {
    return error instanceof Failure ? error.message : 'It cannot be used.';
  }
}

function projectOf(folder: string): RunArguments['projects'][number] {
  return { name: path.basename(folder) || 'project', path: folder };
}

async function requireClaude(home: Home, given: RunArguments, settings: Settings) {
  const { realClaude } = await import('../session/claude-port.ts');
  const found = await realClaude({
    home,
    env: process.env,
    flag: () => given.claude ?? settings.claude,
  }).located();
  if (!found.found) throw new Failure('claude', found.words);
  return found;
}

/** A folder on a disk that is not there yet is no reason to serve nothing. */
function warnOfMissing(home: Home, print: (line: string) => void): void {
  for (const { name, path: folder } of readSettings(home).projects) {
    try {
      realFolder(folder, home);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      print(
        `Project ${name}: ${error.message} Sessions in it fail until it can; the others are not affected.`,
      );
    }
  }
}

async function serve(
  home: Home,
  given: RunArguments,
  words: StatusWords,
  { print, hurry }: Required<RunPorts>,
): Promise<number> {
  const claude = await requireClaude(home, given, readSettings(home));
  const done = Promise.withResolvers<number>();
  const log = createLog({
    write: (line) => process.stderr.write(`${line}\n`),
    json: !process.stderr.isTTY,
  });
  const runner = new Runner({
    home,
    env: process.env,
    log,
    ...hurry,
    ...(given.claude === undefined ? {} : { claude: given.claude }),
    onFatal: done.reject,
    onStatus: (pairing, status) => {
      words.show(pairing, status);
      if (status.is === 'stopped' && words.allOver(runner.pairings)) done.resolve(1);
    },
  });
  warnOfMissing(home, print);
  if (claude.note !== undefined) print(claude.note);
  print(`Heddle runs with Claude ${claude.version}. Ctrl-C stops it.`);
  let asked = false;
  const stop = (): void => {
    if (asked) {
      print('Stopped at once. What was left running is ended at the next start.');
      process.exit(130);
    }
    asked = true;
    print('Stopping: Claude is ended, what it said is kept. Ctrl-C again stops at once.');
    done.resolve(0);
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.on(signal, stop);
  try {
    return await done.promise;
  } finally {
    await runner.close();
    for (const signal of signals) process.off(signal, stop);
  }
}
