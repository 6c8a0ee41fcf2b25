/**
 * What stands in the way of every next turn: the usage limit, the login, the project's folder, the transcript. What is queued waits,
 * instead of failing one after another, until somebody goes on. Nothing goes on by itself unless somebody pressed for that.
 */

import type { EventOf } from '../../../../protocol/events.ts';
import type { EndEntry } from '../../../domain/transcript.ts';
import { canGoOn, holdsQueue } from '../../../render/thread/failure.ts';
import type { Draft } from '../../state/draft.ts';
import type { Context } from '../../state/input.ts';
import { type Conversation, lineOf, type Outage } from '../../state/state.ts';

/** What the end of a turn changes of the conversation. */
export function outageAfter(e: EventOf<'turnEnded'>): Partial<Pick<Conversation, 'paused' | 'outage'>> {
  if (e.outcome.as === 'done') return { outage: null };
  if (e.outcome.as !== 'failed') return {};
  const { code, untilMs = null } = e.outcome;
  return {
    ...(canGoOn(code) ? { paused: e.turn } : {}),
    ...(holdsQueue(code) ? { outage: { turn: e.turn, code, untilMs, goOn: null } } : {}),
  };
}

/** A prompt that somebody asks while nothing waits is a try: what stood in the way may be gone. A limit says itself until when it is not. */
export function tryAgain(d: Draft, ctx: Context): void {
  if (lineOf(d.state).length === 0) overrule(d, ctx);
}

/** Somebody wants it tried now. False: the limit stands, and trying would only fail. */
export function overrule(d: Draft, ctx: Context): boolean {
  const outage = d.state.conversation?.outage;
  if (outage == null) return true;
  if (isLimited(outage, ctx)) return false;
  settle(d, outage.turn, { is: 'over' });
  d.patchConversation({ outage: null });
  return true;
}

export function isLimited({ code, untilMs }: Outage, ctx: Context): boolean {
  return code === 'limit' && untilMs !== null && ctx.nowMs < untilMs;
}

/** True: there was something. */
export function letGo(d: Draft): boolean {
  const c = d.state.conversation;
  const turn = c?.outage?.turn ?? c?.paused ?? null;
  if (turn === null) return false;
  settle(d, turn, { is: 'over' });
  d.patchConversation({ paused: null, outage: null });
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
