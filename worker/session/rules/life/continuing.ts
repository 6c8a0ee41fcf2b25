/** What people do where a session stopped: go on, later, not at all, or afresh. */
import type { PromptFile } from '../../../../protocol/files.ts';
import type { ClaudeSessionId } from '../../../../protocol/ids.ts';
import { type Member, may } from '../../../domain/access.ts';
import { escapeText } from '../../../render/text/escape.ts';
import { timestamp } from '../../../render/text/format.ts';
import { type Conversation, NO_MEMORY } from '../../state/conversation.ts';
import type { Draft } from '../../state/draft.ts';
import type { Context, RuleAnswer } from '../../state/input.ts';
import { addNote } from '../../state/notes.ts';
import { personOf, waitingOf } from '../../state/state.ts';
import { closeOffer } from '../changes/undoing.ts';
import { closeNotice } from '../money/budget.ts';
import { enqueue } from '../prompts/asking.ts';
import { endOf, isLimited, letGo, settle, stoppedAt } from '../turns/outage.ts';
import { begin } from './beginning.ts';

/** A limit is over a moment later than it says: clocks differ. */
const LIMIT_MARGIN_MS = 5_000;

/** What Continue asks: an open request is gone with its turn, so Claude has to ask anew. */
const CONTINUE_TEXT =
  'Your turn was interrupted: nobody answered your request in time, your process ended, or the model could not be reached. Please go on with what you were doing, and ask again for what you need.';

const OVER: RuleAnswer = { kind: 'private', text: 'That pause is over. Nothing was done.' };

/** The turn, or the request of no turn (a background agent's: then the tag is empty), is still what the session stopped at. */
function isOver(d: Draft, turn: string): boolean {
  const c = d.state.conversation;
  if (c === null || c.ended !== null) return true;
  if (turn === '')
    return d.state.turns.size > 0 || waitingOf(d.state).some(({ text }) => text === CONTINUE_TEXT);
  const { outage, unfinished } = c.open.holds;
  return unfinished?.turn !== turn && outage?.turn !== turn;
}

/** Continue: where it stopped, before what waits. A prompt that Claude never saw is asked again as it was. */
export function continueTurn(d: Draft, turn: string, author: Member, ctx: Context): RuleAnswer {
  if (isOver(d, turn)) return OVER;
  const { text, ...more } = promptNotRun(d, turn) ?? { text: CONTINUE_TEXT };
  settle(d, turn, { is: 'over' });
  d.release('outage');
  return { kind: 'asked', prompt: enqueue(d, text, author, ctx, { ...more, first: true }) };
}

/** `/resume` in a thread whose session stopped somewhere: what its button would do. Null: it did not. */
export function resumeHere(d: Draft, c: Conversation, member: Member, ctx: Context): RuleAnswer | null {
  const turn = stoppedAt(c);
  if (turn === null || d.state.turns.size > 0) return null;
  return c.open?.holds.outage?.code === 'transcript'
    ? afresh(d, turn, member, ctx)
    : continueAt(d, turn, member, ctx);
}

/** Continue as soon as the limit is over: now, if it is. */
export function continueAt(d: Draft, turn: string, member: Member, ctx: Context): RuleAnswer {
  const outage = d.state.conversation?.open?.holds.outage;
  if (outage?.turn !== turn || !isLimited(outage, ctx)) return continueTurn(d, turn, member, ctx);
  const atMs = (outage.untilMs ?? ctx.nowMs) + LIMIT_MARGIN_MS;
  const by = personOf(member);
  d.hold({ ...outage, goOn: { atMs, by, roles: member.roles } });
  settle(d, turn, { is: 'scheduled', atMs, by });
  return {
    kind: 'private',
    text: `It goes on ${timestamp(atMs, 'R')}, once. **Cancel** and \`/stop\` take that back.`,
  };
}

export function cancelAt(d: Draft, turn: string): RuleAnswer {
  const outage = d.state.conversation?.open?.holds.outage;
  if (outage?.goOn == null || outage.turn !== turn) return OVER;
  d.hold({ ...outage, goOn: null });
  settle(d, turn, null);
  return { kind: 'private', text: 'Cancelled: nothing goes on by itself.' };
}

/** The time has come that somebody pressed for. */
export function continueDue(d: Draft, ctx: Context): void {
  const c = d.state.conversation;
  const outage = c?.open?.holds.outage;
  if (c === null || outage?.goOn == null) return;
  const { goOn, turn } = outage;
  const member: Member = { ...goOn.by, roles: goOn.roles, permissions: '0' };
  if (may(member, 'ask', { runner: c.access, starter: c.starter.id }).ok) continueTurn(d, turn, member, ctx);
  else cancelAt(d, turn);
}

/** Lets it be: what waits goes on. */
export function discard(d: Draft, turn: string): RuleAnswer {
  if (isOver(d, turn) || turn === '') return OVER;
  letGo(d);
  const waits = waitingOf(d.state).length > 0;
  return { kind: 'private', text: waits ? 'Let go; what waits goes on.' : 'Let go. `/ask` goes on.' };
}

/** A fresh conversation in this thread: Claude knows nothing of the old one, and what waits runs in it. */
export function afresh(d: Draft, turn: string, member: Member, ctx: Context): RuleAnswer {
  const { thread, conversation: c } = d.state;
  if (thread === null || c === null || c.ended !== null) return OVER;
  const { outage } = c.open.holds;
  if (outage?.turn !== turn || outage.code !== 'transcript') return OVER;
  // Its end would be of the old conversation, which nobody hears any more.
  if (d.state.turns.size > 0)
    return { kind: 'private', text: 'A turn runs. Nothing was done; `/stop` it first.' };
  const again = promptNotRun(d, turn);
  settle(d, turn, { is: 'over' });
  // The buttons of the notice are of the old conversation; the next step draws one of the new.
  closeNotice(d, { is: 'over' });
  closeOffer(d);
  const memory = { ...NO_MEMORY, claudeSession: ctx.uuid() as ClaudeSessionId };
  const gen = begin(d, thread, c, memory, { continues: c.gen, heardTo: c.open.heardTo }, ctx);
  addNote(
    d,
    `begin.${gen}`,
    null,
    `🟢 ${escapeText(member.name)} began afresh. Claude knows nothing of what was said above.`,
  );
  if (again === null) return { kind: 'private', text: 'A fresh conversation. `/ask` begins it.' };
  const { text, ...more } = again;
  return { kind: 'asked', prompt: enqueue(d, text, member, ctx, { ...more, first: true }) };
}

/** A prompt that Claude never saw, so that asking it again runs nothing twice; null: it saw it. */
function promptNotRun(
  d: Draft,
  turn: string,
): { text: string; files?: readonly PromptFile[] | undefined; slash?: true | undefined } | null {
  const end = endOf(d, turn)?.entry;
  if (end?.outcome.as !== 'failed' || end.outcome.notRun !== true) return null;
  for (const entry of d.state.entries.values())
    if (entry.kind === 'prompt' && entry.turn === turn)
      return entry.text === '' ? null : { text: entry.text, files: entry.attached, slash: entry.slash };
  return null;
}
