/**
 * Rooms: the folders of the product, and who may import whom. The table in docs/architecture.md is the only place that says it; this
 * reads the table and the source, and finds where they differ. Pure; check.ts gives it the files.
 */
import { posix } from 'node:path';

/** Beyond this a reader scrolls more than they read. */
const LINES_MAX = 400;
/** The runtime wants both classes from the Worker's main module, so this file may pass them on. */
const ENTRY = 'worker/index.ts';

/** A row of the table. Rows stand from the top floor down. */
interface Room {
  readonly folder: string;
  readonly imports: readonly string[];
}

/** An import of any kind: a value's, a type's, a dynamic one. Packages have no dot in front. */
const IMPORT = /\b(?:from|import)\s*\(?\s*'(\.[^']+)'/g;
const RE_EXPORT = /^export\s+(type\s+)?[{*]/m;

/** Rows of three cells, a folder with a slash at its end first: | `worker/guild/` | holds | `guild/starts`, `protocol` | */
export function roomsOf(page: string): Room[] {
  return [...page.matchAll(/^\| `([\w/-]+)\/` \| [^|]+ \| ([^|]+) \|$/gm)].map(
    ([, folder = '', cell = '']) => {
      const half = folder.split('/')[0] ?? '';
      const names = [...cell.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name);
      const isHalf = (name: string) => HALVES.includes(name.split('/')[0] ?? '');
      return { folder, imports: names.map((name) => (isHalf(name) ? name : `${half}/${name}`)) };
    },
  );
}

export const HALVES = ['playground', 'worker', 'runner', 'protocol'];

/** Everything that is wrong, in words. `files`: path from the root, with slashes, to its text. */
export function faultsIn(files: ReadonlyMap<string, string>, rooms: readonly Room[]): string[] {
  const importsOf = (file: string) =>
    [...(files.get(file) ?? '').matchAll(IMPORT)]
      .map(([, to = '']) => posix.join(posix.dirname(file), to))
      .filter((to) => files.has(to));
  const faults: string[] = [];
  const floors = new Map(rooms.map(({ folder }, floor) => [folder, floor]));
  const used = new Set<string>();
  for (const [file, text] of files) {
    const folder = posix.dirname(file);
    const floor = floors.get(folder);
    if (floor === undefined) faults.push(`${file}: ${folder}/ has no row`);
    const lines = text.split('\n').length - 1;
    if (lines > LINES_MAX) faults.push(`${file}: ${lines} lines, above ${LINES_MAX}`);
    if (file !== ENTRY && RE_EXPORT.test(text)) faults.push(`${file}: passes on what another file exports`);
    for (const to of importsOf(file)) {
      const target = posix.dirname(to);
      if (target === folder || floor === undefined) continue;
      used.add(`${folder} ${target}`);
      // As rows stand in a total order, folders that import downwards only are in no circle.
      if ((floors.get(target) ?? -1) < floor) faults.push(`${file}: imports ${to}, upwards`);
      else if (!rooms[floor]?.imports.includes(target))
        faults.push(`${file}: imports ${to}, which its row does not name`);
    }
  }
  for (const { folder, imports } of rooms) {
    if (![...files.keys()].some((file) => posix.dirname(file) === folder))
      faults.push(`${folder}/: a row, but no such folder`);
    for (const name of imports)
      if (!used.has(`${folder} ${name}`))
        faults.push(`${folder}/: its row names ${name}, but nothing in it imports that`);
  }
  return [...faults, ...circlesIn([...files.keys()], importsOf)];
}

/** Circles of files, each once: `a -> b -> a`. */
function circlesIn(files: readonly string[], importsOf: (file: string) => string[]): string[] {
  const circles: string[] = [];
  const done = new Set<string>();
  const visit = (file: string, path: readonly string[]): void => {
    if (path.includes(file))
      circles.push(`circle: ${[...path.slice(path.indexOf(file)), file].join(' -> ')}`);
    if (path.includes(file) || done.has(file)) return;
    for (const to of importsOf(file)) visit(to, [...path, file]);
    done.add(file);
  };
  for (const file of files) visit(file, []);
  return circles;
}
