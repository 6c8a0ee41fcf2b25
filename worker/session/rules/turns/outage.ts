/**
 * What stands in the way of every next turn: the usage limit, the login, the project's folder, the transcript. What is queued waits,
 * instead of failing one after another, until somebody goes on. Nothing goes on by itself unless somebody pressed for that.
 */

import type { EventOf } from '../../../../protocol/events.ts';
import type { TurnId } from '../../../../protocol/ids.ts';
import type { EndEntry } from '../../../domain/transcript.ts';
import { canGoOn, holdsQueue } from '../../../render/thread/failure.ts';
import type { Conversation, Outage } from '../../state/conversation.ts';
import type { Draft } from '../../state/draft.ts';
import type { Context } from '../../state/input.ts';
import { waitingOf } from '../../state/state.ts';

/** What the end of a turn holds, or lifts. */
export function holdAfter(d: Draft, { turn, outcome }: EventOf<'turnEnded'>): void {
  if (outcome.as === 'done') d.release('outage');
  if (outcome.as !== 'failed') return;
  const { code, untilMs = null } = outcome;
  if (canGoOn(code)) d.hold({ is: 'unfinished', turn });
  if (holdsQueue(code)) d.hold({ is: 'outage', turn, code, untilMs, goOn: null });
}

/** A prompt that somebody asks while nothing waits is a try: what stood in the way may be gone. A limit says itself until when it is not. */
export function tryAgain(d: Draft, ctx: Context): void {
  if (waitingOf(d.state).length === 0) overrule(d, ctx);
}

/** Somebody wants it tried now. False: the limit stands, and trying would only fail. */
export function overrule(d: Draft, ctx: Context): boolean {
  const outage = d.state.conversation?.open?.holds.outage;
  if (outage === undefined) return true;
  if (isLimited(outage, ctx)) return false;
  settle(d, outage.turn, { is: 'over' });
  d.release('outage');
  return true;
}

export function isLimited({ code, untilMs }: Outage, ctx: Context): boolean {
  return code === 'limit' && untilMs !== null && ctx.nowMs < untilMs;
}

/** The turn that the session stopped at; null: none. */
export function stoppedAt(c: Conversation | null): TurnId | null {
  const { outage, unfinished } = c?.open?.holds ?? {};
  return (outage ?? unfinished)?.turn ?? null;
}

/** True: there was something. */
export function letGo(d: Draft): boolean {
  const turn = stoppedAt(d.state.conversation);
  if (turn === null) return false;
  settle(d, turn, { is: 'over' });
  d.release('outage', 'unfinished');
  return true;
}

/** What the failure's message offers from now on; null: what it offered at first. */
export function settle(d: Draft, turn: string, after: EndEntry['after'] | null): void {
  const end = endOf(d, turn);
  if (end === null || end.entry.outcome.as !== 'failed') return;
  const { after: _, ...entry } = end.entry;
  d.setEntry(end.seq, after == null ? entry : { ...entry, after });
}

export function endOf(d: Draft, turn: string): { readonly seq: number; readonly entry: EndEntry } | null {
  for (const [seq, entry] of d.state.entries)
    if (entry.kind === 'end' && entry.turn === turn) return { seq, entry };
  return null;
}
