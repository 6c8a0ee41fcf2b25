/** `/runner pair | list | share | remove`. */
import type { RunnerId } from '../../protocol/ids.ts';
import { may } from '../domain/access.ts';
import type { Answer, GuildAct, GuildActs } from '../domain/contract.ts';
import { codeHash, pairingCode, pairingLink } from './runners/pairing-code.ts';
import { runnerList } from './runners/runner-list.ts';
import * as runnerWords from './runners/runner-words.ts';
import type { Runner } from './runners/runners.ts';
import { refusal, say } from './runners/words.ts';
import type { Taking } from './services.ts';

export async function pair(
  { guild, env, store, pairings }: Taking<'guild' | 'env' | 'store' | 'pairings'>,
  { id, member, origin }: GuildAct,
  { token }: GuildActs['pair'],
): Promise<Answer> {
  const code = await pairingCode(env.DISCORD_BOT_TOKEN, guild, id);
  const hash = await codeHash(code);
  const link = pairingLink(origin, guild, code);
  return store.transaction(() =>
    pairings.begin({ id, member, codeHash: hash, link, origin, token }, Date.now()),
  );
}

export function runnersHere(
  { runners, directory }: Taking<'runners' | 'directory'>,
  page: number,
  kind: 'private' | 'update',
): Answer {
  const sessions = directory.list().filter(({ summary }) => summary.state.is !== 'ended');
  const listed = runners.all().map((runner) => {
    const own = sessions.filter(({ summary }) => summary.runner === runner.id);
    const working = own.filter(({ summary }) => summary.work).length;
    return { runner, access: runners.access(runner), sessions: { open: own.length, working } };
  });
  return runnerList(listed, page, kind);
}

export function share(
  { guild, runners, directory, pushes }: Taking<'guild' | 'runners' | 'directory' | 'pushes'>,
  { member }: GuildAct,
  { runner: name, with: target, on }: GuildActs['share'],
): Answer {
  const found = ownRunner(runners, member, name);
  if ('refused' in found) return found.refused;
  const { runner } = found;
  if ('role' in target && target.role === guild && on) {
    // Discord: the role of everybody has the guild's id.
    return say('A runner cannot be shared with everyone. Name a role or a member.');
  }
  if (!runners.setShare(runner.id, target, on)) return runnerWords.sharedAlready(runner, target, on);
  pushes.mark(directory.threadsOf(runner.id), Date.now());
  return runnerWords.shared(runner, target, on);
}

export function remove(
  { runners, directory, pushes, links }: Taking<'runners' | 'directory' | 'pushes' | 'links'>,
  { member }: GuildAct,
  { runner: name }: GuildActs['unpair'],
): Answer {
  const found = ownRunner(runners, member, name);
  if ('refused' in found) return found.refused;
  const { runner } = found;
  runners.setStanding(runner.id, 'removed');
  runners.setPresence(runner.id, { online: false, sinceMs: Date.now() }, Date.now());
  links.remove(runner.id);
  pushes.mark(directory.threadsOf(runner.id), Date.now());
  return runnerWords.removed(runner);
}

/** The member's runner of that name, or their only one when none is named. */
function ownRunner(
  runners: Taking<'runners'>['runners'],
  member: GuildAct['member'],
  name: string,
): { readonly runner: Runner } | { readonly refused: Answer } {
  const all = runners.all();
  const own = all.filter((runner) => runner.owner === member.id);
  const named = all.filter((runner) => runner.name.toLowerCase() === name.toLowerCase());
  const [runner, ...others] = name === '' ? own : named;
  if (runner === undefined) {
    return {
      refused:
        name === ''
          ? say('You have no runner in this server. `/runner pair` connects one.')
          : refusal('noRunner'),
    };
  }
  if (others.length > 0) return { refused: runnerWords.whichOne(own) };
  const allowed = may(member, 'manageRunner', { runner: runners.access(runner), starter: null });
  return allowed.ok ? { runner } : { refused: refusal(allowed.why) };
}

/** Shows the fingerprint where the link was given, as soon as the runner has called. The Continue button does the same. */
export async function showFingerprint(
  { pairings, runners, rest }: Taking<'pairings' | 'runners' | 'rest'>,
  id: RunnerId,
): Promise<void> {
  const pairing = pairings.of(id);
  const runner = runners.get(id);
  if (pairing?.token == null || runner?.standing !== 'unconfirmed') return;
  await rest.editOriginal(pairing.token, runnerWords.compareBody(runner));
}
