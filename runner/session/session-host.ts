/**
 * One thread on this runner, put together: its rows in the journal, what queues, and what lives and dies. Commands come in through
 * `accept`, inside the transaction in which the link stores that they came; what touches the CLI happens after it.
 */

import type { Command } from '../../protocol/commands.ts';
import type { Event, Live } from '../../protocol/events.ts';
import type { Gen, ThreadId } from '../../protocol/ids.ts';
import { assertNever } from '../../protocol/never.ts';
import { errorName, isFileFailure } from '../base/failure.ts';
import type { Guard } from '../base/guard.ts';
import type { Log } from '../base/log.ts';
import { JournalSessions, type ThreadRows } from '../journal/journal-sessions.ts';
import type { Effect, Outcome } from '../journal/session-state.ts';
import type { HostContext, HostPairing } from './host-context.ts';
import { endRecorded } from './recovery.ts';
import { failedWords, notTaken, onRestart } from './session-endings.ts';
import { sessionGuard } from './session-fault.ts';
import type { SessionPart } from './session-part.ts';
import { SessionProcess } from './session-process.ts';
import { SessionQueue } from './session-queue.ts';
import { SessionRewind } from './session-rewind.ts';
import { onCommand } from './session-rules.ts';
import { SessionSurroundings } from './session-surroundings.ts';
import { SessionTuning } from './session-tuning.ts';

/** The thread's link, as the host uses it. */
export interface SessionPort {
  /** Numbers and stores an event, in the transaction that runs; it goes out after that. */
  send(event: Event): void;
  /** Volatile text. False: it is lost (no socket, or a slow one), so the next has to be a whole one. */
  live(live: Live): boolean;
}

export class SessionHost {
  readonly thread: ThreadId;
  readonly #context: HostContext;
  readonly #pairing: HostPairing;
  readonly #rows: ThreadRows;
  readonly #port: SessionPort;
  readonly #log: Log;
  readonly #guard: Guard;
  readonly #tuning: SessionTuning;
  readonly #rewind: SessionRewind;
  readonly #surroundings: SessionSurroundings;
  readonly #process: SessionProcess;
  readonly #queue: SessionQueue;
  readonly #recovered = Promise.withResolvers<void>();
  #phase: ReturnType<SessionPart['phase']> = 'recovering';
  #isParked = false;
  /** Events up to this gen have no reader. */
  #abandoned: Gen | null = null;

