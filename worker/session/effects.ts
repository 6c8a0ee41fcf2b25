/**
 * What makes Discord and the Guild follow what is stored, put together: the thread's messages, its name and its archive, the typing sign,
 * plain messages that are read, reports. Each is pumped and looks at the state by itself, so a pump that is lost is only late.
 */
import type { RunnerId } from '../../protocol/ids.ts';
import type { Delivery } from '../discord/delivery.ts';
import type { ReportReceipt } from '../domain/contract.ts';
import type { Slot, SlotKey } from '../domain/slot.ts';
import { earliest } from '../platform/alarm-clock.ts';
import type { Durations } from '../platform/durations.ts';
import { archiver, toArchive } from './effects/archiver.ts';
import { Listener } from './effects/listener.ts';
import { namer } from './effects/namer.ts';
import { reporter } from './effects/reporter.ts';
import { restOf, threadDelivery, threadReader } from './effects/thread-delivery.ts';
import { MOVED_MS, typing } from './effects/typing.ts';
import { Patience } from './patience.ts';
import { takenOf } from './rules/prompts/listening.ts';
import type { Input, Outcome } from './state/input.ts';
import type { State } from './state/state.ts';
import type { SessionStore } from './storage/store.ts';
import { leftovers } from './view/leftovers.ts';
import { slotFile } from './view/slot-file.ts';
import type { View } from './view/view.ts';

export interface EffectsOf {
  readonly env: Env;
  readonly sql: SqlStorage;
  readonly store: SessionStore;
  readonly view: View;
  readonly durations: Durations;
  readonly state: () => State;
  readonly online: (runner: RunnerId) => boolean;
  /** One step, in a transaction of its own. */
  readonly commit: (input: Input) => Outcome;
  /** What the Guild answered to a report. */
  readonly received: (runner: RunnerId, receipt: ReportReceipt) => void;
  /** Plain messages were taken as prompts. */
  readonly heard: () => void;
  readonly wakeBy: (atMs: number) => void;
}

export class Effects {
  readonly #of: EffectsOf;
  readonly #reporter: ReturnType<typeof reporter>;
  readonly #namer: ReturnType<typeof namer>;
  readonly #typing: ReturnType<typeof typing>;
  readonly #archiver: ReturnType<typeof archiver>;
  readonly #listener: Listener;
  readonly patience: Patience;
  #delivery: Delivery | null = null;

  constructor(of: EffectsOf) {
    const { env, state, durations, commit, wakeBy } = of;
    this.#of = of;
    this.#reporter = reporter({
      state,
      durations,
      report: async (guild, report) => env.GUILD.getByName(guild).report(report),
      reported: (rev, runner, receipt) => {
        commit({ kind: 'reported', rev });
        of.received(runner, receipt);
      },
      wakeBy,
    });
    this.#namer = namer({
      state,
      look: (thread) => restOf(env).getChannel(thread),
      rename: (thread, name) => restOf(env).patchChannel(thread, { name }),
      done: () => commit({ kind: 'named' }),
    });
    this.#typing = typing({
      state,
      online: () => {
        const runner = state().conversation?.runner;
        return runner !== undefined && of.online(runner);
      },
      show: (thread) => restOf(env).typing(thread),
    });
    this.#archiver = archiver({
      state,
      settled: async () => {
        await this.delivery()?.idle();
        return this.isSettled();
      },
      set: (thread, archived) => restOf(env).patchChannel(thread, { archived }),
      done: (gen) => commit({ kind: 'archived', gen }),
    });
    this.#listener = new Listener({
      state,
      durations,
      ...threadReader(env),
      heard: (said, upTo) => {
        const { state } = commit({ kind: 'heard', said, upTo });
        of.heard();
        return takenOf(state, said);
      },
    });
    this.patience = new Patience({
      durations,
      runner: () => state().conversation?.runner,
      online: of.online,
      report: () => this.#reporter.pump(),
    });
  }

  pump(): void {
    this.delivery()?.pump();
    for (const work of [this.#archiver, this.#namer, this.#typing, this.#listener, this.#reporter])
      void work.pump();
  }

  /** A text has grown. */
  pumpLive(): void {
    this.delivery()?.pump('live');
    void this.#typing.pump();
  }

  /** The Guild is told. */
  report(): void {
    void this.#reporter.pump();
  }

  /** When the thread is read next; null: it is not. */
  nextLookMs(nowMs: number): number | null {
    return this.#listener.nextLookMs(nowMs);
  }

  /** Null: there is no thread yet. */
  delivery(): Delivery | null {
    const { env, sql, store, state, commit, wakeBy } = this.#of;
    const { thread } = state();
    if (this.#delivery !== null || thread === null) return this.#delivery;
    this.#delivery = threadDelivery(env, sql, thread, {
      slots: () => this.slots(),
      moved: () => this.#typing.waitUntil(Date.now() + MOVED_MS),
      file: (source) => slotFile(source, state(), store),
      ringBy: wakeBy,
      happened: (input) => {
        commit(input);
        void this.#reporter.pump();
      },
      parked: () => state().thread?.parked ?? null,
    });
    return this.#delivery;
  }

  /** All that the thread should show is there, so that what is over need not be drawn again. */
  isSettled(): boolean {
    const delivery = this.delivery();
    return delivery !== null && this.slots().every((slot) => delivery.isShown(slot));
  }

  /** When what is undelivered or unreported has to go on; null: all of it is done, or something stands in its way. */
  dueMs(nowMs: number): number | null {
    const { state, durations } = this.#of;
    const { thread } = state();
    const unreported = thread !== null && thread.rev > thread.reportedRev;
    const parked = (this.delivery()?.parked() ?? null) !== null;
    const unshown = !(parked || (this.isSettled() && toArchive(state()) === null));
    const safetyMs = unreported || unshown ? nowMs + durations.safetyMs : null;
    return earliest([safetyMs, this.delivery()?.nextWakeMs() ?? null]);
  }

  /** What the thread should show. */
  slots(): Slot[] {
    const state = this.#of.state();
    const messageOf = (key: SlotKey) => this.#delivery?.messageOf(key) ?? null;
    const slots = this.#of.view.slots(state, Date.now(), (key) => messageOf(key) !== null);
    return [...slots, ...leftovers(state, slots, messageOf)];
  }
}
