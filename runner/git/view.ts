/**
 * A repository as git may see it where nobody trusted the folder: its objects, branches and index, and of its configuration only how its
 * files are stored. What is set up to run (filters, hooks, helpers, whatever newer versions bring) is not switched off one by one: git is
 * given another configuration, in which it does not stand.
 */
import { type Dirent, lstatSync, realpathSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { errorName } from '../base/failure.ts';
import type { Repository } from './repository.ts';

export interface Setting {
  /** Git: of the repository's own settings `local` and `worktree`, also when they stand in a file that those include. */
  readonly scope: string;
  /** The first and the last part in lower case. */
  readonly key: string;
  readonly value: string;
}

/** Git: `config --list --show-scope -z`; a key without a value is true. */
export function parseSettings(text: string): Setting[] {
  const fields = text.split('\0');
  const settings: Setting[] = [];
  for (let at = 0; at + 1 < fields.length; at += 2) {
    const [key = '', ...value] = (fields[at + 1] ?? '').split('\n');
    settings.push({ scope: fields[at] ?? '', key, value: value.length === 0 ? 'true' : value.join('\n') });
  }
  return settings;
}

const BOOLEAN = /^(?:true|false|yes|no|on|off|1|0)$/i;
/** How files are stored in the folder. */
const FILES: Readonly<Record<string, RegExp>> = {
  'core.autocrlf': /^(?:true|false|input)$/i,
  'core.checkstat': /^(?:default|minimal)$/i,
  'core.eol': /^(?:lf|crlf|native)$/i,
  'core.filemode': BOOLEAN,
  'core.ignorecase': BOOLEAN,
  'core.precomposeunicode': BOOLEAN,
  'core.sparsecheckout': BOOLEAN,
  'core.sparsecheckoutcone': BOOLEAN,
  'core.symlinks': BOOLEAN,
  'core.trustctime': BOOLEAN,
};
/** How the repository itself is stored; git must not read it in any other way. */
const FORMAT: Readonly<Record<string, RegExp>> = {
  'core.repositoryformatversion': /^[01]$/,
  'extensions.objectformat': /^sha(?:1|256)$/,
  // Git 2.55: an address here may lead anywhere.
  'extensions.refstorage': /^(?:files|reftable)$/,
};
/** Extensions without which looking is the same: more configuration, what may be fetched, what may be deleted, where submodules are. */
const LEFT_OUT = new Set(
  [
    'noop',
    'noop-v1',
    'partialclone',
    'preciousobjects',
    'relativeworktrees',
    'submodulepathconfig',
    'worktreeconfig',
  ].map((name) => `extensions.${name}`),
);

/** The configuration of a view, as a file; null: the repository is stored in a way that is not known here. */
export function viewConfig(settings: readonly Setting[]): string | null {
  const kept = new Map<string, string>();
  for (const { scope, key, value } of settings) {
    if (FILES[key]?.test(value) === true) kept.set(key, value);
    if (scope !== 'local') continue;
    if (FORMAT[key]?.test(value) === true) kept.set(key, value);
    else if (key in FORMAT || (key.startsWith('extensions.') && !LEFT_OUT.has(key))) return null;
  }
  // A log of branches is written through links that nobody has looked at.
  kept.set('core.logallrefupdates', 'false');
  return [...kept]
    .map(([key, value]) => `[${key.split('.')[0]}]\n\t${key.split('.')[1]} = ${value}\n`)
    .join('');
}

/** The file that says which files this person’s git sees nowhere. `env`: the person’s own. */
export function personsIgnores(settings: readonly Setting[], env: Readonly<Record<string, string>>): string {
  const home = env.HOME ?? '/';
  const said = settings.findLast(
    ({ scope, key }) => key === 'core.excludesfile' && (scope === 'global' || scope === 'system'),
  )?.value;
  return (
    said?.replace(/^~(?=\/)/, home) ??
    path.join(env.XDG_CONFIG_HOME || path.join(home, '.config'), 'git/ignore')
  );
}

/** Git: what a repository and all its worktrees have in common, as far as it is needed to look and to add a worktree. */
const SHARED = ['HEAD', 'objects', 'packed-refs', 'refs', 'reftable', 'shallow', 'worktrees', 'info/exclude'];

/** Git: what it reads of each worktree that the repository knows, and repeats in its words. */
const OF_WORKTREES = ['HEAD', 'commondir', 'gitdir'];

/** Runs `work` with the environment in which git sees the view; null: the repository leads out of its folder. */
export async function withView<T>(
  { root, gitDir, common }: Repository,
  config: string,
  work: (env: Readonly<Record<string, string>>) => Promise<T>,
): Promise<T | null> {
  if (await leadsElsewhere(gitDir, common)) return null;
  const view = await mkdtemp(path.join(tmpdir(), 'heddle-git-'));
  try {
    await mkdir(path.join(view, 'info'));
    await writeFile(path.join(view, 'config'), config);
    for (const name of SHARED) {
      // Git writes beside what a link leads to, so one is needed also where nothing is yet.
      if (name === 'packed-refs' || isThere(path.join(common, name)))
        await symlink(path.join(common, name), path.join(view, name));
    }
    return await work({
      GIT_DIR: gitDir,
      // Git: configuration, hooks and attributes are looked for here.
      GIT_COMMON_DIR: view,
      // Whatever `core.worktree` says.
      GIT_WORK_TREE: root,
      // The person's own filters are not run either: what they do is up to the repository, as where LFS fetches from.
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_CONFIG_GLOBAL: '/dev/null',
      // Git before 2.32 does not know the line above.
      HOME: view,
      XDG_CONFIG_HOME: view,
    });
  } finally {
    await rm(view, { recursive: true, force: true });
  }
}

/** A link to, or objects of, another repository would name that one's files and branches, and git repeats what it finds at the end of a link. */
async function leadsElsewhere(gitDir: string, common: string): Promise<boolean> {
  const inCommon = (name: string) => path.join(common, name);
  const known = (await entriesOf(inCommon('worktrees'))).map(({ name }) => `worktrees/${name}`);
  const read = [
    ...['HEAD', 'index'].map((name) => path.join(gitDir, name)),
    ...SHARED.map(inCommon),
    ...known.flatMap((worktree) => OF_WORKTREES.map((name) => inCommon(`${worktree}/${name}`))),
  ];
  if (!read.every(isItself) || isThere(inCommon('objects/info/alternates'))) return true;
  const within = [
    await entriesOf(inCommon('objects')),
    await entriesOf(inCommon('refs'), true),
    await entriesOf(inCommon('reftable')),
  ];
  return within.flat().some((entry) => entry.isSymbolicLink());
}

/** Or not there. */
function isItself(at: string): boolean {
  try {
    return realpathSync(at) === at;
  } catch {
    return !isThere(at);
  }
}

function isThere(at: string): boolean {
  return lstatSync(at, { throwIfNoEntry: false }) !== undefined;
}

async function entriesOf(folder: string, recursive = false): Promise<Dirent[]> {
  try {
    return await readdir(folder, { withFileTypes: true, recursive });
  } catch (error) {
    if (errorName(error) === 'ENOENT') return [];
    throw error;
  }
}
