/** What the runner says of processes, turns, text and tools. Events of an older gen are answered with nothing. */

import type { Event, EventOf, Todo } from '../../../protocol/events.ts';
import type { TurnId } from '../../../protocol/ids.ts';
import { assertNever } from '../../../protocol/never.ts';
import type { EndEntry, Person } from '../../domain/transcript.ts';
import { escapeText } from '../../render/text/escape.ts';
import type { Conversation, OpenConversation, RunsWith } from '../state/conversation.ts';
import type { Draft } from '../state/draft.ts';
import type { Context } from '../state/input.ts';
import { addNote } from '../state/notes.ts';
import { chosenVerbosity, mayNotify } from '../state/notifying.ts';
import type { Turn } from '../state/state.ts';
import { file, filePart } from './changes/files.ts';
import { rewound, undoneTold } from './changes/undoing.ts';
import { afterTurn, sumUsage } from './money/spending.ts';
import { refreshQueue } from './prompts/asking.ts';
import { requestOpened, requestSettled, voidAll } from './requests/deciding.ts';
import { configured, offers } from './settings/configuring.ts';
import { titled } from './settings/titling.ts';
import { finishTurn } from './turns/finishing.ts';
import { holdAfter } from './turns/outage.ts';

export function onEvent(d: Draft, e: Event, ctx: Context): void {
  const c = d.state.conversation;
  if (c === null || e.gen !== c.gen || c.ended !== null) return;
  switch (e.kind) {
    case 'processStarted':
      return processStarted(d, e, c);
    case 'processEnded':
      return processEnded(d, e, c);
    case 'turnBegan':
      return turnBegan(d, e, ctx);
    case 'text':
      if (d.state.turns.has(e.turn)) {
        d.add({
          kind: 'text',
          turn: e.turn,
          segment: e.segment,
          text: e.text,
          joined: e.joined === true,
          live: false,
        });
      }
      return;
    case 'toolBegan':
      return toolBegan(d, e, ctx);
    case 'toolEnded':
      return toolEnded(d, e);
    case 'requestInput':
      return d.addInput(e);
    case 'requestOpened':
      return requestOpened(d, e, c, ctx);
    case 'requestSettled':
      return requestSettled(d, e, ctx);
    case 'turnEnded':
      return turnEnded(d, e, c, ctx);
    case 'filePart':
      return filePart(d, e);
    case 'file':
      return file(d, e);
    case 'titled':
      return titled(d, e.title);
    case 'configured':
      return configured(d, e);
    case 'offers':
      return offers(d, e);
    case 'rewound':
      return rewound(d, e, ctx);
    case 'workspace': {
      const { branch, changed, main } = e;
      return d.patchConversation({
        runsWith: { ...c.runsWith, branch, workspace: { branch, changed, main } },
      });
    }
    // Of a conversation that goes on there is nothing to be told.
    case 'worktree':
      return;
    case 'notice':
      return notice(d, e);
    default:
      return assertNever(e);
  }
}

function processStarted(d: Draft, e: EventOf<'processStarted'>, c: OpenConversation): void {
  if (e.settings === 'user' && c.open.process === null && c.runsWith.model === null) {
    for (const turn of d.state.turns.values()) {
      const entry = d.state.entries.get(turn.seq);
      if (entry?.kind === 'prompt') d.setEntry(turn.seq, { ...entry, untrusted: true });
    }
  }
  d.patchOpen({ process: e.process });
  d.patchConversation({
    runsWith: { ...c.runsWith, model: e.model, mode: e.mode },
    claudeSession: e.claudeSession,
    // After `/clear` nothing of before is in the conversation any more.
    ...(e.claudeSession === c.claudeSession ? {} : { lastMessage: null, undone: null }),
  });
}

function processEnded(d: Draft, e: EventOf<'processEnded'>, c: OpenConversation): void {
  voidAll(d, 'Claude’s process ended before the answer reached it.', (r) => r.process === e.process);
  if (c.open.process === e.process) d.patchOpen({ process: null });
  // The end of its turn has said so, if it was in one.
  if (e.why === 'crashed' && d.state.turns.size === 0 && !saidSo(d)) {
    const words = escapeText(e.words ?? 'no last words').replace(/\.$/, '');
    addNote(
      d,
      `crash.${e.process}`.slice(0, 40),
      null,
      `⚠️ Claude’s process ended: ${words}. The conversation is kept; \`/ask\` goes on.`,
    );
  }
}

function saidSo(d: Draft): boolean {
  const last = [...d.state.entries.values()].findLast(({ kind }) => kind === 'end' || kind === 'prompt');
  return last?.kind === 'end' && last.outcome.as === 'failed' && last.outcome.code === 'crashed';
}

function turnBegan(d: Draft, e: EventOf<'turnBegan'>, ctx: Context): void {
  const known = d.state.turns.get(e.turn);
  const c = d.state.conversation;
  if (c === null) return;
  if (known === undefined) {
    // A prompt that is not ours to run any more; its end will be ignored as well.
    if (e.prompt !== null) return;
    const seq = d.add({
      kind: 'prompt',
      turn: e.turn,
      author: null,
      text: '',
      project: c.project,
      runner: c.runnerName,
      branch: e.branch ?? null,
      model: e.model,
      mode: e.mode,
      untrusted: false,
      ...chosenVerbosity(d.state.thread),
      state: 'running',
    });
    d.putTurn({
      turn: e.turn,
      prompt: null,
      author: null,
      stopping: null,
      startedMs: ctx.nowMs,
      seq,
    });
    // What the turn before offered goes with this one.
    d.release('unfinished');
    refreshQueue(d, ctx);
    return;
  }
  undoneTold(d, e.turn);
  const facts = { branch: e.branch ?? null, model: e.model, mode: e.mode };
  if (differs(c.runsWith, facts)) d.patchConversation({ runsWith: { ...c.runsWith, ...facts } });
  const entry = d.state.entries.get(known.seq);
  if (entry?.kind !== 'prompt') return;
  const state = known.stopping === null ? 'running' : 'stopping';
  if (entry.state !== state || differs(entry, facts)) d.setEntry(known.seq, { ...entry, ...facts, state });
}

