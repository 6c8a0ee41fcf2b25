/** Compares what people did with what was stored, run and shown. Every difference is a fault of Heddle. */
import type { ShownMessage } from '../../playground/discord/people/view.ts';
import type { PlainSlot } from '../../worker/domain/slot.ts';
import type { Entry } from '../../worker/domain/transcript.ts';
import { View } from '../../worker/session/view/view.ts';
import type { Ledger } from './ledger.ts';
import type { StoredLink, StoredSession } from './stored.ts';

export interface Books {
  readonly ledger: Pick<Ledger, 'asked' | 'decided' | 'deleted'>;
  readonly threads: readonly ThreadBooks[];
  /** Each prompt that the CLI was given, as often as it was. */
  readonly fed: readonly string[];
  /** Each word that an allowed command left behind. */
  readonly marks: readonly string[];
}

export interface ThreadBooks {
  readonly id: string;
  readonly session: StoredSession;
  readonly runner: (StoredLink & { readonly last: number }) | null;
  /** What the bot shows there to everyone. */
  readonly shown: readonly ShownMessage[];
}

export interface Account {
  readonly prompts: {
    sent: number;
    maybe: number;
    run: number;
    finished: number;
    interrupted: number;
    cancelled: number;
  };
  readonly events: { produced: number; applied: number };
  readonly messages: { expected: number; shown: number };
  readonly decisions: { made: number; maybe: number; delivered: number; void: number };
}

type Of<K extends Entry['kind']> = Extract<Entry, { kind: K }>;
type Difference = (what: string) => void;

export function reconcile(books: Books): { account: Account; differences: string[] } {
  const differences: string[] = [];
  const account: Account = {
    prompts: { sent: 0, maybe: 0, run: 0, finished: 0, interrupted: 0, cancelled: 0 },
    events: { produced: 0, applied: 0 },
    messages: { expected: 0, shown: 0 },
    decisions: { made: 0, maybe: 0, delivered: 0, void: 0 },
  };
  for (const thread of books.threads) {
    const differ: Difference = (what) => differences.push(`${thread.id}: ${what}`);
    events(thread, account, differ);
    messages(thread, books, account, differ);
    prompts(thread, books, account, differ);
    decisions(thread, books, account, differ);
  }
  return { account, differences };
}

function events({ session, runner }: ThreadBooks, account: Account, differ: Difference): void {
  const { link } = session;
  if (link === null || runner === null) return differ('a link has never been there');
  account.events.produced += runner.last;
  account.events.applied += link.receivedLast;
  if (link.receivedStream !== runner.stream) differ('the ends disagree about the runner’s stream');
  if (runner.last !== link.receivedLast)
    differ(`events: ${runner.last} produced, ${link.receivedLast} applied`);
  if (runner.waiting > 0) differ(`events: ${runner.waiting} are not acked`);
  if (runner.receivedStream !== link.stream) differ('the ends disagree about the object’s stream');
  if (link.waiting > 0) differ(`commands: ${link.waiting} are not acked`);
}

/** Each slot that the transcript gives is one message with exactly its text, and each message is one slot. */
function messages(thread: ThreadBooks, { ledger }: Books, account: Account, differ: Difference): void {
  const { session, shown } = thread;
  const view = new View();
  view.restart(Number.NEGATIVE_INFINITY);
  const byId = new Map(shown.map((message) => [String(message.id), message]));
  /** The buttons that a message should have; those of what is not drawn any more: none. */
  const buttons = new Map<string, string>();
  for (const slot of view.slots(session.state, Date.now(), () => true)) {
    if (slot.deleted === true || slot.kind !== 'plain') continue;
    account.messages.expected += 1;
    const row = session.posted.get(slot.key);
    const message = row?.message == null ? undefined : byId.get(row.message);
    if (message === undefined) {
      if (row?.message != null && ledger.deleted.has(row.message)) account.messages.shown += 1;
      else differ(`${slot.key} is not shown (${row?.state ?? 'never posted'})`);
      continue;
    }
    account.messages.shown += 1;
    if (row?.state !== 'bare') buttons.set(String(message.id), labelsOf(slot));
    const mention = slot.notify === null ? '' : `<@${slot.notify}> `;
    if (message.text.trim() !== `${mention}${slot.content}`.trim())
      differ(`${slot.key} shows\n    ${message.text}\n  instead of\n    ${mention}${slot.content}`);
  }
  const owned = new Map<string, string[]>();
  for (const [key, { message }] of session.posted)
    if (message !== null) owned.set(message, [...(owned.get(message) ?? []), key]);
  for (const { id, text } of shown)
    if (owned.get(id)?.length !== 1) differ(`a message of ${owned.get(id)?.length ?? 'no'} slots: ${text}`);
  for (const message of shown) {
    const has = message.buttons.map(({ label }) => label).join(', ');
    const should = buttons.get(String(message.id)) ?? '';
    if (has !== should) differ(`the buttons [${has}] instead of [${should}]: ${message.text}`);
  }
}

