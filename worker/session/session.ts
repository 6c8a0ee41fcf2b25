import { retryable } from 'cloudflare:durable-objects';
import { DurableObject } from 'cloudflare:workers';
import * as v from 'valibot';
import { Event, Live } from '../../protocol/events.ts';
import { Close } from '../../protocol/frames.ts';
import type { RunnerId, TurnId } from '../../protocol/ids.ts';
import type { RunnerAccess } from '../domain/access.ts';
import type {
  Presence,
  SessionAct,
  SessionAnswer,
  SessionOpen,
  SessionOpened,
  SessionSummary,
} from '../domain/contract.ts';
import { ObjectLink } from '../link/object-link.ts';
import { AlarmClock, earliest } from '../platform/alarm-clock.ts';
import { durations } from '../platform/durations.ts';
import { log } from '../platform/log.ts';
import { NEWER_LOOK_MS, NEWER_WORDS, newerResponse } from '../platform/migrations.ts';
import { Effects } from './effects.ts';
import { linkAuth } from './link-auth.ts';
import { nextDueMs } from './rules/clock.ts';
import { apply } from './rules/rules.ts';
import { isRunnerNotified } from './state/conversation.ts';
import type { Context, Input, Outcome } from './state/input.ts';
import { EMPTY, type State } from './state/state.ts';
import { describe } from './state/summary.ts';
import { CAPS, isDue, mayChange, trimEntries } from './storage/retention.ts';
import { createSchema, openSchema, type Standing } from './storage/schema.ts';
import { SessionStore } from './storage/store.ts';
import { View } from './view/view.ts';
import { answerWords } from './view/words.ts';

/** An answer leaves when its rows are durable: some milliseconds. */
const ANSWER_FIRST_MS = 10;

/**
 * One Discord thread and the Claude conversations in it. Every input goes through `#commit`: the rules turn it into rows, the rows are
 * written in one transaction, and then the pumps make the runner (link), the thread (delivery) and the Guild (report) follow what is
 * stored. A pump carries no data, so a lost one is only late: the alarm runs them again.
 */
export class Session extends DurableObject<Env> {
  static {
    const { open, act, facts, look } = Session.prototype;
    retryable(open, act, facts, look);
  }

