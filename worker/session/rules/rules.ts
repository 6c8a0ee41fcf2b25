/**
 * All behaviour of a session: (state, input) -> rows to write, commands for the runner, an answer. Pure: time and randomness come in
 * with the context. Rooms, each importing only those above it:
 *   forms/      the fields of a form, and what a refused one gives back
 *   requests/   permissions, questions, plans: opened, decided, settled
 *   money/      what it cost, and the budget that pauses it
 *   changes/    what Claude changed: files, diffs, undo, the worktree
 *   turns/      how a turn is closed, interrupted, or held by an outage
 *   settings/   model, mode, effort, title
 *   prompts/    prompts, plain messages, the queue
 *   life/       begin, stop, end, resume, fork, continue
 *   events.ts   what the runner says; clock.ts: what is due when
 */
import type { TurnId } from '../../../protocol/ids.ts';
import { assertNever } from '../../../protocol/never.ts';
import { type Action, type Facts, may } from '../../domain/access.ts';
import { BUTTONS, type ButtonRow, isSessionVerb, type SessionVerb } from '../../domain/buttons.ts';
import type { Presence, SessionAct, SessionActs, SessionDo } from '../../domain/contract.ts';
import { escapeText } from '../../render/text/escape.ts';
import { type Conversation, isResumable, isRunnerNotified } from '../state/conversation.ts';
import { Draft } from '../state/draft.ts';
import {
  type Acted,
  type Context,
  type Input,
  type Outcome,
  type Pressed,
  type RuleAnswer,
  unlinked,
} from '../state/input.ts';
import { addNote } from '../state/notes.ts';
import { refusal } from '../state/refusals.ts';
import { personOf, type State, type Thread } from '../state/state.ts';
import { showDiff } from './changes/diffing.ts';
import { filePosted } from './changes/files.ts';
import { answerUndo, offerUndo } from './changes/undoing.ts';
import { chooseWorktree, worktreeAway, worktreeTold } from './changes/worktrees.ts';
import { clock, nextDueMs } from './clock.ts';
import { onEvent } from './events.ts';
import { typedWords } from './forms/fields.ts';
import { afresh, cancelAt, continueAt, continueTurn, discard, resumeHere } from './life/continuing.ts';
import { attachedOf, cancelQueue, end, endWith, open, renew, startAnew, stop } from './life/ending.ts';
import { fork } from './life/forking.ts';
import { resume, resumeAlone } from './life/resuming.ts';
import { extend, holdToBudget, setBudget } from './money/budget.ts';
import { ask, dropForbidden, give } from './prompts/asking.ts';
import { hear } from './prompts/listening.ts';
import { editQueued, sendNow, showQueue, unqueue } from './prompts/queue.ts';
import { reply } from './prompts/replying.ts';
import { slash } from './prompts/slash.ts';
import { answer, pick } from './requests/answering.ts';
import { cardPosted, decide } from './requests/deciding.ts';
import { denyWhy } from './requests/denying.ts';
import { allowByRule, allowEdits, showRule } from './requests/granting.ts';
import { approvePlan, changePlan } from './requests/planning.ts';
import { changeSettings, settingsMenu } from './settings/settings.ts';
import { named } from './settings/titling.ts';

export function apply(state: State, input: Input, ctx: Context): Outcome {
  const draft = new Draft(state);
  const { answer = null, opened = null } = step(draft, input, ctx);
  holdToBudget(draft);
  give(draft, draft.left === null ? ctx : unlinked(ctx));
  draft.noteSummary(() => isSooner(nextDueMs(draft.state, ctx), nextDueMs(state, ctx)));
  return {
    changes: draft.changes,
    commands: draft.commands,
    left: draft.left,
    answer,
    opened,
    state: draft.done,
  };
}

/** It waits for something now that the Guild does not know of, which looks after it should the alarm be lost. */
function isSooner(dueMs: number | null, beforeMs: number | null): boolean {
  return dueMs !== null && (beforeMs === null || dueMs < beforeMs);
}

