/** What goes wrong, and when: people act and parts break at random, until the storm is over. */
import { NO_FAULTS } from './models/discord.ts';
import { disturb } from './models/people.ts';
import type { ModelRunner } from './models/runner.ts';
import { THREADS, type World } from './world.ts';

const HOUR_MS = 3_600_000;

/** Which kinds of trouble a run has; a run with all of them at once hides more than it finds. */
interface Weather {
  readonly people: number;
  readonly sockets: number;
  readonly objects: number;
  readonly runners: number;
  readonly discord: number;
  readonly days: number;
  readonly storage: number;
}

function weatherOf({ random }: World): Weather {
  const maybe = (weight: number) => (random.chance(0.6) ? weight : 0);
  return {
    people: 12,
    sockets: maybe(3),
    objects: maybe(3),
    runners: maybe(1.5),
    discord: maybe(3),
    days: maybe(0.15),
    storage: maybe(0.3),
  };
}

export async function storm(world: World, acts: number, step: () => void): Promise<void> {
  const { random, clock, network } = world;
  const weather = weatherOf(world);
  world.note(`weather ${JSON.stringify(weather)} habits ${JSON.stringify(world.habits)}`);
  if (weather.sockets > 0) network.duplicates = 0.05;
  if (weather.objects > 0) world.alarmFaults = { late: 0.1, twice: 0.1, lost: 0.01 };
  for (let n = 0; n < acts; n += 1) {
    await clock.runUntil(clock.nowMs + random.spread(20, 15_000), step);
    world.people.act();
    const { people, ...troubles } = weather;
    if (world.skipMs > 0) {
      world.note(`${world.skipMs / HOUR_MS} hours pass`);
      await clock.runUntil(clock.nowMs + world.skipMs, step);
      world.skipMs = 0;
    }
    if (random.chance(people / (people + Object.values(troubles).reduce((sum, one) => sum + one, 0))))
      continue;
    trouble(world, random.weighted(troubles));
  }
}

function trouble(world: World, kind: Exclude<keyof Weather, 'people'>): void {
  const { random, clock, discord, ledger, guild } = world;
  const runner = random.pick(world.runners);
  const thread = world.thread(random.pick(THREADS) ?? ('300' as never));
  if (runner === undefined) return;
  switch (kind) {
    case 'sockets':
      return breakSocket(world, runner);
    case 'objects': {
      if (random.chance(0.15)) {
        guild.downUntilMs = clock.nowMs + random.spread(1_000, 600_000);
        return world.note('the guild is down');
      }
      if (random.chance(0.5)) thread.host.hibernate();
      else thread.host.reset('the platform');
      return;
    }
    case 'runners':
      return breakRunner(world, runner);
    case 'discord': {
      if (random.chance(0.5))
        return world.note(`moderator: ${disturb(discord.channel(thread.id), random, ledger)}`);
      const rough = () => (random.chance(0.3) ? random.next() / 4 : 0);
      discord.faults = {
        lost: rough(),
        unanswered: rough(),
        error500: rough(),
        error500applied: rough(),
        global429: rough(),
        page: rough() / 4,
        late: rough(),
        downUntilMs: random.chance(0.1) ? clock.nowMs + random.spread(5_000, HOUR_MS) : 0,
      };
      return world.note(`discord ${JSON.stringify(discord.faults)}`);
    }
    case 'storage':
      world.note(`${thread.id} storage will fail`);
      thread.host.storage.failAfter = random.int(0, 6);
      return;
    case 'days':
      // Rare enough to be worth the time that it takes to play.
      world.skipMs = random.pick([HOUR_MS, 6 * HOUR_MS, 25 * HOUR_MS]) ?? HOUR_MS;
  }
}

function breakSocket({ random, network, clock }: World, runner: ModelRunner): void {
  const mine = [...network.connections].filter(({ machine }) => machine === runner.name);
  const what = random.weighted({ cut: 4, silence: 3, all: 1, down: 1 });
  if (what === 'cut') random.pick(mine)?.cut();
  else if (what === 'silence') random.pick(mine)?.silence();
  else for (const one of mine) one.cut();
  if (what === 'down') network.downUntilMs.set(runner.name, clock.nowMs + random.spread(1_000, HOUR_MS));
}

function breakRunner(world: World, runner: ModelRunner): void {
  const { random, clock } = world;
  const back = (ms: number) =>
    clock.after(
      ms,
      () => {
        if (!world.lost.has(runner.id)) runner.start();
      },
      null,
    );
  switch (
    random.weighted({ crash: 3, afterCommit: 3, stop: 1, sleep: 1, claude: 3, access: 0.5, remove: 0.1 })
  ) {
    case 'crash':
      runner.crash('SIGKILL');
      back(random.spread(500, 600_000));
      return;
    case 'afterCommit':
      runner.journal.crashAfterCommit = () => runner.crash('right after a commit');
      // Should nothing be written for a while, it dies all the same.
      clock.after(
        random.spread(100, 60_000),
        () => {
          if (runner.journal.crashAfterCommit !== null) runner.crash('SIGKILL');
        },
        null,
      );
      back(random.spread(60_000, 600_000));
      return;
    case 'stop':
      void runner.stop().then(() => back(random.spread(100, 600_000)));
      return;
    case 'sleep':
      return runner.sleep(random.spread(10_000, 6 * HOUR_MS));
    case 'claude': {
      const process = random.pick([...world.processes.values()]);
      process?.crash('SIGKILL');
      return;
    }
    case 'access': {
      const shared = world.guild.facts(runner.id).access.members.length > 0;
      world.note(`${runner.name} is ${shared ? 'no longer shared' : 'shared again'}`);
      return world.guild.setAccess(runner.id, { members: shared ? [] : (['2', '3'] as never) });
    }
    case 'remove':
      if (runner.name !== 'r2') return;
      world.note('r2 is removed');
      return world.guild.setAccess(runner.id, { removed: true });
  }
}

/** Everything works again, but perhaps a runner that never comes back. People do nothing more. */
export function calm(world: World): void {
  const { discord, network, guild, random, runners, habits } = world;
  world.note('calm');
  discord.faults = { ...NO_FAULTS };
  for (const channel of discord.channels.values())
    Object.assign(channel, { locked: false, forbidden: false });
  network.duplicates = 0;
  network.downUntilMs.clear();
  guild.downUntilMs = 0;
  world.alarmFaults = { late: 0, twice: 0, lost: 0 };
  Object.assign(habits, { failStart: 0, ask: 0, hang: 0, crash: 0, bySelf: 0 });
  for (const { host } of world.threads.values()) host.storage.failAfter = Number.POSITIVE_INFINITY;
  for (const runner of runners) {
    runner.journal.crashAfterCommit = null;
    if (runner.life !== null) runner.life.asleepUntilMs = 0;
    if (random.chance(0.15)) {
      runner.crash('for good');
      world.lost.add(runner.id);
    } else runner.start();
  }
}
