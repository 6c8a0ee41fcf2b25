/** The check of the rooms finds what it is for, and the product passes it. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { faultsIn, roomsOf } from '../structure/rooms.ts';

const PAGE = `
| room | holds | imports |
|---|---|---|
| \`worker/\` | the top | \`low\`, \`protocol\` |
| \`worker/low/\` | a room | \`protocol\` |
| \`protocol/\` | the lowest | nothing |
`;
const GOOD = {
  'worker/main.ts': "import { low } from './low/low.ts';\nimport { Id } from '../protocol/ids.ts';\n",
  'worker/low/low.ts': "import type { Id } from '../../protocol/ids.ts';\nexport const low = 1;\n",
  'protocol/ids.ts': 'export type Id = string;\n',
};
const faults = (changed: Readonly<Record<string, string>>, page = PAGE) =>
  faultsIn(new Map(Object.entries({ ...GOOD, ...changed })), roomsOf(page));

it('finds nothing in rooms that import downwards', () => {
  expect(faults({})).toEqual([]);
});

it.each([
  ['a type', "import type { Main } from '../main.ts';\nimport '../../protocol/ids.ts';\n"],
  ['a value', "import { main } from '../main.ts';\nimport '../../protocol/ids.ts';\n"],
  ['a dynamic import', "await import('../main.ts');\nimport '../../protocol/ids.ts';\n"],
  ['a type by its file', "type M = import('../main.ts').Main;\nimport '../../protocol/ids.ts';\n"],
  ['over several lines', "import {\n  main,\n} from '../main.ts';\nimport '../../protocol/ids.ts';\n"],
])('finds an import upwards and the circle of files that it closes: %s', (_, text) => {
  expect(faults({ 'worker/low/low.ts': text })).toEqual([
    'worker/low/low.ts: imports worker/main.ts, upwards',
    'circle: worker/main.ts -> worker/low/low.ts -> worker/main.ts',
  ]);
});

it('finds a circle of folders that is none of files', () => {
  const changed = { 'worker/low/other.ts': "import '../more.ts';\n", 'worker/more.ts': '' };
  expect(faults(changed)).toEqual(['worker/low/other.ts: imports worker/more.ts, upwards']);
});

it('finds a circle within one folder', () => {
  const changed = { 'protocol/a.ts': "import './b.ts';\n", 'protocol/b.ts': "import './a.ts';\n" };
  expect(faults(changed)).toEqual(['circle: protocol/a.ts -> protocol/b.ts -> protocol/a.ts']);
});

it('finds an import that the row does not name, although it goes downwards', () => {
  const page = PAGE.replace('`low`, `protocol`', '`low`');
  expect(faults({}, page)).toEqual(['worker/main.ts: imports protocol/ids.ts, which its row does not name']);
});

it('finds a row that says more than the source does', () => {
  expect(faults({ 'worker/low/low.ts': '' })).toEqual([
    'worker/low/: its row names protocol, but nothing in it imports that',
  ]);
  expect(faults({}, `${PAGE}| \`runner/\` | is not there | nothing |\n`)).toEqual([
    'runner/: a row, but no such folder',
  ]);
});

it('finds a folder without a row', () => {
  expect(faults({ 'worker/new/a.ts': '' })).toEqual(['worker/new/a.ts: worker/new/ has no row']);
});

it.each([
  "export * from './ids.ts';\n",
  "export { x } from './ids.ts';\n",
  "import { x } from './ids.ts';\nexport { x };\n",
])('finds a barrel: %s', (text) => {
  expect(faults({ 'protocol/index.ts': text })).toEqual([
    'protocol/index.ts: passes on what another file exports',
  ]);
});

it('finds a file of more than 400 lines', () => {
  expect(faults({ 'protocol/long.ts': '\n'.repeat(400) })).toEqual([]);
  expect(faults({ 'protocol/long.ts': '\n'.repeat(401) })).toEqual([
    'protocol/long.ts: 401 lines, above 400',
  ]);
});

const ROOT = join(import.meta.dirname, '../..');
const run = (script: string) =>
  spawnSync(process.execPath, [join(ROOT, script), '--list'], { encoding: 'utf8' });

it('the product passes it', () => {
  const { status, stderr } = run('test/structure/check.ts');
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
});

it('the architecture page names only files that exist', () => {
  const page = readFileSync(join(ROOT, 'docs/architecture.md'), 'utf8');
  const paths = [...page.matchAll(/`((?:worker|runner|protocol|playground|test)\/[\w/.-]*)`/g)].map(
    ([, path = '']) => path,
  );
  expect(paths.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
});

it('the walks go from one end to the other', { timeout: 60_000 }, () => {
  const { stdout, stderr } = run('test/walks/run.ts');
  const [prompt = '', click = '', delta = ''] = stdout.split(/^(?=a )/m);
  expect(stderr).toBe('');
  for (const path of [
    'worker/interactions/dispatch',
    'worker/session/session',
    'runner/claude/process/child',
  ]) {
    expect(prompt).toContain(`  ${path}.ts: `);
    expect(click).toContain(`  ${path}.ts: `);
  }
  for (const path of ['runner/claude/process/child', 'worker/session/session', 'worker/discord/rest'])
    expect(delta).toContain(`  ${path}.ts: `);
});
