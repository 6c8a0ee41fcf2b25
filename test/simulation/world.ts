/** Everything together: the real Session objects, the real runners, and models of what is around them. */
import type { RunnerId, ThreadId, UserId } from '../../protocol/ids.ts';
import { newKeyPair } from '../../runner/link/sign.ts';
import type { ClaudePort } from '../../runner/session/host-context.ts';
import type { RunnerAccess } from '../../worker/domain/access.ts';
import type { SessionAct, SessionAnswer } from '../../worker/domain/contract.ts';
import type { State } from '../../worker/session/state/state.ts';
import { EMPTY } from '../../worker/session/state/state.ts';
import { HEDDLE_DURATIONS } from './durations.ts';
import { Ledger, Violation } from './ledger.ts';
import type { ClaudeWorld, Habits } from './models/claude.ts';
import { Discord, type Message } from './models/discord.ts';
import { ModelGuild, type SessionStub } from './models/guild.ts';
import { GUILD, OWNER, People, SHARED, STARTER } from './models/people.ts';
import { ModelRunner, pairingOf } from './models/runner.ts';
import { Clock, Dead, type Life, lives } from './platform/clock.ts';
import { setPlatform } from './platform/globals.ts';
import { Network, setNetwork } from './platform/network.ts';
import { type Instance, ObjectHost } from './platform/object-host.ts';
import type { ObjectSocket } from './platform/object-socket.ts';
import { StorageFailure } from './platform/storage.ts';
import { Random } from './random.ts';
import { truthOf } from './truth.ts';
import { setWatcher } from './watch/watcher.ts';
import { watcherOf } from './watching.ts';

export type SessionObject = Instance & SessionStub & { act(act: SessionAct): Promise<SessionAnswer> };
export type SessionClass = new (ctx: object, env: object) => SessionObject;

export interface Paths {
  readonly home: string;
  readonly project: string;
}

export const BOT_TOKEN = 'SECRET-BOT-TOKEN';
export const THREADS = ['300', '301'] as unknown as readonly ThreadId[];
const START_MS = 1_800_000_000_000;
const KEYS = newKeyPair();

export interface SimThread {
  readonly id: ThreadId;
  readonly host: ObjectHost<SessionObject>;
  /** As it was last committed. */
  state: State;
  /** When each entry was first written. */
  readonly writtenMs: Map<number, number>;
}

export class World {
  readonly random: Random;
  readonly clock = new Clock(START_MS);
  readonly ledger = new Ledger();
  readonly network: Network;
  readonly discord: Discord;
  readonly guild: ModelGuild;
  readonly people: People;
  readonly threads = new Map<ThreadId, SimThread>();
  readonly runners: readonly ModelRunner[];
  readonly habits: Habits;
  readonly trace: string[] = [];
  readonly processes: ClaudeWorld['processes'] = new Map();
  /** Alarms are late, twice or lost this often. */
  alarmFaults = { late: 0, twice: 0, lost: 0 };
  /** Runners that never come back. */
  readonly lost = new Set<RunnerId>();
  /** So much time is to pass with nobody doing anything. */
  skipMs = 0;
  /** The first thing that broke; code that catches what is thrown in it cannot hide it. */
  violation: Violation | null = null;
  #tokens = 0;

