/** One CLI process: the child, its control requests and its conversation put together. */
import { randomUUID } from 'node:crypto';
import type { ProcessId, PromptId, RequestId, TurnId } from '../../protocol/ids.ts';
import { NESTING_MAX, WORDS_MAX } from '../../protocol/limits.ts';
import { nestingOf } from '../../protocol/nesting.ts';
import { errorName } from '../base/failure.ts';
import { Guard } from '../base/guard.ts';
import { silent } from '../base/log.ts';
import { gitBranch } from '../git/repository.ts';
import { clip } from './line/clip.ts';
import { Control, type ControlReply } from './line/control.ts';
import { decodeLine } from './line/decode.ts';
import { type Json, string } from './line/json.ts';
import { answerLine, mcpLine, promptLine, unsupportedLine } from './line/messages.ts';
import { type ClaudeOffers, offersOf } from './line/offers.ts';
import { cannot, type RewindOutcome, rewind } from './line/rewind.ts';
import { whyNotSlash } from './line/slash.ts';
import { TIMEOUTS, type Timeouts } from './line/timeouts.ts';
import { DEFAULT_MODEL, tune } from './line/tune.ts';
import {
  type ClaudeEvent,
  type ClaudeLive,
  type ClaudeOptions,
  type ClaudeProcess,
  type ClaudeSink,
  ClaudeStartError,
  type Decision,
  type EndReason,
  type Picture,
  type Started,
  type StartFailure,
  type TuneResult,
  type Tuning,
} from './line/types.ts';
import type { CanUseToolLine, Line } from './line/wire.ts';
import { claudeArgv } from './process/argv.ts';
import { Child, type ChildExit, type ChildOptions } from './process/child.ts';
import { claudeEnvironment } from './process/environment.ts';
import { claudeVersion, isNewEnough, tooOldWords } from './process/locate.ts';
import { TurnWaiters } from './process/waiters.ts';
import { OpenRequests } from './tools/requests.ts';
import { Conversation } from './turn/conversation.ts';
import { crashed, exitWords, missingPlace, startFailure } from './turn/failures.ts';
import { FILE_SERVER, fileServerReply } from './turn/file-server.ts';
import { LiveText } from './turn/live.ts';
import type { Outcome } from './turn/outcome.ts';
import { readProjectFile } from './turn/project-files.ts';
import { Titler } from './turn/titler.ts';

export function createClaude(options: ClaudeOptions, sink: ClaudeSink): ClaudeProcess {
  return new Claude(options, sink);
}

/** Why a process that runs no more ran no more. */
interface Ending {
  readonly why: EndReason | 'crashed';
  readonly words: string;
  /** What becomes of the turn that it was in. */
  readonly outcome: Outcome;
}

class Claude implements ClaudeProcess {
  readonly id: ProcessId;
  readonly #options: ClaudeOptions;
  readonly #sink: ClaudeSink;
  readonly #timeouts: Timeouts;
  readonly #guard: Guard;
  readonly #control: Control;
  readonly #requests: OpenRequests;
  readonly #live: LiveText;
  readonly #conversation: Conversation;
  readonly #waiters = new TurnWaiters();
  readonly #titler: Titler;
  readonly #prompts = new Set<PromptId>();
  #offers: ClaudeOffers | null = null;
  #child: Child | null = null;
  #state: 'new' | 'starting' | 'ready' | 'gone' = 'new';
  #ending: Ending | null = null;
  #finished: Promise<void> | null = null;
  #startWords: string[] = [];
  /** What the CLI said before it was ready: it runs jobs of the folder at once, and their requests wait for an answer. */
  #early: Line[] = [];
  #exit: ChildExit | null = null;
  #wasReady = false;
  #promptTimer: NodeJS.Timeout | null = null;

