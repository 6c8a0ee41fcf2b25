/** `/status`: the branch, and what is changed in the folder since the last commit. */

import type { Workspace } from '../../domain/transcript.ts';
import { escapeTo } from '../text/escape.ts';
import { changed, plural } from '../text/format.ts';

const BRANCH_MAX_CHARS = 80;
const FILE_MAX_CHARS = 60;
const NAMED_MAX = 5;

/** Nothing when it is not known: outside of a repository, or before the first turn. */
export function workspaceLines(workspace: Workspace | null, worktree: string | null): readonly string[] {
  if (workspace === null) return worktree === null ? [] : [`🌿 \`heddle/${worktree}\``];
  const { branch, changed: now, main } = workspace;
  const lines = changed(now.added, now.removed);
  const parts = [
    `🌿 ${branch === null ? 'no branch' : escapeTo(branch, BRANCH_MAX_CHARS)}`,
    now.files === 0 ? 'nothing uncommitted' : `${plural(now.files, 'changed file')} ${lines}`.trimEnd(),
  ];
  if (main !== null)
    parts.push(`${main.ahead} ahead, ${main.behind} behind ${escapeTo(main.name, BRANCH_MAX_CHARS)}`);
  const names = now.names.slice(0, NAMED_MAX).map((name) => escapeTo(name, FILE_MAX_CHARS));
  const more = now.files - names.length;
  return [
    parts.join(' · '),
    ...(names.length === 0 ? [] : [`-# ${names.join(', ')}${more > 0 ? ` and ${more} more` : ''}`]),
  ];
}
