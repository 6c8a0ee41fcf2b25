/** The worktree of a session whose link rests, and the load that a runner tells. */
import { execFileSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { linksOf } from '../runner-links.ts';
import { ofBot, SLOW, useSystem } from '../stage.ts';

const use = useSystem({}, { main: join(import.meta.dirname, '../hurried-runner.ts') });

const clean = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('GIT_')));

it('/end reaches the runner for its worktree; /runner list follows the processes', async () => {
  const { stage } = use;
  const { owner, channel, folder } = stage.system;
  const repo = join(folder, 'projects', 'laptop-demo');
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@t', ...args], { cwd: repo, env: clean });
  git('init', '-q', '-b', 'main');
  writeFileSync(join(repo, 'a.txt'), '');
  git('add', '-A');
  git('commit', '-qm', 'first');
  const processes = async () => (await stage.command(owner, channel.id, 'runner list')).text;

  const thread = await stage.begin(owner, 'say: then it rests', { worktree: 'rests' });
  await stage.says(thread, /^then it rests[\s\S]*context/);
  await expect.poll(processes, { timeout: SLOW.timeoutMs }).toMatch(/1 of 8 processes · 1 session here/);
  await expect.poll(() => linksOf(stage.system), { timeout: SLOW.timeoutMs }).toBe(1);

  await stage.command(owner, thread.id, 'end');
  const asked = await stage.discord.waitFor(
    () => ofBot(thread).findLast((m) => m.buttons.some((b) => b.label === 'Remove')),
    { ...SLOW, what: 'Keep and Remove' },
  );
  expect(asked.text).toContain('nothing uncommitted');
  await expect.poll(processes, { timeout: SLOW.timeoutMs }).toMatch(/0 of 8 processes/);
  await expect.poll(() => linksOf(stage.system), { timeout: SLOW.timeoutMs }).toBe(1);

  await stage.press(owner, asked, 'Remove');
  await stage.says(thread, /`heddle\/rests` is removed · olga/);
  expect(existsSync(join(folder, 'projects', 'laptop-demo.worktrees'))).toBe(false);
});

it('a runner that is away keeps it, and the thread says so', async () => {
  const { stage } = use;
  const { owner, runners, folder } = stage.system;
  const thread = await stage.begin(owner, 'say: until it goes', { worktree: 'away' });
  await stage.says(thread, /^until it goes[\s\S]*context/);
  const [runner] = runners;
  await runner?.stop();
  await expect
    .poll(async () => (await stage.command(owner, stage.system.channel.id, 'runner list')).text, {
      timeout: 60_000,
    })
    .toMatch(/🔴 offline since/);
  await expect
    .poll(async () => (await stage.command(owner, thread.id, 'status')).text, { timeout: SLOW.timeoutMs })
    .toContain('heddle/away');
  const ended = await stage.command(owner, thread.id, 'end');
  expect(ended.text).toContain('is kept');
  await stage.says(thread, /`heddle\/away` is kept/);
  expect(existsSync(join(folder, 'projects', 'laptop-demo.worktrees', 'away'))).toBe(true);
});
