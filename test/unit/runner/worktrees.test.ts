/** git, asked for real: each test has a repository of its own. */
import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { gitStatus, parseStatus } from '../../../runner/git/commands.ts';
import { git } from '../../../runner/git/git.ts';
import {
  dropWorktree,
  ensureWorktree,
  lookAtWorktree,
  type Place,
  placeOf,
} from '../../../runner/git/worktrees.ts';
import { WorkspaceTeller, workspaceOf } from '../../../runner/session/workspace.ts';

let top: string;
let repo: string;
/** Each test runs in a folder that is trusted in Claude, and in one that is not. */
let trusted: boolean;
const here = (cwd: string) => ({ cwd, trusted });

const clean = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('GIT_')));
function run(cwd: string, ...args: string[]): string {
  const who = ['-c', 'user.name=t', '-c', 'user.email=t@t', '-c', 'commit.gpgsign=false'];
  return execFileSync('git', [...who, ...args], { cwd, env: clean, encoding: 'utf8', stdio: 'pipe' });
}
function write(folder: string, name: string, text: string): void {
  mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
  writeFileSync(path.join(folder, name), text);
}
function commit(folder: string, words: string): void {
  run(folder, 'add', '-A');
  run(folder, 'commit', '-qm', words);
}
function place(name = 'x', project = repo): Place {
  const found = placeOf(project, name);
  if (found === null) throw new Error('no repository');
  return found;
}
async function made(name = 'x', project = repo): Promise<Place> {
  const at = place(name, project);
  expect(await ensureWorktree(at, trusted, false, () => {})).toEqual({ ok: true });
  return at;
}
async function words(at: Place, known = false): Promise<string> {
  const answer = await ensureWorktree(at, trusted, known, () => {
    throw new Error('must not be intended');
  });
  return answer.ok ? 'made' : answer.words;
}
async function kept(at: Place) {
  const seen = await lookAtWorktree(at, trusted);
  if (seen.as !== 'kept') throw new Error(JSON.stringify(seen));
  return seen;
}

beforeEach(() => {
  top = realpathSync(mkdtempSync(path.join(tmpdir(), 'heddle-git-')));
  repo = path.join(top, 'api');
  mkdirSync(repo);
  run(repo, 'init', '-q', '-b', 'main');
  write(repo, 'a.txt', 'one\n');
  write(repo, 'packages/web/b.txt', 'two\n');
  commit(repo, 'first');
});
afterEach(() => {
  rmSync(top, { recursive: true, force: true });
});

