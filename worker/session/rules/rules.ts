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
import type { ProjectName } from '../../../protocol/ids.ts';
import { assertNever } from '../../../protocol/never.ts';
import { type Action, may } from '../../domain/access.ts';
import type { Attached, Presence, SessionAct, SessionDo, Where } from '../../domain/contract.ts';
import type { Verb } from '../../domain/custom-id.ts';
import { escapeText } from '../../render/text/escape.ts';
import { Draft } from '../state/draft.ts';
import { type Context, type Input, type Outcome, type RuleAnswer, unlinked } from '../state/input.ts';
import { addNote } from '../state/notes.ts';
import { refusal } from '../state/refusals.ts';
import { type Conversation, isResumable, personOf, type State } from '../state/state.ts';
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
import { ask, dropForbidden, give, unqueue } from './prompts/asking.ts';
import { hear } from './prompts/listening.ts';
import { editQueued, sendNow, showQueue } from './prompts/queue.ts';
import { reply } from './prompts/replying.ts';
import { slash } from './prompts/slash.ts';
import { pressCard } from './requests/card-press.ts';
import { cardPosted, decide } from './requests/deciding.ts';
import { denyWhy } from './requests/denying.ts';
import { configureAct, settingsAct, settingsPress } from './settings/settings.ts';
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
      d.patchConversation({ parked: input.why });
      // Nobody can see or steer it any more.
      if (input.gone) end(d, { by: null, why: 'The thread was deleted.' }, ctx);
      return {};
    case 'shown':
      if (d.state.conversation?.parked != null) d.patchConversation({ parked: null });
      if (input.card !== null) cardPosted(d, input.card.ref, input.card.message);
      if (input.file !== undefined) filePosted(d, input.file.gen, input.file.file);
      return {};
    case 'archived':
      if (d.state.conversation?.gen === input.gen) d.patchConversation({ toArchive: false });
      return {};
    case 'told':
      if (d.state.conversation?.untold === true) d.patchConversation({ untold: false });
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

function whereOf(act: Extract<SessionDo, { do: 'ask' | 'new' }>): Where & Attached {
  const worktree = act.do === 'new' ? (act.worktree ?? null) : null;
  return { runner: act.runner ?? null, worktree, ...attachedOf(act) };
}

/** A session stays on its runner. */
function elsewhere(runner: string | null | undefined, c: Conversation): boolean {
  return runner != null && runner.toLowerCase() !== c.runnerName.toLowerCase();
}

function projectOf(act: Extract<SessionDo, { do: 'ask' | 'new' }>): ProjectName | null {
  return act.do === 'new' ? act.project : null;
}

const PRIVATE_ELSEWHERE = 'This button belongs to another thread. Nothing was done.';

