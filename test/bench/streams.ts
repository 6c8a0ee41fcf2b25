/** How streamed text reads in a thread: the real CLI between a scripted model and the emulator, which answers in 100 ms. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { WrittenText } from '../../playground/model/server.ts';
import { System } from '../../playground/system.ts';
import { LONG_TEXT_CHARS } from '../../protocol/limits.ts';
import { Conversation } from './conversation.ts';
import { type Figure, figure } from './figure.ts';
import type { Run } from './options.ts';
import { type Reading, read, type Shown } from './reading.ts';
import { median, p95, seeded } from './statistics.ts';

const BUCKETS = ['separate', 'shared'] as const;
type Buckets = (typeof BUCKETS)[number];

const LATENCY_MS = 100;
const DELTA_CHARS = 8;
const EVERY_MS = 25;
/** A longer text is shown by its beginning and its end, and the bench counts words. Seconds. */
const LONGEST_S = Math.floor(((LONG_TEXT_CHARS / DELTA_CHARS) * EVERY_MS) / 1000);
/** A long turn ends with a notification that repeats its first words; the bench counts words. */
const DURATIONS = { longTurnMs: 3_600_000 };
/** A person reads an answer before asking again, so the rate limits' windows of the last turn (5 s) are over. */
const PAUSE_MS = 5_000;
/** And a random time on top. */
const PAUSE_MORE_MS = 1_000;
/** Requests of a turn's end may still be under way. */
const SETTLE_MS = 300;

interface Stage {
  readonly buckets: Buckets;
  readonly system: System;
  /** When each piece of text left the model, by prompt. */
  readonly written: Map<string, number[]>;
  readonly conversations: Conversation[];
}

interface Scenario {
  readonly name: string;
  /** Deltas of one run. */
  readonly deltas: (random: () => number) => number;
  readonly runs: number;
  /** Sessions that stream at the same time. */
  readonly sessions: number;
  /** What a run of several messages is judged by: its length in this many windows of five seconds. */
  readonly windows: (deltas: number) => number;
}

const WINDOW_MS = 5_000;
const windows = (deltas: number): number => Math.max(1, (deltas * EVERY_MS) / WINDOW_MS);

export async function streams(run: Run): Promise<Figure[]> {
  const { quick } = run;
  const seconds = quick ? 20 : LONGEST_S;
  const perSecond = 1000 / EVERY_MS;
  const scenarios: readonly Scenario[] = [
    { name: '200 deltas', deltas: () => 200, runs: quick ? 3 : 20, sessions: 1, windows: () => 1 },
    { name: 'two sessions', deltas: () => 200, runs: quick ? 1 : 5, sessions: 2, windows: () => 1 },
    { name: '800 deltas', deltas: () => 800, runs: quick ? 1 : 4, sessions: 1, windows },
    {
      name: `${seconds} s`,
      // It ends anywhere within the last two windows.
      deltas: (random) => Math.round((seconds - random() * 10) * perSecond),
      runs: quick ? 1 : 2,
      sessions: 1,
      windows,
    },
  ];
  const wanted = scenarios.filter(({ name }) => run.wants(`stream ${name}`));
  if (wanted.length === 0) return [];
  const stages = await Promise.all(BUCKETS.map(open));
  try {
    const figures: Figure[] = [];
    // With separate and with shared buckets at the same time: each has a Discord, a Worker and a runner of its own.
    for (const scenario of wanted) {
      const all = await Promise.all(
        stages.map((stage, n) => play(stage, scenario, seeded(run.seed + n), run)),
      );
      figures.push(...all.flat());
    }
    return figures;
  } finally {
    await Promise.allSettled(stages.map(({ system }) => system.stop()));
  }
}

async function open(buckets: Buckets): Promise<Stage> {
  const written = new Map<string, number[]>();
  const onText = ({ prompt, atMs }: WrittenText) =>
    written.set(prompt, [...(written.get(prompt) ?? []), atMs]);
  const system = await System.start({
    discord: { latencyMs: LATENCY_MS, buckets },
    model: { onText },
    durations: DURATIONS,
  });
  const stage: Stage = { buckets, system, written, conversations: [] };
  try {
    await system.addRunner();
    for (let n = 0; n < 2; n++) stage.conversations.push(await Conversation.begin(system, `say: ready ${n}`));
    return stage;
  } catch (error) {
    await system.stop();
    throw error;
  }
}

