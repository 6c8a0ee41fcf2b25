/** Requests: what Claude asks, who answered, what became of it. */
import type { Gen, MessageId } from '../../protocol/ids.ts';
import type { EventOf } from '../../protocol/session.ts';
import { HASH_TAG_LENGTH } from '../discord/custom-id.ts';
import { escapeText } from '../render/escape.ts';
import type { Person, RequestEntry, RequestState } from '../render/transcript.ts';
import type { Draft } from './draft.ts';
import type { Context, RuleAnswer } from './input.ts';
import { mayNotify } from './notifying.ts';
import type { Conversation, Request } from './state.ts';

/** How much of a long input an entry keeps for its card; the whole is attached from the parts. Characters. */
const CARD_INPUT_MAX = 6_000;
const DENIED =
  'The person who was asked said no. Do not try to reach the same by another way; ask what they want instead, or stop.';
const DENIED_FOR = 'The person who was asked said no. What they want instead:';
const DECLINED =
  'This cannot be shown to the person yet. Ask in plain text in your answer instead, then end your turn and wait for their reply.';

export function requestOpened(d: Draft, e: EventOf<'requestOpened'>, c: Conversation, ctx: Context): void {
  const { thread } = d.state;
  if (thread === null || isKnown(d, e)) return;
  const ref = thread.nextRef;
  d.setThread({ ...thread, nextRef: ref + 1 });
  const input = e.inputParts === 0 ? null : ctx.inputOf(e.request, e.inputParts);
  const asked = (e.turn === null ? null : d.state.turns.get(e.turn)?.author) ?? c.starter;
  const owner = { id: c.access.owner, name: c.access.ownerName };
  const open = e.asks === 'permission';
  const notify =
    open && mayNotify(thread, asked.id, 'request') && ctx.nowMs - c.notifiedMs >= ctx.durations.notifyGapMs;
  const entry: RequestEntry = {
    kind: 'request',
    ref,
    gen: e.gen,
    turn: e.turn,
    asks: e.asks,
    name: e.name,
    class: e.class,
    summary: e.summary,
    description: e.description,
    inputHash: e.inputHash,
    inputBytes: e.inputBytes,
    input: input === null ? null : input.slice(0, CARD_INPUT_MAX),
    cut: input !== null && input.length > CARD_INPUT_MAX,
    agent: e.agent ?? null,
    outside: e.outside ?? null,
    asked,
    alsoMay: [c.starter, owner].filter(
      (who, i, all) => who.id !== asked.id && all.findIndex((o) => o.id === who.id) === i,
    ),
    untilMs: ctx.nowMs + ctx.durations.requestWaitMs,
    notify,
    state: open ? { is: 'open' } : { is: 'declined', words: DECLINED },
  };
  const request: Request = {
    ref,
    gen: e.gen,
    request: e.request,
    process: e.process,
    turn: e.turn,
    inputHash: e.inputHash,
    parts: e.inputParts,
    untilMs: entry.untilMs,
    seq: d.add(entry),
    message: null,
    decidedMs: open ? null : ctx.nowMs,
  };
  d.putRequest(request);
  if (notify) d.patchConversation({ notifiedMs: ctx.nowMs });
  if (!open) sendVerdict(d, request, { behavior: 'deny', message: DECLINED });
}

/** A process may be told to ask again (the CLI repeats what is pending after a new `initialize`): it stays one card. */
function isKnown(d: Draft, e: EventOf<'requestOpened'>): boolean {
  return [...d.state.requests.values()].some(
    (r) => r.gen === e.gen && r.process === e.process && r.request === e.request,
  );
}

export interface DecidePress {
  readonly verb: 'allow' | 'deny';
  readonly ref: number;
  readonly tag: string;
  readonly message: MessageId | null;
  readonly person: Person;
  /** With a denial: what the person wants instead. Untrusted text. */
  readonly words?: string;
}

type Pending = { readonly request: Request; readonly entry: RequestEntry };

/**
 * What a click on a card is about. It counts only for the request that this very card shows: same number, same gen (checked before), same
 * input, still open. Everything else is refused with the reason.
 */
export function pending(d: Draft, press: DecidePress): Pending | RuleAnswer {
  const request = d.state.requests.get(press.ref);
  const entry = request === undefined ? undefined : d.state.entries.get(request.seq);
  if (request === undefined || entry?.kind !== 'request') return refuse(goneWords(d, press.ref));
  if (request.gen !== d.state.conversation?.gen)
    return refuse('That card is from an earlier conversation. Nothing was done.');
  // Null: Discord has shown the card, and its answer to the one who posted it is still on the way.
  if (request.message !== null && request.message !== press.message)
    return refuse('That button is not on the card of this request. Nothing was done.');
  if (request.inputHash.slice(0, HASH_TAG_LENGTH) !== press.tag) {
    return refuse(
      'What this button would allow is not what Claude asks now. Nothing was done; use the newest card.',
    );
  }
  if (request.decidedMs !== null || entry.state.is !== 'open') return refuse(settledWords(entry.state));
  return { request, entry };
}

