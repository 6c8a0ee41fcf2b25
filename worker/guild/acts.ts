/** What a person can do in a guild outside of a session, each inside one transaction; and what must follow it. */
import type { RunnerId } from '../../protocol/ids.ts';
import { type Action, may } from '../domain/access.ts';
import { type GuildVerb, isSessionVerb } from '../domain/buttons.ts';
import type { Answer, GuildAct, GuildActs } from '../domain/contract.ts';
import { plural } from '../render/text/format.ts';
import { setGuildBudget } from './budget-acts.ts';
import { startFrom, terminalOrigin } from './going-on.ts';
import { listSessions } from './listing.ts';
import { bind, bindingOf, boundTo, listProjects, unbind } from './project-acts.ts';
import type { Rooms } from './rooms.ts';
import { choose, withBinding } from './runners/choose.ts';
import { codeHash, pairingCode, pairingLink } from './runners/pairing-code.ts';
import { runnerList } from './runners/runner-list.ts';
import * as runnerWords from './runners/runner-words.ts';
import type { Runner } from './runners/runners.ts';
import { noChoice, refusal, say } from './runners/words.ts';
import { parseFilterTag, wanted } from './sessions/filter.ts';
import { startingCard } from './starts/session-card.ts';
import { firstStep } from './starts/start-steps.ts';
import type { Start } from './starts/starts.ts';

/** A line is 25 characters at most; Discord's 2,000 hold more than these. */
const ENDED_SHOWN_MAX = 50;

const NOT_LISTED = 'There is no such session here. Choose one from the list that appears while you type.';

const UNKNOWN_PAGE =
  'This button is not one that Heddle knows, so nothing happened. `/status` lists the sessions.';

type Handler<K extends keyof GuildActs> = (
  rooms: Rooms,
  asked: GuildAct,
  act: GuildActs[K],
) => Answer | Promise<Answer>;
type Command = Exclude<keyof GuildActs, 'press'>;

/** The rights that need no more than the member: `may` is asked before the handler is called. */
type ServerRight = Extract<Action, 'status' | 'guildBudget' | 'pair' | 'bind'>;
interface CommandRow<K extends Command> {
  /** `looked up`: it is about a runner or a session that the handler finds, and the handler asks `may` about that. */
  readonly right: ServerRight | 'looked up';
  readonly does: Handler<K>;
}

/** What each command does here, and the right that it needs. Reading changes nothing, so nothing is kept of its answer. */
const COMMAND_HANDLERS: { readonly [K in Command]: CommandRow<K> } = {
  start: { right: 'looked up', does: start },
  status: {
    right: 'status',
    does: (rooms, { member }, { filter }) => listSessions(rooms, member, wanted(filter), 0, 'private'),
  },
  budget: { right: 'guildBudget', does: once((rooms, _, { usd }) => setGuildBudget(rooms, usd)) },
  pair: { right: 'pair', does: pair },
  runners: { right: 'status', does: (rooms) => runnersHere(rooms, 0, 'private') },
  endAll: {
    right: 'looked up',
    does: (rooms, asked, act) => {
      const answer = once(endAll)(rooms, asked, act);
      rooms.later(rooms.endings.pump());
      return answer;
    },
  },
  resume: { right: 'looked up', does: resume },
  fork: { right: 'looked up', does: fork },
  adopt: { right: 'looked up', does: adopt },
  share: { right: 'looked up', does: once(share) },
  unpair: { right: 'looked up', does: once(remove) },
  bind: { right: 'bind', does: once(bind) },
  unbind: { right: 'bind', does: once(unbind) },
  projects: { right: 'status', does: listProjects },
};

/** What each button does; its right stands in `BUTTONS`. */
const BUTTON_HANDLERS: { readonly [V in GuildVerb]: Handler<'press'> } = {
  pairlook: once(({ pairings }, { member }, { id }) => pairings.look(id.tag, member)),
  pairyes: once(({ pairings }, { member }, { id }) => pairings.settle('pairyes', id.tag, member)),
  pairno: once(({ pairings }, { member }, { id }) => pairings.settle('pairno', id.tag, member)),
  runnerpage: (rooms, _, { id }) => runnersHere(rooms, id.ref, 'update'),
  page: (rooms, { member }, { id }) => {
    const want = parseFilterTag(id.tag);
    return want === null ? say(UNKNOWN_PAGE) : listSessions(rooms, member, want, id.ref, 'update');
  },
};

