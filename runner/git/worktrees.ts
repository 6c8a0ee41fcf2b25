/**
 * A session's own git worktree: a folder beside the repository, `<repository>.worktrees/<name>`, on the branch `heddle/<name>`. Beside
 * it, not in it, so that no tool of the project finds a second copy of everything; and not in Heddle's own folder, which Claude may not
 * touch. The folders above are the repository's own, so that what Claude reads there is the same.
 */
import { createHash } from 'node:crypto';
import { existsSync, lstatSync, rmdirSync } from 'node:fs';
import path from 'node:path';
import type { EventOf } from '../../protocol/events.ts';
import {
  addWorktree,
  branchCommit,
  commitsOnlyOn,
  deleteBranch,
  gitStatus,
  hasStaged,
  hasSubmodules,
  isCommitted,
  isFiltered,
  mendLink,
  removeWorktree,
  restoreWorktree,
} from './commands.ts';
import { git } from './git.ts';
import { type GitFolder, gitLink, rootOf } from './repository.ts';
import type { GitAnswer, GitRefusal } from './run.ts';

const BRANCHES = 'heddle/';
/** Of what would be lost; more is counted. */
const NAMED_MAX = 8;
const NAME_MAX_CHARS = 120;

export interface Place {
  /** Of the repository that the project is in. */
  readonly root: string;
  /** The project within it, with `/`; empty when it is the repository. */
  readonly inside: string;
  /** The worktree. */
  readonly at: string;
  /** The project within the worktree: where Claude runs. */
  readonly cwd: string;
  readonly branch: string;
}

/** Where the worktree of this name is or would be; null when the project's folder is in no git repository. Starts no process. */
export function placeOf(project: string, name: string): Place | null {
  const root = rootOf(project);
  if (root === null || path.dirname(root) === root) return null;
  const at = path.join(path.dirname(root), `${path.basename(root)}.worktrees`, name);
  const inside = path.relative(root, project);
  return {
    root,
    inside: inside.split(path.sep).join('/'),
    at,
    cwd: path.join(at, inside),
    branch: `${BRANCHES}${name}`,
  };
}

export const NO_REPOSITORY =
  'The project is not in a git repository, so it can have no worktree. `/new` without `worktree:` works in the folder itself.';

type Made = { readonly ok: true } | { readonly ok: false; readonly words: string };
const no = (words: string): Made => ({ ok: false, words });

/** One change of a repository's worktrees at a time. */
const busy = new Map<string, Promise<unknown>>();

async function alone<T>(root: string, work: () => Promise<T>): Promise<T> {
  const before = busy.get(root);
  const done = (before ?? Promise.resolve()).catch(() => {}).then(work);
  busy.set(root, done);
  try {
    return await done;
  } finally {
    if (busy.get(root) === done) busy.delete(root);
  }
}

const FILTERED =
  'git puts files of this repository through a filter (as for LFS), and Heddle runs filters only in folders that you trust in Claude: run `claude` in the project once on the runner. `/new` without `worktree:` works in the folder itself.';

const LINKED =
  'The folder for worktrees beside the repository is a link, and Heddle follows that only where you trust the project in Claude: run `claude` in it once on the runner, or remove the link.';

/**
 * Makes it, or finds it again. `known`: it was made for this conversation, or for the one that it goes on from; then one that is there
 * is taken, and one that was removed is made anew, because Claude finds a conversation by its folder. Otherwise one that is there is
 * refused. `intended` is called right before git makes it, so that after a crash in between it is known.
 */
export function ensureWorktree(
  place: Place,
  trusted: boolean,
  known: boolean,
  intended: () => void,
): Promise<Made> {
  return alone(place.root, async () => {
    const { at, branch, inside } = place;
    const root: GitFolder = { cwd: place.root, trusted };
    if (!trusted && lstatSync(path.dirname(at), { throwIfNoEntry: false })?.isSymbolicLink() === true)
      return no(LINKED);
    const there = isWorktree(place);
    // The runner may have died while it was made.
    if (there && known) mendLink(root, at);
    if (there && known) return { ok: true };
    const commit = await branchCommit(root, branch);
    // Other files would lie in it than the person's own git puts there.
    if (!trusted && (await isFiltered(root))) return no(FILTERED);
    if (known && commit !== null && !existsSync(at))
      return made(await restoreWorktree(root, at, branch), place);
    if (there || existsSync(at) || commit !== null)
      return no(
        `There is a worktree or a branch \`${branch}\` already. Begin with another name, or remove that one on the runner.`,
      );
    const head = await git(root, ['rev-parse', '--verify', '--quiet', 'HEAD^{commit}']);
    if (!head.ok)
      return no(
        head.why === 'exit' && head.code === 1
          ? 'The repository has no commit yet, so a worktree would be empty. Commit something first.'
          : `The worktree could not be made: ${head.words}`,
      );
    if (!known && (await hasStaged(root)) !== false)
      return no(
        'The repository has staged changes that a worktree would not have. Commit, stash or unstage them, or begin without `worktree:`.',
      );
    if (inside !== '' && !(await isCommitted(root, inside)))
      return no(
        'The project’s folder is not in the repository’s last commit, so a worktree would not have it.',
      );
    intended();
    return made(await addWorktree(root, at, branch), place);
  });
}