function labelsOf(slot: PlainSlot): string {
  return slot.rows
    .flat()
    .flatMap((button) => ('label' in button ? [button.label] : []))
    .join(', ');
}

/** Every prompt that was taken ran once or is shown as not run; its answer is shown once, and answers stand in the order of prompts. */
function prompts(thread: ThreadBooks, { ledger, fed }: Books, account: Account, differ: Difference): void {
  const { entries, state } = thread.session;
  if (state.turns.size > 0) differ(`${state.turns.size} turns still run`);
  if (state.queue.size > 0) differ(`${state.queue.size} prompts still wait`);
  const order: number[] = [];
  for (const { token, kind, told } of ledger.asked.filter((asked) => asked.thread === thread.id)) {
    account.prompts[told === 'taken' ? 'sent' : 'maybe'] += 1;
    const has = ({ text }: { readonly text: string }) => new RegExp(`\\b${token}\\b`).test(text);
    const turns = entries.filter((e): e is Of<'prompt'> => e.kind === 'prompt' && has(e));
    const queued = entries.filter((e): e is Of<'queued'> => e.kind === 'queued' && has(e));
    const inCli = fed.filter((text) => has({ text })).length;
    if (inCli > 1) differ(`${token} was given to Claude ${inCli} times`);
    if (turns.length > 1) differ(`${token} has ${turns.length} turns`);
    const [turn] = turns;
    if (turn === undefined) {
      const gone = queued.some((e) => e.state === 'cancelled' || e.state === 'expired');
      if (gone) account.prompts.cancelled += 1;
      else if (told === 'taken') differ(`${token} was taken and has come to nothing`);
      if (inCli > 0) differ(`${token} is shown as not run, and ran`);
      continue;
    }
    account.prompts.run += 1;
    const ends = entries.filter((e): e is Of<'end'> => e.kind === 'end' && e.turn === turn.turn);
    if (ends.length !== 1) differ(`${token} has ${ends.length} ends`);
    const done = ends[0]?.outcome.as === 'done';
    account.prompts[done ? 'finished' : 'interrupted'] += 1;
    if (done && inCli !== 1) differ(`${token} is shown as done, and Claude was given it ${inCli} times`);
    if (kind !== 'say') continue;
    const places = thread.shown.flatMap(({ text }, at) => [...text.matchAll(answerOf(token))].map(() => at));
    const moderated = ledger.deleted.size > 0 && places.length === 0;
    if (places.length > 1 || (done && places.length === 0 && !moderated))
      differ(`the answer of ${token} is shown ${places.length} times`);
    order.push(...places.slice(0, 1));
  }
  if (order.some((place, at) => at > 0 && place < (order[at - 1] ?? 0)))
    differ('answers stand in another order than prompts');
}

/** `say: answer-tok7x` is the prompt; the answer is the word without what stands before it there. */
const answerOf = (token: string): RegExp => new RegExp(`(?<!say: )\\banswer-${token}\\b`, 'g');

/** Every decision that was taken reached the process, or the process was gone and the card says so; its command ran at most once. */
function decisions(
  thread: ThreadBooks,
  { ledger, marks }: Books,
  account: Account,
  differ: Difference,
): void {
  const { entries, state, posted } = thread.session;
  if (state.requests.size > 0) differ(`${state.requests.size} requests are still open`);
  const requests = new Map(
    entries.flatMap((e) =>
      e.kind === 'request' ? [[posted.get(`r.${e.ref}`)?.message ?? '', e] as const] : [],
    ),
  );
  for (const { card, token, verdict, told } of ledger.decided.filter((d) => d.thread === thread.id)) {
    account.decisions[told === 'taken' ? 'made' : 'maybe'] += 1;
    const request = requests.get(card);
    if (request === undefined) {
      if (!ledger.deleted.has(card)) differ(`the card of ${token} belongs to no request`);
      continue;
    }
    const is = request.state;
    if (is.is === 'open') differ(`${token}: ${verdict} left the card open`);
    if (is.is === 'void') account.decisions.void += 1;
    if (is.is !== 'decided') continue;
    if (told === 'taken' && is.verdict !== verdict) differ(`${token}: ${verdict} became ${is.verdict}`);
    if (is.deliveredMs === null) differ(`${token}: ${is.verdict} was not delivered`);
    else account.decisions.delivered += 1;
  }
  for (const { token } of ledger.asked.filter((a) => a.thread === thread.id && a.kind === 'run')) {
    const ran = marks.filter((mark) => mark === token).length;
    const verdicts = [...requests.values()]
      .filter((r) => r.summary.includes(token) || (r.input ?? '').includes(token))
      .flatMap((r) => (r.state.is === 'decided' ? [r.state.verdict] : []));
    if (ran > 1) differ(`the command of ${token} ran ${ran} times`);
    if (ran === 1 && !verdicts.includes('allow'))
      differ(`the command of ${token} ran, and nobody allowed it`);
  }
}
