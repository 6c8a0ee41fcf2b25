/** A runner's insides on a real journal file, with a Claude that a test plays by hand. A "crash" leaves the file and nothing else. */
import { randomUUID } from 'node:crypto';
import { mkdtempSync, realpathSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Command } from '../../../protocol/commands.ts';
import type { Event, Live } from '../../../protocol/events.ts';
import type {
  ClaudeSessionId,
  Gen,
  GuildId,
  ProcessId,
  ProjectName,
  PromptId,
  RequestId,
  StreamId,
  ThreadId,
  TurnId,
  UserId,
} from '../../../protocol/ids.ts';
import type { Fields } from '../../../runner/base/log.ts';
import type { RewindOutcome } from '../../../runner/claude/line/rewind.ts';
import type {
  ClaudeEvent,
  ClaudeProcess,
  ClaudeSink,
  Decision,
  EndReason,
  Grant,
  Picture,
  TuneResult,
  Tuning,
} from '../../../runner/claude/line/types.ts';
import { ClaudeStartError, type StartFailure } from '../../../runner/claude/line/types.ts';
import { type Home, openHome } from '../../../runner/home/home.ts';
import type { PairingId } from '../../../runner/home/pairings.ts';
import { DEFAULTS, type Settings } from '../../../runner/home/settings.ts';
import { Journal } from '../../../runner/journal/journal.ts';
import { JournalLinkStore } from '../../../runner/journal/journal-link.ts';
import type { HostContext, StartOptions } from '../../../runner/session/host-context.ts';
import { ProcessPool } from '../../../runner/session/process-pool.ts';
import { SessionHost } from '../../../runner/session/session-host.ts';

export const GUILD = '100' as GuildId;
export const OWNER = '1' as UserId;
export const PAIRING = '100-0badc0de' as PairingId;
export const STREAM = 'session-stream' as StreamId;

export function temporaryFolder(): string {
  return realpathSync(mkdtempSync(path.join(tmpdir(), 'heddle-test-')));
}

export const promptId = (): PromptId => randomUUID() as string as PromptId;
export const claudeSession = (): ClaudeSessionId => randomUUID() as string as ClaudeSessionId;
export const gen = (n: number): Gen => n as Gen;
export const thread = (n: number): ThreadId => String(n) as ThreadId;

export const begin = (n: number, session = claudeSession(), starter = OWNER): Command => ({
  kind: 'begin',
  gen: gen(n),
  project: 'api' as ProjectName,
  claudeSession: session,
  starter,
});
export const prompt = (n: number, id: PromptId, text = 'do it'): Command => ({
  kind: 'prompt',
  gen: gen(n),
  prompt: id,
  text,
});
export const interrupt = (n: number, id: PromptId): Command => ({
  kind: 'interrupt',
  gen: gen(n),
  turn: id as string as TurnId,
});
export const decide = (n: number, process: ProcessId, request: string, inputHash = HASH): Command => ({
  kind: 'decide',
  gen: gen(n),
  process,
  request: request as RequestId,
  inputHash,
  verdict: { behavior: 'allow' },
});
export const end = (n: number): Command => ({ kind: 'end', gen: gen(n) });
export const HASH = 'a'.repeat(64);

/** What happened to CLI processes, over all lives of the runner. */
export interface World {
  readonly claudes: FakeClaude[];
  readonly fed: { readonly process: ProcessId; readonly prompt: PromptId; readonly text: string }[];
  readonly decided: { readonly process: ProcessId; readonly decision: Decision }[];
  readonly orphansEnded: number[];
  readonly lives: Live[];
  /** The network takes no live text. */
  liveDropped: boolean;
  /** Holds the end of orphans back until it is resolved. */
  orphanGate: Promise<void> | null;
  /** Claude conversations with a transcript. */
  readonly transcripts: Set<ClaudeSessionId>;
  /** What the CLI does not change live. */
  readonly untunable: Set<keyof Tuning>;
  /** Holds changes back until it is resolved. */
  tuneGate: Promise<void> | null;
  /** Each start fails with this. */
  startFailure: StartFailure | null;
  /** Holds starts back until it is resolved. */
  gate: Promise<void> | null;
}

export const newWorld = (): World => ({
  claudes: [],
  fed: [],
  decided: [],
  orphansEnded: [],
  lives: [],
  liveDropped: false,
  orphanGate: null,
  transcripts: new Set(),
  untunable: new Set(),
  tuneGate: null,
  startFailure: null,
  gate: null,
});

let nextPid = 1000;

export class FakeClaude implements ClaudeProcess {
  readonly id: ProcessId;
  readonly options: StartOptions;
  pid = 0;
  busy = false;
  backgroundTasks = 0;
  readonly requests = new Set<string>();
  readonly tuned: Tuning[] = [];
  readonly pictures: Picture[] = [];
  offers: ClaudeProcess['offers'] = null;
  model: string | null = null;
  mode: string;
  live: ClaudeProcess['live'] = null;
  alive = false;
  ended: EndReason | null = null;
  interrupted: TurnId[] = [];
  current: PromptId | null = null;
  own: TurnId | null = null;
  readonly #world: World;
  readonly #sink: ClaudeSink;

