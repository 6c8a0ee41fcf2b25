/**
 * Heddle as a whole on this machine: the Worker in workerd, runners as processes of their own, the real Claude CLI; Discord is the
 * emulator and the model is scripted. `npm start` shows it in a page, the end-to-end tests play on it.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { ALL_COMMANDS } from '../worker/interactions/commands.ts';
import { registerCommands } from '../worker/interactions/registration.ts';
import type { Discord } from './discord/discord.ts';
import type { Channel } from './discord/people/channel-handle.ts';
import type { Guild, Member } from './discord/people/guild-handle.ts';
import type { Actor } from './discord/people/user.ts';
import { type DiscordOptions, startDiscord } from './discord/start.ts';
import { modelEnvironment } from './model/environment.ts';
import { type Model, type ModelOptions, startModel } from './model/server.ts';
import { LocalRunner, type RunnerSetup } from './runner.ts';
import { type LocalWorker, type Mutation, startWorker } from './worker.ts';

export interface SystemOptions {
  readonly discord?: DiscordOptions;
  readonly model?: ModelOptions;
  /** Shorter waits, by the names in worker/platform/durations.ts. */
  readonly durations?: Readonly<Record<string, number>>;
  readonly workerPort?: number;
  /** False: runners keep this machine's own environment, so the CLI uses its person's login. */
  readonly scriptedModel?: boolean;
  /** Changes to the Worker's source. */
  readonly mutations?: readonly Mutation[];
  /** Called when workerd had ended by itself and runs again. */
  readonly onWorkerRestart?: () => void;
}

export interface RunnerOptions {
  readonly name?: string;
  readonly owner?: Member;
  /** Project names and their folders; default: `demo` in a fresh folder. */
  readonly projects?: Readonly<Record<string, string>>;
  /** The Claude CLI; default: the one that this package installs. */
  readonly claude?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** The runner's program; default: its source. */
  readonly main?: string;
  /** True: Ctrl-C in this terminal does not reach the runner; `stop` ends it. */
  readonly ownGroup?: boolean;
}

/** How long a pairing may take, runner start included. */
const PAIRING_TIMEOUT_MS = 30_000;
const CATALOGUE_POLL_MS = 20;

export class System implements AsyncDisposable {
  readonly discord: Discord;
  readonly guild: Guild;
  /** A text channel, `general`. */
  readonly channel: Channel;
  /** Manages the server, and owns the runners unless told otherwise. */
  readonly owner: Member;
  readonly model: Model;
  readonly worker: LocalWorker;
  /** Everything that is written for this run, under the system's temporary folder. */
  readonly folder: string;
  readonly runners: LocalRunner[] = [];
  readonly #scripted: boolean;

  private constructor(
    discord: Discord,
    model: Model,
    worker: LocalWorker,
    folder: string,
    scripted: boolean,
  ) {
    this.discord = discord;
    this.model = model;
    this.worker = worker;
    this.folder = folder;
    this.#scripted = scripted;
    this.guild = discord.createGuild({ name: 'Loom' });
    this.channel = this.guild.createChannel({ name: 'general', type: 'text' });
    this.owner = this.guild.addMember({ name: 'olga', permissions: ['MANAGE_GUILD'] });
  }

  static async start(options: SystemOptions = {}): Promise<System> {
    const folder = mkdtempSync(join(tmpdir(), 'heddle-'));
    const discord = await startDiscord(options.discord);
    const model = await startModel(options.model);
    const worker = await startWorker({
      port: options.workerPort ?? 0,
      persist: join(folder, 'objects'),
      ...(options.onWorkerRestart === undefined ? {} : { onRestart: options.onWorkerRestart }),
      mutations: options.mutations ?? [],
      bindings: {
        DISCORD_API_URL: discord.apiUrl,
        DISCORD_APPLICATION_ID: discord.applicationId,
        DISCORD_PUBLIC_KEY: discord.publicKey,
        DISCORD_BOT_TOKEN: discord.botToken,
        // Reading the thread for plain messages is on where it is asked for, so that other tests count their own requests.
        HEDDLE_DURATIONS: JSON.stringify({ listenForMs: 0, ...options.durations }),
      },
    }).catch(async (error: unknown) => {
      await Promise.allSettled([discord.close(), model.close()]);
      throw error;
    });
    discord.setInteractionsUrl(`${worker.origin}/interactions`);
    const system = new System(discord, model, worker, folder, options.scriptedModel ?? true);
    await registerCommands(
      { api: discord.apiUrl, application: discord.applicationId, token: discord.botToken, guild: null },
      ALL_COMMANDS,
      fetch,
    );
    return system;
  }

  /** Starts a runner and pairs it, the way a person does: the command, the link, the fingerprint, Confirm. */
  async addRunner(options: RunnerOptions = {}): Promise<LocalRunner> {
    const name = options.name ?? 'laptop';
    const owner = this.discord.user(options.owner ?? this.owner);
    const home = join(this.folder, 'runners', name);
    const projects = options.projects ?? { demo: this.makeFolder(`${name}-demo`) };
    mkdirSync(home, { recursive: true, mode: 0o700 });
    const asked = await owner.command(this.channel.id, 'runner pair');
    const first = await asked.final();
    const link = /https?:\/\/\S+#pair=[\w.-]+/.exec(first.text)?.[0];
    if (link === undefined) throw new Error(`no pairing link in: ${asked.failed ?? first.text}`);
    const setup: RunnerSetup = {
      name,
      home,
      projects,
      claude: options.claude ?? null,
      ...(options.main === undefined ? {} : { main: options.main }),
      ownGroup: options.ownGroup ?? false,
      env: {
        ...(this.#scripted ? modelEnvironment(this.model.url, this.userHome(name)) : {}),
        ...options.env,
      },
    };
    const runner = new LocalRunner(setup);
    this.runners.push(runner);
    runner.start(link);
    const confirmable = await this.discord.waitFor(
      () => {
        const message = this.discord.message(first.id);
        return message?.buttons.some((button) => button.label === 'Confirm') ? message : undefined;
      },
      { timeoutMs: PAIRING_TIMEOUT_MS, what: `the fingerprint of ${name}; it said:\n${runner.output}` },
    );
    const confirmed = await owner.click(confirmable.id, 'Confirm');
    if (confirmed.failed !== undefined) throw new Error(`the pairing was not confirmed: ${confirmed.failed}`);
    await runner.said('Online in');
    await this.#offers(owner, Object.keys(projects));
    return runner;
  }

  /** Waits until the guild has the runner's catalogue: its projects come up as choices. */
  async #offers(owner: Actor, projects: readonly string[]): Promise<void> {
    const untilMs = Date.now() + PAIRING_TIMEOUT_MS;
    while (Date.now() < untilMs) {
      const { choices } = await owner.autocomplete(this.channel.id, 'new', 'project');
      if (projects.every((project) => choices.some((choice) => choice.value === project))) return;
      await setTimeout(CATALOGUE_POLL_MS);
    }
    throw new Error(`the guild was not told of ${projects.join(', ')}`);
  }

  /** The home folder of the person whose Claude a runner uses; not in the runner's own, which Claude may not touch. */
  userHome(runner: string): string {
    return join(this.folder, 'users', runner);
  }

  /** A fresh folder that a project may live in. */
  makeFolder(name: string): string {
    const folder = join(this.folder, 'projects', name);
    mkdirSync(folder, { recursive: true });
    return folder;
  }

  async stop(): Promise<void> {
    await Promise.allSettled(this.runners.map((runner) => runner.stop()));
    await Promise.allSettled([this.worker.close(), this.model.close(), this.discord.close()]);
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }
}