function made(said: GitAnswer, { cwd }: Place): Made {
  if (!said.ok) return no(`git could not make the worktree: ${said.words}`);
  return existsSync(cwd) ? { ok: true } : no('git made the worktree, but the project’s folder is not in it.');
}

/** Git: a linked worktree has a file `.git` that names its folder in the repository's own. */
function isWorktree({ at }: Place): boolean {
  try {
    return gitLink(path.join(at, '.git')) !== '';
  } catch {
    return false;
  }
}

/** What a worktree has that is nowhere else, with a mark that is another one when something has changed; or what became of it. */
export type WorktreeAnswer = EventOf<'worktree'>['outcome'];

export async function lookAtWorktree(place: Place, trusted: boolean): Promise<WorktreeAnswer> {
  if (!isWorktree(place)) return { as: 'missing' };
  const { branch } = place;
  const at: GitFolder = { cwd: place.at, trusted };
  const said = await gitStatus(at, true);
  if (!said.ok) return { as: 'failed', words: said.words };
  const unseen = trusted ? false : await hasSubmodules(at);
  if (unseen !== false) return { as: 'failed', words: unseen === true ? UNSEEN : unseen.words };
  const { status } = said;
  const commit = await branchCommit({ cwd: place.root, trusted }, branch);
  // Of a branch that was renamed or deleted there is nothing that goes with the worktree but what HEAD has by itself.
  const only = commit === null ? await commitsOnly(at) : await commitsOnlyOn(at, branch);
  if (!only.ok) return { as: 'failed', words: only.words };
  const named = (all: readonly string[]) =>
    all.slice(0, NAMED_MAX).map((one) => one.slice(0, NAME_MAX_CHARS));
  return {
    as: 'kept',
    uncommitted: status.files.length,
    unmerged: only.commits.length,
    files: named(status.files),
    commits: named(only.commits),
    mark: createHash('sha256').update(`${commit}\n${status.head}\n${status.text}`).digest('hex').slice(0, 16),
  };
}

const UNSEEN =
  'It has submodules, and Heddle looks into those only in folders that you trust in Claude: run `claude` in the project once on the runner, or remove it there with `git worktree remove`.';

/** The branch is gone; HEAD may be detached. */
async function commitsOnly(at: GitFolder): Promise<{ ok: true; commits: readonly string[] } | GitRefusal> {
  const said = await git(at, [
    'log',
    '--format=%h %s',
    'HEAD',
    '--not',
    '--branches',
    '--remotes',
    '--tags',
    '--',
  ]);
  return said.ok ? { ok: true, commits: said.out.split('\n').filter((line) => line !== '') } : said;
}

/**
 * Removes folder and branch when nothing would be lost, or when `expect` is the mark of exactly what is lost; else answers what is
 * there, and nothing happens. `inUse` is asked last: whoever begins to work in it meanwhile keeps it.
 */
export function dropWorktree(
  place: Place,
  trusted: boolean,
  expect: string | null,
  inUse: () => boolean = () => false,
): Promise<WorktreeAnswer> {
  return alone(place.root, async () => {
    const seen = await lookAtWorktree(place, trusted);
    if (seen.as !== 'kept') return seen;
    if (inUse()) return { as: 'failed', words: 'A session works in it again, so it stays.' };
    const loses = seen.uncommitted > 0 || seen.unmerged > 0;
    if (loses && seen.mark !== expect) return seen;
    const { at, branch } = place;
    const root: GitFolder = { cwd: place.root, trusted };
    const commit = await branchCommit(root, branch);
    const gone = await removeWorktree(root, at, seen.uncommitted > 0);
    if (!gone.ok) return { as: 'failed', words: gone.words };
    if (commit !== null) await deleteBranch(root, branch, commit);
    try {
      rmdirSync(path.dirname(at));
    } catch {
      // Others are in it.
    }
    return { as: 'removed' };
  });
}
