/** settings.json: what this machine's owner allows. It is the last word; the Worker can ask for less, never for more. */
import { readFileSync } from 'node:fs';
import * as v from 'valibot';
import { PermissionMode } from '../../protocol/configure.ts';
import type { GuildId, ProjectName, UserId } from '../../protocol/ids.ts';
import { errorName, Failure } from '../base/failure.ts';
import { type Home, writePrivate } from './home.ts';

/** An idle CLI process takes about 100 MB, a busy one up to 350 MB. */
const PROCESSES_DEFAULT = 8;
const PROCESSES_MAX = 256;

const name = v.pipe(
  v.string(),
  v.trim(),
  v.regex(/^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]{1,100}$/u, 'a project name has 1 to 100 visible characters'),
  v.transform((value) => value as ProjectName),
);
const guild = v.pipe(
  v.string(),
  v.regex(/^\d{1,20}$/, 'a guild id is a number'),
  v.transform((value) => value as GuildId),
);

export const Project = v.strictObject({
  name,
  /** The folder; absolute. */
  path: v.pipe(v.string(), v.minLength(1)),
  /** Guilds that may see it and run sessions in it. */
  guilds: v.array(guild),
});
export type Project = v.InferOutput<typeof Project>;

export const Settings = v.strictObject({
  /** What Discord shows for this runner. */
  name: v.optional(v.pipe(v.string(), v.trim(), v.minLength(1), v.maxLength(32))),
  /** The Claude CLI; without it CLAUDE_BIN, then the one that is installed. */
  claude: v.optional(v.pipe(v.string(), v.minLength(1))),
  /** For sessions that the runner's owner starts. Everyone else's ask for each permission. */
  permissionMode: v.optional(PermissionMode, 'default'),
  /** What `/mode` may choose, beside `permissionMode`; absent: see `allowedModes`. */
  modes: v.optional(
    v.strictObject({
      owner: v.optional(v.array(PermissionMode)),
      others: v.optional(v.array(PermissionMode)),
    }),
  ),
  /** Live CLI processes at once. */
  maxProcesses: v.optional(
    v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(PROCESSES_MAX)),
    PROCESSES_DEFAULT,
  ),
  projects: v.optional(
    v.pipe(
      v.array(Project),
      v.check(
        (projects) => new Set(projects.map((project) => project.name)).size === projects.length,
        'two projects have the same name',
      ),
    ),
    [],
  ),
});
export type Settings = v.InferOutput<typeof Settings>;

export const DEFAULTS: Settings = v.parse(Settings, {});

/** Reads the file; the defaults when there is none. A file that does not fit is a `Failure`: nothing in it is guessed. */
export function readSettings(home: Home): Settings {
  let text: string;
  try {
    text = readFileSync(home.settings, 'utf8');
  } catch (error) {
    if (errorName(error) === 'ENOENT') return DEFAULTS;
    throw new Failure('settings', `Heddle cannot read ${home.settings} (${errorName(error)}).`, {
      cause: error,
    });
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw bad(home, 'it is not JSON', error);
  }
  if (Array.isArray(json)) throw bad(home, 'it is a list');
  const parsed = v.safeParse(Settings, json);
  if (!parsed.success) {
    const issue = parsed.issues[0];
    throw bad(home, `${v.getDotPath(issue) ?? 'the file'}: ${issue.message}`);
  }
  return parsed.output;
}

export function writeSettings(home: Home, settings: Settings): void {
  writePrivate(home.settings, `${JSON.stringify(settings, null, 2)}\n`);
}

/** The permission mode of a session: the setting for the runner's owner, `default` for anybody else. */
export function modeFor(settings: Settings, starter: UserId, owner: UserId): PermissionMode {
  return starter === owner ? settings.permissionMode : 'default';
}

/** Each asks for what the mode before it lets through: none gives more than its people could allow one by one. */
const OWNER_MODES: readonly PermissionMode[] = ['default', 'plan', 'acceptEdits'];
/** Only these ask for each permission. */
const OTHERS_MODES: readonly PermissionMode[] = ['default', 'plan'];

/** The modes that a session may be switched to: what the settings name, and the one that it begins with. */
export function allowedModes(settings: Settings, starter: UserId, owner: UserId): PermissionMode[] {
  const named =
    starter === owner ? (settings.modes?.owner ?? OWNER_MODES) : (settings.modes?.others ?? OTHERS_MODES);
  return [...new Set([modeFor(settings, starter, owner), ...named])];
}

/** These let something through that the others ask for. */
const LETS_THROUGH: ReadonlySet<string> = new Set(['acceptEdits', 'auto', 'bypassPermissions']);

/** Whether a process that has come to run in this mode, whatever made it, may go on in it. */
export function mayGoOnIn(mode: string, settings: Settings, starter: UserId, owner: UserId): boolean {
  return !LETS_THROUGH.has(mode) || allowedModes(settings, starter, owner).some((one) => one === mode);
}

/** The settings with these projects added, and shown to these guilds. A name that is there gets the new folder. */
export function withProjects(
  settings: Settings,
  added: readonly { readonly name: string; readonly path: string }[],
  guilds: readonly GuildId[],
): Settings {
  const projects = new Map(settings.projects.map((project) => [project.name as string, project]));
  for (const { name: raw, path } of added) {
    const checked = v.safeParse(name, raw);
    if (!checked.success) throw new Failure('project', `"${raw}": ${checked.issues[0].message}.`);
    const before = projects.get(checked.output);
    projects.set(checked.output, {
      name: checked.output,
      path,
      guilds: [...new Set([...(before?.path === path ? before.guilds : []), ...guilds])],
    });
  }
  return { ...settings, projects: [...projects.values()] };
}

function bad(home: Home, why: string, cause?: unknown): Failure {
  return new Failure(
    'settings',
    `${home.settings} cannot be used: ${why}. It was left as it is; correct it, or delete it to begin with the defaults.`,
    { cause },
  );
}
