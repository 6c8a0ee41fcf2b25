import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isNewEnough, locateClaude } from '../../../runner/claude/process/locate.ts';
import { settingsSources } from '../../../runner/claude/process/trust.ts';
import { testFolder } from './folder.ts';

function program(path: string, output: string): string {
  writeFileSync(path, `#!/bin/sh\necho '${output}'\n`);
  chmodSync(path, 0o755);
  return path;
}

describe('finding the CLI', () => {
  it('prefers --claude, then CLAUDE_BIN, then PATH, then the package’s own', async () => {
    const folder = testFolder();
    for (const name of ['path', 'package/node_modules/.bin'])
      mkdirSync(join(folder, name), { recursive: true });
    const flag = program(join(folder, 'by-flag'), '2.1.300 (Claude Code)');
    const named = program(join(folder, 'by-name'), '2.1.301 (Claude Code)');
    const onPath = program(join(folder, 'path', 'claude'), '2.1.302 (Claude Code)');
    const own = program(join(folder, 'package/node_modules/.bin/claude'), '2.1.303 (Claude Code)');
    const packageRoot = join(folder, 'package');
    // A relative entry would mean another program in each project.
    const PATH = `:/nowhere:${relative('.', join(folder, 'package/node_modules/.bin'))}:${join(folder, 'path')}`;
    const find = (env: Record<string, string>, byFlag?: string) =>
      locateClaude({ env, packageRoot, ...(byFlag === undefined ? {} : { flag: byFlag }) });
    expect(await find({ PATH, CLAUDE_BIN: named }, flag)).toEqual({
      found: true,
      bin: flag,
      version: '2.1.300',
    });
    expect(await find({ PATH, CLAUDE_BIN: named })).toMatchObject({ bin: named, version: '2.1.301' });
    expect(await find({ PATH })).toMatchObject({ bin: onPath, version: '2.1.302' });
    expect(await find({ PATH }, 'claude')).toMatchObject({ bin: onPath });
    expect(await find({ PATH: '' })).toMatchObject({ bin: own, version: '2.1.303' });
  });

  it('says what is wrong: missing, too old, something else', async () => {
    const folder = testFolder();
    const find = (flag: string) => locateClaude({ env: { PATH: '/bin:/usr/bin' }, flag });
    const missing = await find(join(folder, 'none'));
    expect(missing).toMatchObject({ found: false, code: 'notFound' });
    expect(missing.found === false && missing.words).toContain(join(folder, 'none'));
    const old = await find(program(join(folder, 'old'), '2.1.247 (Claude Code)'));
    expect(old).toMatchObject({ found: false, code: 'tooOld' });
    expect(old.found === false && old.words).toContain('2.1.248');
    expect(await find(program(join(folder, 'other'), 'hello'))).toMatchObject({
      found: false,
      code: 'broken',
    });
    expect(await find(folder)).toMatchObject({ found: false, code: 'notFound' });
    writeFileSync(join(folder, 'plain'), 'not a program');
    expect(await find(join(folder, 'plain'))).toMatchObject({ found: false, code: 'notFound' });
    expect(await locateClaude({ env: { PATH: '' }, packageRoot: folder })).toMatchObject({
      code: 'notFound',
    });
  });

  it('compares versions by number, not by letter', () => {
    expect(isNewEnough('2.1.248')).toBe(true);
    expect(isNewEnough('2.1.1000')).toBe(true);
    expect(isNewEnough('3.0.0')).toBe(true);
    expect(isNewEnough('2.2.0')).toBe(true);
    expect(isNewEnough('2.1.99')).toBe(false);
    expect(isNewEnough('2.0.999')).toBe(false);
    expect(isNewEnough('1.9.999')).toBe(false);
  });
});

describe('trust in a folder', () => {
  const trusted = { hasTrustDialogAccepted: true };
  const setUp = (projects: (folder: string) => Record<string, unknown>) => {
    const folder = testFolder();
    mkdirSync(join(folder, 'project', 'inner'), { recursive: true });
    writeFileSync(join(folder, '.claude.json'), JSON.stringify({ projects: projects(folder) }));
    return folder;
  };

  it('is what the owner told Claude, for the folder or one above it', async () => {
    const folder = setUp((root) => ({ [join(root, 'project')]: trusted }));
    const env = { CLAUDE_CONFIG_DIR: folder };
    expect(await settingsSources(join(folder, 'project'), env)).toBe('all');
    expect(await settingsSources(join(folder, 'project', 'inner'), env)).toBe('all');
    expect(await settingsSources(folder, env)).toBe('user');
    symlinkSync(join(folder, 'project'), join(folder, 'link'));
    expect(await settingsSources(join(folder, 'link'), env)).toBe('all');
  });

  it('is not there when nothing says so', async () => {
    const folder = setUp((root) => ({
      [join(root, 'project')]: { hasTrustDialogAccepted: 'true' },
      [join(root, 'project', 'inner')]: null,
    }));
    const env = { HOME: folder };
    expect(await settingsSources(join(folder, 'project'), env)).toBe('user');
    expect(await settingsSources(join(folder, 'project', 'inner'), env)).toBe('user');
    expect(await settingsSources(join(folder, 'missing'), env)).toBe('user');
    writeFileSync(join(folder, '.claude.json'), '{ broken');
    expect(await settingsSources(join(folder, 'project'), env)).toBe('user');
    expect(await settingsSources(join(folder, 'project'), { HOME: '/nowhere' })).toBe('user');
  });
});
