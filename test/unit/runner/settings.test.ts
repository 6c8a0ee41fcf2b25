import { mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import type { GuildId, ProjectName, UserId } from '../../../protocol/ids.ts';
import { Failure } from '../../../runner/base/failure.ts';
import { openHome } from '../../../runner/home/home.ts';
import {
  findProject,
  parseProjectOption,
  realFolder,
  visibleProjects,
} from '../../../runner/home/projects.ts';
import {
  DEFAULTS,
  modeFor,
  readSettings,
  withProjects,
  writeSettings,
} from '../../../runner/home/settings.ts';
import { temporaryFolder } from './stage.ts';

const fresh = () => openHome({ HEDDLE_HOME: path.join(temporaryFolder(), 'home') });
const [one, two] = ['1', '2'] as GuildId[] as [GuildId, GuildId];
const api = 'api' as ProjectName;

describe('settings', () => {
  test('without a file: the safe defaults', () => {
    expect(readSettings(fresh())).toEqual(DEFAULTS);
    expect(DEFAULTS.permissionMode).toBe('default');
    expect(DEFAULTS.projects).toEqual([]);
  });

  test('are written for the owner alone, and read back', () => {
    const home = fresh();
    const settings = withProjects(
      { ...DEFAULTS, permissionMode: 'acceptEdits' },
      [{ name: 'api', path: '/x' }],
      [one],
    );
    writeSettings(home, settings);
    expect(readSettings(home)).toEqual(settings);
    expect(statSync(home.settings).mode & 0o777).toBe(0o600);
  });

  test.each([
    '{',
    '[]',
    '{"permissionMode":"anything"}',
    '{"permisionMode":"default"}',
    '{"maxProcesses":0}',
    '{"projects":[{"name":"a","path":"/x","guilds":["not a number"]}]}',
    '{"projects":[{"name":"a\\u202eb","path":"/x","guilds":[]}]}',
    '{"projects":[{"name":"a","path":"/x","guilds":[]},{"name":"a","path":"/y","guilds":[]}]}',
  ])('that are %s are refused whole, and left as they are', (text) => {
    const home = fresh();
    writeFileSync(home.settings, text);
    expect(() => readSettings(home)).toThrow(Failure);
    expect(readFileSync(home.settings, 'utf8')).toBe(text);
  });

  test('the mode is the owner’s own alone', () => {
    const settings = { ...DEFAULTS, permissionMode: 'bypassPermissions' as const };
    expect(modeFor(settings, '1' as UserId, '1' as UserId)).toBe('bypassPermissions');
    expect(modeFor(settings, '2' as UserId, '1' as UserId)).toBe('default');
  });
});

describe('projects', () => {
  test('a guild sees what it was given, and no difference between hidden and absent', () => {
    const home = fresh();
    const folder = temporaryFolder();
    const settings = withProjects(DEFAULTS, [{ name: 'api', path: folder }], [one]);
    expect(visibleProjects(settings, one)).toEqual([api]);
    expect(visibleProjects(settings, two)).toEqual([]);
    expect(findProject(settings, home, one, api)).toEqual({ ok: true, path: folder });
    const hidden = findProject(settings, home, two, api);
    const absent = findProject(DEFAULTS, home, two, api);
    expect(hidden).toEqual(absent);
    expect(hidden.ok).toBe(false);
  });

  test('a second guild is added; another folder under the same name is shown to nobody else', () => {
    const settings = withProjects(DEFAULTS, [{ name: 'api', path: '/a' }], [one]);
    expect(withProjects(settings, [{ name: 'api', path: '/a' }], [two]).projects[0]?.guilds).toEqual([
      one,
      two,
    ]);
    expect(withProjects(settings, [{ name: 'api', path: '/b' }], [two]).projects[0]?.guilds).toEqual([two]);
  });

  test('symlinks are resolved; a folder that is gone, a file, and Heddle’s own are refused', () => {
    const home = fresh();
    const folder = temporaryFolder();
    const real = path.join(folder, 'real');
    mkdirSync(real);
    symlinkSync(real, path.join(folder, 'link'));
    symlinkSync(home.pairings, path.join(folder, 'sly'));
    writeFileSync(path.join(folder, 'file'), '');
    expect(realFolder(path.join(folder, 'link'), home)).toBe(real);
    for (const bad of [
      path.join(folder, 'gone'),
      path.join(folder, 'file'),
      path.join(folder, 'sly'),
      home.path,
    ])
      expect(() => realFolder(bad, home), bad).toThrow(Failure);
    const settings = withProjects(DEFAULTS, [{ name: 'api', path: path.join(folder, 'gone') }], [one]);
    const found = findProject(settings, home, one, api);
    expect(found.ok === false && found.words).not.toContain(folder);
  });

  test.each(['api', '=x', 'api=', ''])('%j is not NAME=PATH', (option) => {
    expect(() => parseProjectOption(option)).toThrow(Failure);
  });
  test('NAME=PATH: the first = divides, the path is made absolute', () => {
    expect(parseProjectOption('api=a=b')).toEqual({ name: 'api', path: path.resolve('a=b') });
  });
});
