/** `npm run check`: the rooms of docs/architecture.md against the source. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { faultsIn, HALVES, roomsOf } from './rooms.ts';

const ROOT = join(import.meta.dirname, '../..');
const PAGE = 'docs/architecture.md';

const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');
const source = globSync(
  HALVES.map((half) => `${half}/**/*.{ts,js}`),
  { cwd: ROOT },
).filter((path) => !path.endsWith('.d.ts'));
const faults = faultsIn(new Map(source.map((path) => [path, read(path)])), roomsOf(read(PAGE)));
for (const fault of faults) console.error(fault);
if (faults.length > 0) {
  console.error(`${faults.length} faults. The rooms and who may import whom are the table in ${PAGE}.`);
  process.exitCode = 1;
}
