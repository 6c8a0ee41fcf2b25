/** What a folder looks like after a turn: its branch and what is changed in it, for the thread. */
import type { EventOf } from '../../protocol/events.ts';
import { gitBranch } from '../claude/turn/branch.ts';
import { aheadBehind, changedLines, gitStatus } from '../git/git.ts';
import type { Place } from '../git/worktrees.ts';

/** As the protocol's limits. */
const BRANCH_MAX = 200;
const NAMED_MAX = 8;
const NAME_MAX_CHARS = 120;
const COUNT_MAX = 1_000_000;

export type Workspace = Omit<EventOf<'workspace'>, 'kind' | 'gen'>;

/** Null: not in a repository, or git does not say in time. Never rejects. `worktree`: it is this one. */
export async function workspaceOf(cwd: string, worktree: Place | null): Promise<Workspace | null> {
  const said = await gitStatus(cwd);
  if (!said.ok) return null;
  const { branch, files, head } = said.status;
  const lines = files.length === 0 || head === null ? { added: 0, removed: 0 } : await changedLines(cwd);
  return {
    branch: branch?.slice(0, BRANCH_MAX) ?? null,
    changed: {
      files: files.length,
      added: Math.min(lines?.added ?? 0, COUNT_MAX),
      removed: Math.min(lines?.removed ?? 0, COUNT_MAX),
      names: files.slice(0, NAMED_MAX).map((name) => name.slice(0, NAME_MAX_CHARS)),
    },
    main: worktree === null ? null : await against(cwd, gitBranch(worktree.root)),
  };
}

async function against(cwd: string, main: string | undefined): Promise<Workspace['main']> {
  if (main === undefined) return null;
  const counts = await aheadBehind(cwd, main);
  return counts === null ? null : { name: main.slice(0, BRANCH_MAX), ...counts };
}

/** Tells what has changed since it was told last. One look at a time; a folder that is slow is looked at again when it has answered. */
export class WorkspaceTeller {
  readonly #tell: (workspace: Workspace) => void;
  #told = '';
  #looking = false;
  #again: (() => void) | null = null;

  constructor(tell: (workspace: Workspace) => void) {
    this.#tell = tell;
  }

  look(cwd: string, worktree: Place | null): void {
    if (this.#looking) {
      this.#again = () => this.look(cwd, worktree);
      return;
    }
    this.#looking = true;
    void workspaceOf(cwd, worktree).then((workspace) => {
      this.#looking = false;
      const text = JSON.stringify(workspace);
      if (workspace !== null && text !== this.#told) {
        this.#told = text;
        this.#tell(workspace);
      }
      const again = this.#again;
      this.#again = null;
      again?.();
    });
  }
}
