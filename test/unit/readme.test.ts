/** What the README claims of the tree, so that it cannot go stale in silence. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { COMMANDS } from '../../worker/interactions/commands.ts';
import { ADD_REACTIONS, REQUIRED_PERMISSIONS } from '../../worker/interactions/place.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const README = readFileSync(join(ROOT, 'README.md'), 'utf8');
const foldersIn = (path: string) =>
  readdirSync(join(ROOT, path)).filter(
    (name) => !name.startsWith('.') && statSync(join(ROOT, path, name)).isDirectory(),
  );

const rows = (heading: RegExp) => {
  const table = README.slice(README.search(heading)).split('\n\n')[0] ?? '';
  return table
    .split('\n')
    .slice(2)
    .map((line) =>
      line
        .split('|')
        .map((cell) => cell.trim())
        .slice(1, -1),
    );
};

describe('the README', () => {
  it('has a line for every folder at the top, and no line for one that is not there', () => {
    const listed = rows(/^\| folder \|/m).map(([name = '']) => name.replace(/[`]|\/`?$/g, ''));
    const top = foldersIn('.').filter(
      (name) => !['node_modules', 'dist', 'bench', 'coverage'].includes(name),
    );
    expect(listed.toSorted()).toEqual(top.toSorted());
  });

  it.each([
    ['who may do what', 'worker/domain/access.ts', /export function may\(/],
    ['how a permission card reads', 'worker/render/thread/request.ts', /label: 'Allow'/],
    [
      'the buttons: a row for each, with the right that it needs',
      'worker/domain/buttons.ts',
      /export const BUTTONS =/,
    ],
    ['the slash commands: a file for each, and the list', 'worker/interactions/commands.ts', /const SLASH: /],
    [
      'what Heddle does when a prompt, a click or an event comes',
      'worker/session/rules/rules.ts',
      /export function apply\(/,
    ],
  ])('says truly: to change %s, edit %s', (what, file, code) => {
    expect(rows(/^\| to change \|/m)).toContainEqual([what, `\`${file}\``]);
    expect(readFileSync(join(ROOT, file), 'utf8')).toMatch(code);
  });

  it('names every command', () => {
    for (const command of COMMANDS) expect(README).toContain(`\`/${command.name}`);
  });

  it('invites the bot with exactly the permissions that Heddle asks for', () => {
    const bits = REQUIRED_PERMISSIONS.reduce((sum, { bit }) => sum | bit, ADD_REACTIONS);
    expect(README).toContain(`&permissions=${bits}&`);
    for (const name of ['Add Reactions', ...REQUIRED_PERMISSIONS.map((one) => one.name)])
      expect(README).toContain(name);
  });

  it('links only to pages and pictures that exist', () => {
    for (const [, path = ''] of README.matchAll(/\]\((?!https?:)([^)#]+)/g)) {
      expect(existsSync(join(ROOT, path)), path).toBe(true);
    }
  });

  it('has a page of what changed, whose newest version is the package’s', () => {
    const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
    const changes = readFileSync(join(ROOT, 'CHANGELOG.md'), 'utf8');
    expect(/^## (\S+)/m.exec(changes)?.[1]).toBe(version);
  });

  it('names only npm scripts that exist', () => {
    const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
    for (const [, script = ''] of README.matchAll(/npm run ([a-z]+)/g))
      expect(Object.keys(scripts)).toContain(script);
  });
});
