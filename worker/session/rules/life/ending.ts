/** Stop, end, and the next conversation of a thread. */
import type { ClaudeSessionId, Gen, InteractionId } from '../../../../protocol/ids.ts';
import { snowflakeAt } from '../../../discord/snowflake.ts';
import { may } from '../../../domain/access.ts';
import { encodeCustomId } from '../../../domain/buttons.ts';
import type { Attached, SessionOpen, SessionOpened } from '../../../domain/contract.ts';
import { DEFAULT_VERBOSITY, type Person } from '../../../domain/transcript.ts';
import { budgetAmount } from '../../../render/panels/budget-amount.ts';
import { threadName } from '../../../render/panels/thread-name.ts';
import { ellipsis, escapeText } from '../../../render/text/escape.ts';
import { branchOf } from '../../../render/thread/worktree.ts';
import {
  type Budget,
  type Conversation,
  DEFAULT_SETTINGS,
  isResumable,
  NO_MEMORY,
  NOTHING_SPENT,
} from '../../state/conversation.ts';
import type { Draft } from '../../state/draft.ts';
import { type Acted, type Context, type RuleAnswer, unlinked } from '../../state/input.ts';
import { addNote } from '../../state/notes.ts';
import { personOf, queueOf } from '../../state/state.ts';
import { closeOffer } from '../changes/undoing.ts';
import { chooseWorktree, leaveWorktree, worktreeName, worktreeStays } from '../changes/worktrees.ts';
import { closeNotice } from '../money/budget.ts';
import { enqueue, settleQueued } from '../prompts/asking.ts';
import { voidAll } from '../requests/deciding.ts';
import { endWithout, finishTurn, interruptTurns } from '../turns/finishing.ts';
import { letGo } from '../turns/outage.ts';
import { begin } from './beginning.ts';

const TITLE_MAX = 80;
/** How much of a cancelled prompt the list shows, so that it can be told apart. Characters. */
const LISTED_PROMPT_MAX = 100;

/** Interrupts the turn, voids its cards, cancels and lists the queue. The session stays. */
export function stop(d: Draft, by: Person, ctx: Context): RuleAnswer {
  const c = d.state.conversation;
  if (c === null) return { kind: 'private', text: 'Nothing runs here.' };
  const cancelled = cancelAll(d);
  const stood = letGo(d);
  const turns = [...d.state.turns.values()];
  interruptTurns(d, c, by);
  d.patchConversation({ activeMs: ctx.nowMs });
  const lines: string[] = [];
  if (turns.length > 0) {
    lines.push(
      ctx.linkUp
        ? 'Stopping the turn. The session is kept; `/ask` goes on.'
        : `The turn is stopped as soon as **${escapeText(c.runnerName)}** is back.`,
    );
  }
  if (stood) lines.push('What stood still is let be: nothing goes on by itself. `/ask` goes on.');
  lines.push(...cancelled);
  return {
    kind: 'private',
    text: lines.length === 0 ? 'Nothing runs here, and nothing waits.' : lines.join('\n'),
  };
}

export function cancelQueue(d: Draft, ctx: Context): RuleAnswer {
  const cancelled = cancelAll(d);
  d.patchConversation({ activeMs: ctx.nowMs });
  return { kind: 'private', text: cancelled.length === 0 ? 'Nothing waits any more.' : cancelled.join('\n') };
}

/** Takes everything out of the queue; returns the list for the one who did it. */
function cancelAll(d: Draft): string[] {
  const queue = queueOf(d.state);
  for (const queued of queue) settleQueued(d, queued, 'cancelled');
  if (queue.length === 0) return [];
  return ['Cancelled:', ...queue.map((q) => `- ${escapeText(ellipsis(q.text, LISTED_PROMPT_MAX))}`)];
}

interface Ending {
  readonly by: Person | null;
  /** Our own words, when nobody did it. */
  readonly why: string | null;
  /** Who did it is there to say what becomes of the worktree. */
  readonly choose?: boolean;
}

/** `/end`. With others, from elsewhere, nobody is asked about worktrees. */
export function endWith(d: Draft, { c: old, by, worktree, through }: Acted<'end'>, ctx: Context): RuleAnswer {
  if (old.ended !== null) {
    return worktree === undefined
      ? {
          kind: 'private',
          text: 'This session has ended already. `/ask` goes on with it, `/new` begins another.',
        }
      : chooseWorktree(d, old, { what: worktree, tag: null, by }, ctx);
  }
  const alone = through === 'guild';
  const ended = end(d, { by, why: null, choose: !alone && worktree === undefined }, ctx);
  const c = d.state.conversation;
  if (c === null || c.worktree === null || !c.begun || worktree !== 'remove' || alone) return ended;
  return chooseWorktree(d, c, { what: 'remove', tag: null, by }, ctx);
}

