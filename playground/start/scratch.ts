/** The scratch project: a small repository in which reading, editing and running things makes sense. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const FILES: Readonly<Record<string, string>> = {
  'README.md': `# Yarn counter
Counts how much yarn a scarf needs. One of its tests fails: can you find out why?
`,
  'package.json': `${JSON.stringify({ name: 'yarn-counter', private: true, type: 'module', scripts: { test: 'node --test' } }, null, 2)}\n`,
  'src/yarn.js': `/** Metres of yarn for a scarf of so many rows. */
export function yarnFor(rows, metresPerRow) {
  return rows + metresPerRow;
}

/** Balls to buy: never less than needed. */
export function balls(metres, metresPerBall) {
  return Math.ceil(metres / metresPerBall);
}
`,
  'test/yarn.test.js': `import assert from 'node:assert/strict';
import { test } from 'node:test';
import { balls, yarnFor } from '../src/yarn.js';

test('a scarf of 200 rows needs 300 metres', () => {
  assert.equal(yarnFor(200, 1.5), 300);
});

test('300 metres are 6 balls of 50 metres', () => {
  assert.equal(balls(300, 50), 6);
});
`,
  'notes.txt': `Ideas
- a hat
- fringes at both ends
`,
};

/** Fills an empty folder. Without git on the machine it is a folder like any other. */
export function makeScratch(folder: string): void {
  for (const [name, text] of Object.entries(FILES)) {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
  const git = (...args: string[]): void => {
    const person = [
      '-c',
      'user.name=Heddle',
      '-c',
      'user.email=playground@example.com',
      '-c',
      'commit.gpgsign=false',
    ];
    execFileSync('git', [...person, ...args], {
      cwd: folder,
      stdio: 'ignore',
      env: { ...process.env, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_SYSTEM: '/dev/null' },
    });
  };
  try {
    git('init', '--initial-branch=main');
    git('add', '.');
    git('commit', '--message=Count yarn');
  } catch {
    // The project works without a history.
  }
}
