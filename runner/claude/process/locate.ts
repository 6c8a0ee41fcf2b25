/** Finds the CLI and checks that it is new enough. */
import { execFile } from 'node:child_process';
import { access, constants, stat } from 'node:fs/promises';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { programOnPath } from '../../base/programs.ts';
import { TIMEOUTS } from '../line/timeouts.ts';
import { claudeEnvironment } from './environment.ts';

/** Claude: older CLIs do not know `client_composed`, and would read files that `@path` in a prompt names. */
export const OLDEST_VERSION = '2.1.248';

export interface LocateOptions {
  /** `--claude PATH`. */
  readonly flag?: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Where this package's own development CLI is; absent: two folders up from here. */
  readonly packageRoot?: string;
}
export type Located =
  | { readonly found: true; readonly bin: string; readonly version: string }
  | { readonly found: false; readonly code: 'notFound' | 'tooOld' | 'broken'; readonly words: string };

const INSTALL = 'Install Claude Code (https://claude.com/claude-code), or name it with --claude PATH.';
const run = promisify(execFile);

/** The CLI to use: `--claude`, else `CLAUDE_BIN`, else `claude` on PATH, else the one this package installs for development. */
export async function locateClaude(options: LocateOptions): Promise<Located> {
  const named = options.flag || options.env.CLAUDE_BIN;
  const bin = named ? await namedBin(named, options.env.PATH) : await anyBin(options);
  if (bin === null) {
    const words = named
      ? `There is no program at ${named}. ${INSTALL}`
      : `Claude Code is not installed: \`claude\` is not on PATH. ${INSTALL}`;
    return { found: false, code: 'notFound', words };
  }
  const version = await claudeVersion(bin, options.env);
  if (version === null)
    return {
      found: false,
      code: 'broken',
      words: `${bin} does not answer to --version as Claude Code does.`,
    };
  if (!isNewEnough(version)) return { found: false, code: 'tooOld', words: tooOldWords(version) };
  return { found: true, bin, version };
}

export function tooOldWords(version: string): string {
  return `Claude Code ${version} is too old: Heddle needs ${OLDEST_VERSION} or newer. Run \`claude update\`.`;
}

/** Null when it cannot be run or says no version. */
export async function claudeVersion(
  bin: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<string | null> {
  const [command, ...args] = commandFor(bin);
  try {
    const { stdout } = await run(command, [...args, '--version'], {
      env: claudeEnvironment(env),
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

async function anyBin(options: LocateOptions): Promise<string | null> {
  const found = programOnPath('claude', options.env.PATH);
  if (found !== null) return found;
  const root = options.packageRoot ?? join(dirname(fileURLToPath(import.meta.url)), '..', '..');
  const own = join(root, 'node_modules', '.bin', 'claude');
  return (await isProgram(own)) ? own : null;
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
