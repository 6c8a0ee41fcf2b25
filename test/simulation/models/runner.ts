/** A runner's process: the real links, hosts and journal, with a model of the CLI, and ways to die. */
import type { BootId, GuildId, RunnerId, UserId } from '../../../protocol/ids.ts';
import { GuildLink } from '../../../runner/guild/guild-link.ts';
import type { Pairing } from '../../../runner/home/pairings.ts';
import { pairingId } from '../../../runner/home/pairings.ts';
import type { Settings } from '../../../runner/home/settings.ts';
import { JournalSessions } from '../../../runner/journal/journal-sessions.ts';
import type { ClaudePort, HostContext } from '../../../runner/session/host-context.ts';
import { ProcessPool } from '../../../runner/session/process-pool.ts';
import { type Clock, Life, lives } from '../platform/clock.ts';
import type { Network } from '../platform/network.ts';
import { type ClaudeWorld, ModelClaude } from './claude.ts';
import { SimJournal } from './journal.ts';

export interface RunnerOptions {
  readonly name: string;
  readonly pairing: Pairing;
  readonly settings: Settings;
  readonly home: string;
  readonly clock: Clock;
  readonly network: Network;
  readonly claude: ClaudeWorld;
  /** Another CLI than the model. */
  readonly create?: ClaudePort['create'] | undefined;
  readonly uuid: () => string;
  readonly trace: (line: string) => void;
}

/** Nobody looks at its clock so often while the machine is awake: it is there to notice sleep. */
const TIMING = { sleepCheckMs: 600_000 };

export class ModelRunner {
  readonly id: RunnerId;
  readonly journal: SimJournal;
  readonly #options: RunnerOptions;
  #life: Life | null = null;
  #guild: GuildLink | null = null;

  constructor(options: RunnerOptions) {
    this.#options = options;
    this.id = options.pairing.runner;
    this.journal = new SimJournal(options.name);
  }

  get name(): string {
    return this.#options.name;
  }

  get running(): boolean {
    return this.#life !== null;
  }

  get life(): Life | null {
    return this.#life;
  }

  /** How many of a Session's commands it has on disk. */
  received(scope: string, stream: string): number {
    const row = lives.run(null, () =>
      this.journal
        .sql('SELECT received_last AS last FROM links WHERE scope = ? AND received_stream = ?')
        .get(scope, stream),
    );
    return Number(row?.last ?? 0);
  }

  start(): void {
    if (this.#life !== null) return;
    const { name, pairing, clock, claude, settings, trace } = this.#options;
    trace(`${name} starts`);
    const life = new Life(`${name} runner`);
    this.#life = life;
    clock.enter(life, () => {
      const context: HostContext = {
        home: { path: this.#options.home, settings: '', journal: '', pairings: '' },
        journal: this.journal,
        pool: new ProcessPool(() => settings.maxProcesses),
        claude: {
          locate: async () => {
            await clock.wait(20);
            return { ok: true, bin: 'claude', version: '2.1.330' };
          },
          create: this.#options.create ?? ((start, sink) => new ModelClaude(claude, start, sink)),
          settingsSources: () => Promise.resolve('all'),
          record: async (pid) => {
            await clock.wait(5);
            return claude.processes.get(pid)?.alive === true
              ? { pid, started: 'then', command: 'claude' }
              : null;
          },
          endOrphan: async ({ pid }) => {
            const orphan = claude.processes.get(pid);
            orphan?.crash('ended with its runner');
            await orphan?.gone;
          },
        },
        settings: () => settings,
        log: (event, fields) => {
          const line = `${name} log ${event} ${JSON.stringify(fields ?? {})}`;
          trace(line);
          // What a guard caught would have ended a run before there were guards, and it does now.
          if (event === 'failed' && !life.dead) clock.onError(new Error(line), life);
        },
        timings: { idleMs: 600_000, flushMs: 1_500, lingerMs: 120_000, offerMs: 5_000 },
        fatal: (error) => {
          if (!life.dead) clock.onError(error, life);
        },
        exits: new Map(),
      };
      const guild = new GuildLink({
        context,
        pairing,
        boot: this.#options.uuid() as BootId,
        located: () => Promise.resolve({ found: true, bin: 'claude', version: '2.1.330' } as never),
        onStatus: () => {},
        timing: TIMING,
      });
      this.#guild = guild;
      // As `Runner` does when it starts.
      const sessions = new JournalSessions(this.journal);
      sessions.prune(clock.nowMs);
      for (const { pairing: of, thread } of sessions.unfinished())
        if (of === pairingId(pairing)) guild.resume(thread);
    });
  }

  /** SIGKILL, or a power cut. The CLI processes are left alone. */
  crash(why: string): void {
    const life = this.#life;
    if (life === null) return;
    this.#options.trace(`${this.name} crashes: ${why}`);
    life.dead = true;
    this.#life = null;
    this.#guild = null;
    this.journal.crashAfterCommit = null;
    for (const connection of [...this.#options.network.connections])
      if (connection.machine === this.name) connection.abandon();
    for (const process of this.#options.claude.processes.values()) process.orphan();
  }

  /** SIGTERM, as `Runner.close` does it: processes ended, told as far as it goes. */
  async stop(): Promise<void> {
    const [guild, life] = [this.#guild, this.#life];
    if (guild === null || life === null) return;
    this.#options.trace(`${this.name} stops`);
    const { clock } = this.#options;
    await new Promise<void>((resolve) => {
      clock.enter(life, () => {
        void (async () => {
          await guild.endProcesses();
          // Killed while it waited for its processes: they end without it.
          if (life.dead) return resolve();
          const untilMs = clock.nowMs + 1_500;
          while (!guild.told && clock.nowMs < untilMs) await clock.wait(20);
          guild.close();
          resolve();
        })();
      });
    });
    if (this.#life === life) this.crash('stopped');
  }

  sleep(ms: number): void {
    if (this.#life === null) return;
    this.#options.trace(`${this.name} sleeps for ${ms}`);
    const untilMs = this.#options.clock.nowMs + ms;
    this.#life.asleepUntilMs = untilMs;
    this.#options.network.downUntilMs.set(this.name, untilMs);
    for (const connection of this.#options.network.connections)
      if (connection.machine === this.name) connection.silence();
  }
}

export function pairingOf(
  guild: string,
  runner: string,
  owner: string,
  keys: { publicKey: string; privateKey: string },
): Pairing {
  return {
    origin: 'http://127.0.0.1:1',
    guild: guild as GuildId,
    guildName: 'guild',
    runner: runner as RunnerId,
    owner: owner as UserId,
    ownerName: 'olga',
    ...keys,
  } as Pairing;
}