function step(d: Draft, input: Input, ctx: Context): { answer?: RuleAnswer; opened?: Outcome['opened'] } {
  switch (input.kind) {
    case 'open':
      return { opened: open(d, input.open, ctx) };
    case 'act':
      return { answer: act(d, input.act, ctx) };
    case 'event':
      if (input.event.kind === 'worktree') worktreeTold(d, input.event);
      else onEvent(d, input.event, ctx);
      return {};
    case 'linkUp':
      // The `give` after each step does what is to be done.
      return {};
    case 'facts':
      facts(d, input, ctx);
      return {};
    case 'reported': {
      const { thread } = d.state;
      if (thread !== null && input.rev > thread.reportedRev) d.setReported(input.rev);
      return {};
    }
    case 'parked':
      park(d, input.why);
      // Nobody can see or steer it any more.
      if (input.gone) end(d, { by: null, why: 'The thread was deleted.' }, ctx);
      return {};
    case 'shown':
      park(d, null);
      if (input.card !== null) cardPosted(d, input.card.ref, input.card.message);
      if (input.file !== undefined) filePosted(d, input.file.gen, input.file.file);
      return {};
    case 'archived':
      if (d.state.conversation?.gen === input.gen) d.patchEnded({ toArchive: false });
      return {};
    case 'runnerNotified':
      runnerNotified(d);
      return {};
    case 'heard':
      hear(d, input.said, input.upTo, ctx);
      return {};
    case 'named':
      named(d);
      return {};
    case 'clock':
      clock(d, ctx);
      return {};
    default:
      return assertNever(input);
  }
}

/** Why Discord does not let Heddle write in the thread; null: it does. */
function park(d: Draft, why: string | null): void {
  const { thread } = d.state;
  if (thread !== null && thread.parked !== why) d.setThread({ ...thread, parked: why });
}

function runnerNotified(d: Draft): void {
  const c = d.state.conversation;
  if (c === null || isRunnerNotified(c)) return;
  const { runsWith } = c;
  d.patchEnded({ runnerNotified: true });
  d.patchConversation({ runsWith: { ...runsWith, desired: { ...runsWith.desired, runnerNotified: true } } });
}

function facts(d: Draft, input: Extract<Input, { kind: 'facts' }>, ctx: Context): void {
  const c = d.state.conversation;
  if (c === null || c.runner !== input.runner) return;
  const access = input.access.rev >= c.access.rev ? input.access : c.access;
  const presence = (input.presence.rev ?? 0) >= (c.presence.rev ?? 0) ? input.presence : c.presence;
  const changed = JSON.stringify([access, presence]) !== JSON.stringify([c.access, c.presence]);
  if (!changed) return;
  d.patchConversation({ access, presence });
  if (presence.online !== c.presence.online) tellPresence(d, presence);
  worktreeAway(d, ctx);
  dropForbidden(d, ctx);
  if (access.removed && c.ended === null)
    end(d, { by: null, why: 'The runner was removed from this server.' }, ctx);
}

/** A turn whose text stops growing says why, in one line that changes when the runner is back. */
function tellPresence(d: Draft, presence: Presence): void {
  const c = d.state.conversation;
  for (const turn of d.state.turns.values()) {
    if (c === null) continue;
    const id = `away.${turn.turn}`.slice(0, 40);
    const name = escapeText(c.runnerName);
    if (!presence.online) {
      addNote(
        d,
        id,
        turn.turn,
        `🔌 ${name} went offline. What the turn does there is shown when ${name} is back.`,
      );
    } else if ([...d.state.entries.values()].some((entry) => entry.kind === 'note' && entry.id === id)) {
      addNote(d, id, turn.turn, `🔌 ${name} is back.`);
    }
  }
}

type Handler<K extends keyof SessionActs> = (d: Draft, act: Acted<K>, ctx: Context) => RuleAnswer;
type Command = Exclude<keyof SessionActs, 'press'>;

const ENDED = 'This session has ended. `/ask` goes on with it.';
const whileOpen =
  <K extends keyof SessionActs>(does: Handler<K>): Handler<K> =>
  (d, act, ctx) =>
    act.c.ended === null ? does(d, act, ctx) : refuse(ENDED);

