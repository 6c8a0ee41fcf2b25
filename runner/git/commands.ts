/** What the runner asks of git. Nothing here writes to a working folder but `addWorktree`, `restoreWorktree` and `removeWorktree`. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { filtersOf, type GitOptions, git } from './git.ts';
import { type GitFolder, gitLink, ownRepository } from './repository.ts';
import type { GitAnswer, GitRefusal } from './run.ts';

/** A checkout of a large repository. */
const CHECKOUT_TIMEOUT_MS = 120_000;
const CHECKOUT: GitOptions = { timeoutMs: CHECKOUT_TIMEOUT_MS, fetches: true };

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

/** Of this folder. `every`: of the whole repository, and untracked folders file by file. */
export async function gitStatus(
  folder: GitFolder,
  every = false,
): Promise<{ ok: true; status: Status } | GitRefusal> {
  const said = await git(folder, [
    'status',
    '--porcelain=v2',
    '--branch',
    '-z',
    `--untracked-files=${every ? 'all' : 'normal'}`,
    ...submodules(folder, every),
    ...(every ? [] : ['--', '.']),
  ]);
  return said.ok ? { ok: true, status: parseStatus(said.out) } : said;
}

/** Git: what is changed in a submodule is found by a process there, which reads that one's own configuration. */
function submodules({ trusted }: GitFolder, every: boolean): readonly string[] {
  if (!trusted) return ['--ignore-submodules=dirty'];
  return every ? ['--ignore-submodules=none'] : [];
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

/** Lines added and removed in this folder since the last commit, binary and untracked files left out; null when that cannot be said in time. */
export async function changedLines(folder: GitFolder): Promise<{ added: number; removed: number } | null> {
  const said = await git(folder, [
    'diff',
    '--numstat',
    '--no-ext-diff',
    '--no-textconv',
    '--no-renames',
    ...submodules(folder, false),
    'HEAD',
    '--',
    '.',
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
  folder: GitFolder,
  branch: string,
): Promise<{ ahead: number; behind: number } | null> {
  const said = await git(folder, [
    'rev-list',
    '--left-right',
    '--count',
    `refs/heads/${branch}...HEAD`,
    '--',
  ]);
  const [behind, ahead] = said.ok ? said.out.trim().split('\t').map(Number) : [];
  return ahead === undefined || behind === undefined ? null : { ahead, behind };
}

export async function branchCommit(folder: GitFolder, branch: string): Promise<string | null> {
  const said = await git(folder, ['rev-parse', '--verify', '--quiet', `refs/heads/${branch}^{commit}`]);
  return said.ok ? said.out.trim() : null;
}

/** Commits of HEAD and of `branch` that no other branch, remote branch or tag has, the newest first, one line each. */
export async function commitsOnlyOn(
  folder: GitFolder,
  branch: string,
): Promise<{ ok: true; commits: readonly string[] } | GitRefusal> {
  const said = await git(folder, [
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
export async function hasStaged(folder: GitFolder): Promise<boolean | null> {
  const said = await git(folder, ['diff', '--cached', '--quiet', '--no-ext-diff', '--']);
  if (said.ok) return false;
  return said.code === 1 ? true : null;
}

/** Whether a folder of the repository is in its last commit. */
export async function isCommitted(folder: GitFolder, inside: string): Promise<boolean> {
  return (await git(folder, ['cat-file', '-e', `HEAD:${inside}`])).ok;
}

/** Whether a filter that is set up (as for LFS) would change files on their way into a new worktree. */
export async function isFiltered(root: GitFolder): Promise<boolean> {
  const names = await filtersOf(root);
  if (names.length === 0) return false;
  const paths = names.map((name) => `:(attr:filter=${name.replace(/[^\w-]/g, '\\$&')})`);
  const said = await git(root, ['ls-files', '-z', '--', ...paths]);
  return said.ok ? said.out !== '' : said.why === 'large';
}

/** Whether a worktree has submodules that are checked out. */
export async function hasSubmodules(at: GitFolder): Promise<boolean | GitRefusal> {
  const said = await git(at, ['ls-files', '--stage', '-z']);
  if (!said.ok) return said;
  const paths = said.out.split('\0').flatMap((line) => /^160000 [^\t]*\t(.+)$/s.exec(line)?.[1] ?? []);
  return paths.some((one) => existsSync(path.join(at.cwd, one, '.git')));
}

export function addWorktree(root: GitFolder, at: string, branch: string): Promise<GitAnswer> {
  return add(root, at, ['--no-track', '-b', branch, '--', at, 'HEAD']);
}

/** Puts a worktree back whose folder is gone; its branch is there. */
export async function restoreWorktree(root: GitFolder, at: string, branch: string): Promise<GitAnswer> {
  // Not `prune`: that forgets the person's own ones as well, when their disk is not there.
  await git(root, ['worktree', 'remove', '--force', '--', at]);
  return add(root, at, ['--', at, branch]);
}

async function add(root: GitFolder, at: string, args: readonly string[]): Promise<GitAnswer> {
  const common = root.trusted ? undefined : ownRepository(root.cwd)?.common;
  try {
    // In a view git cannot make the folder for the first one.
    if (common !== undefined) mkdirSync(path.join(common, 'worktrees'), { recursive: true });
  } catch {
    // Then git says what is in its way.
  }
  const said = await git(root, ['worktree', 'add', '--quiet', ...args], CHECKOUT);
  if (said.ok) mendLink(root, at);
  return said;
}

/** Git 2.39: the link of a worktree that was added in a view leads through that view, which does not stay. */
export function mendLink(root: GitFolder, at: string): void {
  const common = ownRepository(root.cwd)?.common;
  if (common === undefined) return;
  const file = path.join(at, '.git');
  const link = path.resolve(at, gitLink(file));
  const meant = path.join(common, 'worktrees', path.basename(link));
  if (link !== meant && existsSync(meant)) writeFileSync(file, `gitdir: ${meant}\n`);
}

/** Without `force` git itself refuses when something is not committed. */
export function removeWorktree(root: GitFolder, at: string, force: boolean): Promise<GitAnswer> {
  return git(root, ['worktree', 'remove', ...(force ? ['--force'] : []), '--', at], {
    timeoutMs: CHECKOUT_TIMEOUT_MS,
  });
}

/** Only if it still is at this commit. */
export function deleteBranch(root: GitFolder, branch: string, commit: string): Promise<GitAnswer> {
  return git(root, ['update-ref', '-d', `refs/heads/${branch}`, commit]);
}
