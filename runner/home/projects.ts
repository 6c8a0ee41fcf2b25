/** Which folder a project's name stands for, and which guild may know that it exists. */
import { realpathSync, statSync } from 'node:fs';
import path from 'node:path';
import type { GuildId, ProjectName } from '../../protocol/ids.ts';
import { errorName, Failure } from '../base/failure.ts';
import { meantFolder } from './folder.ts';
import type { Home } from './home.ts';
import type { Settings } from './settings.ts';

export type FoundProject =
  | { readonly ok: true; readonly path: string }
  | { readonly ok: false; readonly words: string };

/** The names that a guild may see. */
export function visibleProjects(settings: Settings, guild: GuildId): ProjectName[] {
  return settings.projects.filter((project) => project.guilds.includes(guild)).map((project) => project.name);
}

/**
 * The real folder of a project, symlinks resolved. A project that this guild may not see is told from one that is
 * not there by nothing.
 */
export function findProject(settings: Settings, home: Home, guild: GuildId, name: ProjectName): FoundProject {
  const project = settings.projects.find((one) => one.name === name && one.guilds.includes(guild));
  if (project === undefined) return { ok: false, words: `This runner offers no project "${name}" here.` };
  try {
    return { ok: true, path: realFolder(project.path, home) };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    // The path is the owner's business; the guild is told the name.
    return { ok: false, words: `The folder of project "${name}" is gone, or may not be used.` };
  }
}

/** A folder as it may be offered: absolute, real, a directory, and not Heddle's own. Throws a `Failure`. */
export function realFolder(folder: string, home: Home): string {
  let real: string;
  try {
    real = realpathSync(folder);
    if (!statSync(real).isDirectory()) throw new Failure('project', `${folder} is not a folder.`);
  } catch (error) {
    if (error instanceof Failure) throw error;
    throw new Failure('project', `The project folder ${folder} cannot be used (${errorName(error)}).`);
  }
  const fromHome = path.relative(realpathSync(home.path), real);
  if (fromHome === '' || !(fromHome.startsWith('..') || path.isAbsolute(fromHome)))
    throw new Failure('project', `${folder} lies in Heddle's own folder ${home.path}, which holds its keys.`);
  return real;
}

/** `NAME=PATH` of the command line. */
export function parseProjectOption(option: string): { readonly name: string; readonly path: string } {
  const at = option.indexOf('=');
  const name = option.slice(0, at).trim();
  const folder = option.slice(at + 1).trim();
  if (at < 1 || name === '' || folder === '')
    throw new Failure('project', `"${option}" is not NAME=PATH, such as api=/home/me/api.`);
  return { name, path: meantFolder(folder) };
}
