/** The worktree of a conversation: made before its first process, and after its end what is to become of it. */

import type { CommandOf } from '../../protocol/commands.ts';
import type { EventOf } from '../../protocol/events.ts';
import type { ThreadId } from '../../protocol/ids.ts';
import {
  dropWorktree,
  ensureWorktree,
  lookAtWorktree,
  NO_REPOSITORY,
  type Place,
  placeOf,
} from '../git/worktrees.ts';
import { findProject } from '../home/projects.ts';
import { forgetWorktree, intendWorktree, madeFor, usedElsewhere } from '../journal/journal-worktrees.ts';
import type { Conversation } from '../journal/session-state.ts';
import type { HostContext, HostPairing } from './host-context.ts';

/** Null: the conversation works in the project's own folder. `project`: that folder. */
export function placeFor(
  { worktree }: Conversation,
  project: string,
): Place | null | { readonly words: string } {
  if (worktree == null) return null;
  return placeOf(project, worktree.name) ?? { words: NO_REPOSITORY };
}

export function prepareWorktree(
  { journal }: HostContext,
  pairing: HostPairing,
  thread: ThreadId,
  { gen, worktree }: Conversation,
  { place, trusted }: { readonly place: Place; readonly trusted: boolean },
): ReturnType<typeof ensureWorktree> {
  const key = [pairing.id, thread] as const;
  const made = madeFor(journal, key, gen, place.at);
  const known = made === 'this' || (made === 'other' && worktree?.goesOn === true);
  return ensureWorktree(place, trusted, known, () => intendWorktree(journal, key, gen, place.at));
}

type Outcome = EventOf<'worktree'>['outcome'];

/** The answer to a `worktree` command. The conversation has ended, and so has its process. */
export async function settleWorktree(
  { claude, journal, settings, home }: HostContext,
  pairing: HostPairing,
  thread: ThreadId,
  {
    conversation,
    command,
    goesOn,
  }: {
    readonly conversation: Conversation;
    readonly command: CommandOf<'worktree'>;
    /** The thread has begun its next conversation, which may work there. */
    readonly goesOn: () => boolean;
  },
): Promise<Outcome> {
  const { project, worktree, gen } = conversation;
  if (worktree == null) return { as: 'missing' };
  const found = findProject(settings(), home, pairing.guild, project);
  if (!found.ok) return { as: 'failed', words: found.words };
  const place = placeOf(found.path, worktree.name);
  if (place === null) return { as: 'failed', words: NO_REPOSITORY };
  const key = [pairing.id, thread] as const;
  const made = madeFor(journal, key, gen, place.at);
  if (made === null || (made === 'other' && !worktree.goesOn)) return { as: 'missing' };
  const trusted = (await claude.settingsSources(found.path)) === 'all';
  if (command.do === 'look') return lookAtWorktree(place, trusted);
  if (usedElsewhere(journal, key, project, worktree.name))
    return { as: 'failed', words: 'Another session works in it. End that one first.' };
  const outcome = await dropWorktree(place, trusted, command.expect, goesOn);
  if (outcome.as === 'removed' || outcome.as === 'missing') forgetWorktree(journal, place.at);
  return outcome;
}