/** The conversation is over: its turn, its cards, its queue, and on the runner its process. */
export function end(d: Draft, { by, why, choose = false }: Ending, ctx: Context): RuleAnswer {
  const c = d.state.conversation;
  if (c === null || c.ended !== null) return { kind: 'private', text: 'No session is here.' };
  letGo(d);
  const cancelled = cancelAll(d);
  for (const turn of [...d.state.turns.values()]) {
    finishTurn(d, turn, endWithout(turn.turn, { as: 'interrupted', by }, ctx.nowMs - turn.startedMs, null));
  }
  voidAll(d, 'The session ended.');
  closeNotice(d, { is: 'over' });
  closeOffer(d);
  for (const renewal of [...d.state.renewals.values()]) d.dropRenewal(renewal);
  if (c.begun) d.send({ kind: 'end', gen: c.gen });
  const last = d.state.conversation ?? c;
  d.setConversation({
    ...last,
    activeMs: ctx.nowMs,
    open: null,
    ended: {
      atMs: ctx.nowMs,
      by: by?.name ?? null,
      toArchive: by !== null && d.state.thread?.madeThread === true,
      // A runner that was removed ends it by itself.
      runnerNotified: !c.begun || c.access.removed,
      worktreeAsked: null,
    },
  });
  addNote(
    d,
    `end.${c.gen}`,
    null,
    `⚪ ${by === null ? escapeText(why ?? 'Ended.') : `${escapeText(by.name)} ended the session.`}`,
  );
  const left = leaveWorktree(d, c, { by, choose, ctx });
  const toArchive = d.state.conversation?.ended?.toArchive === true;
  const words = `Ended. Claude’s transcript stays on the runner. ${howToGoOn(c, toArchive)}`;
  return {
    kind: 'private',
    text: [words, left, ...cancelled].filter((line) => line !== '').join('\n'),
  };
}

function howToGoOn(c: Conversation, toArchive: boolean): string {
  const how = isResumable(c) ? '`/resume` goes on with it' : '`/new` begins another';
  // Discord: commands cannot be used in an archived thread.
  return toArchive ? `The thread is archived; ${how}, and writing in it opens it again.` : `${how}.`;
}

/** `/new` where a conversation is. While a turn runs it asks first; the yes comes back as `renew`. */
export function startAnew(d: Draft, act: Acted<'new'>, ctx: Context): RuleAnswer {
  const { c, text, runner = null, worktree = null } = act;
  const wish = { text, project: act.project ?? c.project, runner, worktree, ...attachedOf(act) };
  if (d.state.turns.size === 0 && d.state.queue.size === 0) return { kind: 'start', after: c.gen, ...wish };
  d.putRenewal({
    id: act.interaction,
    ...wish,
    untilMs: ctx.nowMs + ctx.durations.renewalMs,
  });
  const waiting = d.state.queue.size === 0 ? '' : ` and cancels ${d.state.queue.size} waiting`;
  return {
    kind: 'private',
    text: `A turn is running here. A new session ends it${waiting}.`,
    rows: [
      [
        {
          label: 'End it and begin anew',
          style: 'danger',
          id: encodeCustomId({ verb: 'renew', gen: c.gen, ref: 0, tag: act.interaction }),
        },
      ],
    ],
  };
}

/** The files of a prompt, for the one that takes its place. */
export function attachedOf({ files }: Attached): Attached {
  return files === undefined || files.length === 0 ? {} : { files };
}

/** The old conversation goes on until the Guild opens the next one, so that a start that fails costs nothing. */
export function renew(d: Draft, id: string): RuleAnswer {
  const renewal = d.state.renewals.get(id as InteractionId);
  if (renewal === undefined)
    return { kind: 'private', text: 'That offer is over. Nothing was done; `/new` asks again.' };
  d.dropRenewal(renewal);
  return {
    kind: 'start',
    text: renewal.text,
    project: renewal.project,
    runner: renewal.runner ?? null,
    worktree: renewal.worktree ?? null,
    ...attachedOf(renewal),
    after: d.state.conversation?.gen ?? null,
  };
}

