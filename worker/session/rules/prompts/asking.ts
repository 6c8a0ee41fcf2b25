/** Prompts: taken, queued, shown, given to the runner one at a time. */

import type { PromptFile } from '../../../../protocol/files.ts';
import type { PromptId, TurnId } from '../../../../protocol/ids.ts';
import { type Member, may } from '../../../domain/access.ts';
import type { Entry, QueuedEntry } from '../../../domain/transcript.ts';
import { isOverBudget, type Outage } from '../../state/conversation.ts';
import type { Draft } from '../../state/draft.ts';
import type { Context, RuleAnswer } from '../../state/input.ts';
import { addressed } from '../../state/names.ts';
import { chosenVerbosity } from '../../state/notifying.ts';
import { offlineSince } from '../../state/presence.ts';
import { personOf, type Queued, queueOf, waitingOf } from '../../state/state.ts';
import { isOpen, isUndoing, UNDONE_WORDS } from '../changes/undoing.ts';
import { sendSettings } from '../settings/configuring.ts';
import { tryAgain } from '../turns/outage.ts';

/** Takes a prompt. It is never refused: it runs, or it waits its turn, or it waits for the runner. */
export function ask(
  d: Draft,
  text: string,
  author: Member,
  ctx: Context,
  files?: readonly PromptFile[],
): RuleAnswer {
  return { kind: 'asked', prompt: enqueue(d, text, author, ctx, { files }) };
}

interface More {
  readonly files?: readonly PromptFile[] | undefined;
  /** It does not wait for its turn, for this reason. */
  readonly held?: string;
  /** It goes before what waits. */
  readonly first?: true;
  /** One of Claude's own slash commands. */
  readonly slash?: true | undefined;
}

export function enqueue(
  d: Draft,
  text: string,
  author: Member,
  ctx: Context,
  { files = [], held, first, slash }: More = {},
): PromptId {
  if (held === undefined) tryAgain(d, ctx);
  const queue = queueOf(d.state);
  const n = first === true ? (queue.at(0)?.n ?? 1) - 1 : (queue.at(-1)?.n ?? 0) + 1;
  const c = d.state.conversation;
  const prompt = ctx.uuid() as PromptId;
  d.putQueued({
    prompt,
    n,
    text,
    author: personOf(author),
    roles: author.roles,
    atMs: ctx.nowMs,
    untilMs: ctx.nowMs + ctx.durations.promptWaitMs,
    seq: null,
    ...(files.length === 0 ? {} : { files }),
    ...(held === undefined ? {} : { held }),
    ...(slash === undefined ? {} : { slash }),
  });
  d.patchConversation({
    activeMs: ctx.nowMs,
    ...(c !== null && author.id !== c.starter.id ? { together: true } : {}),
    ...(c?.title === '' ? { title: text.slice(0, 80) } : {}),
  });
  if (held === undefined) d.release('unfinished');
  refreshQueue(d, ctx);
  return prompt;
}

/** Gives the next prompt to the runner: never while a turn runs (the CLI would fold it in), and only over a link that is up. */
export function give(d: Draft, ctx: Context): void {
  const { conversation: c, turns } = d.state;
  if (c === null || c.ended !== null || turns.size > 0) return;
  if (isOverBudget(c) || c.open.holds.outage !== undefined || isUndoing(d.state)) return;
  const [next] = waitingOf(d.state);
  if (next === undefined || !ctx.linkUp) return;
  const settled = !d.entriesChanged && ctx.settled();
  if (!c.begun) {
    d.send({
      kind: 'begin',
      gen: c.gen,
      project: c.project,
      claudeSession: c.claudeSession,
      starter: c.starter.id,
      ...(c.from === null ? {} : { from: c.from }),
      ...(c.worktree === null ? {} : { worktree: { name: c.worktree } }),
    });
  }
  if (!c.begun) sendSettings(d, c.runsWith.desired);
  const turn = next.prompt as string as TurnId;
  // Claude: a slash command is one only when the text begins with it.
  const tellsUndone = c.undone !== null && !next.text.startsWith('/');
  const text = next.slash === true ? next.text : addressed(next, c);
  d.send({
    kind: 'prompt',
    gen: c.gen,
    prompt: next.prompt,
    text: tellsUndone ? UNDONE_WORDS + text : text,
    ...(next.slash === undefined ? {} : { slash: next.slash }),
    ...(next.files === undefined ? {} : { files: [...next.files] }),
  });
  settleQueued(d, next, 'started');
  const seq = d.add({
    kind: 'prompt',
    turn,
    author: next.author,
    text: next.text,
    ...namesOf(next),
    ...(next.files === undefined ? {} : { attached: next.files }),
    ...(next.slash === undefined ? {} : { slash: next.slash }),
    project: c.project,
    runner: c.runnerName,
    // As they were in the turn before: where that holds, nothing has to be written or edited when the turn begins.
    branch: c.runsWith.branch,
    model: c.runsWith.model,
    mode: c.runsWith.mode,
    untrusted: false,
    ...(next.said === undefined ? {} : { said: next.said }),
    ...chosenVerbosity(d.state.thread),
    state: c.open.process === null ? 'starting' : 'running',
  });
  if (settled) d.moveWindow(windowStart(d, next.seq ?? seq));
  d.putTurn({
    turn,
    prompt: next.prompt,
    author: next.author,
    stopping: null,
    startedMs: ctx.nowMs,
    seq,
  });
  d.patchConversation({ begun: true, ...(tellsUndone ? { undone: { toldIn: turn } } : {}) });
  d.patchOpen({ failed: null });
  d.release('unfinished');
  refreshQueue(d, ctx);
}