/** Address, then permission, then the deed: in this order for each interaction, whatever its kind. */
function act(d: Draft, a: SessionAct, ctx: Context): RuleAnswer {
  const { thread, conversation } = d.state;
  if (thread === null || conversation === null) {
    return a.act.do === 'ask' || a.act.do === 'new'
      ? { kind: 'start', text: a.act.text, project: projectOf(a.act), after: null, ...whereOf(a.act) }
      : refuse('There is no session in this thread yet. `/ask` or `/new` begins one.');
  }
  if (!comesFromHere(a, thread)) return refuse(PRIVATE_ELSEWHERE);
  const over = conversation.ended !== null;
  if (over && (a.act.do === 'new' || (a.act.do === 'ask' && !isResumable(conversation)))) {
    return {
      kind: 'start',
      text: a.act.text,
      project: projectOf(a.act) ?? conversation.project,
      after: conversation.gen,
      ...whereOf(a.act),
    };
  }
  const permission = may(a.member, actionOf(a.act), {
    runner: conversation.access,
    starter: conversation.starter.id,
  });
  if (!permission.ok) {
    const hint = over && a.act.do === 'ask' ? ' `/new` begins a session of your own here.' : '';
    return refuse(refusal(permission.why, conversation) + hint);
  }
  const person = personOf(a.member);
  switch (a.act.do) {
    case 'ask':
      if (elsewhere(a.act.runner, conversation))
        return refuse(
          `This session runs on **${escapeText(conversation.runnerName)}** and stays there. \`/new\` with \`runner:\` begins one elsewhere.`,
        );
      if (over) resume(d, ctx);
      return ask(d, a.act.text, a.member, ctx, a.act.files);
    case 'resume':
      return (
        (over ? null : resumeHere(d, conversation, a.member, ctx)) ??
        resumeAlone(d, conversation, person, ctx)
      );
    case 'fork':
      return fork(conversation, a.act.text);
    case 'new':
      return startAnew(d, a, ctx);
    case 'undo':
      if (over) return refuse('This session has ended. `/ask` goes on with it.');
      return a.act.confirm
        ? answerUndo(d, conversation, { yes: true, tag: '', by: person }, ctx)
        : offerUndo(d, conversation, '', person, ctx);
    case 'stop':
      return stop(d, person, ctx);
    case 'status':
      return {
        kind: 'status',
        terminal: may(a.member, 'ask', { runner: conversation.access, starter: conversation.starter.id }).ok,
      };
    case 'budget':
      if (over) return refuse('This session has ended. `/ask` goes on with it.');
      return setBudget(d, a.act.usd, person);
    case 'configure':
      return configureAct(d, conversation, a.act, ctx);
    case 'settings':
      if (over) return refuse('This session has ended. `/ask` goes on with it.');
      return settingsAct(d, a, a.act, ctx);
    case 'slash':
      if (over) return refuse('This session has ended. `/ask` goes on with it.');
      return slash(d, a, a.act, ctx);
    case 'queue':
      return showQueue(d, conversation, null);
    case 'end':
      if (conversation.ended !== null && a.act.worktree !== undefined)
        return chooseWorktree(d, conversation, { what: a.act.worktree, tag: null, by: person }, ctx);
      if (conversation.ended !== null)
        return refuse('This session has ended already. `/ask` goes on with it, `/new` begins another.');
      return endWith(d, { by: person, worktree: a.act.worktree, alone: a.through === 'guild' }, ctx);
    case 'press':
      return press(d, a, a.act, ctx);
    default:
      return assertNever(a.act);
  }
}

