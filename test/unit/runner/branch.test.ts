/** The branch of a folder, from git's own files. */
import { execFileSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { gitBranch } from '../../../runner/git/repository.ts';

let folder: string;
const branch = (cwd: string, trusted: boolean) => gitBranch({ cwd, trusted });

beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'heddle-branch-')));
  mkdirSync(join(folder, '.git', 'worktrees', 'two'), { recursive: true });
  mkdirSync(join(folder, 'src'));
  writeFileSync(join(folder, '.git', 'HEAD'), 'ref: refs/heads/feature/login\n');
  writeFileSync(join(folder, '.git', 'worktrees', 'two', 'HEAD'), 'ref: refs/heads/two\n');
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe.each([true, false])('the branch, trusted in Claude: %s:', (trusted) => {
  it('is read from the repository, from a folder in it, and from a worktree', () => {
    expect(branch(folder, trusted)).toBe('feature/login');
    expect(branch(join(folder, 'src'), trusted)).toBe('feature/login');
    writeFileSync(join(folder, 'src', '.git'), 'gitdir: ../.git/worktrees/two\n');
    writeFileSync(join(folder, '.git', 'worktrees', 'two', 'gitdir'), `${join(folder, 'src', '.git')}\n`);
    expect(branch(join(folder, 'src'), trusted)).toBe('two');
    // Git 2.48: where worktrees are known by relative paths.
    writeFileSync(join(folder, '.git', 'worktrees', 'two', 'gitdir'), '../../../src/.git\n');
    expect(branch(join(folder, 'src'), trusted)).toBe('two');
  });

  it('is nothing outside of a repository, on a detached head and with files that are not git’s', () => {
    expect(branch(join(folder, '..'), trusted)).toBeUndefined();
    expect(branch(join(folder, 'gone'), trusted)).toBeUndefined();
    writeFileSync(join(folder, '.git', 'HEAD'), '0123456789abcdef\n');
    expect(branch(folder, trusted)).toBeUndefined();
    writeFileSync(join(folder, '.git', 'HEAD'), 'ref: refs/heads/.invalid\n');
    expect(branch(folder, trusted)).toBeUndefined();
    writeFileSync(join(folder, '.git', 'HEAD'), `ref: refs/heads/${'x'.repeat(300)}\n`);
    expect(branch(folder, trusted)).toBeUndefined();
    rmSync(join(folder, '.git', 'HEAD'));
    expect(branch(folder, trusted)).toBeUndefined();
  });

  it('is nothing, at once, where a pipe, a link or a file without an end stands in the way', () => {
    const head = join(folder, '.git', 'HEAD');
    rmSync(head);
    execFileSync('mkfifo', [head]);
    expect(branch(folder, trusted)).toBeUndefined();
    rmSync(head);
    symlinkSync(join(folder, '.git', 'worktrees', 'two', 'HEAD'), head);
    expect(branch(folder, trusted)).toBeUndefined();
    rmSync(head);
    writeFileSync(head, 'ref: refs/heads/');
    truncateSync(head, 8 * 1024 ** 3);
    expect(branch(folder, trusted)).toBeUndefined();
  });
});

it('of a worktree is followed to another repository only when the folder is trusted', () => {
  writeFileSync(join(folder, 'src', '.git'), 'gitdir: ../.git/worktrees/two\n');
  expect(branch(join(folder, 'src'), true)).toBe('two');
  expect(branch(join(folder, 'src'), false)).toBeUndefined();
  writeFileSync(join(folder, 'src', '.git'), 'gitdir: ../.git\n');
  expect(branch(join(folder, 'src'), true)).toBe('feature/login');
  expect(branch(join(folder, 'src'), false)).toBeUndefined();
});