  readonly #store: SessionStore;
  readonly #link: ObjectLink;
  readonly #alarm: AlarmClock;
  readonly #view = new View();
  readonly #durations = durations(this.env);
  #loaded: State | null = null;
  #standing: Standing;
  readonly #effects: Effects;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#store = new SessionStore(ctx.storage.sql);
    this.#standing = openSchema(ctx.storage);
    this.#alarm = new AlarmClock(ctx.storage);
    this.#link = new ObjectLink(ctx, {
      owner: {
        apply: (runner, items) => this.#takeEvents(runner, items),
        live: (runner, body) => this.#takeLive(runner, body),
        state: () => {},
        met: (runner) => this.#met(runner),
      },
      log,
    });
    this.#effects = new Effects({
      env,
      sql: ctx.storage.sql,
      store: this.#store,
      view: this.#view,
      durations: this.#durations,
      state: () => this.#state,
      online: (runner) => this.#link.online(runner),
      commit: (input) => this.#commit(input),
      received: (runner, receipt) => this.#takeFacts({ runner, ...receipt }),
      heard: () => this.#pump(),
      wakeBy: (atMs) => this.#alarm.ringBy(atMs, Date.now()),
    });
    void ctx.blockConcurrencyWhile(async () => this.#alarm.sync(await ctx.storage.getAlarm()));
  }

  // ---------------------------------------------------------------- from the Worker and the Guild

  /** Begins the next conversation of this thread. Idempotent by the interaction that asked for it. */
  async open(open: SessionOpen): Promise<SessionOpened> {
    if (this.#standing === 'newer') return { ok: false, why: NEWER_WORDS };
    if (this.#standing === 'absent') this.#create();
    const key = `open/${open.id}`;
    const before = this.#store.answer<SessionOpened>(key);
    if (before !== null) return before;
    const opened = this.#transaction(() => {
      const done = this.#apply({ kind: 'open', open }).opened ?? { ok: false, why: 'Nothing was begun.' };
      this.#store.keepAnswer(key, Date.now(), done);
      return done;
    });
    this.#pump();
    return opened;
  }

  /** Does what a person asked for, and answers. Idempotent by interaction: a second delivery gets the first answer. */
  async act(act: SessionAct): Promise<SessionAnswer> {
    if (this.#standing === 'newer') return { kind: 'private', text: NEWER_WORDS };
    if (this.#standing === 'absent') return this.#words(apply(EMPTY, { kind: 'act', act }, this.#context()));
    const before = this.#store.answer<SessionAnswer>(act.id);
    if (before !== null) return before;
    const outcome = this.#transaction(() => {
      const done = this.#apply({ kind: 'act', act });
      const answer = this.#words(done);
      this.#store.keepAnswer(act.id, Date.now(), answer);
      return done;
    });
    this.#pumpAfterAnswer();
    await this.#effects.patience.waitFor(outcome.answer);
    return this.#words({ ...outcome, state: this.#state });
  }

  /** How it is at this moment; null: nobody opened it. */
  async glance(): Promise<SessionSummary | null> {
    return describe(this.#state);
  }

  /** The Guild tells what changed about the runner. */
  async facts(facts: { runner: RunnerId; presence: Presence; access: RunnerAccess }): Promise<void> {
    if (this.#standing !== 'ready') return;
    this.#takeFacts(facts);
    this.#pump();
  }

  /** The Guild looks whether the alarm was lost: then its work is done now. When what waits here is due next; null: nothing waits. */
  async look(): Promise<number | null> {
    if (this.#standing !== 'ready') return null;
    if (this.#alarm.isLost(Date.now())) await this.alarm();
    else this.#lookAgain();
    return earliest(this.#dues());
  }

  // ---------------------------------------------------------------- the runner's link

  override async fetch(request: Request): Promise<Response> {
    if (this.#standing === 'newer') return newerResponse();
    return this.#link.upgrade(request, (runner) => linkAuth(this.#state, runner));
  }

  override webSocketMessage(ws: WebSocket, data: string | ArrayBuffer): void {
    if (this.#standing !== 'ready') return ws.close(Close.stale);
    const handled = this.#link.onMessage(ws, data);
    if (handled === 'live') {
      this.#effects.pumpLive();
    } else if (handled === 'acked') {
      this.#leaveOthers();
      if (this.#noteNotified()) this.#effects.report();
    } else if (handled !== 'none') {
      this.#noteNotified();
      this.#pump();
    }
  }

  override webSocketClose(ws: WebSocket, code: number, reason: string): void {
    if (this.#standing === 'ready' && this.#link.onClose(ws, code, reason)) this.#pump();
  }

  override webSocketError(ws: WebSocket): void {
    if (this.#standing === 'ready' && this.#link.onError(ws)) this.#pump();
  }

  #met(runner: RunnerId): void {
    if (runner !== this.#runner) return;
    this.#view.restart(Date.now());
    this.#commit({ kind: 'linkUp' });
  }

  /** The runner knows of the end now, so nobody has to be linked for it any more. */
  #noteNotified(): boolean {
    const c = this.#state.conversation;
    if (c === null || isRunnerNotified(c)) return false;
    if (!this.#link.online(c.runner) || this.#link.waiting(c.runner) > 0) return false;
    this.#commit({ kind: 'runnerNotified' });
    return true;
  }

  /** Inside the link's transaction. A message that is not an event of ours is skipped: a newer runner may know more. */
  #takeEvents(runner: RunnerId, items: readonly unknown[]): void {
    if (runner !== this.#runner) return;
    this.#guarded(() => {
      for (const item of items) {
        const event = v.safeParse(Event, item);
        if (event.success) this.#takeEvent(event.output);
        else log('session.event.unknown', {});
      }
    });
  }

  #takeEvent(event: Event): void {
    if (event.kind === 'turnEnded') this.#keepUnfinished(event.turn);
    this.#apply({ kind: 'event', event });
    if (event.kind === 'text') this.#view.finished(event);
    else this.#view.moved();
    if (event.kind === 'requestSettled') this.#effects.patience.settled();
  }

  /** The process died in the middle of a text: what people have read of it becomes part of the transcript. */
  #keepUnfinished(turn: TurnId): boolean {
    const left = this.#view.unfinished(turn);
    if (left === null) return false;
    const { gen, segment, text } = left;
    const event = { kind: 'text', gen, turn, segment, text } as const;
    this.#apply({ kind: 'event', event });
    this.#view.finished(event);
    return true;
  }

  #takeLive(runner: RunnerId, body: unknown): void {
    const c = this.#state.conversation;
    const live = v.safeParse(Live, body);
    if (c === null || runner !== c.runner || !live.success || live.output.gen !== c.gen) return;
    if (this.#state.turns.has(live.output.turn)) this.#view.take(live.output);
  }

  // ---------------------------------------------------------------- time

  override async alarm(): Promise<void> {
    this.#alarm.sync(null);
    if (this.#standing === 'newer') return this.#alarm.ringBy(Date.now() + NEWER_LOOK_MS, Date.now());
    if (this.#standing === 'absent') return;
    this.#commit({ kind: 'clock' });
    this.#dropSilentLink();
    this.#store.dropAnswers(Date.now() - this.#durations.answerKeptMs);
    this.#pump();
    if (this.#state.conversation?.open?.process == null && this.#state.requests.size === 0)
      this.#store.dropInputs(this.#state.turns.size === 0 && this.#effects.isSettled());
    this.#lookAgain();
  }

  /**
   * As long as anything is undelivered or unreported, and while a turn runs over a socket that may be half open; not while it
   * waits for a person, which may take a day and must cost nothing.
   */
  #lookAgain(): void {
    const { conversation: c, turns, requests } = this.#state;
    const nowMs = Date.now();
    const thinks = [...requests.values()].some((request) => request.decidedMs === null);
    const runs = c !== null && turns.size > 0 && !thinks && this.#link.online(c.runner);
    this.#alarm.ringByEarliest(nowMs, [
      ...this.#dues(),
      runs ? nowMs + this.#durations.linkPollMs : null,
      this.#effects.nextLookMs(nowMs),
    ]);
  }

  /** When what waits here has to go on: what is undelivered or unreported, and what the rules wait for. */
  #dues(): (number | null)[] {
    return [this.#effects.dueMs(Date.now()), nextDueMs(this.#state, this.#context())];
  }

  /** A half-open socket looks alive until it is asked: while a turn runs, silence is taken for an end. */
  #dropSilentLink(): void {
    const runner = this.#runner;
    if (runner === undefined) return;
    const heardMs = this.#link.lastHeardMs(runner);
    if (heardMs !== null && Date.now() - heardMs > this.#durations.linkSilentMs)
      this.#link.close(runner, Close.stale);
  }

  // ---------------------------------------------------------------- one way in

  #commit(input: Input): Outcome {
    return this.#transaction(() => this.#apply(input));
  }

  #transaction<T>(run: () => T): T {
    return this.#guarded(() => this.ctx.storage.transactionSync(run));
  }

  /** What is in memory never outlives rows, and an alarm, that are rolled back by a throw. */
  #guarded<T>(run: () => T): T {
    const alarmMs = this.#alarm.atMs;
    try {
      return run();
    } catch (error) {
      this.#loaded = null;
      this.#alarm.sync(alarmMs);
      throw error;
    }
  }

  /** Rules, rows, commands and the alarm of one input; inside a transaction. */
  #apply(input: Input): Outcome {
    const before = this.#state;
    const outcome = apply(before, input, this.#context());
    // A turn that ends here and not on the runner: what people have read of it stays, too.
    const cut =
      input.kind === 'event' ? [] : [...before.turns.keys()].filter((turn) => !outcome.state.turns.has(turn));
    if (cut.some((turn) => this.#keepUnfinished(turn))) return this.#apply(input);
    this.#store.write(outcome.changes);
    const { conversation } = outcome.state;
    if (conversation !== null)
      for (const command of outcome.commands) this.#link.send(conversation.runner, command);
    if (outcome.left !== null)
      for (const command of outcome.left.commands) this.#link.send(outcome.left.runner, command);
    this.#loaded = outcome.state;
    if (isDue(before, outcome.state)) {
      trimEntries(this.ctx.storage.sql, outcome.state.thread?.windowSeq ?? 0);
      this.#effects.delivery()?.dropSettled(mayChange(outcome.state, this.#effects.slots()), CAPS.messages);
    }
    // The alarm sets itself again when all that it does is done.
    if (input.kind !== 'clock') {
      const dueMs = nextDueMs(outcome.state, this.#context());
      const safetyMs = outcome.changes.length > 0 ? Date.now() + this.#durations.safetyMs : null;
      // While a turn runs the other alarms are close enough.
      const idle = outcome.state.turns.size === 0;
      this.#alarm.ringByEarliest(Date.now(), [
        dueMs,
        safetyMs,
        idle ? this.#effects.nextLookMs(Date.now()) : null,
      ]);
    }
    return outcome;
  }

  get #state(): State {
    this.#loaded ??= this.#standing === 'ready' ? this.#store.load() : EMPTY;
    return this.#loaded;
  }

  /** Of the conversation that is, or was last. */
  get #runner(): RunnerId | undefined {
    return this.#state.conversation?.runner;
  }

  #create(): void {
    createSchema(this.ctx.storage, () => this.#link.create());
    this.#standing = 'ready';
  }

  #context(): Context {
    const runner = this.#runner;
    const link = this.#link;
    return {
      nowMs: Date.now(),
      uuid: () => crypto.randomUUID(),
      durations: this.#durations,
      // Asked only by what waits for a runner: each answer reads a row.
      get linkUp() {
        return runner !== undefined && link.online(runner);
      },
      settled: () => this.#effects.isSettled(),
      inputOf: (request, parts) => this.#store.input(request, parts),
    };
  }

  #words(outcome: Outcome): SessionAnswer {
    return answerWords(outcome, () => this.#view.slots(outcome.state, Date.now(), () => true));
  }

  // ---------------------------------------------------------------- pumps

  #pump(): void {
    this.#pumpLink();
    this.#leaveOthers();
    this.#effects.pump();
  }

  #pumpLink(): void {
    if (this.#runner !== undefined) this.#link.pump(this.#runner);
  }

  /** Runners of earlier conversations are told the end of it, and go. */
  #leaveOthers(): void {
    for (const other of this.#link.runners()) if (other !== this.#runner) this.#link.leave(other);
  }

  /** The runner hears of it at once. Drawing the thread and telling the Guild would keep a person waiting for the answer. */
  #pumpAfterAnswer(): void {
    this.#pumpLink();
    setTimeout(() => this.#pump(), ANSWER_FIRST_MS);
  }

  #takeFacts(facts: { runner: RunnerId; presence: Presence; access: RunnerAccess }): void {
    this.#commit({ kind: 'facts', ...facts });
    const c = this.#state.conversation;
    if (c?.access.removed && c.runner === facts.runner) this.#link.close(c.runner, Close.unauthorized);
    else if (c?.access.keys !== undefined) this.#link.closeOtherKeys(c.runner, c.access.keys);
    this.#pumpLink();
    this.#effects.delivery()?.pump();
  }
}