async function play(stage: Stage, scenario: Scenario, random: () => number, run: Run): Promise<Figure[]> {
  const readings: Reading[] = [];
  const calls: number[] = [];
  for (let at = 0; at < scenario.runs; at++) {
    await sleep(PAUSE_MS + PAUSE_MORE_MS * random());
    const some = stage.conversations.slice(0, scenario.sessions);
    const deltas = scenario.deltas(random);
    const got = await Promise.all(
      some.map((one, n) => stream(stage, one, deltas, `${scenario.name}, ${at}.${n}`)),
    );
    for (const reading of got) {
      readings.push(reading);
      calls.push(reading.calls / scenario.windows(deltas));
    }
    run.say(`${scenario.name}, ${stage.buckets}: ${got.map(words).join('; ')}`);
  }
  return figures(`${scenario.name}, ${stage.buckets} buckets`, readings, calls, scenario);
}

const words = (r: Reading): string =>
  `first ${r.firstMs.toFixed(0)} gap ${r.gapMs.toFixed(0)} final ${r.finalMs.toFixed(0)} calls ${r.calls} 429 ${r.limited} twice ${r.twice} missing ${r.missing}`;

async function stream(
  stage: Stage,
  conversation: Conversation,
  deltas: number,
  mark: string,
): Promise<Reading> {
  const { system, written } = stage;
  const { thread } = conversation;
  const known = new Set(thread.allMessages.map(({ id }) => id));
  const logged = system.discord.log.length;
  // The mark tells one run's text from another's; the scripted model looks at the words before it.
  const prompt = `stream ${deltas}x${DELTA_CHARS}@${EVERY_MS} (${mark})`;
  await conversation.turn(prompt);
  await sleep(SETTLE_MS);
  const writtenMs = written.get(prompt) ?? [];
  if (writtenMs.length !== deltas) throw new Error(`the model wrote ${writtenMs.length} of ${deltas} deltas`);
  const shown: Shown[] = thread.allMessages
    .filter(({ id, fromBot, onlyFor }) => fromBot && onlyFor === undefined && !known.has(id))
    .flatMap(({ id, history }) =>
      history.map(({ t_ms, content }) => ({ message: id, atMs: t_ms, text: content })),
    )
    .sort((a, b) => a.atMs - b.atMs);
  const calls = system.discord.log
    .slice(logged)
    .filter(({ dir, path }) => dir === 'in' && path.includes(`/channels/${thread.id}`))
    .map(({ t_ms, status }) => ({ atMs: t_ms, status }));
  return read({ writtenMs, shown, calls });
}

function figures(
  name: string,
  all: readonly Reading[],
  calls: readonly number[],
  { runs, sessions, windows: parts }: Scenario,
): Figure[] {
  const firstMs = all.map((one) => one.firstMs);
  const gapMs = all.map((one) => one.gapMs);
  const finalMs = all.map((one) => one.finalMs);
  const sum = (of: (one: Reading) => number) => all.reduce((total, one) => total + of(one), 0);
  const long = parts(2 * (WINDOW_MS / EVERY_MS)) > 1;
  return [
    figure(`${name}: first text, median`, median(firstMs), 'ms', { under: 300 }),
    figure(`${name}: first text, p95`, p95(firstMs), 'ms'),
    figure(`${name}: longest time without new text, median`, median(gapMs), 'ms', { under: 1400 }),
    figure(`${name}: longest time without new text, p95`, p95(gapMs), 'ms', { under: 1400 }),
    figure(`${name}: final text, median`, median(finalMs), 'ms', { under: 200 }),
    figure(`${name}: final text, p95`, p95(finalMs), 'ms', { under: 500 }),
    figure(`${name}: REST calls${long ? ' in 5 s' : ''}, most`, Math.max(...calls), 'calls', { atMost: 7 }),
    figure(
      `${name}: 429s`,
      sum((one) => one.limited),
      '',
      { atMost: 0 },
    ),
    figure(
      `${name}: words twice`,
      sum((one) => one.twice),
      '',
      { atMost: 0 },
    ),
    figure(
      `${name}: words missing`,
      sum((one) => one.missing),
      '',
      { atMost: 0 },
    ),
    figure(`${name}: streams measured`, runs * sessions, ''),
  ];
}
