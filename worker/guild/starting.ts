/** Beginning a session: where somebody asks, from an ended one, as a copy, or from a conversation of a terminal. */
import { may } from '../domain/access.ts';
import type { Answer, GuildAct, GuildActs } from '../domain/contract.ts';
import { startFrom, terminalOrigin } from './going-on.ts';
import { keep } from './once.ts';
import { bindingOf, boundTo } from './project-acts.ts';
import { choose, withBinding } from './runners/choose.ts';
import { noChoice, say } from './runners/words.ts';
import type { Taking } from './services.ts';
import { startingCard } from './starts/session-card.ts';
import { firstStep } from './starts/start-steps.ts';
import type { Start } from './starts/starts.ts';

const NOT_LISTED = 'There is no such session here. Choose one from the list that appears while you type.';

type Starting = Taking<
  | 'store'
  | 'timers'
  | 'durations'
  | 'answers'
  | 'runners'
  | 'directory'
  | 'bindings'
  | 'cards'
  | 'starts'
  | 'later'
>;

export async function start(services: Starting, act: GuildAct, wish: GuildActs['start']): Promise<Answer> {
  const { store, answers, starts, later } = services;
  const kept = answers.get(act.id);
  if (kept !== null) return kept;
  if (starts.get(act.id) === null) {
    const refused = store.transaction(() => beginStart(services, act, wish));
    if (refused !== null) return refused;
  }
  later(starts.drive(act.id));
  await starts.tellable(act.id);
  return store.transaction(() => {
    const told = answers.get(act.id) ?? starts.answer(act.id);
    keep(services, act.id, told);
    return told;
  });
}

function beginStart(services: Starting, asked: GuildAct, act: GuildActs['start']): Answer | null {
  const { id, member, place, origin } = asked;
  const { runners, directory } = services;
  if (act.goesOn !== undefined) {
    const from = startFrom(services, asked, act, act.goesOn);
    if ('start' in from) return begin(services, from.start);
    keep(services, id, from.refused);
    return from.refused;
  }
  const here = act.thread ? directory.latest(place.channel as Start['thread'] & string) : null;
  const recent = directory.recent(member.id);
  const binding = bindingOf(services, place);
  const { wish, bound } = withBinding(act, binding && { project: binding.project, runner: binding.name });
  const choice = choose(
    member,
    { ...wish, recent: here === null ? recent : [here.project, ...recent] },
    runners.candidates(directory.loads()),
  );
  if (!choice.ok) {
    const why = noChoice(choice.why);
    const answer = say(bound && binding !== null ? boundTo(binding, why) : why);
    keep(services, id, answer);
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
  return begin(services, begun);
}

function begin(services: Starting, begun: Start): null {
  services.starts.begin(begun, firstStep(begun.inThread, begun.place.channelType));
  if (!begun.inThread) startingCard(services, begun);
  services.directory.used(begun.asker.id, begun.project, begun.beganMs);
  return null;
}

export async function resume(
  { directory, env }: Taking<'directory' | 'env'>,
  { id, member, place }: GuildAct,
  { thread }: GuildActs['resume'],
): Promise<Answer> {
  if (directory.latest(thread) === null) return say(NOT_LISTED);
  const session = env.SESSION.getByName(thread);
  const answer = await session.act({ id, member, place, through: 'guild', act: { do: 'resume' } });
  return answer.kind === 'start' ? say('That session cannot be resumed.') : answer;
}

export async function fork(
  services: Starting & Taking<'env'>,
  act: GuildAct,
  { thread, text, token }: GuildActs['fork'],
): Promise<Answer> {
  if (services.directory.latest(thread) === null) return say(NOT_LISTED);
  const { id, member, place } = act;
  const session = services.env.SESSION.getByName(thread);
  const answer = await session.act({ id, member, place, through: 'guild', act: { do: 'fork', text } });
  if (answer.kind !== 'start') return answer;
  const { origin: goesOn } = answer;
  if (goesOn === undefined) return say('That session cannot be copied.');
  return start(services, act, { text, project: null, thread: false, after: null, token, goesOn });
}

/** The owner's own conversations: nobody else has any business in them. */
export async function adopt(
  services: Starting,
  act: GuildAct,
  { runner: id, claudeSession, token }: GuildActs['adopt'],
): Promise<Answer> {
  const found = terminalOrigin(services, id, claudeSession);
  if (found === null) return say(NOT_LISTED);
  const facts = { runner: services.runners.access(found.runner), starter: null };
  const permission = may(act.member, 'adopt', facts);
  // Told apart from one that does not exist by nothing.
  if (!permission.ok) return say(NOT_LISTED);
  const goesOn = found.origin;
  return start(services, act, { text: null, project: null, thread: false, after: null, token, goesOn });
}
