/** What a person can do in a guild outside of a session: the commands and buttons, their rights, and the act behind each. */
import { type Action, may } from '../domain/access.ts';
import { type GuildVerb, isSessionVerb } from '../domain/buttons.ts';
import type { Answer, GuildAct, GuildActs } from '../domain/contract.ts';
import { setGuildBudget } from './budget-acts.ts';
import { endAll } from './end-all.ts';
import { listSessions } from './listing.ts';
import { once } from './once.ts';
import { bind, listProjects, unbind } from './project-acts.ts';
import { pair, remove, runnersHere, share } from './runner-acts.ts';
import { refusal, say } from './runners/words.ts';
import type { Services } from './services.ts';
import { parseFilterTag, wanted } from './sessions/filter.ts';
import { adopt, fork, resume, start } from './starting.ts';

const UNKNOWN_PAGE =
  'This button is not one that Heddle knows, so nothing happened. `/status` lists the sessions.';

type Handler<K extends keyof GuildActs> = (
  services: Services,
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
    does: (services, { member }, { filter }) => listSessions(services, member, wanted(filter), 0, 'private'),
  },
  budget: { right: 'guildBudget', does: once((services, _, { usd }) => setGuildBudget(services, usd)) },
  pair: { right: 'pair', does: pair },
  runners: { right: 'status', does: (services) => runnersHere(services, 0, 'private') },
  endAll: {
    right: 'looked up',
    does: (services, asked, act) => {
      const answer = once(endAll)(services, asked, act);
      services.later(services.endings.pump());
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
  runnerpage: (services, _, { id }) => runnersHere(services, id.ref, 'update'),
  page: (services, { member }, { id }) => {
    const want = parseFilterTag(id.tag);
    return want === null ? say(UNKNOWN_PAGE) : listSessions(services, member, want, id.ref, 'update');
  },
};

export async function doAct(services: Services, asked: GuildAct): Promise<Answer> {
  const { act } = asked;
  if (act.do !== 'press') return perform(services, asked, act.do, act);
  const { verb } = act.id;
  return isSessionVerb(verb)
    ? say('This button is not one of this server’s, so nothing happened.')
    : BUTTON_HANDLERS[verb](services, asked, act);
}

function perform<K extends Command>(services: Services, asked: GuildAct, what: K, act: GuildActs[K]) {
  const { right, does } = COMMAND_HANDLERS[what];
  const allowed = right === 'looked up' ? null : may(asked.member, right, { runner: null, starter: null });
  return allowed?.ok === false ? refusal(allowed.why) : does(services, asked, act);
}
