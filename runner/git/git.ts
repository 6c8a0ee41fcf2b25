/**
 * All that the runner asks of git. No shell, no hooks, no pager, no prompt, no lock that a person's own git would wait for; each call
 * ends in time and with bounded output. Nothing here writes to a working folder but `addWorktree` and `removeWorktree`.
 */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';

/** Looking at a large repository on a slow disk; a label is not worth more. */
const LOOK_TIMEOUT_MS = 5_000;
/** A checkout of a large repository. */
const CHECKOUT_TIMEOUT_MS = 120_000;
/** About 40,000 changed files. More is not counted. */
const OUTPUT_MAX_BYTES = 4 * 1024 * 1024;
const WORDS_MAX = 300;

export type GitAnswer =
  | { readonly ok: true; readonly out: string }
  | {
      readonly ok: false;
      /** `exit`: git said no, with this code. */
      readonly why: 'missing' | 'folder' | 'timeout' | 'large' | 'exit';
      readonly code: number | null;
      readonly words: string;
    };

const FIRST = [
  '--no-optional-locks',
  '--no-pager',
  // The owner's hooks are for what the owner commits. fsmonitor is a program that `status` would start.
  '-c',
  'core.hooksPath=/dev/null',
  '-c',
  'core.fsmonitor=false',
  '-c',
  'core.quotePath=false',
  // Git: a signature is checked by a program that the repository names, and what it says stands among the commits.
  '-c',
  'log.showSignature=false',
];

export interface GitOptions {
  readonly timeoutMs?: number;
  /** Where `git` is looked for, and what it may know; `GIT_*` never reaches it. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** A partial clone may fetch what it has not got. Looking fetches nothing, for that runs what the repository names. */
  readonly fetches?: boolean;
}