  constructor(world: World, options: StartOptions, sink: ClaudeSink) {
    this.id = options.process;
    this.options = options;
    this.#world = world;
    this.#sink = sink;
    this.mode = options.mode;
    world.claudes.push(this);
  }

  get openRequests(): number {
    return this.requests.size;
  }

  async start() {
    await this.#world.gate;
    if (this.#world.startFailure !== null) throw new ClaudeStartError(this.#world.startFailure);
    const { claudeSession: session, resume } = this.options;
    if (resume && !this.#world.transcripts.has(session))
      throw new ClaudeStartError({ code: 'transcriptMissing', words: 'gone' });
    if (this.ended !== null)
      throw new ClaudeStartError({ code: 'exited', exitCode: 1, signal: null, words: 'ended' });
    this.pid = nextPid++;
    this.alive = true;
    this.emit({
      kind: 'processStarted',
      process: this.id,
      claudeVersion: '2.1.330',
      model: null,
      mode: this.options.mode,
      claudeSession: session,
      settings: 'user',
    });
    return { pid: this.pid, version: '2.1.330', mode: this.options.mode };
  }

  prompt(id: PromptId, text: string, _slash?: boolean, pictures: readonly Picture[] = []): void {
    if (!this.alive || this.busy) throw new Error('busy or gone');
    this.pictures.push(...pictures);
    this.#world.fed.push({ process: this.id, prompt: id, text });
    this.#world.transcripts.add(this.options.claudeSession);
    this.busy = true;
    this.current = id;
    this.emit({ kind: 'turnBegan', turn: id as string as TurnId, prompt: id, model: null, mode: 'default' });
  }

  async interrupt(turn: TurnId): Promise<void> {
    this.interrupted.push(turn);
    if ((this.current as string | null) === turn) this.finish({ as: 'interrupted' });
  }

  get now() {
    return { model: this.model, mode: this.mode };
  }

  whyNotSlash(text: string): string | null {
    return text.startsWith('/no') ? 'Claude has no such command.' : null;
  }

  rewind(): Promise<RewindOutcome> {
    return Promise.resolve({ as: 'cannot', why: 'a stand-in has no files' });
  }

  async tune(tuning: Tuning): Promise<TuneResult> {
    this.tuned.push(tuning);
    await this.#world.tuneGate;
    const refused = (['mode', 'model', 'effort'] as const).filter(
      (what) => what in tuning && this.#world.untunable.has(what),
    );
    if (tuning.model !== undefined && !refused.includes('model')) this.model = tuning.model;
    if (tuning.mode !== undefined && !refused.includes('mode')) this.mode = tuning.mode;
    return refused.map((what) => ({ what, words: 'no' }));
  }

  /** The CLI changes its mode by itself. */
  slip(mode: string): void {
    this.mode = mode;
    this.#sink.onModeChanged?.();
  }

  decide(decision: Decision) {
    if (!this.requests.has(decision.request)) return { refused: 'no such request' };
    if (decision.inputHash !== HASH) return { refused: 'another input' };
    this.requests.delete(decision.request);
    this.#world.decided.push({ process: this.id, decision });
    this.emit({ kind: 'requestSettled', request: decision.request, outcome: { as: 'delivered' } });
    return 'delivered' as const;
  }

  async end(reason: EndReason): Promise<void> {
    this.ended = reason;
    if (this.alive) this.die(reason);
  }

  /** Ends the running turn. */
  finish(outcome: Extract<ClaudeEvent, { kind: 'turnEnded' }>['outcome'] = { as: 'done' }): void {
    const { current } = this;
    if (current === null) throw new Error('no turn runs');
    this.busy = false;
    this.current = null;
    this.emit({
      kind: 'turnEnded',
      turn: current as string as TurnId,
      prompt: current,
      outcome,
      durationMs: 1,
      costUsd: 0,
      usage: {},
    });
  }

  /** A decision granted this. */
  grant(grant: Grant): void {
    this.#sink.onGranted?.(grant);
  }

  /** A background task starts a turn. */
  beginOwn(turn: TurnId): void {
    this.own = turn;
    this.busy = true;
    this.emit({ kind: 'turnBegan', turn, prompt: null, model: null, mode: 'default' });
  }

  finishOwn(outcome: Extract<ClaudeEvent, { kind: 'turnEnded' }>['outcome'] = { as: 'done' }): void {
    if (this.own === null) throw new Error('no such turn runs');
    const turn = this.own;
    this.own = null;
    this.busy = false;
    this.emit({ kind: 'turnEnded', turn, prompt: null, outcome, durationMs: 1, costUsd: 0, usage: {} });
  }

  ask(request: string): void {
    this.requests.add(request);
    this.emit({
      kind: 'requestOpened',
      request: request as RequestId,
      process: this.id,
      turn: this.current as string as TurnId | null,
      asks: 'permission',
      tool: null,
      name: 'Bash',
      class: 'command',
      summary: 'ls',
      description: '',
      inputHash: HASH,
      inputBytes: 2,
      inputParts: 0,
      suggestions: [],
    });
  }

  die(why: EndReason | 'crashed'): void {
    if (!this.alive) return;
    this.alive = false;
    if (this.current !== null)
      this.finish(
        why === 'crashed'
          ? { as: 'failed', code: 'crashed', words: 'died', started: true }
          : { as: 'interrupted' },
      );
    if (this.own !== null) this.finishOwn({ as: 'failed', code: 'crashed', words: 'died', started: true });
    this.requests.clear();
    this.emit({ kind: 'processEnded', process: this.id, why });
    this.#sink.onExit({ code: 1, signal: null, why, words: why === 'crashed' ? 'died' : '' });
  }

  emit(event: ClaudeEvent): void {
    this.#sink.onEvent(event);
  }

  /** Text streams on: the reader gets `more`, the whole is kept for one who comes back. */
  stream(more: string): void {
    const turn = this.current as string as TurnId;
    const before = this.live?.text ?? '';
    this.live = { turn, segment: 0, from: 0, text: before + more };
    this.#sink.onLive({ turn, segment: 0, from: before.length, text: more });
  }
}

export interface Life {
  readonly context: HostContext;
  readonly journal: Journal;
  readonly host: SessionHost;
  readonly store: JournalLinkStore;
  /** Delivers the commands that this journal has not stored yet, as a link does. */
  deliver(commands: readonly Command[]): void;
  /** All events told so far, in order, over all lives. */
  events(): Event[];
  hostOf(thread: ThreadId): SessionHost;
}

export class Stage {
  readonly home: Home;
  readonly world = newWorld();
  readonly project: string;
  settings: Settings;
  /** What would stop the runner, and what a guard caught. */
  readonly fatal: unknown[] = [];
  readonly failed: Fields[] = [];

  constructor(settings: Partial<Settings> = {}) {
    this.home = openHome({ HEDDLE_HOME: path.join(temporaryFolder(), 'home') });
    this.project = temporaryFolder();
    this.settings = {
      ...DEFAULTS,
      projects: [{ name: 'api' as ProjectName, path: this.project, guilds: [GUILD] }],
      ...settings,
    };
  }

  /** Starts the runner's insides on the journal, as after a start of the machine. */
  live(
    options: {
      readonly journal?: Journal;
      readonly idleMs?: number;
      readonly recover?: boolean;
      readonly fetch?: typeof fetch;
    } = {},
  ): Life {
    const journal = options.journal ?? new Journal(this.home.journal);
    const { world } = this;
    const context: HostContext = {
      home: this.home,
      journal,
      pool: new ProcessPool(() => this.settings.maxProcesses),
      claude: {
        locate: async () => ({ ok: true, bin: 'claude', version: '2.1.330' }),
        create: (start, sink) => new FakeClaude(world, start, sink),
        settingsSources: async () => 'user',
        record: async (pid) => ({ pid, started: 'then', command: 'claude' }),
        endOrphan: async (record) => {
          await world.orphanGate;
          world.orphansEnded.push(record.pid);
        },
      },
      settings: () => this.settings,
      log: (event, fields) => {
        if (event === 'failed') this.failed.push(fields ?? {});
      },
      timings: { idleMs: options.idleMs ?? 60_000, flushMs: 0, lingerMs: 60_000, offerMs: 5 },
      fatal: (error) => this.fatal.push(error),
      exits: new Map(),
      ...(options.fetch === undefined ? {} : { fetch: options.fetch }),
    };
    const stores = new Map<ThreadId, JournalLinkStore>();
    const hosts = new Map<ThreadId, SessionHost>();
    const hostOf = (id: ThreadId): SessionHost => {
      let host = hosts.get(id);
      if (host === undefined) {
        const store = new JournalLinkStore(journal, PAIRING, id);
        stores.set(id, store);
        host = new SessionHost(context, { id: PAIRING, guild: GUILD, owner: OWNER }, id, {
          send: (event) => void store.append(JSON.stringify(event)),
          live: (live) => {
            if (world.liveDropped) return false;
            world.lives.push(live);
            return true;
          },
        });
        hosts.set(id, host);
        if (options.recover !== false) void host.recover().catch(() => {});
      }
      return host;
    };
    const host = hostOf(thread(7));
    const store = stores.get(thread(7)) as JournalLinkStore;
    return {
      context,
      journal,
      host,
      store,
      hostOf,
      deliver(commands) {
        const has = store.load().received?.last ?? 0;
        commands.forEach((command, at) => {
          if (at + 1 > has) store.received(STREAM, at + 1, () => host.accept(command));
        });
      },
      events: () =>
        store.unacked(1, { messages: 10_000, bytes: 1e9 }).map((stored): Event => JSON.parse(stored.text)),
    };
  }
}

/** Lets everything that is due run; the fakes wait for nothing but microtasks. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
}

export function last(claudes: readonly FakeClaude[]): FakeClaude {
  const found = claudes.at(-1);
  if (found === undefined) throw new Error('no CLI process was made');
  return found;
}