export async function doAct(rooms: Rooms, asked: GuildAct): Promise<Answer> {
  const { act } = asked;
  if (act.do !== 'press') return perform(rooms, asked, act.do, act);
  const { verb } = act.id;
  return isSessionVerb(verb)
    ? say('This button is not one of this server’s, so nothing happened.')
    : BUTTON_HANDLERS[verb](rooms, asked, act);
}

function perform<K extends Command>(rooms: Rooms, asked: GuildAct, what: K, act: GuildActs[K]) {
  const { right, does } = COMMAND_HANDLERS[what];
  const allowed = right === 'looked up' ? null : may(asked.member, right, { runner: null, starter: null });
  return allowed?.ok === false ? refusal(allowed.why) : does(rooms, asked, act);
}

/** Does it the first time, and gives the kept answer after that. */
function once<A>(
  decide: (rooms: Rooms, asked: GuildAct, act: A) => Answer,
): (rooms: Rooms, asked: GuildAct, act: A) => Answer {
  return (rooms, asked, act) => {
    const { store, answers, pushes, later } = rooms;
    const kept = answers.get(asked.id);
    if (kept !== null) return kept;
    const answer = store.transaction(() => {
      const decided = decide(rooms, asked, act);
      keep(rooms, asked.id, decided);
      return decided;
    });
    later(pushes.pump());
    return answer;
  };
}

export const PRUNE_TIMER = 'prune';

function keep({ answers, timers, durations }: Rooms, id: GuildAct['id'], answer: Answer): void {
  const nowMs = Date.now();
  answers.put(id, answer, nowMs);
  if (timers.due(PRUNE_TIMER) === null) timers.set(PRUNE_TIMER, nowMs + durations.answerKeptMs);
}

async function start(rooms: Rooms, act: GuildAct, wish: GuildActs['start']): Promise<Answer> {
  const { store, answers, starts, later } = rooms;
  const kept = answers.get(act.id);
  if (kept !== null) return kept;
  if (starts.get(act.id) === null) {
    const refused = store.transaction(() => beginStart(rooms, act, wish));
    if (refused !== null) return refused;
  }
  later(starts.drive(act.id));
  await starts.tellable(act.id);
  return store.transaction(() => {
    const told = answers.get(act.id) ?? starts.answer(act.id);
    keep(rooms, act.id, told);
    return told;
  });
}

function beginStart(rooms: Rooms, asked: GuildAct, act: GuildActs['start']): Answer | null {
  const { id, member, place, origin } = asked;
  const { runners, directory } = rooms;
  if (act.goesOn !== undefined) {
    const from = startFrom(rooms, asked, act, act.goesOn);
    if ('start' in from) return begin(rooms, from.start);
    keep(rooms, id, from.refused);
    return from.refused;
  }
  const here = act.thread ? directory.latest(place.channel as Start['thread'] & string) : null;
  const recent = directory.recent(member.id);
  const binding = bindingOf(rooms, place);
  const { wish, bound } = withBinding(act, binding && { project: binding.project, runner: binding.name });
  const choice = choose(
    member,
    { ...wish, recent: here === null ? recent : [here.project, ...recent] },
    runners.candidates(directory.loads()),
  );
  if (!choice.ok) {
    const why = noChoice(choice.why);
    const answer = say(bound && binding !== null ? boundTo(binding, why) : why);
    keep(rooms, id, answer);
    return answer;
  }
  const begun: Start = {
    id,
    asker: member,
    place,
    origin: runners.get(choice.runner.id)?.origin ?? origin,
    token: act.token,
    text: act.text,
    ...(act.files === undefined ? {} : { files: act.files }),
    runner: choice.runner.id,
    project: choice.project,
    worktree: act.worktree ?? null,
    instead: choice.instead,
    inThread: act.thread,
    after: act.after,
    thread: null,
    parent: place.parent,
    beganMs: Date.now(),
    answered: false,
    why: null,
  };
  return begin(rooms, begun);
}

function begin(rooms: Rooms, begun: Start): null {
  rooms.starts.begin(begun, firstStep(begun.inThread, begun.place.channelType));
  if (!begun.inThread) startingCard(rooms, begun);
  rooms.directory.used(begun.asker.id, begun.project, begun.beganMs);
  return null;
}

async function pair(
  rooms: Rooms,
  { id, member, origin }: GuildAct,
  { token }: GuildActs['pair'],
): Promise<Answer> {
  const { guild, env, store, pairings } = rooms;
  const code = await pairingCode(env.DISCORD_BOT_TOKEN, guild, id);
  const hash = await codeHash(code);
  const link = pairingLink(origin, guild, code);
  return store.transaction(() =>
    pairings.begin({ id, member, codeHash: hash, link, origin, token }, Date.now()),
  );
}

