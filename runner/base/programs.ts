/** Programs by their name. A project's own must not be taken for one: the runner starts them in folders that nobody trusted. */
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';

/** PATH without its relative entries (`.`, an empty one, `node_modules/.bin`), which mean another folder in each project; null: nothing is left. */
export function fixedPath(path: string | undefined): string | null {
  return (path ?? '').split(delimiter).filter(isAbsolute).join(delimiter) || null;
}

/** The first program of this name, absolute; null when there is none. */
export function programOnPath(name: string, path: string | undefined): string | null {
  for (const folder of fixedPath(path)?.split(delimiter) ?? []) {
    const at = join(folder, name);
    if (isProgram(at)) return at;
  }
  return null;
}

function isProgram(at: string): boolean {
  try {
    if (!statSync(at).isFile()) return false;
    accessSync(at, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
