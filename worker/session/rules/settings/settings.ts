/** `/settings`, `/model`, `/mode` and the menus of the private panel: what they set, and the panel itself. Pure. */
import * as v from 'valibot';
import { Effort, ModelName, PermissionMode } from '../../../../protocol/configure.ts';
import type { UserId } from '../../../../protocol/ids.ts';
import { snowflakeAt } from '../../../discord/snowflake.ts';
import { SETTINGS } from '../../../domain/contract.ts';
import {
  DEFAULT_NOTIFY,
  DEFAULT_VERBOSITY,
  type Notify,
  type Verbosity,
} from '../../../domain/transcript.ts';
import { settingsPanel } from '../../../render/panels/settings.ts';
import { escapeText } from '../../../render/text/escape.ts';
import { type Conversation, DEFAULT_SETTINGS } from '../../state/conversation.ts';
import type { Draft } from '../../state/draft.ts';
import type { Acted, Context, Pressed, RuleAnswer } from '../../state/input.ts';
import { type Change, configure } from './configuring.ts';

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

/** Strings as a person chose, typed or forged them. Words: why it can be nothing. */
function changeOf(c: Conversation, what: 'model' | 'mode' | 'effort', value: string): Change | string {
  switch (what) {
    case 'model': {
      const model = modelOf(c, value.trim());
      return typeof model === 'object' && model !== null ? model.words : { model };
    }
    case 'mode':
      if (value === RUNNERS_MODE) return { mode: null };
      return v.is(PermissionMode, value) ? { mode: value } : 'Claude has no such mode. Nothing was changed.';
    case 'effort':
      if (value === DEFAULT) return { effort: null };
      return v.is(Effort, value) ? { effort: value } : 'Claude has no such effort. Nothing was changed.';
  }
}

/** By value or name of what is offered. A full name of the API, which Claude need not list, has a sign that no alias has. */
function modelOf(c: Conversation, typed: string): string | null | { readonly words: string } {
  const wanted = typed.toLowerCase();
  if (wanted === DEFAULT) return null;
  const offers = c.runsWith.offers?.models ?? [];
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

const UNCHOSEN = 'Nothing was chosen, so nothing was changed.';

/** What was given is set, and the panel, if it is wanted, shows how things stand. */
export function changeSettings(d: Draft, act: Acted<'settings'>, ctx: Context): RuleAnswer {
  const said = SETTINGS.flatMap((what) => {
    const value = act[what];
    return value === undefined ? [] : [set(d, act, what, value, ctx)];
  });
  return act.panel === false
    ? { kind: 'private', text: said.join('\n') || UNCHOSEN }
    : { kind: 'private', ...panel(d, act.member.id, said) };
}

/** A menu of the panel was used. */
export function settingsMenu(d: Draft, p: Pressed, ctx: Context): RuleAnswer {
  const [value, second] = p.values ?? [];
  if (value === undefined || second !== undefined) return { kind: 'private', text: UNCHOSEN };
  return { kind: 'update', ...panel(d, p.member.id, [set(d, p, p.id.tag, value, ctx)]) };
}

function set(
  d: Draft,
  { member: { id: who } }: Pick<Pressed, 'member'>,
  what: string,
  value: string,
  ctx: Context,
): string {
  const { thread, conversation: c } = d.state;
  if (thread === null || c === null) return 'Nothing was changed.';
  switch (what) {
    case 'model':
    case 'mode':
    case 'effort': {
      const change = changeOf(c, what, value);
      return typeof change === 'string' ? change : configure(d, c, change, ctx);
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
      const { [who]: _old, ...others } = thread.notify;
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
      d.setThread({ ...thread, listens: chosen.output === 'on' });
      // What people said to each other meanwhile is not for Claude.
      if (!thread.listens) d.patchOpen({ heardTo: snowflakeAt(ctx.nowMs) });
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
  const { model = null, mode = null, desired = DEFAULT_SETTINGS, offers = null } = c?.runsWith ?? {};
  const verbosity: Verbosity = thread?.verbosity ?? DEFAULT_VERBOSITY;
  const notify: Notify = thread?.notify[who] ?? DEFAULT_NOTIFY;
  return settingsPanel({
    gen: c?.gen ?? 0,
    runner: c?.runnerName ?? '',
    now: { model, mode },
    desired,
    offers,
    verbosity,
    notify,
    messages: thread?.listens ?? true,
    said: said.filter((words) => words !== ''),
  });
}
