/** `/end` of a session that nothing happens in: its process ends with it, not when somebody uses the thread again. */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { SLOW, useSystem } from '../stage.ts';

const use = useSystem({}, { main: join(import.meta.dirname, '../hurried-runner.ts') });

/** The runner's open connections to the Worker: one to the Guild, one for each session that has work or had some a moment ago. */
function links(): number {
  const [runner] = use.stage.system.runners;
  const port = Number(new URL(use.stage.system.worker.origin).port);
  const folder = `/proc/${runner?.pid}/fd`;
  const own = new Set(
    readdirSync(folder).flatMap((fd) => {
      try {
        return /^socket:\[(\d+)\]$/.exec(readlinkSync(join(folder, fd)))?.[1] ?? [];
      } catch {
        return [];
      }
    }),
  );
  const rows = readFileSync('/proc/net/tcp', 'utf8').trim().split('\n').slice(1);
  return rows.filter((row) => {
    const columns = row.trim().split(/\s+/);
    const remote = Number.parseInt(columns[2]?.split(':')[1] ?? '', 16);
    return remote === port && columns[3] === '01' && own.has(columns[9] ?? '');
  }).length;
}

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
