/** A session that goes on from a conversation which a runner has: it can begin nowhere else, so nothing is chosen. */
import type { RunnerId } from '../../protocol/ids.ts';
import { may } from '../domain/access.ts';
import type { Answer, GuildAct, GuildActs, Origin } from '../domain/contract.ts';
import { escapeTo } from '../render/text/escape.ts';
import type { Runner } from './runners/runners.ts';
import { refusal, say } from './runners/words.ts';
import type { Taking } from './services.ts';
import type { Start } from './starts/starts.ts';

const NAME_MAX = 100;

/** Inside a transaction. */
export function startFrom(
  { runners }: Taking<'runners'>,
  { id, member, place, origin: worker }: GuildAct,
  act: GuildActs['start'],
  { runner: runnerId, project, from, title, worktree }: Origin,
): { readonly start: Start } | { readonly refused: Answer } {
  const runner = runners.get(runnerId);
  if (runner === null || runner.standing !== 'confirmed') return { refused: refusal('noRunner') };
  const permission = may(member, 'start', { runner: runners.access(runner), starter: null });
  if (!permission.ok) return { refused: refusal(permission.why) };
  if (runner.catalogue?.projects.some(({ name }) => name === project) !== true) {
    const [where, what] = [escapeTo(runner.name, NAME_MAX), escapeTo(project, NAME_MAX)];
    return {
      refused: say(`**${where}** does not offer the project **${what}** any more. Nothing was begun.`),
    };
  }
  return {
    start: {
      id,
      asker: member,
      place,
      origin: runner.origin ?? worker,
      token: act.token,
      text: act.text,
      runner: runner.id,
      project,
      from,
      title,
      worktree: worktree === undefined ? null : { name: worktree },
      inThread: act.thread,
      after: act.after,
      thread: null,
      parent: place.parent,
      beganMs: Date.now(),
      answered: false,
      why: null,
    },
  };
}

/** A conversation of a terminal, as its runner told it last; null: it is not known, or not any more. */
export function terminalOrigin(
  { runners }: Taking<'runners'>,
  runnerId: RunnerId,
  claudeSession: string,
): { readonly runner: Runner; readonly origin: Origin } | null {
  const runner = runners.get(runnerId);
  for (const project of runner?.catalogue?.projects ?? []) {
    const found = project.conversations?.find(({ id }) => id === claudeSession);
    if (runner === null || found === undefined) continue;
    const from = { claudeSession: found.id, fork: false };
    return { runner, origin: { runner: runner.id, project: project.name, title: found.title, from } };
  }
  return null;
}
