/** Sessions with a git worktree of their own, on a real repository, with the real CLI. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Channel } from '../../../playground/discord/people/channel-handle.ts';
import type { ShownMessage } from '../../../playground/discord/people/view.ts';
import { ofBot, useSystem } from '../stage.ts';

const use = useSystem();

const clean = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('GIT_')));
const git = (cwd: string, ...args: string[]): string =>
  execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@t', ...args], {
    cwd,
    env: clean,
    encoding: 'utf8',
    stdio: 'pipe',
  });
const repo = () => join(use.stage.system.folder, 'projects', 'laptop-demo');
const tree = (name: string) => join(use.stage.system.folder, 'projects', 'laptop-demo.worktrees', name);

beforeAll(() => {
  git(repo(), 'init', '-q', '-b', 'main');
  writeFileSync(join(repo(), 'readme.md'), 'hello\n');
  git(repo(), 'add', '-A');
  git(repo(), 'commit', '-qm', 'first');
});

async function begun(name: string, prompt: string): Promise<Channel> {
  return use.stage.begin(use.stage.system.owner, prompt, { worktree: name });
}
async function allowed(thread: Channel, words: string): Promise<void> {
  const { stage } = use;
  await stage.press(stage.system.owner, await stage.card(thread, words), 'Allow');
  await stage.says(thread, /^The command/);
}
function archived(thread: Channel): Promise<unknown> {
  return use.stage.discord.waitFor(() => thread.record.thread?.archived === true, {
    timeoutMs: 20_000,
    what: `${thread.name} to be archived`,
  });
}
/** The line about the worktree, with this button. */
function offer(thread: Channel, button: string): Promise<ShownMessage> {
  return use.stage.discord.waitFor(
    () => ofBot(thread).findLast((m) => m.text.includes('🌿') && m.buttons.some((b) => b.label === button)),
    { timeoutMs: 20_000, what: `the worktree's ${button} in ${thread.name}` },
  );
}

