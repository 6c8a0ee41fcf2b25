/**
 * Beginning a session, step by step: its card in the channel, a thread from that message, the Session object, the asker in the
 * thread. The row says which step is next; each step may be done twice, so whoever finds the row, an interaction's second
 * delivery or the alarm, goes on from there. A step that fails for good ends in words on the card and to the asker.
 */

import type { From } from '../../../protocol/commands.ts';
import type {
  ChannelId,
  Gen,
  InteractionId,
  ProjectName,
  RunnerId,
  ThreadId,
} from '../../../protocol/ids.ts';
import { assertNever } from '../../../protocol/never.ts';
import type { Member } from '../../domain/access.ts';
import type { Answer, Attached, Place, Where } from '../../domain/contract.ts';
import type { Durations } from '../../platform/durations.ts';
import { log } from '../../platform/log.ts';
import { retryDelayMs } from '../../platform/retry.ts';
import { say } from '../runners/words.ts';
import type { Row, Store } from '../storage/store.ts';
import type { Timers } from '../storage/timers.ts';

/**
 * `look`: is the private thread one that we see? `tell`: the asker has had an answer already and must hear that it failed.
 * `done` and `failed` are the ends.
 */
export type StartStep = 'look' | 'card' | 'thread' | 'open' | 'member' | 'tell' | 'done' | 'failed';

export interface Start {
  readonly id: InteractionId;
  readonly asker: Member;
  readonly place: Place;
  readonly origin: string;
  /** The interaction's token. */
  readonly token: string;
  /** The first prompt; dropped when it is with the Session. */
  readonly text: string | null;
  readonly files?: Attached['files'];
  readonly runner: RunnerId;
  readonly project: ProjectName;
  /** What it goes on from; absent: nothing. */
  readonly from?: From;
  /** Of that. Untrusted text. */
  readonly title?: string;
  readonly worktree?: Where['worktree'];
  /** The runner is away, and this one would be there. */
  readonly instead?: string | null;
  /** Begin in the thread where it was asked for. */
  readonly inThread: boolean;
  /** There: the conversation that it follows. */
  readonly after: Gen | null;
  readonly thread: ThreadId | null;
  readonly parent: ChannelId | null;
  readonly beganMs: number;
  /** The asker got an answer, so a later failure is told apart from it. */
  readonly answered: boolean;
  /** Why it failed. Our own words, untrusted parts escaped. */
  readonly why: string | null;
}

export type StepResult =
  | { readonly to: StartStep; readonly with?: Partial<Pick<Start, 'thread' | 'parent' | 'text'>> }
  /** It may work later. `afterMs`: not before. */
  | { readonly retry: string; readonly afterMs?: number }
  | { readonly fail: string };

export interface StartsOptions {
  readonly store: Store;
  readonly timers: Timers;
  readonly durations: Durations;
  /** Does one step; see start-steps.ts. A throw is as `retry`. */
  readonly step: (start: Start, step: StartStep) => Promise<StepResult>;
  /** That its runner is away, in words, or empty. */
  readonly away: (start: Start) => string;
  /** In the transaction in which a start fails. */
  readonly failed: (start: Start) => void;
  /** After that transaction. */
  readonly pump: (start: Start) => void;
}

export const START_TIMER = 'start:';

interface StartRow extends Row {
  id: string;
  step: string;
  attempt: number;
  body: string;
}

interface Stored {
  readonly start: Start;
  readonly step: StartStep;
  readonly attempt: number;
}

export class Starts {
  readonly #options: StartsOptions;
  readonly #driving = new Map<InteractionId, Promise<void>>();

  constructor(options: StartsOptions) {
    this.#options = options;
  }

  get(id: InteractionId): Stored | null {
    const row = this.#options.store.one<StartRow>('SELECT * FROM starts WHERE id = ?', id);
    if (row === null) return null;
    return { start: JSON.parse(row.body) as Start, step: row.step as StartStep, attempt: row.attempt };
  }

  /** Inside a transaction; `drive` it after. */
  begin(start: Start, step: StartStep): void {
    const { timers, durations } = this.#options;
    this.#put(start, step, 0);
    timers.set(`${START_TIMER}${start.id}`, start.beganMs + durations.safetyMs);
  }

