/** One call of the git program. No shell, no prompt, an end in time, bounded output. Called by `git.ts` alone. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fixedPath, programOnPath } from '../base/programs.ts';

/** About 40,000 changed files. More is not counted. */
const OUTPUT_MAX_BYTES = 4 * 1024 * 1024;
const WORDS_MAX = 300;

export type GitAnswer =
  | { readonly ok: true; readonly out: string }
  | {
      readonly ok: false;
      /** `exit`: git said no, with this code. `elsewhere`: it was not asked, because the repository leads out of its folder. */
      readonly why: 'missing' | 'folder' | 'timeout' | 'large' | 'exit' | 'elsewhere';
      readonly code: number | null;
      readonly words: string;
    };
export type GitRefusal = Extract<GitAnswer, { ok: false }>;
export type Environment = Readonly<Record<string, string | undefined>>;

export function no(why: GitRefusal['why'], words: string, code: number | null = null): GitRefusal {
  return { ok: false, why, code, words };
}

export interface RunOptions {
  readonly cwd: string;
  readonly args: readonly string[];
  /** Whole, as `gitEnvironment` makes it. */
  readonly env: Environment;
  readonly timeoutMs: number;
}

export function runGit({ cwd, args, env, timeoutMs }: RunOptions): Promise<GitAnswer> {
  const bin = programOnPath('git', env.PATH);
  if (bin === null) return Promise.resolve(no('missing', 'git is not installed on this runner.'));
  return new Promise((resolve) => {
    execFile(
      bin,
      args,
      {
        cwd,
        env,
        timeout: timeoutMs,
        killSignal: 'SIGKILL',
        maxBuffer: OUTPUT_MAX_BYTES,
        windowsHide: true,
        encoding: 'utf8',
      },
      (error, out, err) => resolve(error === null ? { ok: true, out } : failed(error, err, cwd)),
    );
  });
}

/** A `GIT_DIR` or `GIT_INDEX_FILE` of whoever started the runner would make git look elsewhere. */
export function gitEnvironment(env: Environment): Record<string, string> {
  const clean: Record<string, string> = {};
  for (const [name, value] of Object.entries(env))
    if (value !== undefined && !/^(?:GIT_|PATH$)/i.test(name)) clean[name] = value;
  const programs = fixedPath(env.PATH);
  if (programs !== null) clean.PATH = programs;
  return { ...clean, LC_ALL: 'C', GIT_TERMINAL_PROMPT: '0', GIT_OPTIONAL_LOCKS: '0' };
}

function failed(error: Error & { code?: unknown; killed?: boolean }, err: string, cwd: string): GitRefusal {
  const { code } = error;
  if (code === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER') return no('large', 'There is too much to count.');
  if (error.killed === true) return no('timeout', 'git took too long.');
  if (code === 'ENOENT' && !existsSync(cwd)) return no('folder', 'The folder is gone.');
  const said = err.trim().split('\n').at(-1) ?? '';
  const words = said.replace(/^(?:fatal|error): /, '') || 'git failed';
  return no('exit', words.slice(0, WORDS_MAX), typeof code === 'number' ? code : null);
}
