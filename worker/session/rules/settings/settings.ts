/** `/settings`: the private panel of a session, and what its menus and options change. Pure. */
import * as v from 'valibot';
import { Effort, ModelName, PermissionMode } from '../../../../protocol/configure.ts';
import type { UserId } from '../../../../protocol/ids.ts';
import { snowflakeAt } from '../../../discord/snowflake.ts';
import type { SessionAct, SessionDo } from '../../../domain/contract.ts';
import {
  DEFAULT_NOTIFY,
  DEFAULT_VERBOSITY,
  type Notify,
  type Verbosity,
} from '../../../domain/transcript.ts';
import { settingsPanel } from '../../../render/panels/settings.ts';
import { escapeText } from '../../../render/text/escape.ts';
import type { Draft } from '../../state/draft.ts';
import type { Context, RuleAnswer } from '../../state/input.ts';
import type { Conversation } from '../../state/state.ts';
import { type Change, configure, wishOf } from './configuring.ts';

/** What stands for the default in an option or a menu. */
const DEFAULT = 'default';
/** The runner's own setting; `default` is a mode of the CLI's. */
const RUNNERS_MODE = 'runner';
/** People who chose in one thread; more keep the default. */
const CHOOSERS_MAX = 50;

const VerbosityChoice = v.picklist(['quiet', 'normal', 'verbose']);
const NotifyChoice = v.picklist(['all', 'requests', 'none']);
/** The panel has Discord's five rows already, so this one is an option only. */
const MessagesChoice = v.picklist(['on', 'off']);

type Configure = Extract<SessionDo, { do: 'configure' }>;
type Settings = Extract<SessionDo, { do: 'settings' }>;

/** `/model` and `/mode`: strings as a person chose, typed or forged them. */
export function configureAct(d: Draft, c: Conversation, act: Configure, ctx: Context): RuleAnswer {
  const change = changeOf(c, act);
  return typeof change === 'string' ? { kind: 'private', text: change } : configure(d, c, change, ctx);
}

/** Words: why it can be nothing. */
function changeOf(c: Conversation, given: Omit<Configure, 'do'>): Change | string {
  let change: Change = {};
  if (given.model !== undefined) {
    const model = modelOf(c, given.model.trim());
    if (typeof model === 'object' && model !== null) return model.words;
    change = { ...change, model };
  }
  if (given.mode !== undefined) {
    const mode = given.mode === RUNNERS_MODE ? null : v.safeParse(PermissionMode, given.mode);
    if (mode !== null && !mode.success) return 'Claude has no such mode. Nothing was changed.';
    change = { ...change, mode: mode === null ? null : mode.output };
  }
  if (given.effort !== undefined) {
    const effort = given.effort === DEFAULT ? null : v.safeParse(Effort, given.effort);
    if (effort !== null && !effort.success) return 'Claude has no such effort. Nothing was changed.';
    change = { ...change, effort: effort === null ? null : effort.output };
  }
  return change;
}

