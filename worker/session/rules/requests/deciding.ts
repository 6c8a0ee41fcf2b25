/** Requests: what Claude asks, who answered, what became of it. */

import type { Verdict } from '../../../../protocol/commands.ts';
import type { EventOf } from '../../../../protocol/events.ts';
import type { Gen, MessageId } from '../../../../protocol/ids.ts';
import { LONG_TEXT_CHARS, WORDS_MAX } from '../../../../protocol/limits.ts';
import { HASH_TAG_LENGTH, readTag } from '../../../domain/buttons.ts';
import type { Also, Person, RequestEntry, RequestState } from '../../../domain/transcript.ts';
import { escapeText } from '../../../render/text/escape.ts';
import type { Conversation } from '../../state/conversation.ts';
import type { Draft } from '../../state/draft.ts';
import type { Context, Pressed, RuleAnswer } from '../../state/input.ts';
import { mayNotify } from '../../state/notifying.ts';
import type { Request } from '../../state/state.ts';
import { firstLine, readPlan, readQuestions } from './questions.ts';
import { dropReminder } from './reminding.ts';

/** How much of a long input an entry keeps for its card; the whole is attached from the parts. Characters. */
const CARD_INPUT_MAX = 6_000;
/** Of a plan, for the messages above its card: well under what a row may hold. Characters. */
const PLAN_STORED_MAX = 200_000;
/** Of questions, which are stored with their card, and again with the answers. Characters. */
const QUESTION_STORED_MAX = 100_000;
/** It is no segment of what Claude says. */
const PLAN_SEGMENT = -1;
const DENIED =
  'The person who was asked said no. Do not try to reach the same by another way; ask what they want instead, or stop.';
const DENIED_FOR = 'The person who was asked said no. What they want instead:';
const DECLINED =
  'This cannot be shown to the person as it is. Ask in plain text in your answer instead, then end your turn and wait for their reply.';

export function requestOpened(d: Draft, e: EventOf<'requestOpened'>, c: Conversation, ctx: Context): void {
  const { thread } = d.state;
  if (thread === null || isKnown(d, e)) return;
  const ref = thread.nextRef;
  d.setThread({ ...thread, nextRef: ref + 1 });
  const input = e.inputParts === 0 ? null : ctx.inputOf(e.request, e.inputParts);
  const asked = (e.turn === null ? null : d.state.turns.get(e.turn)?.author) ?? c.starter;
  const owner = { id: c.access.owner, name: c.access.ownerName };
  const fits = (input?.length ?? 0) <= QUESTION_STORED_MAX;
  const questions = e.asks === 'question' && fits ? readQuestions(input) : null;
  const open = e.asks !== 'question' || questions !== null;
  const waitMs = e.asks === 'permission' ? ctx.durations.requestWaitMs : ctx.durations.questionWaitMs;
  const plan = e.asks === 'plan' ? showPlan(d, e, input) : null;
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
    untilMs: ctx.nowMs + waitMs,
    notify,
    ...(e.risks === undefined || e.risks.length === 0 ? {} : { risks: e.risks }),
    ...offered(e),
    ...(questions === null ? {} : { questions }),
    ...(plan === null ? {} : { plan }),
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
    askedMs: ctx.nowMs,
  };
  d.putRequest(request);
  if (notify) d.patchConversation({ notifiedMs: ctx.nowMs });
  if (!open) sendVerdict(d, request, { behavior: 'deny', message: DECLINED });
}

/** The plan as Claude's own text, above its card. A background agent's has no turn to stand in, so it comes as a file. */
function showPlan(
  d: Draft,
  e: EventOf<'requestOpened'>,
  input: string | null,
): NonNullable<RequestEntry['plan']> {
  const { plan, alone } = readPlan(input);
  const shown = e.turn !== null && d.state.turns.has(e.turn);
  if (shown && e.turn !== null && plan.trim() !== '') {
    const text = plan.slice(0, PLAN_STORED_MAX);
    d.add({ kind: 'text', turn: e.turn, segment: PLAN_SEGMENT, text, joined: false, live: false });
  }
  const fits = plan.trim() === '' || (shown && plan.length < LONG_TEXT_CHARS);
  return { first: firstLine(plan).slice(0, WORDS_MAX), whole: alone && fits };
}

/** What the runner would take beside a plain yes. */
function offered(e: EventOf<'requestOpened'>): Pick<RequestEntry, 'rule' | 'edits'> {
  if (e.asks === 'plan') return e.modes?.includes('acceptEdits') === true ? { edits: 0 } : {};
  if (e.asks !== 'permission') return {};
  const find = (type: string) =>
    e.suggestions.findIndex((s) => s.type === type && s.scopes?.includes('session') === true);
  const index = find('addRules');
  const rule = e.suggestions[index];
  if (rule !== undefined) return { rule: { index, label: rule.label, scopes: rule.scopes ?? [] } };
  const edits = find('setMode');
  return e.class === 'edit' && e.suggestions[edits]?.label === 'acceptEdits' ? { edits } : {};
}

/** A process may be told to ask again (the CLI repeats what is pending after a new `initialize`): it stays one card. */
function isKnown(d: Draft, e: EventOf<'requestOpened'>): boolean {
  return [...d.state.requests.values()].some(
    (r) => r.gen === e.gen && r.process === e.process && r.request === e.request,
  );
}

export type Pending = { readonly request: Request; readonly entry: RequestEntry };

/**
 * What a click on a card is about. It counts only for the request that this very card shows: same number, same gen (checked before), same
 * input, still open. Everything else is refused with the reason.
 */
