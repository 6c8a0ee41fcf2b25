/** What a session costs is the sum of what its turns cost: over `/clear`, a killed process, `/end` and `/resume`. */
import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';
import type { Channel } from '../../../playground/discord/people/channel-handle.ts';
import { ofBot, SLOW, useSystem } from '../stage.ts';

const use = useSystem();

/** The cost in each finished turn's footer. */
const footers = (thread: Channel): number[] =>
  ofBot(thread).flatMap((message) => {
    const cost = /-# .*\$(\d+\.\d+).*context/.exec(message.text)?.[1];
    return cost === undefined ? [] : [Number(cost)];
  });

/** The CLI's process of this conversation. */
function pidOf(claudeSession: string): number {
  const line = execFileSync('ps', ['-eo', 'pid,args'], { encoding: 'utf8' })
    .split('\n')
    .find((one) => one.includes(claudeSession) && !one.includes('ps -eo'));
  return Number(line?.trim().split(/\s+/)[0] ?? Number.NaN);
}

it('adds up, whatever becomes of the process', { timeout: 120_000 }, async () => {
  const { stage } = use;
  const { owner } = stage.system;
  const status = async () => (await stage.command(owner, thread.id, 'status')).text;
  const turn = async (words: string) => {
    const before = footers(thread).length;
    await stage.command(owner, thread.id, 'ask', { prompt: `say: ${words}` });
    await expect.poll(() => footers(thread).length, { timeout: SLOW.timeoutMs }).toBe(before + 1);
  };
  const thread = await stage.begin(owner, 'say: one');
  await expect.poll(() => footers(thread).length, { timeout: SLOW.timeoutMs }).toBe(1);
  // `/clear` gives the conversation another id; the process keeps the one that it was begun with.
  const session = /claude --resume ([0-9a-f-]{36})/.exec(await status())?.[1] ?? '';
  await stage.command(owner, thread.id, 'claude', { command: 'clear' });
  await stage.says(thread, 'empty now');
  await turn('after clear');

  await stage.command(owner, thread.id, 'ask', { prompt: 'stream 400x8@50' });
  await expect
    .poll(() => ofBot(thread).at(-1)?.text.length ?? 0, { timeout: SLOW.timeoutMs })
    .toBeGreaterThan(200);
  const killed = pidOf(session);
  expect(killed).toBeGreaterThan(1);
  process.kill(killed, 'SIGKILL');
  await stage.says(thread, /ended unexpectedly/);
  await turn('after a kill');

  await stage.command(owner, thread.id, 'end');
  await stage.command(owner, thread.id, 'resume', { session: thread.id });
  await turn('after an end');

  const costs = footers(thread);
  expect(costs).toHaveLength(4);
  const sum = costs.reduce((a, b) => a + b, 0);
  const text = await status();
  const total = Number(/\$(\d+\.\d+)/.exec(text)?.[1]);
  // Each figure is rounded to a cent.
  expect(Math.abs(total - sum)).toBeLessThanOrEqual(0.005 * (costs.length + 1));
  const byModel = [...text.matchAll(/^-# [^:]+: \$(\d+\.\d+) · .* in, .* out$/gm)].map(([, usd]) =>
    Number(usd),
  );
  expect(byModel.length).toBeGreaterThan(0);
  expect(Math.abs(byModel.reduce((a, b) => a + b, 0) - total)).toBeLessThanOrEqual(
    0.005 * (byModel.length + 1),
  );
  // No turn holds what the ones before it cost.
  expect(Math.max(...costs)).toBeLessThan(2 * Math.min(...costs));
});