function press(
  d: Draft,
  a: SessionAct,
  { id, message, values, fields }: Extract<SessionDo, { do: 'press' }>,
  ctx: Context,
): RuleAnswer {
  const c = d.state.conversation;
  const person = personOf(a.member);
  if (c === null || id.gen !== c.gen)
    return refuse(
      `That button is from an earlier conversation of this thread. Nothing was done.${typedWords(fields)}`,
    );
  switch (id.verb) {
    case 'allow':
    case 'deny':
      return decide(d, { verb: id.verb, ref: id.ref, tag: id.tag, message, person }, ctx);
    case 'denywhy':
      return denyWhy(d, { ref: id.ref, tag: id.tag, message, person }, id, fields, ctx);
    case 'pick':
    case 'answer':
    case 'always':
    case 'rule':
    case 'edits':
    case 'approve':
    case 'approveedits':
    case 'changeplan':
      return pressCard(d, id.verb, { id, message, values, fields }, a.member, ctx);
    case 'undo':
    case 'undoyes':
    case 'undono':
      if (c.ended !== null) return refuse('This session has ended. `/ask` goes on with it.');
      if (id.verb === 'undo') return offerUndo(d, c, id.tag, person, ctx);
      return answerUndo(d, c, { yes: id.verb === 'undoyes', tag: id.tag, by: person }, ctx);
    case 'stop':
      // The session card does not know the turn: its Stop is for whatever runs.
      return id.tag === '' || [...d.state.turns.keys()].some((turn) => turn === id.tag)
        ? stop(d, person, ctx)
        : refuse('That turn is over. Nothing was done.');
    case 'unqueue':
      return unqueue(d, id.tag, person, ctx);
    case 'editqueued':
      return editQueued(d, c, { id, fields, member: a.member }, ctx);
    case 'sendnow':
      return sendNow(d, c, id.tag, a.member, ctx);
    case 'pickqueued':
      return showQueue(d, c, values?.[0] ?? '');
    case 'reply':
      return reply(d, c, { id, fields, member: a.member }, () => resume(d, ctx), ctx);
    case 'set':
      if (c.ended !== null) return refuse('This session has ended already.');
      return settingsPress(d, a, id.tag, values, ctx);
    case 'extend':
      return extend(d, id.ref, person);
    case 'continue':
      return continueTurn(d, id.tag, a.member, ctx);
    case 'continueat':
      return continueAt(d, id.tag, a.member, ctx);
    case 'cancelat':
      return cancelAt(d, id.tag);
    case 'discard':
      return discard(d, id.tag);
    case 'afresh':
      return afresh(d, id.tag, a.member, ctx);
    case 'end':
      if (c.ended !== null) return refuse('This session has ended already.');
      return end(d, { by: person, why: null, choose: true }, ctx);
    case 'wtkeep':
    case 'wtremove': {
      const what = id.verb === 'wtkeep' ? 'keep' : 'remove';
      return chooseWorktree(d, c, { what, tag: id.tag, by: person }, ctx);
    }
    case 'diff':
      return showDiff(d.state, c.gen, id.tag, id.ref);
    case 'resume':
      return resumeAlone(d, c, person, ctx);
    case 'renew':
      return renew(d, id.tag);
    case 'cancelqueue':
      return cancelQueue(d, person, ctx);
    case 'pairlook':
    case 'pairyes':
    case 'pairno':
    case 'page':
    case 'runnerpage':
      return refuse(PRIVATE_ELSEWHERE);
    default:
      return assertNever(id.verb);
  }
}

/** The buttons of the session card. */
const ON_CARD: ReadonlySet<Verb> = new Set<Verb>(['stop', 'cancelqueue', 'resume', 'reply']);

/** In the thread itself, or on the session card that stands for it in the parent channel. Guild and card must be the stored ones. */
function comesFromHere(a: SessionAct, thread: NonNullable<State['thread']>): boolean {
  if (a.place.guild !== thread.guild) return false;
  if (a.through === 'guild' || a.place.channel === thread.thread) return true;
  return (
    a.act.do === 'press' &&
    ON_CARD.has(a.act.id.verb) &&
    thread.card === 'parent' &&
    a.place.channel === thread.parent &&
    // Discord: a thread made from a message has the message's id.
    String(a.act.message) === String(thread.thread)
  );
}

function actionOf(act: SessionDo): Action {
  switch (act.do) {
    case 'ask':
    case 'resume':
    case 'fork':
    case 'undo':
    case 'configure':
    case 'settings':
    case 'slash':
      return 'ask';
    case 'new':
    case 'end':
      return 'end';
    case 'stop':
      return 'stop';
    case 'status':
    case 'queue':
      return 'status';
    case 'budget':
      return 'budget';
    case 'press':
      switch (act.id.verb) {
        case 'allow':
        case 'deny':
        case 'denywhy':
        case 'pick':
        case 'answer':
        case 'always':
        case 'rule':
        case 'edits':
        case 'approve':
        case 'approveedits':
        case 'changeplan':
          return 'decide';
        case 'continue':
        case 'continueat':
        case 'afresh':
        case 'resume':
        case 'undo':
        case 'undoyes':
        case 'undono':
        case 'reply':
        case 'editqueued':
        case 'set':
          return 'ask';
        case 'extend':
          return 'budget';
        case 'pickqueued':
        case 'diff':
          return 'status';
        case 'wtkeep':
        case 'wtremove':
        case 'end':
        case 'renew':
          return 'end';
        default:
          return 'stop';
      }
    default:
      return assertNever(act);
  }
}

function refuse(text: string): RuleAnswer {
  return { kind: 'private', text };
}
