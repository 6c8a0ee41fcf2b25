import { execFile } from 'node:child_process';
import { chmodSync, mkdirSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { isNewEnough, type LocateOptions, locateClaude } from '../../../runner/claude/process/locate.ts';
import { settingsSources } from '../../../runner/claude/process/trust.ts';
import { testFolder } from './folder.ts';

function program(path: string, output: string): string {
  writeFileSync(path, `#!/bin/sh\necho '${output}'\n`);
  chmodSync(path, 0o755);
  return path;
}

/** A home, a package with a pinned CLI of its own, and one folder on PATH; each CLI says another version. */
function machine() {
  const folder = testFolder();
  const put = (path: string, version: string) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    return program(join(folder, path), `${version} (Claude Code)`);
  };
  mkdirSync(join(folder, 'home'));
  const own = put('me/package/node_modules/.bin/claude', '2.1.303');
  const find = (env: Record<string, string> = {}, more: Partial<LocateOptions> = {}) =>
    locateClaude({
      env: { HOME: join(folder, 'home'), PATH: '', ...env },
      packageRoot: join(folder, 'me/package'),
      systemFolders: [join(folder, 'system')],
      ...more,
    });
  return { folder, put, own, find };
}

describe('finding the CLI', () => {
  it('prefers --claude, then CLAUDE_BIN, then PATH, then where it is installed, then the package’s own', async () => {
    const { folder, put, own, find } = machine();
    const found = (bin: string, version: string) => ({ found: true, bin, version });
    expect(await find()).toEqual({ ...found(own, '2.1.303'), note: expect.stringContaining('Install') });
    const system = put('system/claude', '2.1.304');
    expect(await find()).toEqual(found(system, '2.1.304'));
    const local = put('home/.claude/local/claude', '2.1.305');
    expect(await find()).toEqual(found(local, '2.1.305'));
    const native = put('home/.local/bin/claude', '2.1.306');
    expect(await find()).toEqual(found(native, '2.1.306'));
    const onPath = put('path/claude', '2.1.302');
    // A relative entry would mean another program in each project.
    const PATH = `:/nowhere:${relative('.', join(folder, 'system'))}:${join(folder, 'path')}`;
    expect(await find({ PATH })).toEqual(found(onPath, '2.1.302'));
    expect(await find({ PATH }, { flag: 'claude' })).toEqual(found(onPath, '2.1.302'));
    const named = put('by-name', '2.1.301');
    expect(await find({ PATH, CLAUDE_BIN: named })).toEqual(found(named, '2.1.301'));
    const flag = put('by-flag', '2.1.300');
    expect(await find({ PATH, CLAUDE_BIN: named }, { flag })).toEqual(found(flag, '2.1.300'));
  });

  it('does not take what npm puts first on PATH for the person’s', async () => {
    const { folder, put, own, find } = machine();
    put('me/node_modules/.bin/claude', '2.1.307');
    put('links/node_modules/.bin/claude', '2.1.308');
    symlinkSync(join(folder, 'me/package'), join(folder, 'links/checkout'));
    const persons = put('path/claude', '2.9.9');
    const bins = (checkout: string) =>
      [join(checkout, 'node_modules/.bin'), join(dirname(checkout), 'node_modules/.bin')].join(':');
    const PATH = `${bins(join(folder, 'me/package'))}:${join(folder, 'path')}`;
    expect(await find({ PATH })).toMatchObject({ bin: persons, version: '2.9.9' });
    expect(await find({ PATH }, { flag: 'claude' })).toMatchObject({ bin: persons });
    // A checkout that is reached by a link: npm goes up from the link.
    const linked = {
      PATH: `${bins(join(folder, 'links/checkout'))}:${join(folder, 'path')}`,
      npm_package_json: join(folder, 'links/checkout/package.json'),
    };
    expect(await find(linked)).toMatchObject({ bin: persons });
    expect(await find({ ...linked, PATH: bins(join(folder, 'links/checkout')) })).toMatchObject({
      bin: own,
      note: expect.any(String),
    });
    // What a person put there: another package's.
    const other = put('elsewhere/node_modules/.bin/claude', '2.1.309');
    expect(await find({ PATH: dirname(other) })).toMatchObject({ bin: other });
  });

  it('as `npm run` runs it, too', async () => {
    const { folder, put } = machine();
    const persons = put('path/claude', '2.9.9');
    const root = join(import.meta.dirname, '../../..');
    const script = `import('./runner/claude/process/locate.ts')
      .then(({ locateClaude }) => locateClaude({ env: process.env }))
      .then((found) => console.log(JSON.stringify(found)))`;
    const { stdout } = await promisify(execFile)('npm', ['exec', '--call', 'node -e "$SCRIPT"'], {
      cwd: root,
      env: {
        ...process.env,
        CLAUDE_BIN: '',
        SCRIPT: script,
        PATH: `${join(folder, 'path')}:${process.env.PATH}`,
      },
    });
    expect(JSON.parse(stdout)).toEqual({ found: true, bin: persons, version: '2.9.9' });
  });

  it('has the package’s own where the package is', async () => {
    expect(await locateClaude({ env: { PATH: '', HOME: testFolder() }, systemFolders: [] })).toMatchObject({
      bin: join(realpathSync(join(import.meta.dirname, '../../..')), 'node_modules/.bin/claude'),
    });
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
    const nowhere = { env: { PATH: '', HOME: folder }, packageRoot: folder, systemFolders: [] };
    expect(await locateClaude(nowhere)).toMatchObject({ code: 'notFound' });
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
