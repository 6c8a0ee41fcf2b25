/**
 * The Claude CLI behind the hosts' port: processes that run prompts, talk, use tools, ask, stop, hang and die. What really happened is in
 * `Truth`, which the checks compare with what the thread says.
 */

import type { Verdict } from '../../../protocol/commands.ts';
import type { ClaudeSessionId, ProcessId, PromptId, RequestId, TurnId } from '../../../protocol/ids.ts';
import type { RewindOutcome } from '../../../runner/claude/line/rewind.ts';
import {
  type ClaudeEvent,
  type ClaudeLive,
  type ClaudeProcess,
  type ClaudeSink,
  ClaudeStartError,
  type Decision,
  type EndReason,
  type Started,
} from '../../../runner/claude/line/types.ts';
import type { StartOptions } from '../../../runner/session/host-context.ts';
import { type Clock, Life, lives } from '../platform/clock.ts';
import type { Random } from '../random.ts';

export interface Asked {
  /** Stands in the card. */
  readonly token: string;
  readonly process: ProcessId;
  readonly request: RequestId;
  readonly inputHash: string;
  readonly asks: 'permission' | 'question' | 'plan';
  readonly openedMs: number;
}

/** What the CLI processes did, whoever knows of it. */
export interface Truth {
  /** A prompt was given to a CLI. */
  ran(text: string, prompt: PromptId, process: ProcessId): void;
  ended(turn: TurnId, as: 'done' | 'interrupted' | 'failed'): void;
  decided(asked: Asked, verdict: Verdict): void;
  /** A process has this conversation; false: another one has it now. */
  holds(session: ClaudeSessionId, process: ProcessId): void;
  released(session: ClaudeSessionId, process: ProcessId): void;
  /** It begins to say this, and may not come to the end. */
  said(text: string): void;
}

/** How a CLI behaves; all are chances. */
export interface Habits {
  failStart: number;
  ask: number;
  hang: number;
  crash: number;
  bySelf: number;
  ignoreInterrupt: number;
}

export interface ClaudeWorld {
  readonly clock: Clock;
  readonly random: Random;
  readonly truth: Truth;
  readonly habits: Habits;
  /** Conversations with a transcript on this machine. */
  readonly transcripts: Set<ClaudeSessionId>;
  readonly processes: Map<number, ModelClaude>;
  token(prefix: string): string;
  trace(line: string): void;
}

interface OpenRequest extends Asked {
  readonly resolve: () => void;
}

interface RunningTurn {
  readonly turn: TurnId;
  readonly prompt: PromptId | null;
  began: boolean;
}

let pids = 1000;
const INTERRUPT_PATIENCE_MS = 5_000;

/** What it asks, with the token where a person reads it. */
function inputOf(asks: Asked['asks'], token: string, length: number): object {
  const more = 'x'.repeat(length);
  switch (asks) {
    case 'permission':
      return { command: `run ${token} ${more}` };
    case 'plan':
      return { plan: `run ${token} ${more}` };
    case 'question': {
      const options = ['yes', 'no'].map((label) => ({ label, description: '' }));
      return { questions: [{ question: `run ${token}?`, header: 'Run', multiSelect: false, options }] };
    }
  }
}

export class ModelClaude implements ClaudeProcess {
  readonly id: ProcessId;
  readonly pid: number;
  readonly #world: ClaudeWorld;
  readonly #options: StartOptions;
  readonly #sink: ClaudeSink;
  readonly #life: Life;
  /** Whoever started it: with that gone, nobody hears it. */
  readonly #parent: Life | null;
  #state: 'new' | 'starting' | 'ready' | 'gone' = 'new';
  #turn: RunningTurn | null = null;
  #live: ClaudeLive | null = null;
  #ending: { readonly why: EndReason | 'crashed'; readonly words: string } | null = null;
  readonly #requests = new Map<RequestId, OpenRequest>();
  readonly #seen = new Set<PromptId>();
  readonly #exited = Promise.withResolvers<void>();
  #tasks = 0;

  constructor(world: ClaudeWorld, options: StartOptions, sink: ClaudeSink) {
    this.#world = world;
    this.#options = options;
    this.#sink = sink;
    this.id = options.process;
    pids += 1;
    this.pid = pids;
    this.#parent = lives.getStore() ?? null;
    this.#life = new Life(`${this.#parent?.name.split(' ')[0] ?? ''} claude`);
  }

