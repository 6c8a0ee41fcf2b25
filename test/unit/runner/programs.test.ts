/** Which programs the runner starts. */
import { chmodSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { describe, expect, test } from 'vitest';
import { fixedPath, programOnPath } from '../../../runner/base/programs.ts';

const ROOT = join(import.meta.dirname, '../../..');

describe('programs by their name', () => {
  test('are found in folders that are the same wherever one stands', () => {
    const top = mkdtempSync(join(tmpdir(), 'heddle-programs-'));
    for (const folder of ['one', 'two', 'two/tool']) mkdirSync(join(top, folder));
    for (const name of ['one/plain', 'two/plain', 'two/other']) writeFileSync(join(top, name), '');
    chmodSync(join(top, 'two/plain'), 0o755);
    chmodSync(join(top, 'two/other'), 0o755);
    const path = `:.:${relative('.', join(top, 'two'))}:/nowhere:${join(top, 'one')}:${join(top, 'two')}:`;
    expect(programOnPath('plain', path)).toBe(join(top, 'two/plain'));
    expect(programOnPath('tool', path)).toBeNull();
    expect(programOnPath('other', `.:${relative('.', join(top, 'two'))}`)).toBeNull();
    expect(programOnPath('other', undefined)).toBeNull();
    rmSync(top, { recursive: true });
  });

  test('what is relative in PATH is left out', () => {
    expect(fixedPath('.:/bin::node_modules/.bin:/usr/bin:')).toBe('/bin:/usr/bin');
    for (const path of ['', ':', '.', undefined]) expect(fixedPath(path)).toBeNull();
  });
});

describe('what starts a program at all', () => {
  const source = new Map(
    globSync('runner/**/*.ts', { cwd: ROOT }).map((path) => [path, readFileSync(join(ROOT, path), 'utf8')]),
  );
  const having = (what: RegExp) =>
    [...source].flatMap(([path, text]) => (what.test(text) ? [path] : [])).sort();

  test('are these files: git, the CLI, and the list of processes', () => {
    expect(having(/child_process|worker_threads/)).toEqual([
      'runner/claude/process/child.ts',
      'runner/claude/process/locate.ts',
      'runner/claude/process/orphans.ts',
      'runner/claude/process/tree.ts',
      'runner/git/run.ts',
    ]);
  });

  test('git is started by one function alone', () => {
    expect(having(/\brunGit\b/)).toEqual(['runner/git/git.ts', 'runner/git/run.ts']);
  });
});
