/** The runner's machine sleeps, restarts, comes back: commands are answered at once, prompts wait, `/stop` cancels them. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ofBot, useSystem } from '../stage.ts';

const use = useSystem({ durations: { presenceGraceMs: 300 } });

it('row 10: keeps a prompt while the runner is away, says since when, and runs it when it is back', async () => {
  const { stage } = use;
  const { owner, runners } = stage.system;
  const [runner] = runners;
  const thread = await stage.begin(owner, 'say: before');
  await stage.says(thread, /^before[\s\S]*context/);
  await runner?.stop();
  const answer = await stage.command(owner, thread.id, 'ask', { prompt: 'say: after' });
  expect(answer.text).toMatch(/offline|Starting/);
  await stage.says(thread, /offline/);
  runner?.start();
  await stage.says(thread, /^after/);
  expect(ofBot(thread).filter((m) => m.text.includes('offline'))).toEqual([]);
});

it('cancels what waits for an absent runner on /stop, and it never runs', async () => {
  const { stage } = use;
  const { owner, runners, folder } = stage.system;
  const [runner] = runners;
  const thread = await stage.begin(owner, 'say: here');
  await stage.says(thread, /^here[\s\S]*context/);
  await runner?.stop();
  await stage.command(owner, thread.id, 'ask', { prompt: 'run: touch cancelled.txt' });
  const answer = await stage.command(owner, thread.id, 'stop');
  expect(answer.text).toMatch(/touch cancelled.txt/);
  runner?.start();
  await stage.command(owner, thread.id, 'ask', { prompt: 'say: next' });
  await stage.says(thread, /^next/);
  expect(existsSync(join(folder, 'projects', 'laptop-demo', 'cancelled.txt'))).toBe(false);
  expect(stage.count(thread, /🔐/)).toBe(0);
});

it('row 9: tells of a turn that the runner’s death interrupted, and goes on', async () => {
  const { stage } = use;
  const { owner, runners } = stage.system;
  const [runner] = runners;
  const thread = await stage.begin(owner, 'run: touch killed.txt');
  const card = await stage.card(thread, 'killed.txt');
  await runner?.stop('SIGKILL');
  runner?.start();
  await stage.discord.waitFor(
    () => stage.discord.message(card.id)?.buttons.every((b) => b.label !== 'Allow'),
    {
      timeoutMs: 30_000,
      what: 'the card to lose its buttons',
    },
  );
  await stage.says(thread, /restart/i);
  await stage.command(owner, thread.id, 'ask', { prompt: 'say: still here' });
  await stage.says(thread, /^still here/);
});
