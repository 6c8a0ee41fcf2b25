/** What lives and dies in a thread: the CLI process of its current gen, from the wish for a place in the pool to its end. */

import type { CommandOf } from '../../protocol/commands.ts';
import type { Live } from '../../protocol/events.ts';
import type { Gen, ProcessId } from '../../protocol/ids.ts';
import { errorName } from '../base/failure.ts';
import type { ClaudeEvent, ClaudeLive, ClaudeSink } from '../claude/line/types.ts';
import type { Conversation } from '../journal/session-state.ts';
import { ClaudeRun } from './claude-run.ts';
import { startClaude } from './claude-start.ts';
import { endedBy, type FailedCode, failStarted, failWaiting } from './session-endings.ts';
import { isCurrent, type SessionPart } from './session-part.ts';
import type { SessionRewind } from './session-rewind.ts';
import { onClaudeEvent } from './session-rules.ts';
import type { SessionSurroundings } from './session-surroundings.ts';
import type { SessionTuning } from './session-tuning.ts';

export interface ProcessPart extends SessionPart {
  readonly tuning: SessionTuning;
  readonly rewind: SessionRewind;
  readonly surroundings: SessionSurroundings;
  /** Volatile text. False: it is lost (no socket, or a slow one), so the next has to be a whole one. */
  readonly live: (live: Live) => boolean;
}

export class SessionProcess {
  readonly #host: ProcessPart;
  #run: ClaudeRun | null = null;
  /** The attempt to start a process, until it has become one or failed. */
  #starting: Promise<void> | null = null;
  /** The reader has not got all of the text that streams now. */
  #liveLost = false;

  constructor(host: ProcessPart) {
    this.#host = host;
  }

  get run(): ClaudeRun | null {
    return this.#run;
  }

  /** It works, or waits for its place or for a person. */
  get busy(): boolean {
    const run = this.#run;
    if (run?.phase === 'waiting' || run?.phase === 'starting') return true;
    return run?.process?.busy === true || (run?.process?.openRequests ?? 0) > 0;
  }

  // ---------------------------------------------------------------- its life

  askForPlace({ gen, claudeSession }: Conversation): void {
    const { context, tell, guard } = this.#host;
    const run = new ClaudeRun(context, gen, claudeSession);
    this.#run = run;
    const soon = context.pool.ask(run, () => {
      run.phase = 'starting';
      this.#starting = guard.watch('start', this.#start(run));
    });
    if (soon) return;
    const words = `All ${context.settings().maxProcesses} places for Claude on this runner are taken. This waits for the next free one.`;
    tell({ kind: 'notice', gen, turn: null, code: 'information', words });
  }