  /** Nothing was changed in files here. */
  rewind(): Promise<RewindOutcome> {
    return this.#world.clock
      .wait(this.#world.random.spread(10, 500))
      .then(() => ({ as: 'cannot', why: 'Claude has no checkpoint of it.' }));
  }

  get busy(): boolean {
    return this.#turn !== null;
  }
  get backgroundTasks(): number {
    return this.#tasks;
  }
  get openRequests(): number {
    return this.#requests.size;
  }
  get live(): ClaudeLive | null {
    return this.#live;
  }
  get alive(): boolean {
    return this.#state === 'ready' || this.#state === 'starting';
  }

  async start(): Promise<Started> {
    const { clock, random, habits, truth, processes, transcripts } = this.#world;
    if (this.#state !== 'new') throw this.#failed('exited');
    this.#state = 'starting';
    processes.set(this.pid, this);
    await clock.wait(random.spread(100, 2_000));
    if (this.#ending !== null || this.#life.dead) return this.#abort('exited');
    if (random.chance(habits.failStart)) return this.#abort(random.chance(0.5) ? 'exited' : 'timeout');
    if (this.#options.resume && !transcripts.has(this.#options.claudeSession))
      return this.#abort('transcriptMissing');
    truth.holds(this.#options.claudeSession, this.id);
    this.#state = 'ready';
    this.#emit({
      kind: 'processStarted',
      process: this.id,
      claudeVersion: '2.1.330',
      model: 'sonnet',
      mode: this.#options.mode,
      claudeSession: this.#options.claudeSession,
      settings: this.#options.settings,
    });
    return { pid: this.pid, version: '2.1.330', mode: this.#options.mode };
  }

  prompt(id: PromptId, text: string): void {
    if (this.#state !== 'ready' || this.#ending !== null) throw new Error('The process does not run.');
    if (this.busy) throw new Error('A turn is running.');
    if (this.#seen.has(id)) throw new Error('This prompt was given before.');
    this.#seen.add(id);
    const turn = { turn: id as string as TurnId, prompt: id, began: false };
    this.#turn = turn;
    this.#world.truth.ran(text, id, this.id);
    this.#play(() => this.#run(turn));
  }

  interrupt(turn: TurnId): Promise<void> {
    const running = this.#turn;
    if (this.#state !== 'ready' || running === null || running.turn !== turn) return Promise.resolve();
    const { clock, random, habits } = this.#world;
    const deaf = random.chance(habits.ignoreInterrupt);
    clock.after(
      deaf ? INTERRUPT_PATIENCE_MS : random.spread(5, 800),
      () => {
        if (this.#turn !== running) return;
        if (!deaf) this.#finish(running, 'interrupted');
        else this.#die('crashed', 'Claude did not stop when it was told to, and was ended.', 'interrupted');
      },
      this.#life,
    );
    return Promise.resolve();
  }

  readonly offers = null;
  get now() {
    return { model: null, mode: this.#options.mode };
  }
  whyNotSlash(): string | null {
    return null;
  }
  async tune(): Promise<readonly never[]> {
    return [];
  }

  decide({ request, inputHash, verdict }: Decision): 'delivered' | { readonly refused: string } {
    const open = this.#requests.get(request);
    if (open === undefined) return { refused: 'That request is over.' };
    if (open.inputHash !== inputHash) return { refused: 'The input is another one now.' };
    if (this.#ending !== null || this.#state !== 'ready') return { refused: 'The Claude process is gone.' };
    this.#requests.delete(request);
    this.#world.truth.decided(open, verdict);
    this.#emit({ kind: 'requestSettled', request, outcome: { as: 'delivered' } });
    open.resolve();
    return 'delivered';
  }

  end(reason: EndReason): Promise<void> {
    if (this.#state === 'new' || this.#state === 'gone') {
      if (this.#state === 'new') this.#state = 'gone';
      return this.#state === 'gone' && this.#ending === null ? Promise.resolve() : this.#exited.promise;
    }
    if (this.#ending === null) {
      this.#ending = { why: reason, words: '' };
      const ms = this.#world.random.spread(10, 3_000);
      this.#world.clock.after(ms, () => this.#die(reason, '', 'interrupted'), this.#life);
    }
    return this.#exited.promise;
  }

  /** Whoever started it is gone: it hears the end of its stdin, finishes what it is in the middle of, or is ended before. */
  orphan(): void {
    // Claude: at the end of its stdin one that does nothing exits at once.
    const rests = this.#turn === null && this.#tasks === 0 && this.#requests.size === 0;
    if (rests || this.#state !== 'ready') return this.#die('ended', '', 'interrupted');
    const ms = this.#world.random.spread(10, 600_000);
    this.#world.clock.after(ms, () => this.#die('ended', '', 'interrupted'), this.#life);
  }

  /** Its runner lives. */
  get heard(): boolean {
    return this.#parent?.dead !== true;
  }

  get gone(): Promise<void> {
    return this.#exited.promise;
  }

  /** SIGKILL, from somewhere. */
  crash(words: string): void {
    this.#die('crashed', words, 'failed');
  }

  async #run(turn: RunningTurn): Promise<void> {
    const { random, habits, clock, transcripts } = this.#world;
    await clock.wait(random.spread(5, 2_000));
    if (this.#turn !== turn) return;
    if (random.chance(habits.hang)) {
      // Claude: nothing comes for as long as anybody is prepared to wait.
      await clock.wait(120_000);
      if (this.#turn !== turn) return;
      return this.#die('crashed', 'Claude did not take the prompt.', 'failed');
    }
    transcripts.add(this.#options.claudeSession);
    turn.began = true;
    this.#emit({
      kind: 'turnBegan',
      turn: turn.turn,
      prompt: turn.prompt,
      model: 'sonnet',
      mode: this.#options.mode,
    });
    let segment = 0;
    for (let steps = random.int(0, 5); steps > 0; steps -= 1) {
      await clock.wait(random.spread(5, 4_000));
      if (this.#turn !== turn) return;
      const what = random.weighted({
        text: 4,
        tool: 2,
        ask: habits.ask * 10,
        notice: 0.5,
        crash: habits.crash,
      });
      if (what === 'text') await this.#say(turn.turn, segment++);
      else if (what === 'tool') await this.#useTool(turn.turn);
      else if (what === 'ask') await this.#ask(turn.turn);
      else if (what === 'notice')
        this.#emit({
          kind: 'notice',
          turn: turn.turn,
          code: 'retry',
          words: 'The API is overloaded; trying again.',
        });
      else return this.#die('crashed', 'SIGKILL', 'failed');
    }
    if (this.#turn !== turn) return;
    if (random.chance(habits.bySelf)) this.#background();
    this.#finish(turn, random.chance(0.07) ? 'failed' : 'done');
  }

  async #say(turn: TurnId, segment: number): Promise<void> {
    const { random, clock, token, truth } = this.#world;
    const said = token('s');
    const text = `${said} ${'word '.repeat(random.spread(1, 900))}.`;
    truth.said(text);
    let from = 0;
    for (let parts = random.int(0, 4); parts > 0; parts -= 1) {
      const to = Math.min(text.length, from + random.int(1, Math.ceil(text.length / 3)));
      const delta = { turn, segment, from, text: text.slice(from, to) };
      this.#live = { turn, segment, from: 0, text: text.slice(0, to) };
      this.#hear(() => this.#sink.onLive(delta));
      from = to;
      await clock.wait(random.spread(10, 1_500));
      if (this.#turn?.turn !== turn) return;
    }
    this.#live = null;
    this.#emit({ kind: 'text', turn, segment, text });
  }

  async #useTool(turn: TurnId): Promise<void> {
    const { random, clock, token } = this.#world;
    const tool = token('toolu');
    const is = random.pick(['read', 'search', 'edit', 'command'] as const) ?? 'read';
    this.#emit({ kind: 'toolBegan', turn, tool, parent: null, name: 'Tool', class: is, summary: 'src/a.ts' });
    await clock.wait(random.spread(5, 20_000));
    if (this.#turn?.turn !== turn) return;
    if (random.chance(0.9))
      this.#emit({ kind: 'toolEnded', turn, tool, outcome: random.chance(0.9) ? 'done' : 'failed' });
  }

  /** Resolves when it is decided; a turn that is stopped meanwhile never goes on. */
  #ask(turn: TurnId | null): Promise<void> {
    const { random, clock, token } = this.#world;
    const name = token('q');
    const request = `req-${name}` as RequestId;
    const inputHash = Array.from({ length: 64 }, () => random.int(0, 15).toString(16)).join('');
    const asks = random.weighted({ permission: 8, question: 1, plan: 1 });
    const input = JSON.stringify(inputOf(asks, name, random.chance(0.1) ? 5_000 : 10));
    const asked: Asked = { token: name, process: this.id, request, inputHash, asks, openedMs: clock.nowMs };
    return new Promise((resolve) => {
      this.#requests.set(request, { ...asked, resolve });
      this.#emit({ kind: 'requestInput', request, part: 0, text: input });
      this.#emit({
        kind: 'requestOpened',
        request,
        process: this.id,
        turn,
        asks,
        tool: null,
        name: { permission: 'Bash', question: 'AskUserQuestion', plan: 'ExitPlanMode' }[asks],
        class: 'command',
        summary: `run ${name}`,
        description: '',
        inputHash,
        inputBytes: input.length,
        inputParts: 1,
        suggestions: [],
      });
      if (!random.chance(0.06)) return;
      // Claude takes its question back.
      clock.after(
        random.spread(100, 60_000),
        () => {
          if (!this.#requests.delete(request)) return;
          this.#emit({
            kind: 'requestSettled',
            request,
            outcome: { as: 'void', why: 'Claude withdrew it.' },
          });
          resolve();
        },
        this.#life,
      );
    });
  }

  /** Something goes on after the turn: it asks, or begins a turn by itself. */
  #background(): void {
    const { random, clock } = this.#world;
    this.#tasks += 1;
    clock.after(
      random.spread(1_000, 300_000),
      () => {
        this.#tasks -= 1;
        if (this.#state !== 'ready' || this.#ending !== null) return;
        if (random.chance(0.4)) this.#play(() => this.#ask(null));
        if (this.busy) return;
        const turn = { turn: random.uuid() as TurnId, prompt: null, began: false };
        this.#turn = turn;
        this.#play(() => this.#run(turn));
      },
      this.#life,
    );
  }

  #finish(turn: RunningTurn, as: 'done' | 'interrupted' | 'failed'): void {
    if (this.#turn !== turn || this.#state !== 'ready') return;
    for (const [request, open] of this.#requests) {
      if (as !== 'interrupted') break;
      this.#requests.delete(request);
      this.#emit({
        kind: 'requestSettled',
        request: open.request,
        outcome: { as: 'void', why: 'Interrupted.' },
      });
    }
    this.#endTurn(turn, as);
  }

  #endTurn(turn: RunningTurn, as: 'done' | 'interrupted' | 'failed'): void {
    this.#live = null;
    this.#turn = null;
    // How an orphan ends, nobody hears.
    if (this.#parent?.dead !== true) this.#world.truth.ended(turn.turn, as);
    this.#emit({
      kind: 'turnEnded',
      turn: turn.turn,
      prompt: turn.prompt,
      outcome: as === 'failed' ? { as, code: 'api', words: 'The API refused.', started: true } : { as },
      durationMs: 1_000,
      costUsd: 0.01,
      usage: { sonnet: { input: 10, output: 20, cacheRead: 0, cacheWrite: 0 } },
    });
  }

  #die(why: EndReason | 'crashed', words: string, turn: 'interrupted' | 'failed'): void {
    if (this.#state === 'gone') return;
    const ready = this.#state === 'ready';
    this.#ending ??= { why, words };
    const { clock, random, truth } = this.#world;
    if (ready) {
      if (this.#turn !== null) this.#endTurn(this.#turn, turn);
      this.#requests.clear();
      this.#emit({
        kind: 'processEnded',
        process: this.id,
        why: this.#ending.why,
        ...(this.#ending.why === 'crashed' ? { words: this.#ending.words || 'gone' } : {}),
      });
    }
    this.#state = 'gone';
    this.#life.dead = true;
    const ending = this.#ending;
    clock.after(
      random.spread(1, 2_000),
      () => {
        if (ready) {
          truth.released(this.#options.claudeSession, this.id);
          this.#hear(() =>
            this.#sink.onExit({
              code: null,
              signal: null,
              why: ending.why,
              words: ending.why === 'crashed' ? ending.words : '',
            }),
          );
        }
        this.#world.processes.delete(this.pid);
        this.#exited.resolve();
      },
      null,
    );
  }

  async #abort(code: 'exited' | 'timeout' | 'transcriptMissing'): Promise<never> {
    this.#die('ended', '', 'interrupted');
    await this.#exited.promise;
    throw this.#failed(code);
  }

  #failed(code: 'exited' | 'timeout' | 'transcriptMissing'): ClaudeStartError {
    const words = `Claude could not be started (${code}).`;
    return new ClaudeStartError(
      code === 'exited' ? { code, words, exitCode: 1, signal: null } : { code, words },
    );
  }

  /** A script runs in the life of this process, whoever started it. */
  #play(script: () => Promise<void>): void {
    const { clock } = this.#world;
    clock.enter(this.#life, () => {
      script().catch((error: unknown) => clock.onError(error, this.#life));
    });
  }

  #emit(event: ClaudeEvent): void {
    if (this.#state === 'gone') return;
    this.#hear(() => this.#sink.onEvent(event));
  }

  /** What it says reaches the runner that started it, and no other. */
  #hear(tell: () => void): void {
    if (this.#parent?.dead === true) return;
    this.#world.clock.enter(this.#parent, tell);
  }
}
