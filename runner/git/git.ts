/**
 * The one function through which the runner asks git. No hooks, no pager, no prompt, no lock that a person's own git would wait for. In a
 * folder that its owner has not trusted in Claude git gets nothing of the repository's configuration that could run or lead elsewhere
 * (`view.ts`).
 */
import { existsSync } from 'node:fs';
import { errorName } from '../base/failure.ts';
import { type GitFolder, ownRepository, rootOf } from './repository.ts';
import { type Environment, type GitAnswer, gitEnvironment, no, runGit } from './run.ts';
import { parseSettings, personsIgnores, type Setting, viewConfig, withView } from './view.ts';

/** Looking at a large repository on a slow disk; a label is not worth more. */
const LOOK_TIMEOUT_MS = 5_000;

const FIRST = [
  '--no-optional-locks',
  '--no-pager',
  ...settings([
    // The owner's hooks are for what the owner commits. fsmonitor is a program that `status` would start.
    ['core.hooksPath', '/dev/null'],
    ['core.fsmonitor', 'false'],
    ['core.quotePath', 'false'],
    // Git: a signature is checked by a program that the repository names, and what it says stands among the commits.
    ['log.showSignature', 'false'],
    // Git: `diff` writes the index anew when a file was touched, whatever is said about optional locks.
    ['diff.autoRefreshIndex', 'false'],
    // Git: a folder that looks like a repository may have come with the project.
    ['safe.bareRepository', 'explicit'],
  ]),
];

/** Git: the first is of 2.45; before it, a list of protocols that none is on has the last word over all settings. */
const NO_FETCH = { GIT_NO_LAZY_FETCH: '1', GIT_ALLOW_PROTOCOL: 'none' };

export interface GitOptions {
  readonly timeoutMs?: number;
  /** Where `git` is looked for, and what it may know; `GIT_*` never reaches it. */
  readonly env?: Environment;
  /** A partial clone may fetch what it has not got, if it is trusted. Looking fetches nothing. */
  readonly fetches?: boolean;
}

/** Every call of git goes through here. The working folder is the one that has the `.git`, whatever the configuration says. */
export async function git(
  folder: GitFolder,
  args: readonly string[],
  options: GitOptions = {},
): Promise<GitAnswer> {
  const { timeoutMs = LOOK_TIMEOUT_MS, env = process.env, fetches = false } = options;
  const found = await settingsOf(folder, env, timeoutMs);
  if (!found.ok) return found;
  const person = gitEnvironment(env);
  const run = (first: readonly string[], more: Environment) =>
    runGit({
      cwd: folder.cwd,
      args: [...FIRST, ...first, ...args],
      env: { ...person, ...(fetches && folder.trusted ? {} : NO_FETCH), ...more },
      timeoutMs,
    });
  if (found.repository === null)
    return run([], { GIT_WORK_TREE: found.root, ...withoutHooks(found.settings) });
  const config = viewConfig(found.settings);
  if (config === null) return no('elsewhere', 'The repository is stored in a way that Heddle does not know.');
  const ignores = settings([['core.excludesFile', personsIgnores(found.settings, person)]]);
  try {
    return (await withView(found.repository, config, (view) => run(ignores, view))) ?? ELSEWHERE;
  } catch (error) {
    return no('exit', `The repository could not be looked at (${errorName(error)}).`);
  }
}

const ELSEWHERE = no(
  'elsewhere',
  'The repository leads to another folder, and Heddle follows that only in folders that you trust in Claude: run `claude` in it once on the runner.',
);

/** What is set for a folder, by its person and by the repository. Git: listing settings runs nothing. */
async function settingsOf({ cwd, trusted }: GitFolder, env: Environment, timeoutMs = LOOK_TIMEOUT_MS) {
  if (!existsSync(cwd)) return no('folder', 'The folder is gone.');
  const root = rootOf(cwd);
  if (root === null) return no('exit', 'not a git repository');
  const repository = trusted ? null : ownRepository(root);
  if (repository === null && !trusted) return ELSEWHERE;
  const said = await runGit({
    cwd,
    args: [...FIRST, 'config', '--list', '--show-scope', '-z'],
    env: {
      ...gitEnvironment(env),
      GIT_WORK_TREE: root,
      ...(repository === null ? {} : { GIT_DIR: repository.gitDir, GIT_COMMON_DIR: repository.common }),
    },
    timeoutMs,
  });
  return said.ok ? ({ ok: true, root, repository, settings: parseSettings(said.out) } as const) : said;
}

function settings(all: readonly (readonly [key: string, value: string])[]): string[] {
  return all.flatMap(([key, value]) => ['-c', `${key}=${value}`]);
}

/** Git 2.54: hooks stand in the configuration as well, and no folder of hooks is in their place. In the environment, where a name may have a `=`. */
function withoutHooks(all: readonly Setting[]): Environment {
  const names = new Set(all.flatMap(({ key }) => /^hook\.(.+)\./s.exec(key)?.[1] ?? []));
  const set = [...names].flatMap((name, at) => [
    [`GIT_CONFIG_KEY_${at}`, `hook.${name}.enabled`],
    [`GIT_CONFIG_VALUE_${at}`, 'false'],
  ]);
  return { GIT_CONFIG_COUNT: String(names.size), ...Object.fromEntries(set) };
}

/** Filters that are set up for a folder, by its person or by the repository: git would put files through them. */
export async function filtersOf(
  folder: GitFolder,
  env: Environment = process.env,
): Promise<readonly string[]> {
  const found = await settingsOf(folder, env);
  if (!found.ok) return [];
  const names = found.settings.map(({ key }) => /^filter\.(.+)\.(?:clean|smudge|process)$/s.exec(key)?.[1]);
  return [...new Set(names.filter((name) => name !== undefined))];
}