/** By value or name of what is offered. A full name of the API, which Claude need not list, has a sign that no alias has. */
function modelOf(c: Conversation, typed: string): string | null | { readonly words: string } {
  const wanted = typed.toLowerCase();
  if (wanted === DEFAULT) return null;
  const offers = c.offers?.models ?? [];
  const offered = offers.find(
    ({ value, name }) => value.toLowerCase() === wanted || name.toLowerCase() === wanted,
  );
  if (offered !== undefined) return offered.value === DEFAULT ? null : offered.value;
  if (!v.is(ModelName, typed)) return { words: 'That cannot be the name of a model. Nothing was changed.' };
  if (offers.length > 0 && !/[-./:[]/.test(typed)) {
    const values = offers.map(({ value }) => escapeText(value)).join(', ');
    return {
      words: `Claude on ${escapeText(c.runnerName)} offers no model of that name. It offers: ${values}.`,
    };
  }
  return typed;
}

/** `/settings`: what was given is set, and the panel shows how things stand. */
export function settingsAct(d: Draft, a: SessionAct, act: Settings, ctx: Context): RuleAnswer {
  const c = d.state.conversation;
  if (c === null) return { kind: 'private', text: 'No session is here.' };
  const said: string[] = [];
  for (const what of ['effort', 'verbosity', 'notify', 'messages'] as const) {
    const value = act[what];
    if (value !== undefined) said.push(set(d, c, what, value, a.member.id, ctx));
  }
  return { kind: 'private', ...panel(d, a.member.id, said) };
}

/** A menu of the panel was used. */
export function settingsPress(
  d: Draft,
  a: SessionAct,
  what: string,
  values: readonly string[] | undefined,
  ctx: Context,
): RuleAnswer {
  const c = d.state.conversation;
  const [value] = values ?? [];
  if (c === null || value === undefined || values?.length !== 1)
    return { kind: 'private', text: 'Nothing was chosen, so nothing was changed.' };
  const said = set(d, c, what, value, a.member.id, ctx);
  return { kind: 'update', ...panel(d, a.member.id, [said]) };
}

function set(d: Draft, c: Conversation, what: string, value: string, who: UserId, ctx: Context): string {
  const { thread } = d.state;
  if (thread === null) return 'Nothing was changed.';
  switch (what) {
    case 'model':
    case 'mode':
    case 'effort': {
      // As it is now: an option before this one may have changed it.
      const answer = configureAct(d, d.state.conversation ?? c, { do: 'configure', [what]: value }, ctx);
      return answer.kind === 'private' ? answer.text : '';
    }
    case 'verbosity': {
      const chosen = v.safeParse(VerbosityChoice, value);
      if (!chosen.success) return 'That is none of the choices. Nothing was changed.';
      d.setThread({ ...thread, verbosity: chosen.output });
      return 'What comes from now on is shown like that.';
    }
    case 'notify': {
      const chosen = v.safeParse(NotifyChoice, value);
      if (!chosen.success) return 'That is none of the choices. Nothing was changed.';
      const { [who]: _old, ...others } = thread.notify ?? {};
      if (chosen.output !== DEFAULT_NOTIFY && Object.keys(others).length >= CHOOSERS_MAX)
        return 'Too many people have chosen something else here. Nothing was changed.';
      d.setThread({
        ...thread,
        notify: chosen.output === DEFAULT_NOTIFY ? others : { ...others, [who]: chosen.output },
      });
      return 'This is for you alone, in this thread.';
    }
    case 'messages': {
      const chosen = v.safeParse(MessagesChoice, value);
      if (!chosen.success) return 'That is none of the choices. Nothing was changed.';
      d.setThread({ ...thread, deaf: chosen.output === 'off' });
      // What people said to each other meanwhile is not for Claude.
      if (thread.deaf === true) d.patchConversation({ heardTo: snowflakeAt(ctx.nowMs) });
      return chosen.output === 'on'
        ? 'Plain messages here are prompts.'
        : 'Plain messages here are left alone. `/ask` and Reply go on working.';
    }
    default:
      return 'That is no setting. Nothing was changed.';
  }
}

function panel(d: Draft, who: UserId, said: readonly string[]) {
  const { conversation: c, thread } = d.state;
  const wish = c === null ? null : wishOf(c);
  const verbosity: Verbosity = thread?.verbosity ?? DEFAULT_VERBOSITY;
  const notify: Notify = thread?.notify?.[who] ?? DEFAULT_NOTIFY;
  return settingsPanel({
    gen: c?.gen ?? 0,
    runner: c?.runnerName ?? '',
    now: { model: c?.model ?? null, mode: c?.mode ?? null },
    wish: { model: wish?.model ?? null, mode: wish?.mode ?? null, effort: wish?.effort ?? null },
    offers: c?.offers ?? null,
    verbosity,
    notify,
    messages: thread?.deaf !== true,
    said: said.filter((words) => words !== ''),
  });
}
