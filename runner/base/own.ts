/** Heddle's own folder, and what npm does to PATH in it. */
import { realpathSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';

type Environment = Readonly<Record<string, string | undefined>>;

/** Where Heddle's code and its packages are; without links. */
export const OWN_FOLDER = realpathSync(join(import.meta.dirname, '..', '..'));

/** The programs that its packages bring. */
export const binsOf = (folder: string) => join(folder, 'node_modules', '.bin');

/**
 * PATH as the person has it. npm: before it runs a script it puts `node_modules/.bin` of the package first, and that of each folder above
 * it; from a checkout that was reached by a link it goes up from the link. What is in those is what packages pinned, and none of the person's.
 */
export function personsPath(env: Environment, own: string = OWN_FOLDER): string {
  const packages = [own, ...(env.npm_package_json ? [dirname(env.npm_package_json)] : [])];
  const pinned = new Set(
    packages.flatMap((folder) => withParents(folder).map((above) => real(binsOf(above)))),
  );
  return (env.PATH ?? '')
    .split(delimiter)
    .filter((entry) => !pinned.has(real(entry)))
    .join(delimiter);
}

function withParents(folder: string): string[] {
  const parent = dirname(folder);
  return parent === folder ? [folder] : [folder, ...withParents(parent)];
}

/** What is not there stays as it is named. */
function real(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
