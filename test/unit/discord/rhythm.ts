/**
 * Plays a stream of text against the model in virtual time and measures what a reader sees.
 * `node test/unit/discord/rhythm.ts` prints a table.
 */
import { RELEASE_MAX_MS } from '../../../worker/discord/plan.ts';
import type { PlainSlot } from '../../../worker/domain/slot.ts';
import { ModelDiscord } from './model-discord.ts';
import { ModelObject, plain } from './model-object.ts';
import { VirtualClock } from './virtual-clock.ts';

const START_MS = 1_800_000_000_000;
const MESSAGE_CHARS = 1900;

export interface Scenario {
  readonly shared: boolean;
  readonly deltas: number;
  readonly everyMs: number;
  readonly latencyMs: number;
  /** The prompt's message is posted this long before the first delta; null: long before. */
  readonly promptBeforeMs: number | null;
  /** Ends at this moment instead of at a delta. */
  readonly endMs?: number;
}

export interface Measured {
  readonly firstMs: number;
  /** Longest time without new text while it streams. */
  readonly gapMs: number;
  readonly finalMs: number;
  readonly requests: number;
  readonly limited: number;
  readonly right: boolean;
  /** When the prompt's message showed that its turn began, after the first delta. */
  readonly asideMs: number;
  /** A stream's request took the last of a window, and not at its very end. */
  readonly greedy: boolean;
}

/** The slots of a text: full messages are final, the last one is live until the end. */
export function slotsOf(text: string, done: boolean): PlainSlot[] {
  const slots: PlainSlot[] = [];
  for (let at = 0, n = 0; at < text.length; at += MESSAGE_CHARS, n++) {
    const isOpen = !done && at + MESSAGE_CHARS >= text.length;
    slots.push(plain(`t.${n}`, text.slice(at, at + MESSAGE_CHARS), { phase: isOpen ? 'live' : 'final' }));
  }
  return slots;
}

export async function play(scenario: Scenario): Promise<Measured> {
  const clock = new VirtualClock(START_MS);
  const discord = new ModelDiscord(clock, scenario.shared);
  discord.latencyMs = scenario.latencyMs;
  const object = new ModelObject(discord);
  const prompt = plain('p', 'prompt', { rows: [[{ label: 'Stop', style: 'danger', id: 'h1:stop:1:0:x' }]] });
  const ended = plain('p', 'prompt');
  object.show([prompt]);
  await clock.runUntil(START_MS + (scenario.promptBeforeMs ?? 60_000));

  const firstMs = clock.nowMs;
  const endMs = firstMs + (scenario.endMs ?? (scenario.deltas - 1) * scenario.everyMs);
  const before = discord.requests;
  const atStart = discord.shown.length;
  let text = '';
  for (let n = 0; firstMs + n * scenario.everyMs <= endMs; n++) {
    await clock.runUntil(firstMs + n * scenario.everyMs);
    text += `${n} `.padStart(8, '.');
    object.show([ended, ...slotsOf(text, false)], 'live');
  }
  await clock.runUntil(endMs);
  object.show([ended, ...slotsOf(text, true)]);
  await clock.runUntil(endMs + 20_000);

  const times = progress(discord, atStart);
  const streaming = times.filter((at) => at <= endMs);
  const steps = [...streaming, endMs].map((at, n, all) => at - (all[n - 1] ?? firstMs));
  const asides = discord.shown.slice(atStart).filter((one) => one.content === 'prompt').length;
  return {
    firstMs: (times[0] ?? Number.NaN) - firstMs,
    gapMs: Math.max(...steps),
    finalMs: (times.at(-1) ?? Number.NaN) - endMs,
    requests: discord.requests - before - asides,
    limited: discord.limited,
    asideMs:
      (discord.shown.slice(atStart).find((one) => one.content === 'prompt')?.atMs ?? Number.NaN) - firstMs,
    right:
      discord.messages
        .slice(1)
        .map((message) => message.content)
        .join('') === text,
    greedy: discord.spent.some(({ route, content, left, leftMs }) => {
      const isLive = !discord.messages.some((message) => message.content === content);
      return route === 'edit' && left === 0 && leftMs > RELEASE_MAX_MS && isLive && content !== 'prompt';
    }),
  };
}

/** When new text became visible. */
function progress(discord: ModelDiscord, from: number): number[] {
  const shown = new Map<string, number>();
  const times: number[] = [];
  for (const one of discord.shown.slice(from)) {
    if (one.content.length > (shown.get(one.message) ?? 0) && one.content !== 'prompt') times.push(one.atMs);
    shown.set(one.message, one.content.length);
  }
  return times;
}

if (import.meta.filename === process.argv[1]) {
  const base = { deltas: 200, everyMs: 25, latencyMs: 100, promptBeforeMs: 800 };
  const table: Record<string, Measured> = {};
  for (const shared of [false, true]) {
    const name = shared ? 'shared' : 'separate';
    for (const promptBeforeMs of [null, 300, 800, 2000])
      table[`${name} 200 deltas, prompt ${promptBeforeMs}`] = await play({ ...base, shared, promptBeforeMs });
    table[`${name} 800 deltas`] = await play({ ...base, shared, deltas: 800 });
    for (const latencyMs of [20, 300, 500])
      table[`${name} ${latencyMs} ms`] = await play({ ...base, shared, latencyMs });
    const finals: number[] = [];
    const gaps: number[] = [];
    for (let endMs = 50_000; endMs < 60_000; endMs += 137) {
      const { finalMs, gapMs } = await play({ ...base, shared, endMs });
      finals.push(finalMs);
      gaps.push(gapMs);
    }
    finals.sort((a, b) => a - b);
    const at = (p: number): number => finals[Math.floor(p * finals.length)] ?? Number.NaN;
    console.log(
      name,
      '60 s: final median',
      at(0.5),
      'p95',
      at(0.95),
      'max',
      finals.at(-1),
      'gap',
      Math.max(...gaps),
    );
  }
  console.table(table);
}
