/** A whole system for tests of faults: a stub CLI, a runner with little patience, and a proxy between it and the Worker. */
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import type { Channel } from '../../../playground/discord/people/channel-handle.ts';
import type { ShownMessage } from '../../../playground/discord/people/view.ts';
import type { LocalRunner } from '../../../playground/runner.ts';
import { System, type SystemOptions } from '../../../playground/system.ts';
import { type StubClaude, stubClaude } from '../../stub-claude-script.ts';
import { TcpProxy } from '../link/proxy.ts';
import { ofBot, Stage } from '../stage.ts';
import { killWorkerd } from './platform.ts';

const RUNNER = join(import.meta.dirname, '../hurried-runner.ts');

/** What is tried again in seconds or minutes is here tried again at once. */
const DURATIONS = {
  presenceGraceMs: 300,
  safetyMs: 500,
  retryFirstMs: 100,
  retryMaxMs: 500,
  decisionLateMs: 1_000,
  promptShownMs: 500,
};

/** What Discord's limits do to Heddle has tests of its own; here nobody waits for them. Requests in a window. */
const LIMITS = {
  create: 1000,
  edit: 1000,
  delete: 1000,
  channel: 1000,
  webhook: 1000,
  read: 1000,
  thread: 1000,
  member: 1000,
  global: 10_000,
};

interface Restarts {
  count: number;
  heard: () => void;
}

export class FaultStage extends Stage {
  readonly proxy: TcpProxy;
  readonly stub: StubClaude;
  readonly runner: LocalRunner;
  readonly #restarts: Restarts;

  private constructor(
    system: System,
    proxy: TcpProxy,
    stub: StubClaude,
    runner: LocalRunner,
    restarts: Restarts,
  ) {
    super(system);
    this.proxy = proxy;
    this.stub = stub;
    this.runner = runner;
    this.#restarts = restarts;
  }

  /** `claude`: the CLI; default the stub. */
  static async start(options: SystemOptions, claude: 'stub' | 'real'): Promise<FaultStage> {
    const restarts = { count: 0, heard: () => {} };
    const system = await System.start({
      discord: { limits: LIMITS },
      ...options,
      durations: { ...DURATIONS, ...options.durations },
      onWorkerRestart: () => {
        restarts.count += 1;
        restarts.heard();
      },
    });
    const proxy = new TcpProxy(() => new URL(system.worker.origin));
    try {
      const near = await proxy.listen();
      const stub = stubClaude(system.folder);
      // A runner is paired with the address at which its person asked: that of the proxy. People's own requests go past it.
      system.discord.setInteractionsUrl(`${near}/interactions`);
      const runner = await system.addRunner({
        main: RUNNER,
        ...(claude === 'stub' ? { claude: stub.bin } : {}),
      });
      system.discord.setInteractionsUrl(`${system.worker.origin}/interactions`);
      return new FaultStage(system, proxy, stub, runner, restarts);
    } catch (error) {
      await proxy.close();
      await system.stop();
      throw error;
    }
  }

  async stop(): Promise<void> {
    await this.system.stop();
    await this.proxy.close();
  }

  /** SIGKILL of workerd; resolves when another one runs. */
  async crash(): Promise<void> {
    const before = this.#restarts.count;
    const again = new Promise<void>((resolve) => {
      this.#restarts.heard = () => this.#restarts.count > before && resolve();
    });
    killWorkerd();
    await again;
  }

  get owner() {
    return this.system.owner;
  }

  ask(thread: Channel, prompt: string): Promise<ShownMessage> {
    return this.command(this.owner, thread.id, 'ask', { prompt });
  }

  /** The turn with these words has its footer: all of it is shown. */
  finished(thread: Channel, words: string | RegExp): Promise<ShownMessage> {
    return this.discord.waitFor(
      () => ofBot(thread).findLast((m) => hasWords(m.text, words) && /^-# .*\d+s/m.test(m.text)),
      { timeoutMs: 30_000, what: `the end of "${words}" in ${thread.name}` },
    );
  }

  /** What the stub was asked with these words, over all its processes. */
  prompts(words: string): number {
    return this.stub.read().filter((entry) => entry.event === 'prompt' && entry.text.includes(words)).length;
  }

  /** Asks something and waits for its answer: what came before is over, and nothing is stuck. */
  async stillWorks(thread: Channel): Promise<void> {
    this.#fences += 1;
    const words = `fence-${this.#fences}`;
    await this.ask(thread, words);
    await this.says(thread, `Echo: ${words}`);
    expect(this.count(thread, `Echo: ${words}`)).toBe(1);
  }
  #fences = 0;

  /** Nothing of the thread can be pressed any more. */
  async buttonless(thread: Channel): Promise<void> {
    // Reply stands on the newest turn for as long as it is the newest.
    const none = () =>
      ofBot(thread).every((message) => message.buttons.every(({ label }) => label === 'Reply'));
    await this.discord.waitFor(none, { what: 'the last button to go' });
  }
}

export function useFaults(
  options: SystemOptions = {},
  claude: 'stub' | 'real' = 'stub',
): { readonly stage: FaultStage } {
  let stage: FaultStage | null = null;
  beforeAll(async () => {
    stage = await FaultStage.start(options, claude);
  });
  afterEach(() => {
    stage?.discord.faults.clear();
    expect(stage?.discord.violations ?? [], 'what Discord would have refused').toEqual([]);
  });
  afterAll(() => stage?.stop());
  return {
    get stage() {
      if (stage === null) throw new Error('the system did not start');
      return stage;
    },
  };
}

function hasWords(text: string, words: string | RegExp): boolean {
  return typeof words === 'string' ? text.includes(words) : words.test(text);
}