/** What each command does here, and the right that it needs. */
const COMMAND_HANDLERS: { readonly [K in Command]: { readonly right: Action; readonly does: Handler<K> } } = {
  ask: { right: 'ask', does: askHere },
  new: { right: 'end', does: startAnew },
  stop: { right: 'stop', does: (d, { by }, ctx) => stop(d, by, ctx) },
  undo: {
    right: 'ask',
    does: whileOpen((d, { c, confirm, by }, ctx) =>
      confirm ? answerUndo(d, c, { yes: true, tag: '', by }, ctx) : offerUndo(d, c, '', by, ctx),
    ),
  },
  status: {
    right: 'status',
    does: (_, { c, member }) => ({ kind: 'status', terminal: may(member, 'ask', factsOf(c)).ok }),
  },
  budget: { right: 'budget', does: whileOpen((d, { usd, by }) => setBudget(d, usd, by)) },
  settings: { right: 'ask', does: whileOpen(changeSettings) },
  slash: { right: 'ask', does: whileOpen(slash) },
  queue: { right: 'status', does: (d, { c }) => showQueue(d, c, null) },
  end: { right: 'end', does: endWith },
  resume: {
    right: 'ask',
    does: (d, { c, member, by }, ctx) =>
      (c.ended === null ? resumeHere(d, c, member, ctx) : null) ?? resumeAlone(d, c, by, ctx),
  },
  fork: { right: 'ask', does: (_, { c, text }) => fork(c, text) },
};

/** What each button does; its right stands in `BUTTONS`. */
const BUTTON_HANDLERS: { readonly [V in SessionVerb]: Handler<'press'> } = {
  allow: (d, p, ctx) => decide(d, p, { behavior: 'allow' }, ctx),
  deny: (d, p, ctx) => decide(d, p, { behavior: 'deny' }, ctx),
  denywhy: denyWhy,
  pick,
  answer,
  always: showRule,
  rule: allowByRule,
  edits: allowEdits,
  approve: approvePlan,
  approveedits: approvePlan,
  changeplan: changePlan,
  stop: (d, { id, by }, ctx) =>
    id.tag === '' || d.state.turns.has(id.tag as TurnId)
      ? stop(d, by, ctx)
      : refuse('That turn is over. Nothing was done.'),
  unqueue,
  editqueued: editQueued,
  sendnow: sendNow,
  pickqueued: (d, { c, values }) => showQueue(d, c, values?.[0] ?? ''),
  reply: (d, p, ctx) => reply(d, p, () => resume(d, ctx), ctx),
  continue: (d, { id, member }, ctx) => continueTurn(d, id.tag, member, ctx),
  continueat: (d, { id, member }, ctx) => continueAt(d, id.tag, member, ctx),
  cancelat: (d, { id }) => cancelAt(d, id.tag),
  discard: (d, { id }) => discard(d, id.tag),
  afresh: (d, { id, member }, ctx) => afresh(d, id.tag, member, ctx),
  undo: whileOpen((d, { c, id, by }, ctx) => offerUndo(d, c, id.tag, by, ctx)),
  undoyes: whileOpen((d, p, ctx) => answerUndo(d, p.c, { yes: true, tag: p.id.tag, by: p.by }, ctx)),
  undono: whileOpen((d, p, ctx) => answerUndo(d, p.c, { yes: false, tag: p.id.tag, by: p.by }, ctx)),
  set: whileOpen(settingsMenu),
  end: whileOpen((d, { by }, ctx) => end(d, { by, why: null, choose: true }, ctx)),
  extend: (d, { id, by }) => extend(d, id.ref, by),
  resume: (d, { c, by }, ctx) => resumeAlone(d, c, by, ctx),
  renew: (d, { id }) => renew(d, id.tag),
  cancelqueue: (d, _, ctx) => cancelQueue(d, ctx),
  wtkeep: (d, p, ctx) => chooseWorktree(d, p.c, { what: 'keep', tag: p.id.tag, by: p.by }, ctx),
  wtremove: (d, p, ctx) => chooseWorktree(d, p.c, { what: 'remove', tag: p.id.tag, by: p.by }, ctx),
  diff: showDiff,
};