function endAll({ directory, runners, endings }: Rooms, act: GuildAct): Answer {
  const ending = directory.list().filter(({ summary }) => {
    const runner = runners.get(summary.runner);
    const facts = { runner: runner === null ? null : runners.access(runner), starter: summary.starter.id };
    return summary.state.is !== 'ended' && may(act.member, 'end', facts).ok;
  });
  if (ending.length === 0) return say('No session is open that you may end.');
  endings.begin(
    act,
    ending.map(({ thread }) => thread),
    Date.now(),
  );
  const lines = ending.slice(0, ENDED_SHOWN_MAX).map(({ thread }) => `- <#${thread}>`);
  const more = ending.length - lines.length;
  return say(
    [
      `Ending ${plural(ending.length, 'session')}:`,
      ...lines,
      ...(more > 0 ? [`- and ${more} more`] : []),
    ].join('\n'),
  );
}

async function resume(
  { directory, env }: Rooms,
  { id, member, place }: GuildAct,
  { thread }: GuildActs['resume'],
): Promise<Answer> {
  if (directory.latest(thread) === null) return say(NOT_LISTED);
  const session = env.SESSION.getByName(thread);
  const answer = await session.act({ id, member, place, through: 'guild', act: { do: 'resume' } });
  return answer.kind === 'start' ? say('That session cannot be resumed.') : answer;
}

async function fork(
  rooms: Rooms,
  act: GuildAct,
  { thread, text, token }: GuildActs['fork'],
): Promise<Answer> {
  if (rooms.directory.latest(thread) === null) return say(NOT_LISTED);
  const { id, member, place } = act;
  const session = rooms.env.SESSION.getByName(thread);
  const answer = await session.act({ id, member, place, through: 'guild', act: { do: 'fork', text } });
  if (answer.kind !== 'start') return answer;
  const { origin: goesOn } = answer;
  if (goesOn === undefined) return say('That session cannot be copied.');
  return start(rooms, act, { text, project: null, thread: false, after: null, token, goesOn });
}

/** The owner's own conversations: nobody else has any business in them. */
async function adopt(
  rooms: Rooms,
  act: GuildAct,
  { runner: id, claudeSession, token }: GuildActs['adopt'],
): Promise<Answer> {
  const found = terminalOrigin(rooms, id, claudeSession);
  if (found === null) return say(NOT_LISTED);
  const facts = { runner: rooms.runners.access(found.runner), starter: null };
  const permission = may(act.member, 'adopt', facts);
  // Told apart from one that does not exist by nothing.
  if (!permission.ok) return say(NOT_LISTED);
  const goesOn = found.origin;
  return start(rooms, act, { text: null, project: null, thread: false, after: null, token, goesOn });
}

function runnersHere({ runners, directory }: Rooms, page: number, kind: 'private' | 'update'): Answer {
  const sessions = directory.list().filter(({ summary }) => summary.state.is !== 'ended');
  const listed = runners.all().map((runner) => {
    const own = sessions.filter(({ summary }) => summary.runner === runner.id);
    const working = own.filter(({ summary }) => summary.work).length;
    return { runner, access: runners.access(runner), sessions: { open: own.length, working } };
  });
  return runnerList(listed, page, kind);
}

function share(
  rooms: Rooms,
  { member }: GuildAct,
  { runner: name, with: target, on }: GuildActs['share'],
): Answer {
  const { runners, directory, pushes } = rooms;
  const found = ownRunner(rooms, member, name);
  if ('refused' in found) return found.refused;
  const { runner } = found;
  if ('role' in target && target.role === rooms.guild && on) {
    // Discord: the role of everybody has the guild's id.
    return say('A runner cannot be shared with everyone. Name a role or a member.');
  }
  if (!runners.setShare(runner.id, target, on)) return runnerWords.sharedAlready(runner, target, on);
  pushes.mark(directory.threadsOf(runner.id), Date.now());
  return runnerWords.shared(runner, target, on);
}

function remove(rooms: Rooms, { member }: GuildAct, { runner: name }: GuildActs['unpair']): Answer {
  const { runners, directory, pushes, links } = rooms;
  const found = ownRunner(rooms, member, name);
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
  { runners }: Rooms,
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
export async function showFingerprint(rooms: Rooms, id: RunnerId): Promise<void> {
  const { pairings, runners, rest } = rooms;
  const pairing = pairings.of(id);
  const runner = runners.get(id);
  if (pairing?.token == null || runner?.standing !== 'unconfirmed') return;
  await rest.editOriginal(pairing.token, runnerWords.compareBody(runner));
}