export function git(cwd: string, args: readonly string[], options: GitOptions = {}): Promise<GitAnswer> {
  const { timeoutMs = LOOK_TIMEOUT_MS, env = process.env, fetches = false } = options;
  return new Promise((resolve) => {
    execFile(
      'git',
      [...FIRST, ...args],
      {
        cwd,
        env: { ...gitEnvironment(env), ...(fetches ? {} : NO_FETCH) },
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

/** Git: the first is of 2.45; before it, a list of protocols that none is on has the last word over all settings. */
const NO_FETCH = { GIT_NO_LAZY_FETCH: '1', GIT_ALLOW_PROTOCOL: 'none' };
const CHECKOUT: GitOptions = { timeoutMs: CHECKOUT_TIMEOUT_MS, fetches: true };

/** A `GIT_DIR` or `GIT_INDEX_FILE` of whoever started the runner would make git look elsewhere. */
function gitEnvironment(env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const clean: Record<string, string> = {};
  for (const [name, value] of Object.entries(env))
    if (value !== undefined && !/^GIT_/i.test(name)) clean[name] = value;
  return { ...clean, LC_ALL: 'C', GIT_TERMINAL_PROMPT: '0', GIT_OPTIONAL_LOCKS: '0' };
}

function failed(
  error: Error & { code?: unknown; killed?: boolean },
  err: string,
  cwd: string,
): Extract<GitAnswer, { ok: false }> {
  const { code } = error;
  const no = (why: Extract<GitAnswer, { ok: false }>['why'], words: string) =>
    ({ ok: false, why, code: typeof code === 'number' ? code : null, words }) as const;
  if (code === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER') return no('large', 'There is too much to count.');
  if (error.killed === true) return no('timeout', 'git took too long.');
  if (code === 'ENOENT')
    return existsSync(cwd)
      ? no('missing', 'git is not installed on this runner.')
      : no('folder', 'The folder is gone.');
  const said = err.trim().split('\n').at(-1) ?? '';
  return no('exit', (said.replace(/^(?:fatal|error): /, '') || 'git failed').slice(0, WORDS_MAX));
}

export interface Status {
  /** Null: detached, or nothing committed yet. */
  readonly branch: string | null;
  /** The commit; null: none yet. */
  readonly head: string | null;
  /** Changed, staged, conflicting and untracked files, relative to the repository. */
  readonly files: readonly string[];
  /** As git wrote it, to tell whether something changed meanwhile. */
  readonly text: string;
}

/** `every`: untracked folders file by file. */
export async function gitStatus(
  cwd: string,
  every = false,
): Promise<{ ok: true; status: Status } | Extract<GitAnswer, { ok: false }>> {
  const untracked = `--untracked-files=${every ? 'all' : 'normal'}`;
  const said = await git(cwd, ['status', '--porcelain=v2', '--branch', '-z', untracked]);
  return said.ok ? { ok: true, status: parseStatus(said.out) } : said;
}

/** Git: "Porcelain Format Version 2"; with `-z` a renamed file's old name is a field of its own. */
export function parseStatus(text: string): Status {
  const fields = text.split('\0');
  const files: string[] = [];
  let branch: string | null = null;
  let head: string | null = null;
  for (let at = 0; at < fields.length; at++) {
    const field = fields[at] ?? '';
    if (field.startsWith('# branch.head ')) branch = nameOr(field.slice(14), '(detached)');
    else if (field.startsWith('# branch.oid ')) head = nameOr(field.slice(13), '(initial)');
    else if (field.startsWith('1 ')) files.push(afterSpaces(field, 8));
    else if (field.startsWith('u ')) files.push(afterSpaces(field, 10));
    else if (field.startsWith('? ')) files.push(field.slice(2));
    else if (field.startsWith('2 ')) {
      files.push(afterSpaces(field, 9));
      at += 1;
    }
  }
  return { branch, head, files, text };
}

function nameOr(text: string, none: string): string | null {
  return text === none ? null : text;
}

function afterSpaces(field: string, count: number): string {
  return field.split(' ').slice(count).join(' ');
}

/** Lines added and removed since the last commit, binary and untracked files left out; null when that cannot be said in time. */
export async function changedLines(cwd: string): Promise<{ added: number; removed: number } | null> {
  const said = await git(cwd, [
    'diff',
    '--numstat',
    '--no-ext-diff',
    '--no-textconv',
    '--no-renames',
    'HEAD',
    '--',
  ]);
  if (!said.ok) return null;
  let added = 0;
  let removed = 0;
  for (const line of said.out.split('\n')) {
    const [plus, minus] = line.split('\t');
    added += Number(plus) || 0;
    removed += Number(minus) || 0;
  }
  return { added, removed };
}

/** How far HEAD and a branch have gone from where they parted; null when one of them is not there. */
export async function aheadBehind(
  cwd: string,
  branch: string,
): Promise<{ ahead: number; behind: number } | null> {
  const said = await git(cwd, ['rev-list', '--left-right', '--count', `refs/heads/${branch}...HEAD`, '--']);
  const [behind, ahead] = said.ok ? said.out.trim().split('\t').map(Number) : [];
  return ahead === undefined || behind === undefined ? null : { ahead, behind };
}

export async function branchCommit(cwd: string, branch: string): Promise<string | null> {
  const said = await git(cwd, ['rev-parse', '--verify', '--quiet', `refs/heads/${branch}^{commit}`]);
  return said.ok ? said.out.trim() : null;
}

/** Commits of HEAD and of `branch` that no other branch, remote branch or tag has, the newest first, one line each. */
export async function commitsOnlyOn(
  cwd: string,
  branch: string,
): Promise<{ ok: true; commits: readonly string[] } | Extract<GitAnswer, { ok: false }>> {
  const said = await git(cwd, [
    'log',
    '--format=%h %s',
    'HEAD',
    `refs/heads/${branch}`,
    '--not',
    // Git: without refs/heads, as it is for --branches.
    `--exclude=${branch}`,
    '--branches',
    '--remotes',
    '--tags',
    '--',
  ]);
  return said.ok ? { ok: true, commits: said.out.split('\n').filter((line) => line !== '') } : said;
}

/** Whether something is staged; null: git did not say. */
export async function hasStaged(cwd: string): Promise<boolean | null> {
  const said = await git(cwd, ['diff', '--cached', '--quiet', '--no-ext-diff', '--']);
  if (said.ok) return false;
  return said.code === 1 ? true : null;
}

/** Whether a folder of the repository is in its last commit. */
export async function isCommitted(cwd: string, folder: string): Promise<boolean> {
  return (await git(cwd, ['cat-file', '-e', `HEAD:${folder}`])).ok;
}

export function addWorktree(root: string, at: string, branch: string): Promise<GitAnswer> {
  return git(root, ['worktree', 'add', '--quiet', '--no-track', '-b', branch, '--', at, 'HEAD'], CHECKOUT);
}

/** Puts a worktree back whose folder is gone; its branch is there. */
export async function restoreWorktree(root: string, at: string, branch: string): Promise<GitAnswer> {
  // Not `prune`: that forgets the person's own ones as well, when their disk is not there.
  await git(root, ['worktree', 'remove', '--force', '--', at]);
  return git(root, ['worktree', 'add', '--quiet', '--', at, branch], CHECKOUT);
}

/** Without `force` git itself refuses when something is not committed. */
export function removeWorktree(root: string, at: string, force: boolean): Promise<GitAnswer> {
  return git(root, ['worktree', 'remove', ...(force ? ['--force'] : []), '--', at], {
    timeoutMs: CHECKOUT_TIMEOUT_MS,
  });
}

/** Only if it still is at this commit. */
export function deleteBranch(root: string, branch: string, commit: string): Promise<GitAnswer> {
  return git(root, ['update-ref', '-d', `refs/heads/${branch}`, commit]);
}