/** A click on a card decides its request, or is refused and does nothing. */
export function decide(d: Draft, press: DecidePress, ctx: Context): RuleAnswer {
  const found = pending(d, press);
  if ('kind' in found) return found;
  const { request, entry } = found;
  if (press.verb === 'allow' && entry.input === null) {
    return refuse('The input is too large to be shown whole, so it can only be denied.');
  }
  const words = press.words ?? '';
  d.putRequest({ ...request, decidedMs: ctx.nowMs });
  d.setEntry(request.seq, {
    ...entry,
    state: {
      is: 'decided',
      verdict: press.verb,
      by: press.person,
      atMs: ctx.nowMs,
      words: words === '' ? null : words,
      deliveredMs: null,
      late: !ctx.linkUp,
    },
  });
  d.patchConversation({ activeMs: ctx.nowMs });
  sendVerdict(
    d,
    request,
    press.verb === 'allow'
      ? { behavior: 'allow' }
      : { behavior: 'deny', message: words === '' ? DENIED : `${DENIED_FOR} ${words}` },
  );
  return { kind: 'decided', ref: request.ref };
}

/** The card has a message: the one whose buttons count, and the one that Review links. */
export function cardPosted(d: Draft, ref: number, message: MessageId): void {
  const request = d.state.requests.get(ref);
  if (request !== undefined && request.message !== message) d.putRequest({ ...request, message });
}

function sendVerdict(d: Draft, r: Request, verdict: Parameters<typeof verdictCommand>[1]): void {
  d.send(verdictCommand(r, verdict));
}

function verdictCommand(r: Request, verdict: { behavior: 'allow' } | { behavior: 'deny'; message: string }) {
  return {
    kind: 'decide',
    gen: r.gen,
    process: r.process,
    request: r.request,
    inputHash: r.inputHash,
    verdict,
  } as const;
}

export function requestSettled(d: Draft, e: EventOf<'requestSettled'>, ctx: Context): void {
  const request = [...d.state.requests.values()].find((r) => r.gen === e.gen && r.request === e.request);
  if (request === undefined) return;
  switch (e.outcome.as) {
    case 'delivered': {
      const entry = d.state.entries.get(request.seq);
      if (entry?.kind === 'request' && entry.state.is === 'decided') {
        d.setEntry(request.seq, { ...entry, state: { ...entry.state, deliveredMs: ctx.nowMs } });
      }
      d.dropRequest(request);
      return;
    }
    case 'void':
    case 'refused':
      voidRequest(d, request, e.outcome.why);
      return;
  }
}

/** The request needs no answer any more; a decision that did not reach Claude says so. */
export function voidRequest(d: Draft, request: Request, why: string): void {
  const entry = d.state.entries.get(request.seq);
  if (entry?.kind === 'request' && (entry.state.is === 'open' || entry.state.is === 'decided')) {
    d.setEntry(request.seq, { ...entry, state: { is: 'void', why } });
  }
  d.dropRequest(request);
}

export function voidAll(d: Draft, why: string, which: (r: Request) => boolean = () => true): void {
  for (const request of [...d.state.requests.values()]) if (which(request)) voidRequest(d, request, why);
}

/**
 * Nobody answered in time: the turn is interrupted, not denied, because a denial makes Claude work around it. What asks beside the
 * turns (a background agent) can only be denied.
 */
export function expire(d: Draft, request: Request, ctx: Context): void {
  const entry = d.state.entries.get(request.seq);
  if (entry?.kind === 'request')
    d.setEntry(request.seq, { ...entry, state: { is: 'expired', atMs: ctx.nowMs } });
  d.dropRequest(request);
  const running = request.turn === null ? undefined : d.state.turns.get(request.turn);
  d.patchConversation({ paused: request.turn });
  if (running === undefined) {
    sendVerdict(d, request, { behavior: 'deny', message: 'Nobody answered in time.' });
    return;
  }
  if (running.stopping === null) {
    d.putTurn({ ...running, stopping: 'expired' });
    d.send({ kind: 'interrupt', gen: request.gen as Gen, turn: running.turn });
  }
  voidAll(d, 'The turn was paused.', (r) => r.decidedMs === null && r.turn === running.turn);
}

/** A decision is not on the CLI's stdin after a while: the card says that it waits for the runner. */
export function markLate(d: Draft, request: Request): void {
  const entry = d.state.entries.get(request.seq);
  if (entry?.kind === 'request' && entry.state.is === 'decided' && !entry.state.late) {
    d.setEntry(request.seq, { ...entry, state: { ...entry.state, late: true } });
  }
}

function goneWords(d: Draft, ref: number): string {
  const entry = [...d.state.entries.values()].find((e) => e.kind === 'request' && e.ref === ref);
  return entry?.kind === 'request' ? settledWords(entry.state) : 'That request is over. Nothing was done.';
}

function settledWords(state: RequestState): string {
  switch (state.is) {
    case 'decided':
      return `${escapeText(state.by.name)} already ${state.verdict === 'allow' ? 'allowed' : 'denied'} this. Nothing was changed.`;
    case 'expired':
      return 'This request expired; nobody answered in time. Nothing was done.';
    case 'void':
      return `This request is over: ${escapeText(state.why)} Nothing was done.`;
    case 'declined':
    case 'open':
      return 'That request is over. Nothing was done.';
  }
}

function refuse(text: string): RuleAnswer {
  return { kind: 'private', text };
}