  async #start(run: ClaudeRun): Promise<void> {
    const { context, pairing, thread, rows, tuning, log, pump, guard } = this.#host;
    try {
      await run.claim();
      const { conversation } = rows.state();
      if (conversation === null || this.#unwanted(run)) return this.drop(run);
      const wish = rows.wish(conversation.gen);
      const result = await startClaude(context, pairing, conversation, wish, {
        thread,
        sink: (id) => this.#sink(run, id),
        granted: rows.granted(run.gen),
        created: (process) => {
          run.process = process;
        },
        cancelled: () => this.#unwanted(run),
      });
      if (!result.ok) {
        log('start-failed', { code: result.code });
        this.failWaiting(run.gen, result.code, result.words);
        return this.drop(run);
      }
      const record = await context.claude.record(result.pid);
      // It may have died meanwhile; then its row is gone, and stays gone.
      if (this.#run !== run) return;
      rows.processRuns(run.gen, result.process.id, result.pid, record);
      if (this.#unwanted(run)) return void run.end('ended');
      run.terms = result.terms;
      run.phase = 'live';
      run.touch();
      tuning.offer(run);
      // It may have been wished otherwise while it started.
      if (rows.wish(run.gen).rev > 0) tuning.follow(false);
      pump();
    } catch (error) {
      log('start-failed', { error: errorName(error) });
      const words = 'The runner failed to start Claude. Its log has the name of the error.';
      guard.run('start', () => this.failWaiting(run.gen, 'start', words));
      await run.end('ended');
      this.drop(run);
    }
  }

  /** Nothing is left of it. */
  drop(run: ClaudeRun): void {
    if (this.#run === run) this.#run = null;
    run.gone();
    this.#host.pump();
  }

  /** Ends a process that is not as it should be; the next one is. One that begins like this would only come again. */
  replace(run: ClaudeRun): void {
    const mode = run.used ? null : this.#host.tuning.strayMode(run);
    if (mode !== null)
      this.failWaiting(
        run.gen,
        'start',
        `Claude began in the mode ${mode}, which this runner’s settings do not allow here.`,
      );
    void run.end('idle');
  }

  /** Ends a process whose gen is over. */
  endOld(): void {
    const run = this.#run;
    if (run === null || isCurrent(this.#host.rows, run.gen)) return;
    if (run.phase === 'waiting') this.drop(run);
    else if (run.phase !== 'ending') void run.end('ended');
  }

  /** Resolves when no process of this gen, or of one before it, is left or under way. */
  async quiet(gen: Gen): Promise<void> {
    const run = this.#run;
    if (run !== null && run.gen <= gen) await run.end('ended');
    await this.#starting;
  }

  /** Ends it for good; resolves when it is gone. A turn that ran is told as stopped with the runner. */
  async close(): Promise<void> {
    const run = this.#run;
    if (run?.phase === 'waiting') run.gone();
    else await run?.end('ended');
    // What was only starting then is ended by the attempt itself.
    await this.#starting;
    await this.#run?.end('ended');
  }

  #unwanted(run: ClaudeRun): boolean {
    const { phase, rows } = this.#host;
    return phase() === 'closing' || run.phase === 'ending' || !isCurrent(rows, run.gen);
  }

  /** Ends the prompts that the CLI never saw. */
  failWaiting(gen: Gen, code: FailedCode, words: string): void {
    const { rewind, phase, apply, rows } = this.#host;
    rewind.refuse(words);
    // When the runner stops, what was not started is started after it is back.
    if (phase() === 'open') apply(failWaiting(rows.state(), gen, code, words));
  }

  // ---------------------------------------------------------------- to it

  interrupt(turn: CommandOf<'interrupt'>['turn']): void {
    void this.#run?.process?.interrupt(turn).catch((error: unknown) => {
      this.#host.log('interrupt-failed', { error: errorName(error) });
    });
  }

  decide(command: CommandOf<'decide'>): void {
    const { gen, request } = command;
    const why = this.#deliver(command);
    if (why === null) return;
    this.#host.tell({ kind: 'requestSettled', gen, request, outcome: { as: 'refused', why } });
  }

  /** Null when the decision is on the CLI's stdin, else why it is not. */
  #deliver({ gen, process: id, request, inputHash, verdict }: CommandOf<'decide'>): string | null {
    const process = this.#run?.process;
    if (this.#run?.gen !== gen || process?.id !== id) return 'The process that asked is gone.';
    try {
      const result = process.decide({ request, inputHash, verdict });
      return result === 'delivered' ? null : result.refused;
    } catch (error) {
      this.#host.log('decide-failed', { process: id, error: errorName(error) });
      return 'The process that asked could not take it.';
    }
  }

  // ---------------------------------------------------------------- from it

  /** The link is up: what was streamed before is sent whole. */
  welcomed(): void {
    const whole = this.#run?.process?.live ?? null;
    if (this.#run !== null && whole !== null) this.#stream(this.#run, whole);
  }

  #stream(run: ClaudeRun, live: ClaudeLive): void {
    const whole = this.#liveLost ? (run.process?.live ?? live) : live;
    this.#liveLost = !this.#host.live({ ...whole, gen: run.gen });
  }

  /** None of these throws: the process would be told that it cannot be read. */
  #sink(run: ClaudeRun, id: ProcessId): ClaudeSink {
    const { rows, tuning, guard, apply, log } = this.#host;
    return {
      onEvent: guard.callback('event', (event) => this.#onEvent(run, id, event)),
      onLive: guard.callback('live', (live) => this.#stream(run, live)),
      onModeChanged: guard.callback('mode', () => tuning.modeChanged(run)),
      onGranted: guard.callback('grant', (grant) => {
        if (grant.grants === 'rules') rows.grant(run.gen, grant.rules);
        else run.grantedMode = grant.mode;
      }),
      onExit: ({ words, why, code, signal }) => {
        log('process-gone', { process: id, why, code, signal });
        guard.run('exit', () => {
          const told = run.fault ?? (words || 'The Claude process is gone.');
          const { writes, events } = failStarted(rows.state(), run.gen, told);
          apply({ writes: [...writes, { write: 'processGone', process: id }], events });
        });
        // Its place is free, whatever became of telling it.
        guard.run('exit', () => this.drop(run));
      },
    };
  }

  #onEvent(run: ClaudeRun, id: ProcessId, said: ClaudeEvent): void {
    const { context, rows, apply, phase, surroundings, pump } = this.#host;
    const event =
      phase() === 'closing'
        ? endedBy(said, 'restarted', 'The runner was stopped in the middle of it.')
        : run.fault === null
          ? said
          : endedBy(said, 'crashed', run.fault);
    // The process takes nothing any more; `onExit` follows when all that it started is gone too.
    if (event.kind === 'processEnded') run.phase = 'ending';
    context.journal.tx(() => {
      if (event.kind === 'processStarted') {
        rows.processRuns(run.gen, id, run.process?.pid ?? 0, null);
        run.renamed(event.claudeSession);
      }
      const { writes, event: told } = onClaudeEvent(() => rows.state(), run.gen, id, event);
      apply({ writes, events: told === null ? [] : [told] });
    });
    run.touch();
    if (event.kind === 'turnEnded') surroundings.turnEnded(run);
    if (event.kind === 'turnEnded' || event.kind === 'requestSettled') queueMicrotask(pump);
  }
}
