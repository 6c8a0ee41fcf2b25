import { homedir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { isOwnFolder, meantFolder, personsFolder } from '../../../runner/home/folder.ts';
import { parseProjectOption } from '../../../runner/home/projects.ts';

const npm = { npm_lifecycle_event: 'runner', INIT_CWD: '/home/me/api' };

test('npm changes the folder, the person did not', () => {
  expect(personsFolder(npm)).toBe('/home/me/api');
  expect(meantFolder('.', npm)).toBe('/home/me/api');
  expect(meantFolder('../web', npm)).toBe('/home/me/web');
  // Left behind by an `npm test` or `npm start` further up.
  expect(personsFolder({ ...npm, npm_lifecycle_event: 'test' })).toBe(process.cwd());
  expect(personsFolder({})).toBe(process.cwd());
});

test('a ~ that the shell left alone is the home folder, and only at the beginning', () => {
  expect(meantFolder('~/api', {})).toBe(path.join(homedir(), 'api'));
  expect(meantFolder(' ~ ', {})).toBe(homedir());
  expect(meantFolder('/a/~/b', {})).toBe('/a/~/b');
  expect(meantFolder('~other/api', npm)).toBe('/home/me/api/~other/api');
  expect(parseProjectOption('api=~/api')).toEqual({ name: 'api', path: path.join(homedir(), 'api') });
});

test('Heddle’s own folder is known, whatever the way to it', () => {
  const own = path.join(import.meta.dirname, '../../..');
  expect(isOwnFolder(own)).toBe(true);
  expect(isOwnFolder(path.join(own, 'runner/..'))).toBe(true);
  expect(isOwnFolder(path.join(own, 'runner'))).toBe(false);
  expect(isOwnFolder('/nowhere/at/all')).toBe(false);
});