describe('a worktree of its own', () => {
  it('two sessions on one repository at once do not step on each other', async () => {
    const { stage } = use;
    const one = await begun('one', 'run: echo one > mine.txt');
    const two = await begun('two', 'run: echo two > mine.txt');
    await Promise.all([stage.card(one, 'echo one'), stage.card(two, 'echo two')]);
    await Promise.all([allowed(one, 'echo one'), allowed(two, 'echo two')]);
    expect(readFileSync(join(tree('one'), 'mine.txt'), 'utf8')).toBe('one\n');
    expect(readFileSync(join(tree('two'), 'mine.txt'), 'utf8')).toBe('two\n');
    expect(existsSync(join(repo(), 'mine.txt'))).toBe(false);
    expect(git(repo(), 'status', '--porcelain')).toBe('');
    await stage.says(one, /heddle\/one/);
    await stage.discord.waitFor(
      async () => {
        const { text } = await stage.command(stage.system.owner, one.id, 'status');
        return /🌿 heddle\/one · 1 changed file · 0 ahead, 0 behind main/.test(text.replaceAll('\u200b', ''));
      },
      { timeoutMs: 20_000, what: '/status with the branch and the changed file' },
    );
  });

  it('its end asks; Remove says what would be lost and does nothing before the second yes', async () => {
    const { stage } = use;
    const { owner } = stage.system;
    const thread = await begun('loss', 'run: echo precious > mine.txt');
    await allowed(thread, 'precious');
    const ended = await stage.command(owner, thread.id, 'end');
    expect(ended.text).toContain('`heddle/loss`');
    const asked = await offer(thread, 'Keep');
    expect(asked.text).toContain('1 uncommitted file');
    await stage.press(owner, asked, 'Remove');
    const sure = await offer(thread, 'Remove for good');
    expect(sure.text).toContain('mine.txt');
    expect(existsSync(join(tree('loss'), 'mine.txt'))).toBe(true);

    // What comes after the question is not lost by the answer to it.
    writeFileSync(join(tree('loss'), 'later.txt'), '');
    await stage.press(owner, sure, 'Remove for good');
    const again = await stage.discord.waitFor(
      () => ofBot(thread).findLast((m) => m.text.includes('later.txt') && m.buttons.length > 0),
      { timeoutMs: 20_000, what: 'the question again' },
    );
    expect(existsSync(join(tree('loss'), 'mine.txt'))).toBe(true);
    await stage.press(owner, again, 'Remove for good');
    await stage.says(thread, /`heddle\/loss` is removed/);
    expect(existsSync(tree('loss'))).toBe(false);
    expect(git(repo(), 'branch', '--list', 'heddle/loss')).toBe('');
  });

  it('Keep keeps it; /end worktree:remove removes it later, and a clean one at once', async () => {
    const { stage } = use;
    const { owner } = stage.system;
    const thread = await begun('kept', 'say: hello');
    await stage.says(thread, /^hello/);
    await stage.command(owner, thread.id, 'end');
    await stage.press(owner, await offer(thread, 'Keep'), 'Keep');
    await stage.says(thread, /`heddle\/kept` is kept/);
    expect(existsSync(tree('kept'))).toBe(true);
    await archived(thread);
    thread.unarchive();
    const removing = await stage.command(owner, thread.id, 'end', { worktree: 'remove' });
    expect(removing.text).toContain('Removing');
    await stage.says(thread, /`heddle\/kept` is removed/);
    expect(existsSync(tree('kept'))).toBe(false);

    // Claude finds the conversation by its folder, which is made anew.
    await stage.command(owner, thread.id, 'ask', { prompt: 'say: it is back' });
    await stage.says(thread, /^it is back/);
    expect(existsSync(tree('kept'))).toBe(true);
  });

  it('a name that is taken, and a folder that is in no repository, are refused in the thread', async () => {
    const { stage } = use;
    git(repo(), 'branch', 'heddle/taken');
    const thread = await begun('taken', 'say: never');
    await stage.says(thread, /worktree of this session could not be made[\s\S]*already/);
    git(repo(), 'branch', '-D', 'heddle/taken');
    writeFileSync(join(repo(), 'staged.txt'), '');
    git(repo(), 'add', 'staged.txt');
    const dirty = await begun('dirty', 'say: never');
    await stage.says(dirty, /staged changes/);
    git(repo(), 'rm', '-qf', '--cached', 'staged.txt');
    expect(existsSync(tree('dirty'))).toBe(false);
  });

  it('is found again after the runner was restarted, by /resume, and by a fork', async () => {
    const { stage } = use;
    const { owner, runners } = stage.system;
    const [runner] = runners;
    if (runner === undefined) throw new Error('no runner');
    const thread = await begun('again', 'say: before the restart');
    await stage.says(thread, /^before the restart[\s\S]*context/);
    const from = runner.output.length;
    await runner.stop();
    runner.start();
    await runner.said('Online in', from);
    await stage.command(owner, thread.id, 'ask', { prompt: 'run: pwd > where.txt' });
    await allowed(thread, 'pwd');
    expect(readFileSync(join(tree('again'), 'where.txt'), 'utf8').trim()).toMatch(/worktrees\/again$/);
    const before = new Set(stage.system.channel.threads.map(({ id }) => id));
    await stage.command(owner, thread.id, 'fork', { prompt: 'say: from the fork' });
    const copy = await stage.discord.waitFor(
      () => stage.system.channel.threads.find(({ id }) => !before.has(id)),
      { what: 'the fork' },
    );
    await stage.says(copy, /^from the fork/);
    expect(JSON.stringify(stage.system.model.requests.at(-1))).toContain('before the restart');

    // While the copy works in it, it is not removed under it.
    const removing = await stage.command(owner, thread.id, 'end', { worktree: 'remove' });
    expect(removing.text).toContain('heddle/again');
    await stage.says(thread, /Another session works in it/);
    expect(existsSync(tree('again'))).toBe(true);
    await archived(thread);
    thread.unarchive();
    await stage.command(owner, thread.id, 'resume');
    await stage.command(owner, thread.id, 'ask', { prompt: 'say: resumed' });
    await stage.says(thread, /^resumed/);
  });

  it('Heddle names it, /new in the thread keeps it, /end all keeps it', async () => {
    const { stage } = use;
    const { owner } = stage.system;
    const thread = await begun('true', 'say: named by Heddle');
    await stage.says(thread, /^named by Heddle[\s\S]*context/);
    const name = git(repo(), 'branch', '--list', 'heddle/say-named*').trim();
    expect(name).toMatch(/heddle\/say-named-by-heddle-[0-9a-f]{6}/);
    await stage.command(owner, thread.id, 'new', { prompt: 'say: in the folder itself' });
    await stage.says(thread, /^in the folder itself/);
    await stage.says(thread, /🌿 worktree `heddle\/say-named[^`]*` is kept/);
    const other = await begun('all', 'say: everybody goes');
    await stage.says(other, /^everybody goes/);
    await stage.command(owner, stage.system.channel.id, 'end', { all: true });
    await stage.says(other, /`heddle\/all` is kept/);
    expect(existsSync(tree('all'))).toBe(true);
  });
});

describe('Diff', () => {
  it('shows privately what the turn edited, on the newest finished turn only', async () => {
    const { stage } = use;
    const { owner, folder } = stage.system;
    mkdirSync(join(folder, 'projects', 'laptop-demo'), { recursive: true });
    writeFileSync(join(repo(), 'notes.txt'), 'one\ntwo\n');
    const thread = await stage.begin(owner, 'edit notes.txt');
    const card = await stage.discord.waitFor(
      () => ofBot(thread).findLast((m) => m.buttons.some((b) => b.label === 'Allow' && !b.disabled)),
      { timeoutMs: 20_000, what: 'the card of the edit' },
    );
    await stage.press(owner, card, 'Allow');
    const done = await stage.discord.waitFor(
      () => ofBot(thread).findLast((m) => m.buttons.some((b) => b.label === 'Diff')),
      { timeoutMs: 20_000, what: 'Diff' },
    );
    const shown = await (await stage.press(owner, done, 'Diff')).final();
    expect(shown.onlyFor).toBe('olga');
    expect(shown.text).toContain('notes.txt');
    expect(shown.text).toMatch(/```diff\n[\s\S]*\+/);
    await stage.command(owner, thread.id, 'ask', { prompt: 'say: next' });
    await stage.says(thread, /^next/);
    await stage.discord.waitFor(
      () => ofBot(thread).every((m) => m.buttons.every((b) => b.label !== 'Diff')),
      { timeoutMs: 20_000, what: 'Diff to go' },
    );
  });
});
