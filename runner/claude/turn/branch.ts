/** The git branch that a folder is on, read from git's own files: no process is started for a label. */
import { readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

/** The protocol's limit. */
const BRANCH_MAX = 200;
/** How far up a project may lie in its repository. */
const PARENTS_MAX = 30;

/** Undefined outside a repository, on a detached head, and when git's files are not as expected. */
export function gitBranch(cwd: string): string | undefined {
  try {
    const git = gitFolder(cwd);
    if (git === undefined) return undefined;
    const head = readFileSync(join(git, 'HEAD'), 'utf8');
    const name = /^ref: refs\/heads\/(\S+)\s*$/.exec(head)?.[1];
    return name === undefined || name.length > BRANCH_MAX ? undefined : name;
  } catch {
    return undefined;
  }
}

/** `.git` is a folder, or in a worktree a file that names one. */
function gitFolder(cwd: string): string | undefined {
  let folder = resolve(cwd);
  for (let step = 0; step < PARENTS_MAX; step++) {
    const git = join(folder, '.git');
    const stat = statSync(git, { throwIfNoEntry: false });
    if (stat?.isDirectory()) return git;
    if (stat?.isFile()) {
      const target = /^gitdir: (.+)$/m.exec(readFileSync(git, 'utf8'))?.[1];
      return target === undefined ? undefined : resolve(folder, target.trim());
    }
    const parent = dirname(folder);
    if (parent === folder) return undefined;
    folder = parent;
  }
  return undefined;
}
