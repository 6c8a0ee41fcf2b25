/** The whole system with the real CLI, and a proxy between the runner and the Worker. */
import { join } from 'node:path';
import type { Channel } from '../../playground/discord/people/channel-handle.ts';
import type { LocalRunner } from '../../playground/runner.ts';
import { System } from '../../playground/system.ts';
import type { Mutation } from '../../playground/worker.ts';
import { TcpProxy } from '../e2e/link/proxy.ts';

const RUNNER = join(import.meta.dirname, '../e2e/hurried-runner.ts');
/** What is tried again in seconds or minutes is here tried again at once; nothing gives up. */
const DURATIONS = {
  presenceGraceMs: 500,
  safetyMs: 1_000,
  retryFirstMs: 100,
  retryMaxMs: 1_000,
  linkPollMs: 500,
  linkSilentMs: 5_000,
  longTurnMs: 60 * 60_000,
};
/** Tight enough to be met now and then, wide enough for a lot to happen in seconds. Requests in a window. */
const LIMITS = { create: 20, edit: 20, channel: 40, read: 40, webhook: 40 };

export class ChaosStage {
  readonly system: System;
  readonly proxy: TcpProxy;
  readonly runner: LocalRunner;
  readonly #restarts: { heard: () => void };

  private constructor(system: System, proxy: TcpProxy, runner: LocalRunner, restarts: { heard: () => void }) {
    this.system = system;
    this.proxy = proxy;
    this.runner = runner;
    this.#restarts = restarts;
  }

  static async start(mutations: readonly Mutation[] = []): Promise<ChaosStage> {
    const restarts = { heard: () => {} };
    const system = await System.start({
      discord: { limits: LIMITS },
      durations: DURATIONS,
      mutations,
      onWorkerRestart: () => restarts.heard(),
    });
    const proxy = new TcpProxy(() => new URL(system.worker.origin));
    try {
      const near = await proxy.listen();
      // A runner is paired with the address at which its person asked: that of the proxy. People's own requests go past it.
      system.discord.setInteractionsUrl(`${near}/interactions`);
      const runner = await system.addRunner({ main: RUNNER });
      system.discord.setInteractionsUrl(`${system.worker.origin}/interactions`);
      return new ChaosStage(system, proxy, runner, restarts);
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

  /** The next time that workerd, killed, runs again. */
  workerdAgain(): Promise<void> {
    return new Promise((resolve) => {
      this.#restarts.heard = resolve;
    });
  }

  /** What everybody sees of the bot's in a thread. */
  shown(thread: Channel) {
    return thread.messages.filter((m) => m.fromBot && m.onlyFor === undefined && !m.system);
  }

  get owner() {
    return this.system.discord.user(this.system.owner);
  }
}
