/** What goes wrong, one thing after another, at random. Each leaves things so that they can get well again. */
import { setTimeout } from 'node:timers/promises';
import { evict, killWorkerd } from '../e2e/faults/platform.ts';
import type { Random } from '../simulation/random.ts';
import type { Ledger } from './ledger.ts';
import type { Person } from './people.ts';
import type { ChaosStage } from './stage.ts';

const LINKS = /\/runner\//;
const PAUSE_MS = [100, 900] as const;
/** An eviction waits until its object does nothing, and holds up what it should do meanwhile. */
const QUIET_MS = 300;
const EVICTION_MAX_MS = 1_000;
const DAY_MS = 24 * 60 * 60_000;

type Deed = (weather: Weather) => Promise<void> | void;

/** How often each happens, and what it is. */
const DEEDS: Readonly<Record<string, readonly [weight: number, deed: Deed]>> = {
  'SIGKILL of the runner': [3, (w) => w.killRunner()],
  'SIGKILL of the runner while a permission is open': [3, (w) => w.killWhileAsked()],
  'links are reset': [4, ({ stage }) => stage.proxy.cut(LINKS)],
  'links are half open': [1, ({ stage }) => stage.proxy.halfOpen(LINKS)],
  'acks are lost': [2, ({ stage }) => stage.proxy.deafen(/\/runner\/session\//)],
  'links are cut within a frame': [2, ({ stage, random }) => stage.proxy.truncate(random.int(1, 60), LINKS)],
  'the runner’s machine sleeps': [2, (w) => w.sleep()],
  'an object is evicted': [3, (w) => w.evict()],
  'SIGKILL of workerd': [2, (w) => w.crash()],
  'a deploy': [1, ({ stage }) => stage.system.worker.deploy()],
  'Discord fails': [8, (w) => w.spoil()],
  'an interaction comes twice': [2, ({ stage }) => stage.system.discord.faults.duplicateDelivery()],
  'an answer is lost': [1, ({ stage }) => stage.system.discord.faults.loseAnswer()],
  'a moderator deletes a message': [0.7, (w) => w.moderate()],
};

export class Weather {
  readonly stage: ChaosStage;
  readonly random: Random;
  readonly #ledger: Ledger;
  readonly #people: readonly Person[];

  constructor(stage: ChaosStage, ledger: Ledger, random: Random, people: readonly Person[]) {
    this.stage = stage;
    this.random = random;
    this.#ledger = ledger;
    this.#people = people;
  }

  async rage(over: () => boolean): Promise<void> {
    const weights = Object.fromEntries(Object.entries(DEEDS).map(([name, [weight]]) => [name, weight]));
    while (!over()) {
      const name = this.random.weighted(weights);
      this.#ledger.happened(name);
      await DEEDS[name]?.[1](this);
      await setTimeout(this.random.int(...PAUSE_MS));
    }
    this.stage.system.discord.faults.clear();
    // What is half open is found by silence; nobody needs to wait for that here.
    this.stage.proxy.cut(LINKS);
    if (!this.stage.runner.running) this.stage.runner.start();
  }

  async killRunner(): Promise<void> {
    const { runner } = this.stage;
    await runner.stop('SIGKILL');
    await setTimeout(this.random.int(0, 1_000));
    const { length } = runner.output;
    runner.start();
    await runner.said('Heddle runs with', length);
  }

  /** Nobody is asked now: then it is for another time. */
  async killWhileAsked(): Promise<void> {
    const asked = this.#people.some(({ thread }) =>
      this.stage.shown(thread).some(({ buttons }) => buttons.some(({ label }) => label === 'Allow')),
    );
    if (asked) await this.killRunner();
  }

  async sleep(): Promise<void> {
    const { pid } = this.stage.runner;
    if (pid === null) return;
    process.kill(pid, 'SIGSTOP');
    await setTimeout(this.random.int(100, 1_500));
    process.kill(pid, 'SIGCONT');
  }

  async evict(): Promise<void> {
    const { discord, guild } = this.stage.system;
    const how = this.random.chance(0.5) ? 'hibernate' : 'close';
    const person = this.random.pick(this.#people);
    const before = discord.log.length;
    await setTimeout(QUIET_MS);
    if (person === undefined || discord.log.length > before) return;
    const [kind, name] = this.random.chance(0.7)
      ? (['Session', person.thread.id] as const)
      : (['Guild', guild.id] as const);
    // Busy after all: then it was only held up.
    const done = evict(this.stage.system.worker, kind, name, how).catch(() => {});
    await Promise.race([done, setTimeout(EVICTION_MAX_MS)]);
  }

  async crash(): Promise<void> {
    const again = this.stage.workerdAgain();
    killWorkerd();
    await again;
  }

  /** The next request that writes in a thread meets it. */
  async spoil(): Promise<void> {
    const { random } = this;
    const { faults } = this.stage.system.discord;
    const where = { method: random.chance(0.5) ? 'POST' : 'PATCH', path: /^\/channels\/\d+\/messages/ };
    const kind = random.weighted({ limit: 2, global: 1, error: 3, drop: 2, done: 3, slow: 2, hang: 2 });
    const lost = { drop: true, afterApply: true };
    const kinds = {
      limit: { retryAfter: 0.3 },
      global: { retryAfter: 0.3, global: true },
      error: { status: random.chance(0.5) ? 500 : 502, html: random.chance(0.5), times: random.int(1, 2) },
      drop: { drop: true },
      done: lost,
      slow: { delayMs: random.int(100, 900) },
      hang: { hang: true, afterApply: random.chance(0.5) },
    };
    const fault = faults.next(where, kinds[kind]);
    await setTimeout(random.int(100, 900));
    if (kind === 'hang') fault.release();
  }

  /** Rarely, and only what is finished: what is under way comes back, and then nobody can say how often it should be there. */
  moderate(): void {
    const { discord } = this.stage.system;
    const person = this.random.pick(this.#people);
    if (person === undefined) return;
    const old = this.stage
      .shown(person.thread)
      .slice(0, -6)
      .filter(({ buttons, createdMs }) => buttons.length === 0 && createdMs > discord.now() - DAY_MS);
    const message = this.random.pick(old);
    if (message === undefined) return;
    this.#ledger.deleted.add(message.id);
    discord.deleteMessage(message.id);
  }
}
