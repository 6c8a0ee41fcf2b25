/** What can be asked and changed beside a running runner; it notices a change of its settings by itself. */
import type { GuildId } from '../../protocol/ids.ts';
import { Failure } from '../base/failure.ts';
import { type Home, lockHolder } from '../home/home.ts';
import { readPairings } from '../home/pairings.ts';
import { realFolder } from '../home/projects.ts';
import { readSettings, withProjects, writeSettings } from '../home/settings.ts';

type Print = (line: string) => void;

export function showStatus(home: Home, print: Print): void {
  const settings = readSettings(home);
  const holder = lockHolder(home);
  print(holder === null ? 'Not running.' : `Running as process ${holder}.`);
  print(`Folder: ${home.path}`);
  const pairings = readPairings(home, ({ message }) => print(message));
  if (pairings.length === 0) print('Paired with no server yet: /runner pair in Discord gives a link.');
  for (const pairing of pairings)
    print(
      `Paired with ${pairing.guildName} (${pairing.guild}) at ${pairing.origin}, owner ${pairing.ownerName}`,
    );
  print(`Permission mode of the owner's sessions: ${settings.permissionMode}`);
  print(`Claude processes at once: ${settings.maxProcesses}`);
  listProjects(home, print);
}

export function listProjects(home: Home, print: Print): void {
  const { projects } = readSettings(home);
  if (projects.length === 0) print('No projects.');
  for (const { name, path, guilds } of projects)
    print(
      `Project ${name}: ${path} (${guilds.length === 0 ? 'no server sees it' : `servers ${guilds.join(', ')}`})`,
    );
}

export function putProject(
  home: Home,
  project: { readonly name: string; readonly path: string },
  guild: string | undefined,
  print: Print,
): void {
  const paired = readPairings(home, ({ message }) => print(message)).map((pairing) => pairing.guild);
  if (guild !== undefined && !paired.includes(guild as GuildId))
    throw new Failure('unpaired', `This runner is not paired with the server ${guild}. Nothing was changed.`);
  realFolder(project.path, home);
  const guilds = guild === undefined ? paired : paired.filter((one) => one === guild);
  writeSettings(home, withProjects(readSettings(home), [project], guilds));
  print(
    `${project.name} is ${project.path} now, seen by ${guilds.length === 1 ? 'one server' : `${guilds.length} servers`}.`,
  );
}

export function removeProject(home: Home, name: string, print: Print): void {
  const settings = readSettings(home);
  const projects = settings.projects.filter((project) => project.name !== name);
  if (projects.length === settings.projects.length)
    throw new Failure('project', `There is no project "${name}". Nothing was changed.`);
  writeSettings(home, { ...settings, projects });
  print(`${name} is not offered any more. The folder was not touched.`);
}
