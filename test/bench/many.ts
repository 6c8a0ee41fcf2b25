/**
 * Many sessions on one runner, each with a stub CLI that talks: how late events are, whether any is lost, what Discord's global limit
 * does, what the runner occupies; and how soon a runner that was killed has all its links again.
 */
import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Channel } from '../../playground/discord/people/channel-handle.ts';
import type { LocalRunner } from '../../playground/runner.ts';
import { System } from '../../playground/system.ts';
import type { Mutation } from '../../playground/worker.ts';
import type { Snowflake } from '../../protocol/ids.ts';
import { buildRunner } from '../../runner/build.ts';
import { type Figure, figure } from './figure.ts';
import type { Noted } from './note-events.ts';
import type { Run } from './options.ts';
import { median, percentile } from './statistics.ts';

const LATENCY_MS = 20;
/** Who answers in time is another figure's question; here two hundred ask at once. */
const ANSWER_WITHIN_MS = 30_000;
/** Texts of a turn, a call after each, and the time that each text takes. */
const TEXTS = 10;
const TEXT_MS = 2_000;
/** Sessions begun at the same time: Discord's global limit lets no more through. */
const AT_ONCE = 8;
/** Of them in one channel. */
const A_CHANNEL = 5;
const KILLED = 50;
const POLL_MS = 50;
const TIMEOUT_MS = 90_000;
const MB = 1_000_000;
const KIB = 1024;
const NOTES = './note-events.ts';
const END = /^-# \d[^\n]*$/m;

const MUTATIONS: readonly Mutation[] = [
  {
    file: 'worker/session/session.ts',
    from: "import { DurableObject } from 'cloudflare:workers';",
    to: `import { DurableObject } from 'cloudflare:workers'; import { noteAcked, noteEvents } from '${NOTES}';`,
  },
  {
    file: 'worker/session/session.ts',
    from: '#takeEvents(runner: RunnerId, items: readonly unknown[]): void {',
    to: "#takeEvents(runner: RunnerId, items: readonly unknown[]): void { noteEvents(items, this.ctx.id.name ?? '');",
  },
  {
    file: 'worker/session/session.ts',
    from: "else if (handled === 'acked') {",
    to: "else if (handled === 'acked') { noteAcked(this.ctx.id.name ?? '');",
  },
  {
    file: 'worker/index.ts',
    from: "app.get('/', ",
    to: "app.get('/bench/notes', (context) => context.json(takeNotes()));\napp.get('/', ",
  },
  {
    file: 'worker/index.ts',
    from: "import { frontPage } from './page.ts';",
    to: `import { frontPage } from './page.ts'; import { takeNotes } from '../test/bench/note-events.ts';`,
  },
];

export async function many(run: Run): Promise<Figure[]> {
  if (!run.wants('many') && !run.wants('recovery')) return [];
  const sessions = run.quick ? 40 : 200;
  await using system = await System.start({
    discord: { latencyMs: LATENCY_MS, answerWithinMs: ANSWER_WITHIN_MS },
    durations: { longTurnMs: 3_600_000 },
    mutations: MUTATIONS,
  });
  const claude = join(system.folder, 'many-stub.pl');
  copyFileSync(join(import.meta.dirname, 'many-stub.pl'), claude);
  chmodSync(claude, 0o755);
  const main = await buildRunner(join(system.folder, 'packed'));
  const runner = await system.addRunner({ claude, main });
  await roomFor(runner, sessions);
  const idleBytes = residentBytes(runner.pid);
  const beganMs = performance.now();
  const threads = await begin(system, sessions);
  run.say(`many: ${sessions} sessions begun in ${Math.round(performance.now() - beganMs)} ms`);
  return [
    ...(run.wants('many') ? await talk(system, runner, threads, idleBytes, run) : []),
    ...(run.wants('recovery') ? await recovery(system, runner, threads.slice(0, KILLED), run) : []),
  ];
}