describe.each([true, false])('trusted in Claude: %s:', (isTrusted) => {
  beforeEach(() => {
    trusted = isTrusted;
  });

  describe('a worktree of its own', () => {
    test('is beside the repository, on a branch of its own, and leaves the project as it is', async () => {
      const at = await made();
      expect(at.at).toBe(path.join(top, 'api.worktrees', 'x'));
      expect(at.at.startsWith(repo + path.sep)).toBe(false);
      expect(run(at.cwd, 'branch', '--show-current').trim()).toBe('heddle/x');
      expect(readFileSync(path.join(at.cwd, 'a.txt'), 'utf8')).toBe('one\n');
      expect(run(repo, 'status', '--porcelain')).toBe('');
      write(at.cwd, 'a.txt', 'changed\n');
      expect(readFileSync(path.join(repo, 'a.txt'), 'utf8')).toBe('one\n');
    });

    test('of a project within a repository: Claude works in the same folder of it', async () => {
      const at = await made('x', path.join(repo, 'packages/web'));
      expect(readFileSync(path.join(at.cwd, 'b.txt'), 'utf8')).toBe('two\n');
      expect(at.at).toBe(path.join(top, 'api.worktrees', 'x'));
    });

    test('two at once do not step on each other', async () => {
      const both = await Promise.all([made('x'), made('y')]);
      expect(new Set(both.map(({ at }) => at)).size).toBe(2);
      for (const { cwd } of both) expect(existsSync(path.join(cwd, 'a.txt'))).toBe(true);
    });

    test('runs no hook of the repository', async () => {
      const ran = path.join(top, 'ran');
      write(repo, '.git/hooks/post-checkout', `#!/bin/sh\ntouch ${ran}\n`);
      execFileSync('chmod', ['+x', path.join(repo, '.git/hooks/post-checkout')]);
      await made();
      expect(existsSync(ran)).toBe(false);
    });

    test('is made from HEAD also when something is changed but not staged', async () => {
      write(repo, 'a.txt', 'not committed\n');
      const at = await made();
      expect(readFileSync(path.join(at.cwd, 'a.txt'), 'utf8')).toBe('one\n');
    });

    test('what was made for the conversation is found again; what was not is refused', async () => {
      const at = await made();
      expect(await words(at, true)).toBe('made');
      expect(await words(at)).toContain('already');
    });

    test('a link that leads nowhere is mended: the runner died when git had just made it', async () => {
      const at = await made();
      const link = readFileSync(path.join(at.at, '.git'), 'utf8');
      write(at.at, '.git', 'gitdir: /tmp/heddle-git-gone/worktrees/x\n');
      expect(await words(at, true)).toBe('made');
      expect(readFileSync(path.join(at.at, '.git'), 'utf8')).toBe(link);
    });

    test('one that was removed by hand comes back with its branch', async () => {
      const at = await made();
      write(at.cwd, 'new.txt', 'x');
      commit(at.cwd, 'mine');
      rmSync(at.at, { recursive: true });
      expect(await words(at, true)).toBe('made');
      expect(existsSync(path.join(at.cwd, 'new.txt'))).toBe(true);
    });

    test.each<[string, () => void, string]>([
      ['a branch of that name', () => run(repo, 'branch', 'heddle/x'), 'already'],
      ['a folder of that name', () => write(top, 'api.worktrees/x/file', ''), 'already'],
      [
        'something staged',
        () => {
          write(repo, 'a.txt', 'staged\n');
          run(repo, 'add', 'a.txt');
        },
        'staged changes',
      ],
      ['a branch that is in the way', () => run(repo, 'branch', 'heddle'), 'git could not make the worktree'],
    ])('%s: refused', async (_name, given, expected) => {
      given();
      const answer = await ensureWorktree(place(), trusted, false, () => {});
      expect(answer).toEqual({ ok: false, words: expect.stringContaining(expected) });
      expect(existsSync(path.join(top, 'api.worktrees', 'x', 'a.txt'))).toBe(false);
    });

    test('no commit yet, and a folder that is in no commit: refused', async () => {
      const empty = path.join(top, 'empty');
      mkdirSync(empty);
      run(empty, 'init', '-q');
      expect(await words(place('x', empty))).toContain('no commit yet');
      mkdirSync(path.join(repo, 'new'));
      expect(await words(place('x', path.join(repo, 'new')))).toContain(
        'not in the repository’s last commit',
      );
    });

    test('no repository has no place for one', () => {
      const plain = path.join(top, 'plain');
      mkdirSync(plain);
      expect(placeOf(plain, 'x')).toBeNull();
    });

    test('no git on the runner: refused with that', async () => {
      const { PATH } = process.env;
      process.env.PATH = path.join(top, 'no-such-folder');
      try {
        expect(await words(place())).toContain('git is not installed');
        expect(await workspaceOf(here(repo), null)).toBeNull();
      } finally {
        process.env.PATH = PATH;
      }
    });

    test('GIT_DIR of whoever started the runner leads nowhere', async () => {
      process.env.GIT_DIR = path.join(top, 'nowhere');
      try {
        expect((await gitStatus(here(repo))).ok).toBe(true);
        await made();
      } finally {
        delete process.env.GIT_DIR;
      }
    });
  });

  describe('removing it', () => {
    test('nothing would be lost: folder and branch go, and so does the empty folder around', async () => {
      const at = await made();
      expect(await kept(at)).toMatchObject({ uncommitted: 0, unmerged: 0 });
      expect(await dropWorktree(at, trusted, null)).toEqual({ as: 'removed' });
      expect(existsSync(path.dirname(at.at))).toBe(false);
      expect(run(repo, 'branch', '--list', 'heddle/*')).toBe('');
      expect(await dropWorktree(at, trusted, null)).toEqual({ as: 'missing' });
    });

    test('merged commits are no loss', async () => {
      const at = await made();
      write(at.cwd, 'new.txt', 'x');
      commit(at.cwd, 'mine');
      run(repo, 'merge', '-q', 'heddle/x');
      expect(await dropWorktree(at, trusted, null)).toEqual({ as: 'removed' });
      expect(existsSync(path.join(repo, 'new.txt'))).toBe(true);
    });

    test.each<[string, (cwd: string) => void, { uncommitted: number; unmerged: number }, string]>([
      [
        'an untracked file',
        (cwd) => write(cwd, 'deep/new.txt', 'x'),
        { uncommitted: 1, unmerged: 0 },
        'deep/new.txt',
      ],
      ['a changed file', (cwd) => write(cwd, 'a.txt', 'x'), { uncommitted: 1, unmerged: 0 }, 'a.txt'],
      ['a deleted file', (cwd) => rmSync(path.join(cwd, 'a.txt')), { uncommitted: 1, unmerged: 0 }, 'a.txt'],
      [
        'a commit that no other branch has',
        (cwd) => {
          write(cwd, 'a.txt', 'x');
          commit(cwd, 'only here');
        },
        { uncommitted: 0, unmerged: 1 },
        'only here',
      ],
      [
        'a commit on a detached head',
        (cwd) => {
          run(cwd, 'checkout', '-q', '--detach');
          write(cwd, 'a.txt', 'x');
          commit(cwd, 'nowhere');
        },
        { uncommitted: 0, unmerged: 1 },
        'nowhere',
      ],
    ])('%s is not lost without being asked', async (_name, work, counts, named) => {
      const at = await made();
      work(at.cwd);
      const seen = await dropWorktree(at, trusted, null);
      expect(seen).toMatchObject({ as: 'kept', ...counts });
      expect(JSON.stringify(seen)).toContain(named);
      expect(await dropWorktree(at, trusted, 'another mark')).toMatchObject({ as: 'kept' });
      expect(existsSync(at.cwd)).toBe(true);
      expect(await dropWorktree(at, trusted, seen.as === 'kept' ? seen.mark : '')).toEqual({ as: 'removed' });
      expect(existsSync(at.at)).toBe(false);
      expect(run(repo, 'branch', '--list', 'heddle/*')).toBe('');
    });

    test('what came after the question is not lost by the old answer', async () => {
      const at = await made();
      write(at.cwd, 'one.txt', '1');
      const { mark } = await kept(at);
      write(at.cwd, 'two.txt', '2');
      expect(await dropWorktree(at, trusted, mark)).toMatchObject({ as: 'kept', uncommitted: 2 });
      expect(existsSync(path.join(at.cwd, 'two.txt'))).toBe(true);
    });

    test('a branch that Claude made there stays', async () => {
      const at = await made();
      run(at.cwd, 'checkout', '-q', '-b', 'feature');
      write(at.cwd, 'a.txt', 'x');
      commit(at.cwd, 'kept on feature');
      expect(await dropWorktree(at, trusted, null)).toEqual({ as: 'removed' });
      expect(run(repo, 'log', '-1', '--format=%s', 'feature').trim()).toBe('kept on feature');
    });

    test('a locked one stays, with words', async () => {
      const at = await made();
      run(repo, 'worktree', 'lock', at.at);
      expect(await dropWorktree(at, trusted, null)).toMatchObject({
        as: 'failed',
        words: expect.stringContaining('lock'),
      });
      expect(existsSync(at.cwd)).toBe(true);
    });

    test('a folder that is no worktree is never removed', async () => {
      const at = place();
      write(at.at, 'mine.txt', 'x');
      expect(await dropWorktree(at, trusted, null)).toEqual({ as: 'missing' });
      expect(existsSync(path.join(at.at, 'mine.txt'))).toBe(true);
    });
  });

  describe('what is changed', () => {
    test('files and lines, staged or not, with names as they are', async () => {
      write(repo, 'a.txt', 'one\nmore\n');
      write(repo, 'ü name.txt', 'x\n');
      run(repo, 'mv', 'packages/web/b.txt', 'packages/web/c.txt');
      expect(await workspaceOf(here(repo), null)).toEqual({
        branch: 'main',
        changed: { files: 3, added: 2, removed: 1, names: ['a.txt', 'packages/web/c.txt', 'ü name.txt'] },
        main: null,
      });
    });

    test('of a worktree: how far it is from the project’s own branch', async () => {
      const at = await made();
      write(at.cwd, 'a.txt', 'x');
      commit(at.cwd, 'mine');
      write(repo, 'other.txt', 'x');
      commit(repo, 'theirs');
      write(repo, 'other.txt', 'y');
      commit(repo, 'theirs too');
      expect(await workspaceOf(here(at.cwd), at)).toMatchObject({
        branch: 'heddle/x',
        changed: { files: 0 },
        main: { name: 'main', ahead: 1, behind: 2 },
      });
    });

    test('nothing to say outside of a repository, and in a folder that is gone', async () => {
      expect(await workspaceOf(here(top), null)).toBeNull();
      expect(await workspaceOf(here(path.join(top, 'gone')), null)).toBeNull();
    });

    test('does not write the index anew when files were only touched', async () => {
      const index = path.join(repo, '.git/index');
      write(repo, 'b.txt', 'two\n');
      commit(repo, 'second');
      for (const name of ['a.txt', 'b.txt', 'packages/web/b.txt']) utimesSync(path.join(repo, name), 1, 1);
      write(repo, 'packages/web/b.txt', 'changed\n');
      const before = readFileSync(index);
      expect(await workspaceOf(here(repo), null)).toMatchObject({
        changed: { files: 1, added: 1, removed: 1 },
      });
      expect(readFileSync(index).equals(before)).toBe(true);
    });

    test('does not touch the index, which a person’s own git may hold', async () => {
      write(repo, '.git/index.lock', '');
      expect(await workspaceOf(here(repo), null)).toMatchObject({ branch: 'main' });
    });

    test('is told when it is another, and once', async () => {
      const told: unknown[] = [];
      let next = Promise.withResolvers<void>();
      const teller = new WorkspaceTeller(
        async () => trusted,
        (workspace) => {
          told.push(workspace.changed.files);
          next.resolve();
        },
      );
      teller.look({ cwd: repo, project: repo, place: null });
      await next.promise;
      next = Promise.withResolvers<void>();
      teller.look({ cwd: repo, project: repo, place: null });
      write(repo, 'new.txt', '');
      // Asked for while it looks: it looks once more.
      teller.look({ cwd: repo, project: repo, place: null });
      await next.promise;
      expect(told.at(-1)).toBe(1);
      expect(told.length).toBeLessThanOrEqual(2);
    });
  });

  describe('git itself', () => {
    test('is not there: said so, and what is in its way is told apart', async () => {
      const none = { env: { PATH: path.join(top, 'no-such-folder') } };
      expect(await git(here(repo), ['status'], none)).toMatchObject({ ok: false, why: 'missing' });
      expect(await git(here(path.join(top, 'gone')), ['status'])).toMatchObject({ ok: false, why: 'folder' });
      expect(await git(here(top), ['status'])).toMatchObject({
        ok: false,
        why: 'exit',
        words: expect.stringContaining('not a git'),
      });
    });

    test('takes too long: ended', async () => {
      write(repo, '.git/config-slow', '');
      const slow = path.join(top, 'bin');
      write(slow, 'git', '#!/bin/sh\nexec sleep 60\n');
      execFileSync('chmod', ['+x', path.join(slow, 'git')]);
      const env = { PATH: `${slow}:${process.env.PATH}` };
      expect(await git(here(repo), ['status'], { env, timeoutMs: 50 })).toMatchObject({
        ok: false,
        why: 'timeout',
      });
    });

    test('a status with conflicts and renames is read', () => {
      const text = [
        '# branch.oid (initial)',
        '# branch.head (detached)',
        '1 .M N... 100644 100644 100644 aaa bbb a b.txt',
        '2 R. N... 100644 100644 100644 aaa bbb R100 new.txt',
        'old.txt',
        'u UU N... 100644 100644 100644 100644 aaa bbb ccc both.txt',
        '? untracked',
        '',
      ].join('\0');
      expect(parseStatus(text)).toMatchObject({
        branch: null,
        head: null,
        files: ['a b.txt', 'new.txt', 'both.txt', 'untracked'],
      });
    });
  });

  test('whoever begins to work in it meanwhile keeps it', async () => {
    const at = await made();
    const answer = await dropWorktree(at, trusted, null, () => true);
    expect(answer).toMatchObject({ as: 'failed', words: expect.stringContaining('works in it again') });
    expect(existsSync(at.cwd)).toBe(true);
  });

  describe('what a repository is set up to run', () => {
    /** A program that leaves a mark when it runs. */
    function program(): { at: string; ran: () => boolean } {
      const at = path.join(top, 'program');
      const mark = path.join(top, 'ran');
      writeFileSync(at, `#!/bin/sh\ntouch '${mark}'\nexit 1\n`, { mode: 0o755 });
      return { at, ran: () => existsSync(mark) };
    }

    test('is not run to check who signed a commit', async () => {
      const at = await made();
      const { at: bin, ran } = program();
      const tree = run(at.at, 'rev-parse', 'HEAD^{tree}').trim();
      const signed = `tree ${tree}\nparent ${run(at.at, 'rev-parse', 'HEAD').trim()}\nauthor t <t@t> 1 +0000\ncommitter t <t@t> 1 +0000\ngpgsig -----BEGIN PGP SIGNATURE-----\n \n x\n -----END PGP SIGNATURE-----\n\nsigned\n`;
      const hash = execFileSync('git', ['hash-object', '-t', 'commit', '-w', '--stdin'], {
        cwd: at.at,
        env: clean,
        input: signed,
        encoding: 'utf8',
      }).trim();
      run(at.at, 'reset', '-q', '--hard', hash);
      run(repo, 'config', 'log.showSignature', 'true');
      run(repo, 'config', 'gpg.program', bin);
      expect(await kept(at)).toMatchObject({ unmerged: 1 });
      expect(ran()).toBe(false);
    });

    test('is not run to fetch what is missing', async () => {
      const { at: bin, ran } = program();
      const blob = run(repo, 'rev-parse', 'HEAD:a.txt').trim();
      rmSync(path.join(repo, '.git/objects', blob.slice(0, 2), blob.slice(2)));
      run(repo, 'config', 'core.repositoryformatversion', '1');
      run(repo, 'config', 'extensions.partialClone', 'origin');
      run(repo, 'config', 'remote.origin.promisor', 'true');
      run(repo, 'config', 'remote.origin.url', 'ssh://host.invalid/x');
      run(repo, 'config', 'core.sshCommand', bin);
      write(repo, 'a.txt', 'changed\n');
      expect(await workspaceOf(here(repo), null)).toMatchObject({ changed: { files: 1 } });
      expect(ran()).toBe(false);
    });
  });

  test('a worktree of somebody else whose disk is not there stays known to git', async () => {
    const away = path.join(top, 'disk', 'theirs');
    run(repo, 'worktree', 'add', '-q', '--detach', away);
    rmSync(path.join(top, 'disk'), { recursive: true });
    const at = await made();
    rmSync(at.at, { recursive: true });
    expect(await ensureWorktree(at, trusted, true, () => {})).toEqual({ ok: true });
    expect(existsSync(path.join(at.at, 'a.txt'))).toBe(true);
    expect(run(repo, 'worktree', 'list', '--porcelain')).toContain(away);
  });
});