export function pending(d: Draft, { id, message }: Pick<Pressed, 'id' | 'message'>): Pending | RuleAnswer {
  const request = d.state.requests.get(id.ref);
  const entry = request === undefined ? undefined : d.state.entries.get(request.seq);
  if (request === undefined || entry?.kind !== 'request') return refuse(goneWords(d, id.ref));
  if (request.gen !== d.state.conversation?.gen)
    return refuse('That card is from an earlier conversation. Nothing was done.');
  // Null: Discord has shown the card, and its answer to the one who posted it is still on the way.
  if (request.message !== null && request.message !== message)
    return refuse('That button is not on the card of this request. Nothing was done.');
  if (request.inputHash.slice(0, HASH_TAG_LENGTH) !== readTag(id.tag).hash) {
    return refuse(
      'What this button would allow is not what Claude asks now. Nothing was done; use the newest card.',
    );
  }
  if (request.decidedMs !== null || entry.state.is !== 'open') return refuse(settledWords(entry.state));
  return { request, entry };
}

/** A click on a card decides its request, or is refused and does nothing. */
export function decide(
  d: Draft,
  p: Pressed,
  { behavior, words = '' }: { readonly behavior: 'allow' | 'deny' } & Pick<Decision, 'words'>,
  ctx: Context,
): RuleAnswer {
  const found = pending(d, p);
  if ('kind' in found) return found;
  if (found.entry.asks !== 'permission')
    return refuse('That request asks for no permission. Nothing was done.');
  if (behavior === 'allow' && found.entry.input === null) {
    return refuse('The input is too large to be shown whole, so it can only be denied.');
  }
  const verdict: Verdict =
    behavior === 'allow'
      ? { behavior: 'allow' }
      : { behavior: 'deny', message: words === '' ? DENIED : `${DENIED_FOR} ${words}` };
  return decideWith(d, found, { by: p.by, verdict, words }, ctx);
}

export interface Decision {
  readonly by: Person;
  readonly verdict: Verdict;
  /** The person's own, with a denial. Untrusted text. */
  readonly words?: string;
  readonly also?: Also;
}

/** Settles a request that is `pending`: it shows who decided what, and the runner hears of it. */
export function decideWith(
  d: Draft,
  { request, entry }: Pending,
  { by, verdict, words = '', also }: Decision,
  ctx: Context,
): RuleAnswer {
  d.putRequest({ ...request, decidedMs: ctx.nowMs });
  dropReminder(d, request.ref);
  d.setEntry(request.seq, {
    ...entry,
    state: {
      is: 'decided',
      verdict: verdict.behavior,
      by,
      atMs: ctx.nowMs,
      words: words === '' ? null : words,
      deliveredMs: null,
      late: !ctx.linkUp,
      ...(also === undefined ? {} : { also }),
    },
  });
  d.patchConversation({ activeMs: ctx.nowMs });
  sendVerdict(d, request, verdict);
  return { kind: 'decided', ref: request.ref };
}

/** The card has a message: the one whose buttons count, and the one that Review links. */
export function cardPosted(d: Draft, ref: number, message: MessageId): void {
  const request = d.state.requests.get(ref);
  if (request !== undefined && request.message !== message) d.putRequest({ ...request, message });
}

function sendVerdict(d: Draft, r: Request, verdict: Verdict): void {
  const { gen, process, request, inputHash } = r;
  d.send({ kind: 'decide', gen, process, request, inputHash, verdict });
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
  dropReminder(d, request.ref);
  d.dropRequest(request);
}

export function voidAll(d: Draft, why: string, which: (r: Request) => boolean = () => true): void {
  for (const request of [...d.state.requests.values()]) if (which(request)) voidRequest(d, request, why);
}

/** After an interrupt was sent: its cards are void. What it does not reach is denied, or it would wait for an answer for ever. */
export function voidInterrupted(d: Draft, why: string, which: (r: Request) => boolean): void {
  for (const request of [...d.state.requests.values()]) {
    if (!which(request)) continue;
    if (request.decidedMs === null && asksBeside(d, request))
      sendVerdict(d, request, { behavior: 'deny', message: why });
    voidRequest(d, request, why);
  }
}

/** An agent goes on in the background when the turn that it was begun in is over; with that turn, no interrupt reaches it. */
function asksBeside(d: Draft, { turn, seq }: Request): boolean {
  const entry = d.state.entries.get(seq);
  return turn === null || !d.state.turns.has(turn) || (entry?.kind === 'request' && entry.agent !== null);
}

/**
 * Nobody answered in time: the turn is interrupted, not denied, because a denial makes Claude work around it. What asks beside the
 * turns (a background agent) can only be denied.
 */
export function expire(d: Draft, request: Request, ctx: Context): void {
  const entry = d.state.entries.get(request.seq);
  if (entry?.kind === 'request')
    d.setEntry(request.seq, { ...entry, state: { is: 'expired', atMs: ctx.nowMs } });
  dropReminder(d, request.ref);
  d.dropRequest(request);
  const running = request.turn === null ? undefined : d.state.turns.get(request.turn);
  if (request.turn === null) d.release('unfinished');
  else d.hold({ is: 'unfinished', turn: request.turn });
  if (running !== undefined && running.stopping === null) {
    d.putTurn({ ...running, stopping: 'expired' });
    d.send({ kind: 'interrupt', gen: request.gen as Gen, turn: running.turn });
  }
  if (asksBeside(d, request))
    sendVerdict(d, request, { behavior: 'deny', message: 'Nobody answered in time.' });
  if (running !== undefined)
    voidInterrupted(d, 'The turn was paused.', (r) => r.decidedMs === null && r.turn === running.turn);
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
