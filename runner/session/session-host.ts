/**
 * One thread on this runner: its rows in the journal, and the CLI process of its current gen. Commands come in through
 * `accept`, inside the transaction in which the link stores that they came; what touches the CLI happens after it.
 */
import type { Gen, ProcessId, ThreadId } from '../../protocol/ids.ts';
import { assertNever } from '../../protocol/never.ts';
import type { Command, CommandOf, Event, Live } from '../../protocol/session.ts';
import { errorName } from '../base/failure.ts';
import type { Fields } from '../base/log.ts';
import type { ClaudeEvent, ClaudeLive, ClaudeProcess, ClaudeSink } from '../claude/line/types.ts';
import { JournalSessions, type ThreadRows } from '../journal/journal-sessions.ts';
import type { Conversation, Effect, Outcome, QueuedPrompt } from '../journal/session-state.ts';
import { ClaudeRun } from './claude-run.ts';
import { startClaude } from './claude-start.ts';
import type { HostContext, HostPairing } from './host-context.ts';
import { type FetchDone, Inbox } from './inbox.ts';
import { endRecorded } from './recovery.ts';
import {
  type FailedCode,
  failStarted,
  failWaiting,
  notRun,
  onRestart,
  stoppedByRunner,
} from './session-endings.ts';
import { SessionRewind } from './session-rewind.ts';
import { onClaudeEvent, onCommand } from './session-rules.ts';
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
  #run: ClaudeRun | null = null;
  /** The attempt to start a process, until it has become one or failed. */
  #starting: Promise<void> | null = null;
  /** The reader has not got all of the text that streams now. */
  #liveLost = false;
  readonly #inbox: Inbox;
  readonly #tuning: SessionTuning;
  readonly #rewind: SessionRewind;
  readonly #surroundings: SessionSurroundings;
  readonly #recovered = Promise.withResolvers<void>();
  #phase: 'recovering' | 'open' | 'closing' = 'recovering';
  /** Events up to this gen have no reader. */
  #abandoned: Gen | null = null;

  constructor(context: HostContext, pairing: HostPairing, thread: ThreadId, port: SessionPort) {
    this.thread = thread;
    this.#context = context;
    this.#pairing = pairing;
    this.#rows = new JournalSessions(context.journal).of(pairing.id, thread);
    this.#port = port;
    this.#inbox = new Inbox(context, pairing, thread, (done) => this.#fetched(done));
    const part = {
      context,
      pairing,
      thread,
      rows: this.#rows,
      run: () => this.#run,
      apply: (step: Pick<Outcome, 'writes' | 'events'>) => this.#apply(step),
      tell: (event: Event) => this.#apply({ writes: [], events: [event] }),
      pump: () => this.#safely(() => this.#pump()),
    };
    this.#tuning = new SessionTuning(part);
    this.#rewind = new SessionRewind(part);
    this.#surroundings = new SessionSurroundings({
      ...part,
      quiet: (gen) => this.#quiet(gen),
      closing: () => this.#phase === 'closing',
    });
  }

  /** Something runs, waits or is open here, so the link stays. */
  get busy(): boolean {
    const run = this.#run;
    if (this.#surroundings.busy || this.#inbox.busy) return true;
    if (this.#phase === 'recovering' || run?.phase === 'waiting' || run?.phase === 'starting') return true;
    return run?.process?.busy === true || (run?.process?.openRequests ?? 0) > 0;
  }

  /** Nothing of it is in memory that the journal does not have. */
  get resting(): boolean {
    return this.#phase === 'open' && this.#run === null && !this.#surroundings.busy && !this.#inbox.busy;
  }

  /**
   * Ends what a crash left, tells the Session, and starts what was never started. Until then commands are only
   * stored. Takes as long as the processes take to die.
   */
  async recover(): Promise<void> {
    await endRecorded(this.#context, this.#rows.recorded(), (event, fields) => this.#log(event, fields));
    this.#recovered.resolve();
    if (this.#phase !== 'recovering') return;
    this.#apply(onRestart(this.#rows.state()));
    this.#phase = 'open';
    this.#keepFiles();
    this.#pump();
  }

  /** Takes one command; inside the link's transaction. A command that does not fit changes nothing. */
  accept(command: Command): void {
    const outcome = onCommand(this.#rows.state(), command, this.#rows.facts());
    this.#apply(outcome);
    for (const effect of outcome.effects)
      this.#context.journal.afterCommit(() => this.#safely(() => this.#perform(effect)));
  }

  /** The link is up: what was streamed before is sent whole. */
  welcomed(): void {
    const whole = this.#run?.process?.live ?? null;
    if (this.#run !== null && whole !== null) this.#stream(this.#run, whole);
  }

  #stream(run: ClaudeRun, live: ClaudeLive): void {
    const whole = this.#liveLost ? (run.process?.live ?? live) : live;
    this.#liveLost = !this.#port.live({ ...whole, gen: run.gen });
  }

  /**
   * The Session does not know this runner any more: nobody can see or steer what runs here, so it ends at once, and nobody is told. A
   * later conversation of the thread begins as any other.
   */
  abandon(): void {
    const { conversation } = this.#rows.state();
    this.#abandoned = conversation?.gen ?? null;
    new JournalSessions(this.#context.journal).forgetThread(this.#pairing.id, this.thread);
    this.#endOld();
  }

  /** Ends the process for good; resolves when it is gone. A turn that ran is told as stopped with the runner. */
  async close(): Promise<void> {
    this.#phase = 'closing';
    const run = this.#run;
    if (run?.phase === 'waiting') run.gone();
    else await run?.end('ended');
    // What was only starting then is ended by the attempt itself.
    await this.#starting;
    await this.#run?.end('ended');
  }

  #perform(effect: Effect): void {
    if (this.#phase === 'closing') return;
    switch (effect.effect) {
      case 'pump':
        return this.#pump();
      case 'interrupt':
        void this.#run?.process?.interrupt(effect.turn).catch((error: unknown) => {
          this.#log('interrupt-failed', { error: errorName(error) });
        });
        return;
      case 'decide':
        return this.#decide(effect.command);
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

  #decide(command: CommandOf<'decide'>): void {
    const { gen, request } = command;
    const why = this.#deliver(command);
    if (why === null) return;
    const outcome = { as: 'refused', why } as const;
    this.#apply({ writes: [], events: [{ kind: 'requestSettled', gen, request, outcome }] });
  }

  /** Null when the decision is on the CLI's stdin, else why it is not. */
  #deliver({ gen, process: id, request, inputHash, verdict }: CommandOf<'decide'>): string | null {
    const process = this.#run?.process;
    if (this.#run?.gen !== gen || process?.id !== id) return 'The process that asked is gone.';
    try {
      const result = process.decide({ request, inputHash, verdict });
      return result === 'delivered' ? null : result.refused;
    } catch (error) {
      this.#log('decide-failed', { process: id, error: errorName(error) });
      return 'The process that asked could not take it.';
    }
  }

  /** No process of this gen, or of one before it, is left or under way. */
  async #quiet(gen: Gen): Promise<void> {
    // What a crash left goes first.
    await this.#recovered.promise;
    const run = this.#run;
    if (run !== null && run.gen <= gen) await run.end('ended');
    await this.#starting;
  }

  /** Files of prompts go with their conversation. */
  #keepFiles(): void {
    const { conversation } = this.#rows.state();
    this.#inbox.keep(conversation === null || conversation.ended ? null : conversation.gen);
  }

  /** Ends a process whose gen is over. */
  #endOld(): void {
    const run = this.#run;
    this.#keepFiles();
    if (run !== null && !this.#isCurrent(run.gen)) {
      if (run.phase === 'waiting') this.#drop(run);
      else if (run.phase !== 'ending') void run.end('ended');
    }
    this.#pump();
  }

  /** Starts the next thing that can be started. Safe to call at any time. */
  #pump(): void {
    if (this.#phase !== 'open') return;
    const { conversation, prompts } = this.#rows.state();
    const first =
      conversation === null || conversation.ended
        ? undefined
        : prompts.find((prompt) => prompt.gen === conversation.gen && prompt.state === 'accepted');
    // It is no prompt yet while its files are on their way.
    const next = first === undefined || this.#inbox.has(first) ? first : undefined;
    const run = this.#run;
    const rewinds = this.#rewind.waits(conversation);
    const wanted = next !== undefined || rewinds;
    if (run !== null) run.wanted = wanted && run.gen === conversation?.gen;
    if (conversation === null || conversation.ended || !wanted) {
      if (run?.phase === 'waiting') this.#drop(run);
      this.#context.pool.settle();
    } else if (run === null) this.#askForPlace(conversation);
    else if (this.#tuning.busy || this.#rewind.busy) return;
    else if (run.gen === conversation.gen && run.phase === 'live' && run.process?.busy === false) {
      // The settings are the last word, also on a process that began before they changed: a new one begins under them.
      if (!this.#tuning.allows(run, conversation)) this.#replace(run);
      else if (rewinds) this.#rewind.start(run);
      else if (next !== undefined) this.#feed(run, run.process, conversation, next);
    } else if (rewinds && run.process?.busy === true) this.#rewind.refuse('A turn runs.');
  }

  /** Ends a process that is not as it should be; the next one is. One that begins like this would only come again. */
  #replace(run: ClaudeRun): void {
    const mode = run.used ? null : this.#tuning.strayMode(run);
    if (mode !== null)
      this.#failWaiting(
        run.gen,
        'start',
        `Claude began in the mode ${mode}, which this runner’s settings do not allow here.`,
      );
    void run.end('idle');
  }

  /** What was stored is not undone by an effect that fails, nor may it keep others from theirs. */
  #safely(act: () => void): void {
    try {
      act();
    } catch (error) {
      this.#context.fatal(error);
    }
  }

  #feed(run: ClaudeRun, process: ClaudeProcess, conversation: Conversation, next: QueuedPrompt): void {
    const { gen, ran } = conversation;
    const why = next.slash === true ? process.whyNotSlash(next.text) : null;
    if (why !== null) {
      const events = [notRun(gen, next.id, 'other', why)];
      this.#apply({ writes: [{ write: 'promptEnded', id: next.id }], events });
      return this.#pump();
    }
    // Marked before it is fed: after a crash in between it counts as started, and is never fed again.
    this.#apply({
      writes: [
        { write: 'promptStarted', id: next.id },
        ...(ran === 'never' ? [{ write: 'ran', gen, ran: 'fed' } as const] : []),
      ],
      events: [],
    });
    // The settings may allow other modes than when it began.
    this.#tuning.offer(run);
    run.wanted = false;
    run.used = true;
    run.touch();
    this.#context.pool.touch(run);
    try {
      const { text, pictures } = this.#inbox.given(next);
      process.prompt(next.id, text, next.slash === true, pictures);
      this.#inbox.gone(next);
    } catch (error) {
      // A turn has just begun by itself, or the process has just gone: its end pumps again.
      this.#log('prompt-returned', { process: process.id, error: errorName(error) });
      this.#apply({ writes: [{ write: 'promptReturned', id: next.id }], events: [] });
      run.wanted = true;
    }
  }

  /** The files of a prompt are here, or cannot be had; then it is not run. */
  #fetched({ prompt, words }: FetchDone): void {
    if (this.#phase !== 'open') return;
    this.#safely(() => {
      const waits = this.#rows
        .state()
        .prompts.some(({ id, state }) => id === prompt.id && state === 'accepted');
      if (words !== null && waits) {
        const events = [notRun(prompt.gen, prompt.id, 'files', words)];
        this.#apply({ writes: [{ write: 'promptEnded', id: prompt.id }], events });
      }
      this.#pump();
    });
  }

  #askForPlace({ gen, claudeSession }: Conversation): void {
    const run = new ClaudeRun(this.#context, gen, claudeSession);
    this.#run = run;
    const soon = this.#context.pool.ask(run, () => {
      run.phase = 'starting';
      this.#starting = this.#start(run).catch(this.#context.fatal);
    });
    if (soon) return;
    const words = `All ${this.#context.settings().maxProcesses} places for Claude on this runner are taken. This waits for the next free one.`;
    this.#apply({
      writes: [],
      events: [{ kind: 'notice', gen, turn: null, code: 'information', words }],
    });
  }

  async #start(run: ClaudeRun): Promise<void> {
    try {
      await run.claim();
      const { conversation } = this.#rows.state();
      if (conversation === null || this.#unwanted(run)) return this.#drop(run);
      const wish = this.#rows.wish(conversation.gen);
      const result = await startClaude(this.#context, this.#pairing, conversation, wish, {
        thread: this.thread,
        sink: (id) => this.#sink(run, id),
        granted: this.#rows.granted(run.gen),
        created: (process) => {
          run.process = process;
        },
        cancelled: () => this.#unwanted(run),
      });
      if (!result.ok) {
        this.#log('start-failed', { code: result.code });
        this.#failWaiting(run.gen, result.code, result.words);
        return this.#drop(run);
      }
      const record = await this.#context.claude.record(result.pid);
      // It may have died meanwhile; then its row is gone, and stays gone.
      if (this.#run !== run) return;
      this.#rows.processRuns(run.gen, result.process.id, result.pid, record);
      if (this.#unwanted(run)) return void run.end('ended');
      run.terms = result.terms;
      run.phase = 'live';
      run.touch();
      this.#tuning.offer(run);
      // It may have been wished otherwise while it started.
      if (this.#rows.wish(run.gen).rev > 0) this.#tuning.follow(false);
      this.#pump();
    } catch (error) {
      this.#log('start-failed', { error: errorName(error) });
      this.#failWaiting(
        run.gen,
        'start',
        'The runner failed to start Claude. Its log has the name of the error.',
      );
      await run.end('ended');
      this.#drop(run);
    }
  }

  #failWaiting(gen: Gen, code: FailedCode, words: string): void {
    this.#rewind.refuse(words);
    // When the runner stops, what was not started is started after it is back.
    if (this.#phase === 'open') this.#apply(failWaiting(this.#rows.state(), gen, code, words));
  }

  #sink(run: ClaudeRun, id: ProcessId): ClaudeSink {
    return {
      onEvent: (event) => this.#onEvent(run, id, event),
      onLive: (live) => this.#stream(run, live),
      onModeChanged: () => this.#tuning.modeChanged(run),
      onGranted: (grant) => {
        if (grant.grants === 'rules') this.#rows.grant(run.gen, grant.rules);
        else run.grantedMode = grant.mode;
      },
      onExit: (info) => {
        const words = info.words || 'The Claude process is gone.';
        const { writes, events } = failStarted(this.#rows.state(), run.gen, words);
        this.#apply({ writes: [...writes, { write: 'processGone', process: id }], events });
        this.#log('process-gone', { process: id, why: info.why, code: info.code, signal: info.signal });
        this.#drop(run);
      },
    };
  }

  #onEvent(run: ClaudeRun, id: ProcessId, said: ClaudeEvent): void {
    const event = this.#phase === 'closing' ? stoppedByRunner(said) : said;
    // The process takes nothing any more; `onExit` follows when all that it started is gone too.
    if (event.kind === 'processEnded') run.phase = 'ending';
    this.#context.journal.tx(() => {
      if (event.kind === 'processStarted') {
        this.#rows.processRuns(run.gen, id, run.process?.pid ?? 0, null);
        run.renamed(event.claudeSession);
      }
      const { writes, event: told } = onClaudeEvent(() => this.#rows.state(), run.gen, id, event);
      this.#apply({ writes, events: told === null ? [] : [told] });
    });
    run.touch();
    if (event.kind === 'turnEnded') this.#surroundings.turnEnded(run);
    if (event.kind === 'turnEnded' || event.kind === 'requestSettled')
      queueMicrotask(() => this.#safely(() => this.#pump()));
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

  #isCurrent(gen: Gen): boolean {
    const { conversation } = this.#rows.state();
    return conversation !== null && conversation.gen === gen && !conversation.ended;
  }

  #unwanted(run: ClaudeRun): boolean {
    return this.#phase === 'closing' || run.phase === 'ending' || !this.#isCurrent(run.gen);
  }

  #drop(run: ClaudeRun): void {
    if (this.#run === run) this.#run = null;
    run.gone();
    this.#pump();
  }

  #log(event: string, fields: Fields = {}): void {
    this.#context.log(event, { thread: this.thread, ...fields });
  }
}
