/** Where git keeps what belongs to a folder, read from git's own files: no process is started for a label. */
import { closeSync, constants, fstatSync, lstatSync, openSync, readSync, realpathSync } from 'node:fs';
import path from 'node:path';

/** A folder in which git is asked. */
export interface GitFolder {
  readonly cwd: string;
  /** Its owner has trusted it in Claude: only then its repository's configuration is read. */
  readonly trusted: boolean;
}

/** All real paths. */
export interface Repository {
  /** The folder that is worked in: the one with `.git`. */
  readonly root: string;
  /** Git: HEAD and index are here. */
  readonly gitDir: string;
  /** Git: objects, branches and configuration; of a linked worktree those of the repository that it belongs to. */
  readonly common: string;
}

/** The protocol's limit. */
const BRANCH_MAX = 200;
/** Git's own small files are a line of a path or a branch. Bytes. */
const LINE_MAX_BYTES = 8 * 1024;

/** The nearest folder, from this one upwards, that has a `.git`; null: none, or the folder is gone. */
export function rootOf(cwd: string): string | null {
  try {
    for (let at = realpathSync(cwd); ; at = path.dirname(at)) {
      if (lstatSync(path.join(at, '.git'), { throwIfNoEntry: false }) !== undefined) return at;
      if (path.dirname(at) === at) return null;
    }
  } catch {
    return null;
  }
}

/**
 * The repository of a folder that nobody trusted; null when what stands there leads elsewhere, so that another folder's files and
 * branches would be named. It may be a folder `.git`, or a linked worktree that its repository knows as well.
 */
export function ownRepository(root: string): Repository | null {
  try {
    const git = path.join(root, '.git');
    if (lstatSync(git).isDirectory()) return { root, gitDir: git, common: git };
    const gitDir = realpathSync(path.resolve(root, gitLink(git)));
    const worktrees = path.dirname(gitDir);
    const back = realpathSync(path.resolve(gitDir, smallFile(path.join(gitDir, 'gitdir')).trim()));
    if (path.basename(worktrees) !== 'worktrees' || back !== git) return null;
    return { root, gitDir, common: path.dirname(worktrees) };
  } catch {
    return null;
  }
}

/** Undefined outside a repository, on a detached head, and when git's files are not as expected. */
export function gitBranch({ cwd, trusted }: GitFolder): string | undefined {
  try {
    const root = rootOf(cwd);
    const gitDir = root === null ? null : trusted ? anyGitDir(root) : ownRepository(root)?.gitDir;
    if (gitDir == null) return undefined;
    // Git: where branches are a reftable, HEAD names the branch `.invalid`.
    const name = /^ref: refs\/heads\/(?!\.)(\S+)\s*$/.exec(smallFile(path.join(gitDir, 'HEAD')))?.[1];
    return name === undefined || name.length > BRANCH_MAX ? undefined : name;
  } catch {
    return undefined;
  }
}

function anyGitDir(root: string): string {
  const git = path.join(root, '.git');
  return realpathSync(lstatSync(git).isFile() ? path.resolve(root, gitLink(git)) : git);
}

/** Git: `.git` of a linked worktree or a submodule is a file that names a folder. Throws when it is not. */
export function gitLink(file: string): string {
  const target = /^gitdir: (.+)$/m.exec(smallFile(file))?.[1]?.trim();
  if (target === undefined || target === '') throw new Error('no link of git’s');
  return target;
}

/** A pipe or a device in its place would hold the whole runner, and a link would lead elsewhere. Throws when it is none. */
function smallFile(file: string): string {
  const fd = openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    if (!fstatSync(fd).isFile()) throw new Error('not a file');
    const buffer = Buffer.alloc(LINE_MAX_BYTES);
    return buffer.subarray(0, readSync(fd, buffer)).toString('utf8');
  } finally {
    closeSync(fd);
  }
}