const ELSEWHERE = 'This button belongs to another thread. Nothing was done.';

/** Address, then permission, then the deed: in this order for each interaction, whatever its kind. */
function act(d: Draft, a: SessionAct, ctx: Context): RuleAnswer {
  const { thread, conversation } = d.state;
  if (thread === null || conversation === null)
    return (
      beginning(a.act, null) ?? refuse('There is no session in this thread yet. `/ask` or `/new` begins one.')
    );
  if (!comesFromHere(a, thread)) return refuse(ELSEWHERE);
  const over = conversation.ended !== null;
  const next =
    over && !(a.act.do === 'ask' && isResumable(conversation)) ? beginning(a.act, conversation) : null;
  if (next !== null) return next;
  const right = a.act.do === 'press' ? BUTTONS[a.act.id.verb].right : COMMAND_HANDLERS[a.act.do].right;
  const permission = may(a.member, right, factsOf(conversation));
  if (!permission.ok) {
    const hint = over && a.act.do === 'ask' ? ' `/new` begins a session of your own here.' : '';
    return refuse(refusal(permission.why, conversation) + hint);
  }
  const { id: interaction, member, through } = a;
  const who = { c: conversation, member, by: personOf(member), interaction, ...(through && { through }) };
  if (a.act.do === 'press') return press(d, { ...a.act, ...who }, ctx);
  return perform(d, a.act.do, { ...a.act, ...who }, ctx);
}

function perform<K extends Command>(d: Draft, what: K, act: Acted<K>, ctx: Context): RuleAnswer {
  return COMMAND_HANDLERS[what].does(d, act, ctx);
}

function press(d: Draft, p: Pressed, ctx: Context): RuleAnswer {
  const { gen, verb } = p.id;
  if (gen !== p.c.gen)
    return refuse(
      `That button is from an earlier conversation of this thread. Nothing was done.${typedWords(p.fields)}`,
    );
  return isSessionVerb(verb) ? BUTTON_HANDLERS[verb](d, p, ctx) : refuse(ELSEWHERE);
}

/** A session stays on its runner; one that ended goes on with the prompt. */
function askHere(d: Draft, { c, text, member, runner, files }: Acted<'ask'>, ctx: Context): RuleAnswer {
  if (runner != null && runner.toLowerCase() !== c.runnerName.toLowerCase())
    return refuse(
      `This session runs on **${escapeText(c.runnerName)}** and stays there. \`/new\` with \`runner:\` begins one elsewhere.`,
    );
  if (c.ended !== null) resume(d, ctx);
  return ask(d, text, member, ctx, files);
}

function factsOf(c: Conversation): Facts {
  return { runner: c.access, starter: c.starter.id };
}

/** In the thread itself, or on the session card that stands for it in the parent channel. Guild and card must be the stored ones. */
function comesFromHere(a: SessionAct, thread: Thread): boolean {
  const button: ButtonRow | null = a.act.do === 'press' ? BUTTONS[a.act.id.verb] : null;
  if (a.place.guild !== thread.guild || button?.owner === 'guild') return false;
  if (a.through === 'guild' || a.place.channel === thread.thread) return true;
  return (
    a.act.do === 'press' &&
    button?.onCard === true &&
    thread.card === 'parent' &&
    a.place.channel === thread.parent &&
    // Discord: a thread made from a message has the message's id.
    String(a.act.message) === String(thread.thread)
  );
}

/** `/ask` and `/new` where no session goes on: the Guild begins one, after `old`. Null: it is another act. */
function beginning(act: SessionDo, old: Conversation | null): RuleAnswer | null {
  if (act.do !== 'ask' && act.do !== 'new') return null;
  const asked = act.do === 'new' ? act : { ...act, project: null, worktree: null };
  return {
    kind: 'start',
    text: asked.text,
    project: asked.project ?? old?.project ?? null,
    after: old?.gen ?? null,
    runner: asked.runner ?? null,
    worktree: asked.worktree ?? null,
    ...attachedOf(asked),
  };
}

function refuse(text: string): RuleAnswer {
  return { kind: 'private', text };
}
