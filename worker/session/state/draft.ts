import type { Command } from '../../../protocol/commands.ts';
import type { EventOf } from '../../../protocol/events.ts';
import type { RequestId } from '../../../protocol/ids.ts';
import type { Entry } from '../../domain/transcript.ts';
import type { Conversation, Ended, Facts, Hold, Open } from './conversation.ts';
import type { Outcome } from './input.ts';
import { type Change, fileRows, HEAD, HEAD_VERSION, type Head } from './rows.ts';
import {
  type Queued,
  type Renewal,
  type Request,
  type State,
  summarize,
  type Thread,
  type Turn,
} from './state.ts';

/**
 * The state that a rule works on: reads see what was written, and the writes come out as rows, each row once. The state it was made
 * from stays as it is.
 */
export class Draft {
  #state: Mutable;
  readonly #before: State;
  readonly #changes = new Map<string, Change>();
  /** For the runner, in order. */
  readonly commands: Command[] = [];
  left: Outcome['left'] = null;

  constructor(state: State) {
    this.#before = state;
    this.#state = {
      ...state,
      turns: new Map(state.turns),
      queue: new Map(state.queue),
      requests: new Map(state.requests),
      renewals: new Map(state.renewals),
      entries: new Map(state.entries),
    };
  }

  get state(): State {
    return this.#state;
  }

  /** The state with what was written. What was not keeps its identity, so that nothing is drawn again for it. */
  get done(): State {
    const { entries } = this.#before;
    const same = !this.entriesChanged && entries.size === this.#state.entries.size;
    return same ? { ...this.#state, entries } : this.#state;
  }

  get changes(): readonly Change[] {
    return [...this.#changes.values()];
  }

  setThread(thread: Thread): void {
    this.#state.thread = thread;
    this.#head();
  }

  /**
   * The Guild has the summary of this revision. No row of its own: it is written with the next change of the head, and an object
   * that wakes before that only reports once more what the Guild ignores.
   */
  setReported(rev: number): void {
    const { thread } = this.#state;
    if (thread !== null) this.#state.thread = { ...thread, reportedRev: rev };
  }

  setConversation(conversation: Conversation): void {
    this.#state.conversation = conversation;
    this.#head();
  }

  /** Changes what holds of the conversation whether it is open or not, if there is one. */
  patchConversation(patch: Partial<Facts>): void {
    const { conversation: c } = this.#state;
    if (c !== null) this.setConversation({ ...c, ...patch });
  }

  /** Changes an open conversation; of one that ended nothing is left to change. */
  patchOpen(patch: Partial<Open>): void {
    const { conversation: c } = this.#state;
    if (c !== null && c.ended === null) this.setConversation({ ...c, open: { ...c.open, ...patch } });
  }

  patchEnded(patch: Partial<Ended>): void {
    const { conversation: c } = this.#state;
    if (c !== null && c.ended !== null) this.setConversation({ ...c, ended: { ...c.ended, ...patch } });
  }

  /** Sets this hold, in the place of one of its kind. */
  hold(hold: Hold): void {
    const holds = this.#state.conversation?.open?.holds;
    if (holds !== undefined) this.patchOpen({ holds: { ...holds, [hold.is]: hold } });
  }

  /** Lifts the holds of these kinds, where there are any. */
  release(...kinds: readonly Hold['is'][]): void {
    const holds = this.#state.conversation?.open?.holds;
    if (holds === undefined || kinds.every((kind) => holds[kind] === undefined)) return;
    const left = { ...holds };
    for (const kind of kinds) delete left[kind];
    this.patchOpen({ holds: left });
  }

  putTurn(turn: Turn): void {
    this.#state.turns.set(turn.turn, turn);
    this.#head();
  }

  dropTurn(turn: Turn): void {
    this.#state.turns.delete(turn.turn);
    this.#head();
  }

  putQueued(queued: Queued): void {
    this.#state.queue.set(queued.prompt, queued);
    this.#doc(`queue/${queued.prompt}`, queued);
  }

  dropQueued(queued: Queued): void {
    this.#state.queue.delete(queued.prompt);
    this.#doc(`queue/${queued.prompt}`, null);
  }

  putRequest(request: Request): void {
    this.#state.requests.set(request.ref, request);
    this.#doc(`request/${request.ref}`, request);
  }

  dropRequest(request: Request): void {
    this.#state.requests.delete(request.ref);
    this.#doc(`request/${request.ref}`, null);
    if (request.parts > 0) this.dropInputs(request.request);
  }

  putRenewal(renewal: Renewal): void {
    this.#state.renewals.set(renewal.id, renewal);
    this.#doc(`renewal/${renewal.id}`, renewal);
  }

  dropRenewal(renewal: Renewal): void {
    this.#state.renewals.delete(renewal.id);
    this.#doc(`renewal/${renewal.id}`, null);
  }

  /** Adds an entry at the end of the transcript; returns its number. */
  add(entry: Entry): number {
    const seq = this.#state.lastSeq + 1;
    this.#state.lastSeq = seq;
    this.setEntry(seq, entry);
    return seq;
  }

  setEntry(seq: number, entry: Entry): void {
    this.#state.entries.set(seq, entry);
    this.#changes.set(`entry/${seq}`, { table: 'entry', seq, body: entry });
  }

  addInput(part: EventOf<'requestInput'>): void {
    this.#changes.set(`input/${part.request}/${part.part}`, { table: 'input', part });
  }

  /** Deletes all parts that are stored under this name. */
  dropInputs(request: RequestId): void {
    this.#changes.set(`inputs/${request}`, { table: 'inputs', request });
  }

  /** Entries before `seq` are settled: they leave the window, and stay in their rows. */
  moveWindow(seq: number): void {
    const { thread } = this.#state;
    if (thread === null || seq <= thread.windowSeq) return;
    for (const [old, entry] of this.#state.entries) {
      if (old >= seq) continue;
      this.#state.entries.delete(old);
      // Discord has its bytes, or will never take them.
      if (entry.kind === 'file') this.dropInputs(fileRows(entry.gen, entry.file));
    }
    this.setThread({ ...thread, windowSeq: seq });
  }

  send(command: Command): void {
    this.commands.push(command);
  }

  /** Raises the revision for the Guild if what its directory shows has changed, or when it has to look here. */
  noteSummary(isSooner: () => boolean): void {
    const { thread } = this.#state;
    if (thread === null || this.#changes.size === 0) return;
    const isSame = JSON.stringify(summarize(this.#before)) === JSON.stringify(summarize(this.#state));
    if (isSame && !isSooner()) return;
    this.setThread({ ...thread, rev: thread.rev + 1 });
  }

  /** An entry was added or changed, so the thread does not show all of it yet. */
  get entriesChanged(): boolean {
    return [...this.#changes.values()].some((change) => change.table === 'entry');
  }

  #head(): void {
    const { thread, conversation, turns } = this.#state;
    const head: Head = { version: HEAD_VERSION, thread, conversation, turns: [...turns.values()] };
    this.#doc(HEAD, head);
  }

  #doc(key: string, body: unknown): void {
    this.#changes.set(`doc/${key}`, { table: 'doc', key, body });
  }
}

type Mutable = {
  thread: State['thread'];
  conversation: State['conversation'];
  turns: Map<Turn['turn'], Turn>;
  queue: Map<Queued['prompt'], Queued>;
  requests: Map<number, Request>;
  renewals: Map<Renewal['id'], Renewal>;
  entries: Map<number, Entry>;
  lastSeq: number;
};
