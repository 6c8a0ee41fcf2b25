/** The scratch project: a small repository in which reading, editing and running things makes sense. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, realpathSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const FILES: Readonly<Record<string, string>> = {
  'README.md': `# Yarn counter
Counts how much yarn a scarf needs. One of its tests fails: can you find out why?
`,
  'package.json': `${JSON.stringify({ name: 'yarn-counter', private: true, type: 'module', scripts: { test: 'node test/yarn.js' } }, null, 2)}\n`,
  // What npm says about itself is no part of the tests' output.
  '.npmrc': 'loglevel=silent\nupdate-notifier=false\n',
  'src/yarn.js': `/** Metres of yarn for a scarf of so many rows. */
export function yarnFor(rows, metresPerRow) {
  return rows + metresPerRow;
}

/** Balls to buy: never less than needed. */
export function balls(metres, metresPerBall) {
  return Math.ceil(metres / metresPerBall);
}
`,
  'test/yarn.js': `import { balls, yarnFor } from '../src/yarn.js';

check('a scarf of 200 rows needs 300 metres', yarnFor(200, 1.5), 300);
check('300 metres are 6 balls of 50 metres', balls(300, 50), 6);

function check(what, got, wanted) {
  const ok = got === wanted;
  console.log(ok ? 'ok: ' + what : 'FAILED: ' + what + ', got ' + got);
  if (!ok) process.exitCode = 1;
}
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

/** A configuration of Claude's own in which its person has trusted this folder: the answer to its question at a first start. */
export function trustIn(config: string, folder: string): void {
  mkdirSync(config, { recursive: true });
  const projects = { [realpathSync(folder)]: { hasTrustDialogAccepted: true } };
  writeFileSync(join(config, '.claude.json'), JSON.stringify({ projects }));
}