  /** `create`: a CLI in the place of the model. */
  constructor(seed: number, Session: SessionClass, paths: Paths, create?: ClaudePort['create']) {
    this.random = new Random(seed);
    const { clock, random } = this;
    const trace = (line: string) => this.note(line);
    setPlatform({ clock, random, fetch: (url, init) => this.discord.fetch(url, init), log: trace });
    clock.onError = (error, life) => this.#failed(error, life);
    this.discord = new Discord({
      clock,
      random,
      trace,
      onRequest: (body) => {
        this.#noSecret(body, paths.home, 'a request to Discord');
        this.#mentionsNobody(body);
      },
      onCreate: (channel, message) => this.#created(channel.messages, message),
    });
    this.guild = new ModelGuild({ id: GUILD, clock, random, session: (thread) => this.#stub(thread), trace });
    this.network = new Network({
      clock,
      random,
      trace,
      find: (url) => this.#target(url),
      onFrame: (text) => this.#noSecret(text, BOT_TOKEN, 'a frame'),
    });
    setNetwork(this.network);
    this.habits = {
      failStart: random.pick([0, 0.1]) ?? 0,
      ask: random.pick([0.1, 0.3, 0.6]) ?? 0,
      hang: random.pick([0, 0.05]) ?? 0,
      crash: random.pick([0, 0.2]) ?? 0,
      bySelf: random.pick([0, 0.3]) ?? 0,
      ignoreInterrupt: random.pick([0, 0.2]) ?? 0,
    };
    for (const id of THREADS) this.threads.set(id, this.#thread(id, Session));
    setWatcher(watcherOf(this));
    this.runners = ['r1', 'r2'].map((name) => this.#runner(name, paths, create));
    this.people = new People({
      clock,
      random,
      discord: this.discord,
      guild: this.guild,
      ledger: this.ledger,
      threads: THREADS,
      call: (thread, act) => this.thread(thread).host.rpc((object) => object.act(copy(act))),
      token: (prefix) => this.token(prefix),
      trace,
    });
    for (const runner of this.runners) runner.start();
  }

  fail(invariant: string, words: string): void {
    this.violation ??= new Violation(invariant, words);
  }

  token(prefix: string): string {
    this.#tokens += 1;
    // With an end of its own, so that none is part of another.
    return `${prefix}${this.#tokens}z`;
  }

  note(line: string): void {
    this.trace.push(`${((this.clock.nowMs - START_MS) / 1000).toFixed(3)} ${line}`);
  }

  thread(id: ThreadId): SimThread {
    const thread = this.threads.get(id);
    if (thread === undefined) throw new Error(`no such thread: ${id}`);
    return thread;
  }

  close(): void {
    for (const { host } of this.threads.values()) host.storage.close();
    for (const { journal } of this.runners) lives.run(null, () => journal.close());
  }

  #thread(id: ThreadId, Session: SessionClass): SimThread {
    const { clock, random } = this;
    const env = {
      GUILD: {
        getByName: () => ({
          report: (report: never) => this.#callOut(() => this.guild.report(copy(report))),
        }),
      },
      HEDDLE_DURATIONS,
      DISCORD_API_URL: 'http://127.0.0.1:2/api',
      DISCORD_BOT_TOKEN: BOT_TOKEN,
      DISCORD_APPLICATION_ID: '900',
    };
    const thread: SimThread = {
      id,
      state: EMPTY,
      writtenMs: new Map(),
      host: new ObjectHost<SessionObject>({
        name: `session-${id}`,
        clock,
        random,
        build: (ctx) => new Session(ctx, env),
        trace: (line) => this.note(line),
        aroundClose: (handle) => this.#socketClosed(thread, handle),
        alarms: () => this.alarmFaults,
      }),
    };
    return thread;
  }

  #runner(name: string, paths: Paths, create: ClaudePort['create'] | undefined): ModelRunner {
    const { clock, network, random } = this;
    const access: RunnerAccess = {
      owner: OWNER.id,
      ownerName: OWNER.name,
      members: [STARTER.id, SHARED.id] as UserId[],
      roles: [],
      removed: false,
      rev: 1,
    };
    this.guild.add(name, name === 'r1' ? 'laptop' : 'tower', access);
    return new ModelRunner({
      name,
      pairing: pairingOf(GUILD, name, OWNER.id, KEYS),
      settings: {
        permissionMode: 'default',
        maxProcesses: random.int(1, 3),
        projects: [{ name: 'api' as never, path: paths.project, guilds: [GUILD] }],
      },
      home: paths.home,
      clock,
      network,
      create,
      uuid: () => random.uuid(),
      trace: (line) => this.note(line),
      claude: {
        clock,
        random,
        truth: truthOf(this, name as RunnerId),
        habits: this.habits,
        transcripts: new Set(),
        processes: this.processes,
        token: (prefix) => this.token(prefix),
        trace: (line) => this.note(line),
      },
    });
  }

  #stub(id: ThreadId): SessionStub {
    const { host } = this.thread(id);
    return {
      open: (open) => host.rpc((object) => object.open(copy(open))),
      facts: (facts) => host.rpc((object) => object.facts(copy(facts))),
      look: () => host.rpc((object) => object.look()),
    };
  }

  #target(url: string) {
    const match = /\/runner\/(guild|session)\/(\d+)$/.exec(url);
    if (match?.[1] === 'guild') return this.guild;
    const thread = this.threads.get(match?.[2] as ThreadId);
    if (thread === undefined) return null;
    const { host } = thread;
    return {
      upgrade: (request: unknown) => host.rpc((object) => object.fetch(request)),
      heard: (socket: ObjectSocket, text: string) => host.heard(socket, text),
      closed: (socket: ObjectSocket, code: number) => host.closed(socket, code),
    };
  }

  /** Invariant 4, at its root: a socket that closes changes nothing of what a session is. */
  #socketClosed(thread: SimThread, handle: () => void): void {
    const before = docs(thread);
    handle();
    if (docs(thread) !== before)
      this.fail('4 a socket is not a session', `a socket that closed changed session ${thread.id}`);
  }

  /** Runs a call outside of the caller's life; the answer comes into it, if it is there by then. */
  #callOut<T>(call: () => Promise<T>): Promise<T> {
    const life = lives.getStore() ?? null;
    const { clock } = this;
    return new Promise((resolve, reject) => {
      if (life !== null) life.pending += 1;
      const back = (finish: () => void) => {
        if (life?.dead === true) return;
        if (life !== null) life.pending -= 1;
        clock.enter(life, finish);
      };
      clock.enter(null, () => {
        call().then(
          (value) => back(() => resolve(copy(value))),
          (error) => back(() => reject(error)),
        );
      });
    });
  }

  #created(messages: readonly Message[], message: Message): void {
    const same = messages.filter((one) => one.nonce === message.nonce && !one.deleted);
    if (same.length > 1)
      this.fail('3 never twice', `a message was posted twice: ${message.content.slice(0, 80)}`);
  }

  /** 7: a message says itself whom it may ping, and that is never whom its text names. */
  #mentionsNobody(text: string): void {
    const body = JSON.parse(text === '' ? '{}' : text) as {
      content?: string;
      allowed_mentions?: { parse?: unknown[] };
    };
    if (body.content !== undefined && body.allowed_mentions?.parse?.length !== 0)
      this.fail('7 text is data', `a message may mention whom its text names: ${text.slice(0, 120)}`);
  }

  #noSecret(text: string, secret: string, where: string): void {
    if (text.includes(secret)) this.fail('6 two keys, two places', `${where} holds a secret`);
  }

  #failed(error: unknown, life: Life | null): void {
    if (error instanceof Dead || error instanceof StorageFailure || life?.dead === true) return;
    this.fail('threw', error instanceof Error ? (error.stack ?? error.message) : String(error));
  }
}

/** What a session is, as rows. */
export function docs({ host }: SimThread): string {
  return JSON.stringify([
    host.storage.rows('SELECT key, body FROM doc ORDER BY key'),
    host.storage.rows('SELECT seq, body FROM entry ORDER BY seq'),
  ]);
}

/** As RPC does: nothing is shared. */
function copy<T>(value: T): T {
  return value === undefined ? value : (JSON.parse(JSON.stringify(value)) as T);
}