/** Begins the next conversation of the thread. */
export function open(d: Draft, o: SessionOpen, ctx: Context): SessionOpened {
  const { thread, conversation: old } = d.state;
  if (thread !== null && thread.guild !== o.guild)
    return { ok: false, why: 'This thread belongs to another server.' };
  if (o.runner.access.removed) return { ok: false, why: 'The runner was removed from this server.' };
  if (old !== null && old.ended === null) {
    if (old.gen !== o.after) return join(d, old, o, ctx);
    end(d, { by: personOf(o.starter), why: null }, ctx);
  }
  if (old !== null && old.runner !== o.runner.id) {
    d.left = { runner: old.runner, commands: d.commands.splice(0) };
  }
  worktreeStays(d);
  const claudeSession = o.from?.fork === false ? o.from.claudeSession : (ctx.uuid() as ClaudeSessionId);
  const worktree = o.worktree == null ? null : (o.worktree.name ?? worktreeName(o.text, claudeSession));
  const gen = begin(
    d,
    {
      name: o.madeThread ? threadName(o.text ?? o.title ?? null, o.project) : null,
      card: o.card,
      madeThread: o.madeThread,
      gen: 0 as Gen,
      nextRef: 1,
      windowSeq: 1,
      listens: true,
      parked: null,
      verbosity: DEFAULT_VERBOSITY,
      notify: {},
      reportedRev: 0,
      // What was chosen for the thread holds for the next conversation in it.
      ...thread,
      guild: o.guild,
      thread: o.thread,
      parent: o.parent,
      origin: o.origin,
      rev: (thread?.rev ?? 0) + 1,
    },
    {
      runner: o.runner.id,
      runnerName: o.runner.name,
      runnerKey: o.runner.publicKey,
      access: o.runner.access,
      presence: o.runner.presence,
      project: o.project,
      worktree,
      starter: personOf(o.starter),
      together: false,
      title: o.text?.slice(0, TITLE_MAX) ?? o.title?.slice(0, TITLE_MAX) ?? '',
      titled: false,
      startedMs: ctx.nowMs,
      notifiedMs: 0,
      runsWith: {
        model: null,
        mode: null,
        branch: worktree === null ? null : branchOf(worktree),
        desired: DEFAULT_SETTINGS,
        offers: null,
        workspace: null,
      },
      spent: NOTHING_SPENT,
      budget: budgetAtOpen(o),
      files: 0,
      context: null,
    },
    { ...NO_MEMORY, claudeSession, from: o.from ?? null },
    { continues: null, heardTo: snowflakeAt(ctx.nowMs) },
    ctx,
  );
  if (o.from !== undefined) addNote(d, `from.${gen}`, null, goesOnFrom(o));
  if (o.text !== null)
    enqueue(d, o.text, o.starter, d.left === null ? ctx : unlinked(ctx), { files: o.files });
  else if (o.from === undefined)
    addNote(
      d,
      `begin.${gen}`,
      null,
      `A new session on ${escapeText(o.runner.name)} in ${escapeText(o.project)}${worktree === null ? '' : `, in a worktree of its own (\`${branchOf(worktree)}\`)`}. \`/ask\` begins.`,
    );
  return { ok: true, gen };
}

function goesOnFrom({ from, title, text, runner, project }: SessionOpen): string {
  const what = escapeText(ellipsis(title ?? '', TITLE_MAX)) || 'a session';
  const asks = text === null ? ' `/ask` goes on.' : '';
  return from?.fork === true
    ? `🍴 A copy of “${what}” up to its last finished turn. What is said here does not reach the other.${asks}`
    : `🟢 This goes on with “${what}”, begun in a terminal on ${escapeText(runner.name)} in ${escapeText(project)}. Do not go on with it there meanwhile.${asks}`;
}

/** What the server gives each session. */
function budgetAtOpen({ budgetUsd }: SessionOpen): Budget | null {
  const usd = budgetUsd == null ? null : budgetAmount(budgetUsd);
  return usd === null ? null : { usd, stepUsd: usd };
}

/** Somebody began a conversation here at the same moment: it is not ended, and who may ask in it does. */
function join(d: Draft, c: Conversation, o: SessionOpen, ctx: Context): SessionOpened {
  const permission = may(o.starter, 'ask', { runner: c.access, starter: c.starter.id });
  if (o.text === null || !permission.ok)
    return { ok: false, why: `${escapeText(c.starter.name)} has just begun a session in this thread.` };
  enqueue(d, o.text, o.starter, ctx, { files: o.files });
  return { ok: true, gen: c.gen };
}
