/** What a folder looks like after a turn: its branch and what is changed in it, for the thread. */
import type { EventOf } from '../../protocol/events.ts';
import { aheadBehind, changedLines, gitStatus } from '../git/commands.ts';
import { type GitFolder, gitBranch } from '../git/repository.ts';
import type { Place } from '../git/worktrees.ts';

/** As the protocol's limits. */
const BRANCH_MAX = 200;
const NAMED_MAX = 8;
const NAME_MAX_CHARS = 120;
const COUNT_MAX = 1_000_000;

export type Workspace = Omit<EventOf<'workspace'>, 'kind' | 'gen'>;

/** Null: not in a repository, or git does not say in time. `worktree`: it is this one. */
export async function workspaceOf(folder: GitFolder, worktree: Place | null): Promise<Workspace | null> {
  const said = await gitStatus(folder);
  if (!said.ok) return null;
  const { branch, files, head } = said.status;
  const lines = files.length === 0 || head === null ? { added: 0, removed: 0 } : await changedLines(folder);
  return {
    branch: branch?.slice(0, BRANCH_MAX) ?? null,
    changed: {
      files: files.length,
      added: Math.min(lines?.added ?? 0, COUNT_MAX),
      removed: Math.min(lines?.removed ?? 0, COUNT_MAX),
      names: files.slice(0, NAMED_MAX).map((name) => name.slice(0, NAME_MAX_CHARS)),
    },
    main: worktree === null ? null : await against(folder, gitBranch({ ...folder, cwd: worktree.root })),
  };
}

async function against(folder: GitFolder, main: string | undefined): Promise<Workspace['main']> {
  if (main === undefined) return null;
  const counts = await aheadBehind(folder, main);
  return counts === null ? null : { name: main.slice(0, BRANCH_MAX), ...counts };
}

/** The folder to look at, the project that it belongs to, and whether it is a worktree of that. */
export interface Where {
  readonly cwd: string;
  readonly project: string;
  readonly place: Place | null;
}

/** Tells what has changed since it was told last. One look at a time; a folder that is slow is looked at again when it has answered. */
export class WorkspaceTeller {
  readonly #trusts: (project: string) => Promise<boolean>;
  readonly #tell: (workspace: Workspace) => void;
  #told = '';
  #looking = false;
  #again: (() => void) | null = null;

  /** `trusts`: whether a project’s folder is trusted; never rejects. */
  constructor(trusts: (project: string) => Promise<boolean>, tell: (workspace: Workspace) => void) {
    this.#trusts = trusts;
    this.#tell = tell;
  }

  look(where: Where): void {
    if (this.#looking) {
      this.#again = () => this.look(where);
      return;
    }
    this.#looking = true;
    // A folder that cannot be looked at is as one of which git says nothing.
    const looked = this.#workspace(where).catch(() => null);
    void looked.then((workspace) => {
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
  async #workspace({ cwd, project, place }: Where): Promise<Workspace | null> {
    // Asked each time: trust may be given or taken back while the session lives. A worktree is as the project's own folder.
    return workspaceOf({ cwd, trusted: await this.#trusts(project) }, place);
  }
}
