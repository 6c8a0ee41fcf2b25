/** Folders as a person at the terminal means them. */
import { realpathSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { OWN_FOLDER } from '../base/own.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** npm runs a script in the package's folder, and says in INIT_CWD where the person was. */
export function personsFolder(env: Environment = process.env): string {
  return env.npm_lifecycle_event === 'runner' && env.INIT_CWD ? env.INIT_CWD : process.cwd();
}

/** Absolute. A `~` that the shell left alone, as in `--project api=~/api`, is the home folder. */
export function meantFolder(text: string, env: Environment = process.env): string {
  return path.resolve(personsFolder(env), text.trim().replace(/^~(?=$|[/\\])/, homedir()));
}

/** Where `npm run` works at all, and therefore where a person stands who has not said which folder they mean. */
export function isOwnFolder(folder: string): boolean {
  try {
    return realpathSync(folder) === OWN_FOLDER;
  } catch {
    return false;
  }
}