/** A turn in each at the same time. */
async function talk(
  system: System,
  runner: LocalRunner,
  threads: readonly Channel[],
  idleBytes: number,
  run: Run,
): Promise<Figure[]> {
  const { discord } = system;
  await notes(system);
  const logged = discord.log.length;
  const before = new Map(threads.map((thread) => [thread, ends(thread)]));
  await Promise.all(threads.map((thread) => ask(system, thread, `many:${TEXTS}:${TEXT_MS}`)));
  const isShown = (thread: Channel) => ends(thread) > (before.get(thread) ?? 0);
  const untilMs = performance.now() + TIMEOUT_MS;
  while (!threads.every(isShown) && performance.now() < untilMs) await sleep(POLL_MS);
  const bytes = residentBytes(runner.pid);
  const { delaysMs } = await notes(system);
  const all = Object.values(delaysMs);
  // A text and the call after it, and the last text.
  const expected = threads.length * (2 * TEXTS + 1);
  const requests = discord.log.slice(logged).filter(({ dir }) => dir === 'in');
  const limited = requests.filter(({ status }) => status === 429).length;
  const shown = threads.filter(
    (thread) => isShown(thread) && own(thread).some(({ text }) => text.includes('The end 9')),
  );
  run.say(`many: ${all.length} of ${expected} events, ${requests.length} requests, ${limited} 429s`);
  const name = `many, ${threads.length} sessions`;
  return [
    figure(`${name}: event, stdout to commit, median`, median(all), 'ms'),
    figure(`${name}: event, stdout to commit, p99`, percentile(all, 0.99), 'ms', { under: 1000 }),
    figure(`${name}: events lost`, expected - all.length, '', { atMost: 0 }),
    figure(`${name}: final texts missing`, threads.length - shown.length, '', { atMost: 0 }),
    figure(`${name}: 429s of all requests`, (100 * limited) / requests.length, '%', { under: 1 }),
    figure(`${name}: requests to Discord`, requests.length, ''),
    figure(`${name}: the runner’s memory a session`, (bytes - idleBytes) / threads.length / MB, 'MB', {
      under: 0.5,
    }),
  ];
}

/** From SIGKILL of the runner to the ack of the last command that was given meanwhile. */
async function recovery(
  system: System,
  runner: LocalRunner,
  threads: readonly Channel[],
  run: Run,
): Promise<Figure[]> {
  await notes(system);
  const killedMs = Date.now();
  await runner.stop('SIGKILL');
  runner.start();
  await Promise.all(threads.map((thread) => ask(system, thread, 'hello again')));
  const accepted = new Map<string, number>();
  const untilMs = performance.now() + TIMEOUT_MS;
  while (accepted.size < threads.length && performance.now() < untilMs) {
    for (const [thread, atMs] of Object.entries((await notes(system)).acked))
      if (!accepted.has(thread)) accepted.set(thread, atMs);
    await sleep(POLL_MS);
  }
  const tookMs = accepted.size < threads.length ? Number.NaN : Math.max(...accepted.values()) - killedMs;
  run.say(`recovery: ${accepted.size} of ${threads.length} accepted a command, the last after ${tookMs} ms`);
  return [
    figure(
      `recovery: SIGKILL of a runner with ${threads.length} sessions to all commands accepted`,
      tookMs,
      'ms',
    ),
  ];
}

/** `/new` for each; resolves when each first turn has ended. */
async function begin(system: System, count: number): Promise<Channel[]> {
  const threads: Channel[] = [];
  const user = system.discord.user(system.owner);
  let left = count;
  const some = async (_: unknown, n: number) => {
    // Discord: five messages in five seconds in one channel, and each session has its card there.
    for (let channel = system.guild.createChannel({ name: `many-${n}`, type: 'text' }); left > 0; ) {
      left -= 1;
      if (channel.threads.length === A_CHANNEL)
        channel = system.guild.createChannel({ name: `many-${n}-${left}`, type: 'text' });
      const here = channel;
      const known = here.threads.length;
      await user.command(here.id, 'new', { prompt: 'hello' });
      const thread = await system.discord.waitFor(() => here.threads[known], {
        timeoutMs: TIMEOUT_MS,
        what: 'a thread',
      });
      await thread.waitFor(() => ends(thread) > 0, { timeoutMs: TIMEOUT_MS, what: 'the first turn' });
      threads.push(thread);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, some));
  return threads;
}

async function ask(system: System, thread: Channel, prompt: string): Promise<void> {
  const outcome = await system.discord.user(system.owner).command(thread.id as Snowflake, 'ask', { prompt });
  if (outcome.failed !== undefined) throw new Error(`/ask: ${outcome.failed}`);
}

/** Lets the runner hold so many processes; it reads its settings when they change. */
async function roomFor(runner: LocalRunner, count: number): Promise<void> {
  const file = join(runner.setup.home, 'settings.json');
  const settings = JSON.parse(readFileSync(file, 'utf8')) as object;
  writeFileSync(file, JSON.stringify({ ...settings, maxProcesses: Math.min(256, count + 8) }));
  await runner.stop();
  const from = runner.output.length;
  runner.start();
  await runner.said('Online in', from);
}

async function notes(system: System): Promise<Noted> {
  return (await (await fetch(`${system.worker.origin}/bench/notes`)).json()) as Noted;
}

function own(thread: Channel) {
  return thread.messages.filter(({ fromBot, onlyFor }) => fromBot && onlyFor === undefined);
}

function ends(thread: Channel): number {
  return own(thread).filter(({ text }) => END.test(text)).length;
}

/** The resident set of one process, without its children. */
export function residentBytes(pid: number | null): number {
  if (pid === null) return Number.NaN;
  // `ps` of Linux and macOS alike gives KiB.
  return Number(execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' })) * KIB;
}