type Seen = Pick<RunsWith, 'branch' | 'model' | 'mode'>;

/** What is the same need not be written: each row is billed. */
function differs(a: Seen, b: Seen): boolean {
  return a.branch !== b.branch || a.model !== b.model || a.mode !== b.mode;
}

function toolBegan(d: Draft, e: EventOf<'toolBegan'>, ctx: Context): void {
  if (!d.state.turns.has(e.turn) || findTool(d, e.turn, e.tool) !== null) return;
  if (e.todos !== undefined) return setTodos(d, e.turn, e.todos);
  d.add({
    kind: 'tool',
    turn: e.turn,
    tool: e.tool,
    parent: e.parent,
    name: e.name,
    class: e.class,
    summary: e.summary,
    state: 'running',
    startedMs: ctx.nowMs,
    added: null,
    removed: null,
  });
}

/** One list a turn, in its place; a call that changes nothing costs nothing. */
function setTodos(d: Draft, turn: TurnId, todos: readonly Todo[]): void {
  for (const [seq, entry] of d.state.entries) {
    if (entry.kind !== 'todo' || entry.turn !== turn) continue;
    if (JSON.stringify(entry.todos) !== JSON.stringify(todos)) d.setEntry(seq, { ...entry, todos });
    return;
  }
  d.add({ kind: 'todo', turn, todos });
}

function toolEnded(d: Draft, e: EventOf<'toolEnded'>): void {
  const found = findTool(d, e.turn, e.tool);
  if (found === null || found.entry.state !== 'running') return;
  d.setEntry(found.seq, {
    ...found.entry,
    state: e.outcome,
    added: e.added ?? null,
    removed: e.removed ?? null,
    ...(e.diff === undefined ? {} : { diff: e.diff }),
    ...(found.seq === d.state.lastSeq ? { last: true } : {}),
  });
}

function findTool(d: Draft, turn: TurnId, tool: string) {
  for (const [seq, entry] of d.state.entries) {
    if (entry.kind === 'tool' && entry.turn === turn && entry.tool === tool) return { seq, entry };
  }
  return null;
}

function turnEnded(d: Draft, e: EventOf<'turnEnded'>, c: Conversation, ctx: Context): void {
  const turn = d.state.turns.get(e.turn);
  if (turn === undefined) return;
  const usage = sumUsage(Object.values(e.usage));
  d.patchConversation({
    spent: afterTurn(c, e, d.state),
    activeMs: ctx.nowMs,
    files: e.files?.changed ?? 0,
    ...(e.context === undefined ? {} : { context: e.context }),
    ...(e.at === undefined ? {} : { lastMessage: e.at }),
  });
  d.patchOpen({ failed: e.outcome.as === 'failed' ? e.outcome.words : null });
  holdAfter(d, e);
  const outcome = outcomeOf(e, turn);
  finishTurn(d, turn, {
    kind: 'end',
    turn: e.turn,
    outcome,
    durationMs: e.durationMs,
    costUsd: e.costUsd,
    usage,
    context: e.context ?? null,
    files: e.files ?? null,
    notify: whomToTell(d, turn, outcome, e.durationMs, c, ctx),
  });
  refreshQueue(d, ctx);
}

function outcomeOf(e: EventOf<'turnEnded'>, turn: Turn): EndEntry['outcome'] {
  switch (e.outcome.as) {
    case 'done':
      return { as: 'done' };
    case 'interrupted':
      return turn.stopping === 'expired' ? { as: 'paused' } : { as: 'interrupted', by: turn.stopping };
    case 'failed':
      return {
        as: 'failed',
        code: e.outcome.code,
        words: e.outcome.words,
        untilMs: e.outcome.untilMs ?? null,
        ...(e.outcome.started ? {} : { notRun: true }),
      };
  }
}

function whomToTell(
  d: Draft,
  turn: Turn,
  outcome: EndEntry['outcome'],
  durationMs: number,
  c: Conversation,
  ctx: Context,
): Person | null {
  const person = turn.author ?? c.starter;
  if (!mayNotify(d.state.thread, person.id, 'turn')) return null;
  switch (outcome.as) {
    case 'done':
      // Somebody who pressed Allow a moment ago is still looking.
      return Math.min(durationMs, ctx.nowMs - c.activeMs) > ctx.durations.longTurnMs ? person : null;
    case 'failed':
    case 'paused':
      return person;
    case 'interrupted':
      return null;
  }
}

function notice(d: Draft, e: EventOf<'notice'>): void {
  // One line for all retries of a turn: it changes, it does not pile up.
  const id = e.code === 'retry' ? `retry.${e.turn ?? 'none'}`.slice(0, 40) : `note.${d.state.lastSeq + 1}`;
  addNote(d, id, e.turn, `${escapeText(e.words)}`);
}
