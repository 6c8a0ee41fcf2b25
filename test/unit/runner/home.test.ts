import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { Failure } from '../../../runner/base/failure.ts';
import { lockHolder, lockHome, openHome } from '../../../runner/home/home.ts';
import { temporaryFolder } from './stage.ts';

const fresh = () => openHome({ HEDDLE_HOME: path.join(temporaryFolder(), 'home') });

test('the folder is for its owner alone, also when it was open before', () => {
  const at = path.join(temporaryFolder(), 'home');
  mkdirSync(at);
  chmodSync(at, 0o755);
  const home = openHome({ HEDDLE_HOME: at });
  expect(statSync(home.path).mode & 0o777).toBe(0o700);
  expect(statSync(home.pairings).mode & 0o777).toBe(0o700);
});

test('a folder that cannot be made is told in words', () => {
  const file = path.join(temporaryFolder(), 'file');
  writeFileSync(file, '');
  expect(() => openHome({ HEDDLE_HOME: path.join(file, 'home') })).toThrow(Failure);
});

test('its path has no symlinks, which rules about it would not see through', () => {
  const folder = temporaryFolder();
  mkdirSync(path.join(folder, 'real'));
  symlinkSync(path.join(folder, 'real'), path.join(folder, 'link'));
  expect(openHome({ HEDDLE_HOME: path.join(folder, 'link') }).path).toBe(path.join(folder, 'real'));
});

test('a lock that cannot be made is told in words', () => {
  const home = fresh();
  mkdirSync(path.join(home.path, 'lock.db'));
  expect(() => lockHome(home)).toThrow(/^Heddle cannot use its folder/);
  expect(() => lockHolder(home)).toThrow(Failure);
});

test('one process at a time; after a release it is free again', () => {
  const home = fresh();
  const lock = lockHome(home);
  expect(() => lockHome(home)).toThrow(String(process.pid));
  expect(lockHolder(home)).toBe(process.pid);
  lock.release();
  lock.release();
  expect(lockHolder(home)).toBeNull();
  lockHome(home).release();
});

test('another process holds it until it dies, however it dies', async () => {
  const home = fresh();
  const module = path.join(import.meta.dirname, '../../../runner/home/home.ts');
  const holder = spawn(
    process.execPath,
    [
      '--input-type=module',
      '-e',
      `const { lockHome, openHome } = await import(${JSON.stringify(module)});
       lockHome(openHome({ HEDDLE_HOME: ${JSON.stringify(home.path)} }));
       console.log('held');
       setInterval(() => {}, 1000);`,
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  await once(holder.stdout, 'data');
  expect(() => lockHome(home)).toThrow(`process ${holder.pid}`);
  const gone = once(holder, 'exit');
  holder.kill('SIGKILL');
  await gone;
  lockHome(home).release();
});