  constructor(context: HostContext, pairing: HostPairing, thread: ThreadId, port: SessionPort) {
    this.thread = thread;
    this.#context = context;
    this.#pairing = pairing;
    this.#rows = new JournalSessions(context.journal).of(pairing.id, thread);
    this.#port = port;
    this.#log = (event, fields) => context.log(event, { thread, ...fields });
    const own: Omit<SessionPart, 'guard'> = {
      context,
      pairing,
      thread,
      rows: this.#rows,
      phase: () => this.#phase,
      run: () => this.#process.run,
      apply: (step) => this.#apply(step),
      tell: (event) => this.#apply({ writes: [], events: [event] }),
      pump: () => this.#guard.run('pump', () => this.#pump()),
      log: this.#log,
    };
    this.#guard = sessionGuard({
      ...own,
      drop: (run) => this.#process.drop(run),
      failWaiting: (gen, code, words) => this.#process.failWaiting(gen, code, words),
      park: (isParked) => {
        this.#isParked = isParked;
      },
    });
    const part: SessionPart = { ...own, guard: this.#guard };
    const tuning = new SessionTuning(part);
    const rewind = new SessionRewind(part);
    const surroundings = new SessionSurroundings({ ...part, quiet: (gen) => this.#quiet(gen) });
    const process = new SessionProcess({
      ...part,
      tuning,
      rewind,
      surroundings,
      live: (live) => port.live(live),
    });
    this.#queue = new SessionQueue({ ...part, process, tuning, rewind });
    this.#tuning = tuning;
    this.#rewind = rewind;
    this.#surroundings = surroundings;
    this.#process = process;
  }

  /** Something runs, waits or is open here, so the link stays. */
  get busy(): boolean {
    return this.#phase === 'recovering' || this.#errands || this.#process.busy;
  }

  /** Nothing of it is in memory that the journal does not have. */
  get resting(): boolean {
    return this.#phase === 'open' && this.#process.run === null && !this.#errands;
  }

  /** Something is under way that no process does. */
  get #errands(): boolean {
    return this.#surroundings.busy || this.#queue.busy;
  }

  /**
   * Ends what a crash left, tells the Session, and starts what was never started. Until then commands are only
   * stored. Takes as long as the processes take to die.
   */
  async recover(): Promise<void> {
    const recorded = this.#guard.run('recover', () => this.#rows.recorded()) ?? [];
    await endRecorded(this.#context, recorded, this.#log);
    this.#recovered.resolve();
    if (this.#phase !== 'recovering') return;
    this.#guard.run('recover', () => this.#apply(onRestart(this.#rows.state())));
    this.#phase = 'open';
    this.#guard.run('recover', () => {
      this.#queue.keepFiles();
      this.#pump();
    });
  }

  /** Takes one command; inside the link's transaction. A command that does not fit, or cannot be taken, changes nothing. */
  accept(command: Command): void {
    const { journal } = this.#context;
    try {
      journal.part(() => {
        const outcome = onCommand(this.#rows.state(), command, this.#rows.facts());
        this.#apply(outcome);
        this.#isParked = false;
        for (const effect of outcome.effects)
          journal.afterCommit(() => this.#guard.run(effect.effect, () => this.#perform(effect)));
      });
    } catch (error) {
      // Then it comes again.
      if (isFileFailure(error)) throw error;
      this.#log('failed', { what: command.kind, error: errorName(error) });
      this.#apply({ writes: [], events: [notTaken(command, failedWords(error))] });
    }
  }

  /** The link is up. */
  welcomed(): void {
    this.#guard.run('welcome', () => this.#process.welcomed());
  }

  /**
   * The Session does not know this runner any more: nobody can see or steer what runs here, so it ends at once, and nobody is told. A
   * later conversation of the thread begins as any other.
   */
  abandon(): void {
    this.#guard.run('abandon', () => {
      const { conversation } = this.#rows.state();
      this.#abandoned = conversation?.gen ?? null;
      new JournalSessions(this.#context.journal).forgetThread(this.#pairing.id, this.thread);
      this.#endOld();
    });
  }

  /** Ends the process for good; resolves when it is gone. */
  async close(): Promise<void> {
    this.#phase = 'closing';
    await this.#process.close();
  }

  #perform(effect: Effect): void {
    if (this.#phase === 'closing') return;
    switch (effect.effect) {
      case 'pump':
        return this.#pump();
      case 'interrupt':
        return this.#process.interrupt(effect.turn);
      case 'decide':
        return this.#process.decide(effect.command);
      case 'configure':
        return this.#tuning.follow(effect.modeNow);
      case 'worktree':
        return this.#surroundings.worktree(effect.command);
      case 'rewind':
        this.#rewind.ask(effect.command);
        return this.#pump();
      case 'endOld':
        return this.#endOld();
      default:
        assertNever(effect);
    }
  }

  /** Ends what belongs to a gen that is over: its process, its files. */
  #endOld(): void {
    this.#queue.keepFiles();
    this.#process.endOld();
    this.#pump();
  }

  /** No process of this gen, or of one before it, is left or under way. What a crash left goes first. */
  async #quiet(gen: Gen): Promise<void> {
    await this.#recovered.promise;
    await this.#process.quiet(gen);
  }

  #pump(): void {
    if (!this.#isParked) this.#queue.pump();
  }

  /** Writes and events of one step, whole or not at all. */
  #apply({ writes, events }: Pick<Outcome, 'writes' | 'events'>): void {
    if (writes.length === 0 && events.length === 0) return;
    this.#context.journal.tx(() => {
      for (const write of writes) this.#rows.apply(write);
      for (const event of events)
        if (this.#abandoned === null || event.gen > this.#abandoned) this.#port.send(event);
    });
  }
}
