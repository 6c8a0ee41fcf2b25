/** `node test/unit/discord/rhythm-real.ts`: a stream of 5 s against the emulator in real time, both bucket modes. */

import { Delivery } from '../../../worker/discord/delivery.ts';
import type { Slot } from '../../../worker/domain/slot.ts';
import { Emulated } from './emulated.ts';
import { MemoryStore, plain } from './model-object.ts';
import { slotsOf } from './rhythm.ts';

const DELTAS = 200;
const EVERY_MS = 25;
const PROMPT_BEFORE_MS = 2000;
const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)));

async function measure(buckets: 'separate' | 'shared') {
  const world = await Emulated.start({ buckets, latencyMs: 100 });
  const prompt = plain('p', 'prompt');
  let slots: Slot[] = [prompt];
  const delivery: Delivery = new Delivery({
    channel: world.threadId,
    rest: world.client(),
    store: new MemoryStore(),
    desired: () => ({ channel: world.threadId, slots }),
    readFile: () => null,
    now: Date.now,
    schedule: (atMs) => setTimeout(() => delivery.pump(), atMs - Date.now()).unref(),
    onParked: console.log,
    onNote: console.log,
  });
  delivery.pump();
  await wait(PROMPT_BEFORE_MS);
  const before = world.discord.log.length;
  const startMs = Date.now();
  let text = '';
  for (let n = 0; n < DELTAS; n++) {
    await wait(startMs + n * EVERY_MS - Date.now());
    text += `${n} `.padStart(8, '.');
    slots = [prompt, ...slotsOf(text, false)];
    delivery.pump('live');
  }
  const endMs = Date.now();
  slots = [prompt, ...slotsOf(text, true)];
  delivery.pump();
  await delivery.idle();
  const message = world.thread.messages.at(-1);
  const times = (message?.history ?? []).map((version) => version.t_ms - startMs);
  const gaps = times.map((at, n) => at - (times[n - 1] ?? 0));
  const limited = world.discord.log.filter((entry) => entry.status === 429).length;
  console.log(buckets, {
    first: Math.round(times[0] ?? -1),
    gap: Math.round(Math.max(...gaps)),
    final: Math.round((times.at(-1) ?? -1) + startMs - endMs),
    requests: world.discord.log.slice(before).filter((entry) => entry.dir === 'in').length,
    limited,
    whole: message?.text === text.trim(),
  });
  await world.discord.close();
}

await Promise.all([measure('separate'), measure('shared')]);
