/** Finds the CLI and checks that it is new enough. */
import { execFile } from 'node:child_process';
import { access, constants, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, isAbsolute, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { binsOf, OWN_FOLDER, personsPath } from '../../base/own.ts';
import { programOnPath } from '../../base/programs.ts';
import { TIMEOUTS } from '../line/timeouts.ts';
import { claudeEnvironment } from './environment.ts';

/** Claude: older CLIs do not know `client_composed`, and would read files that `@path` in a prompt names. */
export const OLDEST_VERSION = '2.1.248';

type Environment = Readonly<Record<string, string | undefined>>;

export interface LocateOptions {
  /** `--claude PATH`. */
  readonly flag?: string;
  readonly env: Environment;
  /** The package whose CLI is the development copy; absent: Heddle's. */
  readonly packageRoot?: string;
  /** Where package managers put programs for everybody; absent: `SYSTEM_FOLDERS`. */
  readonly systemFolders?: readonly string[];
}
export type Located =
  | {
      readonly found: true;
      readonly bin: string;
      readonly version: string;
      /** What its owner should know about it. */
      readonly note?: string;
    }
  | { readonly found: false; readonly code: 'notFound' | 'tooOld' | 'broken'; readonly words: string };

/** Claude: where Homebrew, apt, dnf, apk and a global npm put it. */
const SYSTEM_FOLDERS = ['/opt/homebrew/bin', '/home/linuxbrew/.linuxbrew/bin', '/usr/local/bin', '/usr/bin'];
const INSTALL = 'Install Claude Code (https://claude.com/claude-code), or name it with --claude PATH.';
const DEVELOPMENT = `No Claude Code of yours was found, so this is the copy that Heddle is developed with, which nobody updates. ${INSTALL}`;
const run = promisify(execFile);

/** The CLI that this package is developed with. */
export const developmentClaude = (root: string = OWN_FOLDER) => join(binsOf(root), 'claude');

/**
 * The CLI to use: `--claude`, else `CLAUDE_BIN`, else the person's own, which is `claude` on PATH or where it is installed, as a service has
 * a PATH without it; else, with a note, the one this package installs for development.
 */
export async function locateClaude(options: LocateOptions): Promise<Located> {
  const { flag, env, packageRoot = OWN_FOLDER, systemFolders = SYSTEM_FOLDERS } = options;
  const named = flag || env.CLAUDE_BIN;
  const path = personsPath(env, packageRoot);
  if (named) {
    const bin = await namedBin(named, path);
    return bin === null
      ? { found: false, code: 'notFound', words: `There is no program at ${named}. ${INSTALL}` }
      : checked(bin, env);
  }
  const folders = [path, ...installFolders(env), ...systemFolders].join(delimiter);
  const own = programOnPath('claude', folders);
  if (own !== null) return checked(own, env);
  const development = developmentClaude(packageRoot);
  if (await isProgram(development)) return checked(development, env, DEVELOPMENT);
  const words = `Claude Code is not installed: \`claude\` is neither on PATH nor where it is installed. ${INSTALL}`;
  return { found: false, code: 'notFound', words };
}

async function checked(bin: string, env: Environment, note?: string): Promise<Located> {
  const version = await claudeVersion(bin, env);
  if (version === null) {
    const words = `${bin} does not answer to --version as Claude Code does.`;
    return { found: false, code: 'broken', words };
  }
  if (!isNewEnough(version)) return { found: false, code: 'tooOld', words: tooOldWords(version) };
  return { found: true, bin, version, ...(note === undefined ? {} : { note }) };
}

/** Claude: the installer's place; the one of `claude migrate-installer`, in the configuration folder; npm's, as its guide to permissions has it. */
function installFolders(env: Environment): string[] {
  const home = env.HOME || homedir();
  const config = env.CLAUDE_CONFIG_DIR || join(home, '.claude');
  return [join(home, '.local', 'bin'), join(config, 'local'), join(home, '.npm-global', 'bin')];
}

export function tooOldWords(version: string): string {
  return `Claude Code ${version} is too old: Heddle needs ${OLDEST_VERSION} or newer. Run \`claude update\`.`;
}

/** Null when it cannot be run or says no version. */
export async function claudeVersion(bin: string, env: Environment): Promise<string | null> {
  const [command, ...args] = commandFor(bin);
  try {
    const { stdout } = await run(command, [...args, '--version'], {
      env: claudeEnvironment(env, 'user'),
      timeout: TIMEOUTS.versionMs,
    });
    return /(\d+\.\d+\.\d+)/.exec(stdout)?.[1] ?? null;
  } catch {
    return null;
  }
}

/** A script is run by this Node, whatever its first line says. */
export function commandFor(bin: string): [command: string, ...args: string[]] {
  return /\.[cm]?[jt]s$/.test(bin) ? [process.execPath, bin] : [bin];
}

export function isNewEnough(version: string): boolean {
  const own = version.split('.').map(Number);
  const oldest = OLDEST_VERSION.split('.').map(Number);
  for (const [at, least] of oldest.entries()) {
    const part = own[at] ?? 0;
    if (part !== least) return part > least;
  }
  return true;
}

/** A name without a folder is looked up on PATH, as a shell would. */
async function namedBin(name: string, path: string | undefined): Promise<string | null> {
  if (!isAbsolute(name) && !/[/\\]/.test(name)) return programOnPath(name, path);
  const bin = resolve(name);
  return (await isProgram(bin)) ? bin : null;
}

async function isProgram(path: string): Promise<boolean> {
  try {
    if (!(await stat(path)).isFile()) return false;
    if (commandFor(path).length === 1) await access(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