  constructor(options: ClaudeOptions, sink: ClaudeSink) {
    this.id = options.process;
    this.#options = options;
    this.#sink = sink;
    this.#timeouts = { ...TIMEOUTS, ...options.timeouts };
    this.#guard = new Guard(options.log ?? silent, { process: this.id }, (error) =>
      this.#giveUp(`Heddle failed in reading what Claude wrote (${errorName(error)}), and ended it.`),
    );
    const emit = (event: ClaudeEvent) => this.#emit(event);
    const nowMs = () => performance.now();
    this.#control = new Control((line) => this.#child?.write(line));
    this.#requests = new OpenRequests(options.process, options.cwd, emit, {
      modes: options.modes ?? [],
      settings: options.settings,
    });
    const toSink = this.#guard.callback('live', (live: ClaudeLive) => sink.onLive(live));
    this.#live = new LiveText(toSink, this.#timeouts.liveMs, nowMs);
    this.#titler = new Titler({
      fresh: !options.resume && options.forkOf === undefined,
      ask: (description) =>
        this.#control.request(
          { subtype: 'generate_session_title', description, persist: true },
          this.#timeouts.tuneMs,
        ),
      titled: (title) => this.#conversation.titled(title),
    });
    this.#conversation = new Conversation(
      {
        process: options.process,
        cwd: options.cwd,
        settings: options.settings,
        resumed: options.resume || options.forkOf !== undefined,
        emit,
        live: this.#live,
        requests: this.#requests,
        newTurn: () => randomUUID() as string as TurnId,
        nowMs,
        modeChanged: () => sink.onModeChanged?.(),
        epochMs: performance.timeOrigin,
        branch: () => gitBranch({ cwd: options.cwd, trusted: options.settings === 'all' }),
        readFile: (path) => readProjectFile({ cwd: options.cwd, heddleHome: options.heddleHome }, path),
      },
      options.claudeSession,
      options.mode,
    );
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }
  get busy(): boolean {
    return this.#conversation.busy;
  }
  get backgroundTasks(): number {
    return this.#conversation.backgroundTasks;
  }
  get openRequests(): number {
    return this.#requests.count;
  }
  get now() {
    return { model: this.#conversation.model, mode: this.#conversation.mode };
  }
  get offers(): ClaudeOffers | null {
    return this.#offers;
  }
  get live(): ClaudeLive | null {
    return this.#live.whole;
  }

  async start(): Promise<Started> {
    if (this.#state !== 'new') throw new Error('A process is started once.');
    this.#state = 'starting';
    const { bin, cwd, env, claudeSession } = this.#options;
    const missing = await missingPlace(cwd, bin);
    if (missing !== null) throw this.#failure(missing);
    if (this.#ended())
      throw this.#failure({ code: 'exited', exitCode: null, signal: null, words: 'Claude was ended.' });
    const child = this.#spawn({
      bin,
      argv: claudeArgv(this.#options),
      cwd,
      env: claudeEnvironment(env, this.#options.settings),
      session: claudeSession,
      timeouts: this.#timeouts,
      onLine: this.#guard.callback('line', (line) => this.#read(decodeLine(line))),
      // What was lost may have been the end of the turn.
      onLostLine: () => this.#giveUp('Claude wrote a line that is too long to be read.'),
      onExit: this.#guard.callback('exit', (exit) => this.#exited(exit)),
    });
    const reply = await this.#control.request(
      { subtype: 'initialize', sdkMcpServers: [FILE_SERVER] },
      this.#timeouts.startMs,
    );
    if (!reply.ok) throw await this.#notStarted(child, reply);
    const version =
      string(reply.response, 'claude_code_version') ??
      this.#options.version ??
      (await claudeVersion(bin, env)) ??
      '0.0.0';
    if (!isNewEnough(version)) {
      await child.end(true);
      throw this.#failure({ code: 'tooOld', version, words: tooOldWords(version) });
    }
    const mode = string(reply.response, 'current_permission_mode') ?? this.#options.mode;
    // It may have died between its answer and here.
    if (this.#exit !== null) throw await this.#notStarted(child, { ok: false, why: 'gone', words: '' });
    this.#state = 'ready';
    this.#wasReady = true;
    this.#offers = offersOf(reply.response);
    const { model } = this.#options;
    this.#conversation.started(version, mode, model === undefined || model === DEFAULT_MODEL ? null : model);
    const read = this.#guard.callback('line', (line: Line) => this.#conversation.read(line));
    for (const line of this.#early.splice(0)) read(line);
    return { pid: child.pid, version, mode };
  }

  /** Told to go before there was anything to end. */
  #ended(): boolean {
    return this.#state === 'gone';
  }

  /** `spawn` throws at once for arguments that no program can have. */
  #spawn(options: ChildOptions): Child {
    try {
      this.#child = new Child(options);
      return this.#child;
    } catch (error) {
      const words = `Claude could not be started: ${error instanceof Error ? error.message : 'unknown'}`;
      throw this.#failure({ code: 'exited', exitCode: null, signal: null, words: clip(words, WORDS_MAX) });
    }
  }

  prompt(id: PromptId, text: string, slash = false, pictures: readonly Picture[] = []): void {
    if (this.#state !== 'ready' || this.#ending !== null) throw new Error('The process does not run.');
    if (this.busy) throw new Error('A turn is running.');
    // Claude: a second message of the same id is dropped without a word, so nothing would ever end.
    if (this.#prompts.has(id)) throw new Error('This prompt was given before.');
    this.#prompts.add(id);
    this.#conversation.prompted(id);
    this.#titler.prompted(text);
    this.#awaitTurn();
    this.#child?.write(promptLine(id, text, slash, pictures));
  }

  whyNotSlash(text: string): string | null {
    if (this.#offers === null) return 'The process does not run.';
    return whyNotSlash(text, this.#offers, this.#conversation.version);
  }

  async tune(tuning: Tuning): Promise<TuneResult> {
    if (this.#state !== 'ready' || this.#ending !== null) throw new Error('The process does not run.');
    const ask = (request: Json) => this.#control.request(request, this.#timeouts.tuneMs);
    const { now, refused } = await tune(tuning, ask);
    this.#conversation.tuned(now);
    return refused;
  }

  rewind(turn: TurnId, apply: boolean): Promise<RewindOutcome> {
    if (this.#state !== 'ready' || this.#ending !== null) return Promise.resolve(cannot('Claude is gone.'));
    if (this.busy) return Promise.resolve(cannot('A turn runs.'));
    const ask = (request: Json) => this.#control.request(request, this.#timeouts.tuneMs);
    return rewind(turn, apply, this.#options.cwd, ask);
  }

  #awaitTurn(): void {
    const look = () => {
      // A turn that began by itself just before goes first; it may wait for a person.
      if (this.#conversation.turn !== null) this.#awaitTurn();
      else this.#giveUp('Claude did not take the prompt.');
    };
    this.#promptTimer = setTimeout(this.#guard.callback('prompt', look), this.#timeouts.promptMs);
  }

  async interrupt(turn: TurnId): Promise<void> {
    const { turn: running, waiting } = this.#conversation;
    if (this.#state !== 'ready' || (running !== turn && (waiting as string | null) !== turn)) return;
    const over = this.#waiters.over(turn);
    const { interruptMs } = this.#timeouts;
    const asked = this.#control.request({ subtype: 'interrupt', cancel_queued: true }, interruptMs);
    void this.#guard.watch('interrupt', asked);
    const tooLate = () =>
      this.#giveUp('Claude did not stop when it was told to, and was ended.', { as: 'interrupted' });
    const timer = setTimeout(this.#guard.callback('interrupt', tooLate), interruptMs);
    await over;
    clearTimeout(timer);
  }

  decide(decision: Decision): 'delivered' | { readonly refused: string } {
    const built = this.#requests.answer(decision);
    if ('refused' in built) return built;
    const line = answerLine(decision.request, built.answer);
    if (this.#ending !== null || this.#child?.write(line) !== true)
      return { refused: 'The Claude process is gone, and the request with it.' };
    if (built.grant !== null) this.#sink.onGranted?.(built.grant);
    this.#requests.delivered(decision.request);
    return 'delivered';
  }

  end(reason: EndReason): Promise<void> {
    if (this.#child === null || this.#state === 'new') {
      this.#state = 'gone';
      return Promise.resolve();
    }
    this.#ending ??= { why: reason, words: '', outcome: { as: 'interrupted' } };
    // Claude: at the end of stdin a turn is finished first, which may take minutes; so only an idle process is asked.
    const gently = !this.busy && this.openRequests === 0 && this.backgroundTasks === 0;
    this.#finished ??= this.#finish(this.#child.end(gently));
    return this.#finished;
  }

  #emit(event: ClaudeEvent): void {
    if (event.kind === 'turnBegan' || event.kind === 'turnEnded') {
      if (this.#promptTimer !== null && this.#conversation.waiting === null) clearTimeout(this.#promptTimer);
    }
    this.#sink.onEvent(event);
    if (event.kind === 'turnEnded') this.#waiters.ended(event.turn);
    if (event.kind === 'turnEnded' && event.outcome.as === 'done')
      void this.#guard.watch('title', this.#titler.turnDone());
  }

  #read(line: Line): void {
    if (line.type === 'controlResponse') return this.#control.replied(line);
    if (line.type === 'mcpMessage' && line.server === FILE_SERVER) {
      const reply = fileServerReply(line.message, (path, caption) =>
        this.#conversation.handFile(path, caption),
      );
      this.#child?.write(mcpLine(line.request, reply));
      return;
    }
    if (line.type === 'otherControlRequest' || line.type === 'mcpMessage') {
      this.#child?.write(unsupportedLine(line.request));
      return;
    }
    if (line.type === 'canUseTool' && nestingOf(line.input, NESTING_MAX) > NESTING_MAX)
      return this.#tooDeep(line);
    if (this.#state === 'ready') return this.#conversation.read(line);
    if (this.#state === 'starting') this.#early.push(line);
    if (line.type === 'result') this.#startWords.push(...line.errors, line.text);
  }

  /** No person can be shown it, so none is asked. */
  #tooDeep({ request, name }: CanUseToolLine): void {
    const why = `its input is nested deeper than ${NESTING_MAX} levels, which no person can read`;
    const message = `Denied: ${why}. Give the tool a flatter input.`;
    this.#child?.write(answerLine(request as RequestId, { behavior: 'deny', message }));
    this.#conversation.say(`${name} was denied: ${why}.`);
  }

  /** A process that does not do what it must is ended; its turn says why. */
  #giveUp(words: string, outcome: Outcome = crashed(words)): void {
    if (this.#child === null || this.#ending !== null) return;
    this.#ending = { why: 'crashed', words, outcome };
    this.#finished ??= this.#finish(this.#child.end(false));
  }

  #exited(exit: ChildExit): void {
    this.#exit = exit;
    const ready = this.#state === 'ready';
    this.#state = 'gone';
    if (this.#promptTimer !== null) clearTimeout(this.#promptTimer);
    if (ready) {
      const words = exitWords(exit);
      this.#ending ??= { why: 'crashed', words, outcome: crashed(words) };
      const { why, words: said, outcome } = this.#ending;
      // Whatever fails in telling it, that it is gone is told, and what it left is ended.
      this.#guard.run('died', () => this.#conversation.died(outcome));
      this.#guard.run('ended', () =>
        this.#emit({
          kind: 'processEnded',
          process: this.id,
          why,
          ...(why === 'crashed' ? { words: said } : {}),
        }),
      );
      const child = this.#child;
      if (child !== null) this.#finished ??= this.#finish(child.sweep());
    }
    this.#control.close();
  }

  /** `onExit` is the last word, when nothing of the tree is left. */
  async #finish(ended: Promise<void>): Promise<void> {
    await this.#guard.watch('end', ended);
    if (!this.#wasReady) return;
    const { code, signal } = this.#exit ?? { code: null, signal: null };
    const { why, words } = this.#ending ?? { why: 'crashed', words: '' };
    const info = { code, signal, why, words: why === 'crashed' ? words : '' };
    this.#guard.run('exit', () => this.#sink.onExit(info));
  }

  async #notStarted(child: Child, reply: Extract<ControlReply, { ok: false }>): Promise<ClaudeStartError> {
    const exitedByItself = this.#exit !== null;
    await child.end(false);
    const exit = this.#exit ?? { code: null, signal: null, stderr: '' };
    return this.#failure(
      startFailure({
        bin: this.#options.bin,
        pid: child.pid,
        reply,
        exit,
        exitedByItself,
        said: this.#startWords,
      }),
    );
  }

  #failure(failure: StartFailure): ClaudeStartError {
    this.#state = 'gone';
    return new ClaudeStartError(failure);
  }
}