  /** Does steps until it is over or must wait. One at a time for each start; never rejects. */
  drive(id: InteractionId): Promise<void> {
    const running = this.#driving.get(id);
    if (running !== undefined) return running;
    const drive = this.#steps(id)
      .catch((error: unknown) => log('guild.start.failed', { error: nameOf(error) }))
      .finally(() => this.#driving.delete(id));
    this.#driving.set(id, drive);
    return drive;
  }

  /** Drives until the asker can be told something: the thread is there, or it failed, or it will take a while. */
  async tellable(id: InteractionId): Promise<void> {
    const drive = this.drive(id);
    for (;;) {
      const stored = this.get(id);
      const over = stored === null || stored.start.why !== null || isThere(stored);
      if (over || !this.#driving.has(id)) return;
      await Promise.race([drive, this.#nextStep(id)]);
    }
  }

  /** What the asker is told as things stand. Inside a transaction: a failure after it is told apart from this answer. */
  answer(id: InteractionId): Answer {
    const stored = this.get(id);
    if (stored === null) return say('This session is not known any more.');
    if (stored.start.why !== null) return say(stored.start.why);
    this.#put({ ...stored.start, answered: true }, stored.step, stored.attempt);
    return say([progressWords(stored.start), this.#options.away(stored.start)].join('\n').trim());
  }

  /** Forgets those that are long over. */
  prune(beforeMs: number): void {
    const { store } = this.#options;
    for (const row of store.all<StartRow>("SELECT * FROM starts WHERE step IN ('done', 'failed')")) {
      if ((JSON.parse(row.body) as Start).beganMs < beforeMs)
        store.run('DELETE FROM starts WHERE id = ?', row.id);
    }
  }

  readonly #stepDone = new Map<InteractionId, (() => void)[]>();

  #nextStep(id: InteractionId): Promise<void> {
    return new Promise((resolve) => {
      this.#stepDone.set(id, [...(this.#stepDone.get(id) ?? []), resolve]);
    });
  }

  async #steps(id: InteractionId): Promise<void> {
    for (;;) {
      const stored = this.get(id);
      if (stored === null || stored.step === 'done' || stored.step === 'failed') return;
      const result = await this.#step(stored);
      const goOn = this.#apply(id, stored.step, result);
      for (const resolve of this.#stepDone.get(id) ?? []) resolve();
      this.#stepDone.delete(id);
      if (!goOn) return;
    }
  }

  async #step({ start, step }: Stored): Promise<StepResult> {
    try {
      return await this.#options.step(start, step);
    } catch (error) {
      return { retry: `Heddle’s own part failed (${nameOf(error)})` };
    }
  }

  /** False: it waits for its timer, or is over. */
  #apply(id: InteractionId, step: StartStep, result: StepResult): boolean {
    const { store, timers, durations, failed, pump } = this.#options;
    const nowMs = Date.now();
    const after = store.transaction(() => {
      const stored = this.get(id);
      if (stored === null || stored.step !== step) return null;
      const { start, attempt } = stored;
      const timer = `${START_TIMER}${id}`;
      if ('retry' in result && nowMs - start.beganMs < durations.startGiveUpMs) {
        const failures = attempt + 1;
        this.#put(start, step, failures);
        timers.set(timer, nowMs + Math.max(result.afterMs ?? 0, retryDelayMs(failures, durations)));
        return null;
      }
      const next = endOf(start, step, result);
      this.#put(next.start, next.step, 0);
      if (next.start.why !== null && start.why === null) failed(next.start);
      if (next.step === 'done' || next.step === 'failed') timers.clear(timer);
      return next;
    });
    if (after === null) return false;
    if (after.start.why !== null) pump(after.start);
    return true;
  }

  #put(start: Start, step: StartStep, attempt: number): void {
    this.#options.store.run(
      'INSERT OR REPLACE INTO starts (id, step, attempt, body) VALUES (?, ?, ?, ?)',
      start.id,
      step,
      attempt,
      JSON.stringify(start),
    );
  }
}

/** Where a step that is over leads. Pure. */
function endOf(start: Start, step: StartStep, result: StepResult): { start: Start; step: StartStep } {
  if ('to' in result) return { start: { ...start, ...result.with }, step: result.to };
  switch (step) {
    // The session stands; that its asker was not added to the thread, or not told, takes nothing away from it.
    case 'member':
      return { start, step: 'done' };
    case 'tell':
      return { start, step: 'failed' };
    case 'look':
    case 'card':
    case 'thread':
    case 'open': {
      const why =
        'fail' in result ? result.fail : `Discord did not let it begin: ${result.retry}. Try again later.`;
      return { start: { ...start, why, text: null }, step: start.answered ? 'tell' : 'failed' };
    }
    case 'done':
    case 'failed':
      return { start, step };
    default:
      return assertNever(step);
  }
}

/** In a thread of its own there is something to link before the Session answers; in a thread that was there, only after it. */
function isThere({ start, step }: Stored): boolean {
  return start.inThread ? step === 'done' : start.thread !== null;
}

function progressWords(start: Start): string {
  if (start.thread === null) {
    return 'Starting. Discord is slow right now; the session’s thread appears in this channel as soon as it answers.';
  }
  return start.inThread ? 'Starting in this thread.' : `Starting → <#${start.thread}>`;
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : 'Unknown';
}
