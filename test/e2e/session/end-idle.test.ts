/** `/end` of a session that nothing happens in: its process ends with it, not when somebody uses the thread again. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { linksOf } from '../runner-links.ts';
import { SLOW, useSystem } from '../stage.ts';

const use = useSystem({}, { main: join(import.meta.dirname, '../hurried-runner.ts') });

const links = () => linksOf(use.stage.system);

const runs = (claudeSession: string) =>
  execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' })
    .split('\n')
    .some((line) => line.includes(`--session-id=${claudeSession}`));

it('/end of an idle session whose link rests ends its process', async () => {
  const { stage } = use;
  const { owner } = stage.system;
  const thread = await stage.begin(owner, 'say: done for today');
  await stage.says(thread, /^done for today[\s\S]*context/);
  const status = await stage.command(owner, thread.id, 'status');
  const session = /claude --resume ([0-9a-f-]{36})/.exec(status.text)?.[1] ?? '';
  expect(runs(session), 'it is kept for the next prompt').toBe(true);
  await expect.poll(links, { timeout: SLOW.timeoutMs }).toBe(1);
  await stage.command(owner, thread.id, 'end');
  await expect.poll(() => runs(session), { timeout: SLOW.timeoutMs }).toBe(false);
  await expect.poll(links, { timeout: SLOW.timeoutMs }).toBe(1);
});