/** Prompts of those who may not use the runner any more do not wait for it. */
export function dropForbidden(d: Draft, ctx: Context): void {
  const c = d.state.conversation;
  if (c === null) return;
  for (const queued of queueOf(d.state)) {
    const member = { ...queued.author, roles: queued.roles, permissions: '0' };
    if (!may(member, 'ask', { runner: c.access, starter: c.starter.id }).ok)
      settleQueued(d, queued, 'cancelled');
  }
  refreshQueue(d, ctx);
}

/**
 * The first entry that is still drawn when the turn that begins at `seq` does. Cards and queued prompts live on when their turn is long
 * over; what the last turn offers (Reply, Continue) goes with the next one, so that is drawn once more without it. Turns are drawn whole: the
 * messages of each are numbered from its first.
 */
function windowStart(d: Draft, seq: number): number {
  const earlier = [...d.state.entries].filter(([at]) => at < seq);
  const last = earlier.findLastIndex(([, entry]) => entry.kind === 'prompt');
  const offers = earlier.slice(last + 1).filter(([, entry]) => offersToGoOn(entry));
  const living = [...d.state.requests.values(), ...d.state.queue.values()].map((row) => row.seq ?? seq);
  let from = Math.min(seq, ...living, ...offers.map(([at]) => at));
  for (;;) {
    const cut = new Set(earlier.flatMap(([at, entry]) => (at >= from ? turnOf(entry) : [])));
    const first = earlier.find(([, entry]) => turnOf(entry).some((turn) => cut.has(turn)))?.[0] ?? from;
    if (first >= from) return from;
    from = first;
  }
}

/** The turn whose messages it is part of, if it is. */
function turnOf(entry: Entry): TurnId[] {
  return 'turn' in entry && entry.turn !== null ? [entry.turn] : [];
}

function offersToGoOn(entry: Entry): boolean {
  return (
    (entry.kind === 'request' && entry.state.is === 'expired') ||
    (entry.kind === 'undo' && isOpen(entry)) ||
    entry.kind === 'end'
  );
}

/** Takes a prompt out of the queue; what the thread shows of it says why. */
export function settleQueued(
  d: Draft,
  queued: Queued,
  state: Exclude<QueuedEntry['state'], 'waiting'>,
): void {
  d.dropQueued(queued);
  const entry = queued.seq === null ? undefined : d.state.entries.get(queued.seq);
  if (queued.seq !== null && entry?.kind === 'queued') {
    d.setEntry(queued.seq, { ...entry, state });
  } else if (state !== 'started') {
    d.add(entryOf(queued, 1, null, state));
  }
}

/**
 * Makes the queue's messages true: each has its place, and why it waits. A prompt that should start at once has no message until it
 * has waited for `promptShownMs`, so that the usual case shows nothing but the prompt.
 */
export function refreshQueue(d: Draft, ctx: Context): void {
  const c = d.state.conversation;
  if (c === null) return;
  const offlineSinceMs = offlineSince(c, ctx);
  const outage = c.open?.holds.outage;
  for (const queued of queueOf(d.state)) showHeld(d, queued);
  waitingOf(d.state).forEach((queued, index) => {
    const place = index + 1;
    const held = isOverBudget(c) || outage !== undefined;
    const mustWait = place > 1 || d.state.turns.size > 0 || offlineSinceMs !== null || held;
    const shown = queued.seq === null ? undefined : d.state.entries.get(queued.seq);
    if (queued.seq === null) {
      if (!mustWait && ctx.nowMs < queued.atMs + ctx.durations.promptShownMs) return;
      d.putQueued({ ...queued, seq: d.add(entryOf(queued, place, offlineSinceMs, 'waiting', outage)) });
    } else if (
      shown?.kind === 'queued' &&
      (shown.place !== place ||
        shown.offlineSinceMs !== offlineSinceMs ||
        shown.outage?.code !== outage?.code ||
        !saysSame(shown, queued))
    ) {
      d.setEntry(queued.seq, entryOf(queued, place, offlineSinceMs, 'waiting', outage));
    }
  });
}

/** One that is held has no place. */
function showHeld(d: Draft, queued: Queued): void {
  if (queued.held === undefined) return;
  const shown = queued.seq === null ? undefined : d.state.entries.get(queued.seq);
  const entry = entryOf(queued, 0, null, 'waiting');
  if (queued.seq === null) d.putQueued({ ...queued, seq: d.add(entry) });
  else if (shown?.kind === 'queued' && !saysSame(shown, queued)) d.setEntry(queued.seq, entry);
}

function saysSame(shown: QueuedEntry, queued: Queued): boolean {
  return shown.text === queued.text && shown.edited === queued.edited && shown.held === queued.held;
}

function entryOf(
  queued: Queued,
  place: number,
  offlineSinceMs: number | null,
  state: QueuedEntry['state'],
  outage?: Outage,
): QueuedEntry {
  return {
    kind: 'queued',
    prompt: queued.prompt,
    author: queued.author,
    text: queued.text,
    state,
    place,
    offlineSinceMs,
    ...(outage === undefined ? {} : { outage: { code: outage.code, untilMs: outage.untilMs } }),
    ...(queued.edited === undefined ? {} : { edited: queued.edited }),
    ...(queued.held === undefined ? {} : { held: queued.held }),
    ...namesOf(queued),
  };
}

function namesOf({ files }: Queued): { files?: readonly string[] } {
  return files === undefined ? {} : { files: files.map(({ name }) => name) };
}
