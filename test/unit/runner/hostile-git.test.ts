/** git, asked about folders that nobody trusted: nothing of theirs runs, and nothing of another folder is named. */
import {
  appendFileSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { addWorktree, gitStatus } from '../../../runner/git/commands.ts';
import { git } from '../../../runner/git/git.ts';
import { gitBranch } from '../../../runner/git/repository.ts';
import { parseSettings, viewConfig } from '../../../runner/git/view.ts';
import {
  dropWorktree,
  ensureWorktree,
  lookAtWorktree,
  type Place,
  placeOf,
} from '../../../runner/git/worktrees.ts';
import { workspaceOf } from '../../../runner/session/workspace.ts';
import { Hostile, repository, run } from './hostile.ts';

let hostile: Hostile;
let project: string;
let secret: string;
const environment = { ...process.env };
const at = (cwd: string, trusted = false) => ({ cwd, trusted });
const write = (folder: string, name: string, text: string) => writeFileSync(path.join(folder, name), text);

beforeEach(() => {
  hostile = new Hostile();
  ({ project, secret } = hostile);
});
afterEach(() => {
  rmSync(hostile.top, { recursive: true, force: true });
  process.env = { ...environment };
});

function place(name = 'x'): Place {
  const found = placeOf(project, name);
  if (found === null) throw new Error('no repository');
  return found;
}

describe('what a repository is set up to run', () => {
  const ATTRIBUTES = '*.txt filter=evil diff=evil merge=evil\n*.bin filter=long\n';
  const change = (folder: string) => {
    for (const name of ['a.txt', 'b.bin']) write(folder, name, 'changed\n');
  };

  beforeEach(() => {
    const files = { '.gitattributes': ATTRIBUTES, 'a.txt': 'one\n', 'b.bin': 'two\n', 'plain/c': 'three\n' };
    repository(path.join(hostile.top, 'part'), files);
    repository(project, files);
    run(project, 'submodule', '--quiet', 'add', '../part', 'sub');
    run(project, 'commit', '-qm', 'sub');
    repository(path.join(project, 'nested'), files);
    hostile.hooks(path.join(project, '.git/hooks'));
  });

  test.each<[string, string, () => void]>([
    ['in the repository', '', () => hostile.infect(path.join(project, '.git/config'))],
    [
      'in a file that it includes',
      '',
      () => {
        hostile.infect(path.join(project, 'evil.config'));
        run(project, 'config', 'include.path', '../evil.config');
      },
    ],
    [
      'in a file that it includes for this folder',
      '',
      () => {
        hostile.infect(path.join(project, 'evil.config'));
        run(project, 'config', `includeIf.gitdir:${project}/.path`, '../evil.config');
      },
    ],
    [
      'in the configuration of a worktree',
      '',
      () => {
        run(project, 'config', 'extensions.worktreeConfig', 'true');
        hostile.infect(path.join(project, '.git/config.worktree'));
      },
    ],
    ['in a submodule', 'sub', () => hostile.infect(path.join(project, '.git/modules/sub/config'))],
    ['in a repository within it', 'nested', () => hostile.infect(path.join(project, 'nested/.git/config'))],
  ])('%s: does not run', async (where, folder, infect) => {
    infect();
    change(project);
    change(path.join(project, 'sub'));
    change(path.join(project, 'nested'));
    const said: unknown[] = [];
    const ask = async (what: Promise<unknown>) => said.push(await what);

    for (const one of ['', 'plain', 'sub', 'nested']) {
      await ask(workspaceOf(at(path.join(project, one)), null));
      said.push(gitBranch(at(path.join(project, one))));
    }
    await ask(ensureWorktree(place(), false, false, () => {}));
    // What refuses it is about what would lie in it; it must be harmless without that as well.
    const added = await addWorktree(at(project), place('y').at, 'heddle/y');
    expect(added).toMatchObject({ ok: true });
    const tree = place('y');
    if (where.includes('worktree'))
      copyFileSync(
        path.join(project, '.git/config.worktree'),
        path.join(project, '.git/worktrees/y/config.worktree'),
      );
    await ask(ensureWorktree(tree, false, true, () => {}));
    change(tree.at);
    await ask(workspaceOf(at(tree.cwd), tree));
    const seen = await lookAtWorktree(tree, false);
    expect(seen).toMatchObject({ as: 'kept', uncommitted: 2 });
    await ask(dropWorktree(tree, false, null));
    expect(await dropWorktree(tree, false, seen.as === 'kept' ? seen.mark : null)).toEqual({ as: 'removed' });
    expect(await git(at(project), ['ls-files'])).toMatchObject({ ok: true });

    expect(hostile.ran()).toEqual([]);
    expect(JSON.stringify(said)).not.toContain('secret');
    // It is all there, and would run.
    const armed = path.join(project, folder);
    for (const command of ['status', 'diff']) run(armed, `--work-tree=${armed}`, command);
    expect(hostile.ran()).toEqual(
      expect.arrayContaining([
        'core.fsmonitor',
        'diff.evil.command',
        'filter.evil.clean',
        'filter.long.process',
      ]),
    );
  });

  test('in a worktree’s own submodule: does not run, and what it has is not lost unseen', async () => {
    const tree = place();
    expect(await ensureWorktree(tree, false, false, () => {})).toEqual({ ok: true });
    run(tree.at, 'submodule', '--quiet', 'update', '--init');
    hostile.infect(path.join(project, '.git/worktrees/x/modules/sub/config'));
    change(path.join(tree.at, 'sub'));
    write(tree.at, 'a.txt', 'changed\n');
    await workspaceOf(at(tree.cwd), tree);
    const seen = await dropWorktree(tree, false, null);
    expect(seen).toMatchObject({ as: 'failed', words: expect.stringContaining('submodules') });
    expect(existsSync(path.join(tree.at, 'sub/a.txt'))).toBe(true);
    expect(hostile.ran()).toEqual([]);
  });

  test('to fetch what is missing: does not run', async () => {
    hostile.infect(path.join(project, '.git/config'));
    const blob = run(project, 'rev-parse', 'HEAD:a.txt').trim();
    rmSync(path.join(project, '.git/objects', blob.slice(0, 2), blob.slice(2)));
    change(project);
    expect(await workspaceOf(at(project), null)).toMatchObject({ changed: { files: expect.any(Number) } });
    expect(await addWorktree(at(project), place().at, 'heddle/x')).toMatchObject({ ok: false });
    expect(hostile.ran()).toEqual([]);
  });

  test('as a hook: does not run in a trusted folder either', async () => {
    const config = path.join(project, '.git/config');
    appendFileSync(config, `[hook "a=b"]\n\tcommand = ${hostile.program('hook')}\n\tevent = post-checkout\n`);
    appendFileSync(config, '\tevent = reference-transaction\n\tevent = post-index-change\n');
    expect(await ensureWorktree(place(), true, false, () => {})).toEqual({ ok: true });
    expect(await dropWorktree(place(), true, null)).toEqual({ as: 'removed' });
    expect(hostile.ran()).toEqual([]);
  });
});

describe('what leads elsewhere', () => {
  const own = { files: 1, names: ['mine.txt'] };
  const git = () => path.join(project, '.git');
  const theirs = () => path.join(secret, '.git');
  const replace = (name: string) => {
    rmSync(path.join(git(), name), { recursive: true, force: true });
    symlinkSync(path.join(theirs(), name), path.join(git(), name));
  };

  beforeEach(() => {
    repository(project, { 'mine.txt': 'mine\n' });
    write(project, 'mine.txt', 'changed\n');
    // Otherwise git looks for renames first, and fails where files are not of this repository.
    for (const one of [project, secret]) run(one, 'config', 'status.renames', 'false');
  });

  test.each<[string, () => void]>([
    [
      'a file .git',
      () => {
        rmSync(git(), { recursive: true });
        writeFileSync(git(), `gitdir: ${theirs()}\n`);
      },
    ],
    [
      'a link .git',
      () => {
        rmSync(git(), { recursive: true });
        symlinkSync(theirs(), git());
      },
    ],
    [
      'a worktree that the other repository does not know',
      () => {
        const fake = path.join(project, 'fake/worktrees/x');
        cpSync(git(), path.join(project, 'fake'), { recursive: true });
        mkdirSync(fake, { recursive: true });
        rmSync(git(), { recursive: true });
        writeFileSync(git(), `gitdir: ${fake}\n`);
        write(fake, 'gitdir', `${git()}\n`);
        write(fake, 'commondir', `${theirs()}\n`);
        write(fake, 'HEAD', 'ref: refs/heads/main\n');
      },
    ],
    ['core.worktree', () => run(project, 'config', 'core.worktree', secret)],
    [
      'core.worktree of a worktree',
      () => {
        run(project, 'config', 'extensions.worktreeConfig', 'true');
        run(project, 'config', '--worktree', 'core.worktree', secret);
      },
    ],
    ['a folder of what repositories have in common', () => write(git(), 'commondir', `${theirs()}\n`)],
    ['the index', () => replace('index')],
    ['the head', () => replace('HEAD')],
    [
      'a folder of branches',
      () => {
        mkdirSync(path.join(theirs(), 'refs/heads/heddle'));
        replace('refs/heads/heddle');
      },
    ],
    [
      'the folder of worktrees',
      () => {
        mkdirSync(path.join(theirs(), 'worktrees'));
        replace('worktrees');
      },
    ],
    [
      'the path of a worktree, that git repeats when its branch is asked for',
      () => {
        const other = path.join(git(), 'worktrees/other');
        mkdirSync(other, { recursive: true });
        write(other, 'HEAD', 'ref: refs/heads/heddle/x\n');
        write(other, 'commondir', '../..\n');
        symlinkSync(path.join(secret, 'secret-plan.txt'), path.join(other, 'gitdir'));
      },
    ],
    [
      'packed branches',
      () => {
        run(secret, 'pack-refs', '--all');
        replace('packed-refs');
      },
    ],
    [
      'another repository’s objects, and a head there',
      () => {
        write(path.join(git(), 'objects/info'), 'alternates', `${theirs()}/objects\n`);
        write(git(), 'HEAD', run(secret, 'rev-parse', 'HEAD'));
      },
    ],
    [
      'another repository’s objects, one by one, and a branch there',
      () => {
        for (const name of readdirSync(path.join(theirs(), 'objects')))
          if (!existsSync(path.join(git(), 'objects', name))) replace(`objects/${name}`);
        rmSync(path.join(git(), 'refs/heads/main'));
        symlinkSync(path.join(theirs(), 'refs/heads/secret-branch'), path.join(git(), 'refs/heads/main'));
      },
    ],
  ])('%s: no name of the other folder, and nothing is written there', async (_name, given) => {
    given();
    const before = readdirSync(theirs(), { recursive: true });
    const workspace = await workspaceOf(at(project), null);
    const branch = gitBranch(at(project));
    const made = await ensureWorktree(place(), false, false, () => {});
    const dropped = await dropWorktree(place(), false, null);
    expect(JSON.stringify([workspace, branch, made, dropped])).not.toContain('secret');
    if (workspace !== null) expect(workspace).toMatchObject({ changed: own });
    expect(readdirSync(theirs(), { recursive: true })).toEqual(before);
  });

  test('core.worktree does not in a trusted folder either', async () => {
    run(project, 'config', 'core.worktree', secret);
    expect(await workspaceOf(at(project, true), null)).toMatchObject({ changed: own });
  });

  test('a folder that looks like a repository, and came with the project, is none', async () => {
    const bare = path.join(project, 'bare');
    cpSync(git(), bare, { recursive: true });
    appendFileSync(
      path.join(bare, 'config'),
      `[core]\n\tbare = false\n\tworktree = ${secret}\n\tfsmonitor = ${hostile.program('bare')}\n`,
    );
    for (const trusted of [true, false]) {
      const said = await workspaceOf(at(bare, trusted), null);
      expect(JSON.stringify(said)).not.toContain('secret');
    }
    expect(hostile.ran()).toEqual([]);
  });

  test('of a repository around the project only what is in the project is named', async () => {
    mkdirSync(path.join(project, 'inner'));
    write(project, 'inner/new.txt', '');
    write(project, 'beside.txt', '');
    for (const trusted of [true, false])
      expect(await workspaceOf(at(path.join(project, 'inner'), trusted), null)).toMatchObject({
        changed: { files: 1, added: 0, names: ['inner/'] },
      });
  });

  test('a link in place of the folder for worktrees: none is made', async () => {
    const away = path.join(hostile.top, 'away');
    mkdirSync(away);
    symlinkSync(away, `${project}.worktrees`);
    expect(await ensureWorktree(place(), false, false, () => {})).toMatchObject({
      ok: false,
      words: expect.stringContaining('is a link'),
    });
    expect(readdirSync(away)).toEqual([]);
  });

  test('a program of the project in place of git is not started', async () => {
    const bin = path.join(project, 'node_modules/.bin');
    mkdirSync(bin, { recursive: true });
    for (const folder of [project, bin]) copyFileSync(hostile.program('git'), path.join(folder, 'git'));
    const env = { ...process.env, PATH: `.::node_modules/.bin:${process.env.PATH}` };
    for (const trusted of [true, false])
      expect(await gitOf(at(project, trusted), env)).toMatchObject({ ok: true });
    expect(hostile.ran()).toEqual([]);
  });
});

describe('however a repository is stored, it looks the same', () => {
  test.each<[string, (files: Readonly<Record<string, string>>) => void]>([
    [
      'sha256',
      (files) => {
        mkdirSync(project);
        run(project, 'init', '-q', '-b', 'main', '--object-format=sha256');
        repository(project, files);
      },
    ],
    ['a split index', (files) => stored(files, 'update-index', '--split-index')],
    ['a sparse index', (files) => stored(files, 'sparse-checkout', 'set', '--cone', '--sparse-index', 'in')],
    ['packs', (files) => stored(files, 'gc', '-q')],
    [
      'a part of its history',
      (files) => {
        repository(path.join(hostile.top, 'source'), files);
        run(path.join(hostile.top, 'source'), 'commit', '-q', '--allow-empty', '-m', 'second');
        run(hostile.top, 'clone', '-q', '--depth=1', `file://${hostile.top}/source`, 'project');
      },
    ],
    [
      'a worktree of another folder, as of a bare repository',
      (files) => {
        repository(path.join(hostile.top, 'source'), files);
        run(hostile.top, 'clone', '-q', '--bare', 'source', 'bare.git');
        run(path.join(hostile.top, 'bare.git'), 'worktree', 'add', '-q', '-b', 'mine', project);
      },
    ],
  ])('%s', async (_name, make) => {
    make({ 'in/a.txt': 'one\n', 'out/b.txt': 'two\n' });
    const tree = place();
    expect(await ensureWorktree(tree, false, false, () => {})).toEqual({ ok: true });
    for (const folder of [project, tree.at]) write(folder, 'in/a.txt', 'changed\n');
    const looks = async (trusted: boolean) => [
      await workspaceOf(at(project, trusted), null),
      await workspaceOf(at(tree.cwd, trusted), tree),
      await lookAtWorktree(tree, trusted),
    ];
    const seen = await looks(false);
    expect(seen[0]).toMatchObject({ changed: { files: 1, added: 1, removed: 1, names: ['in/a.txt'] } });
    expect(seen).toEqual(await looks(true));
    // And the person's own git finds it in order.
    expect(run(tree.at, 'status', '--porcelain')).toBe(' M in/a.txt\n');
    expect(run(project, 'worktree', 'list', '--porcelain')).toContain(`worktree ${tree.at}\n`);
  });

  function stored(files: Readonly<Record<string, string>>, ...args: string[]): void {
    repository(project, files);
    run(project, ...args);
  }
});

describe('of the settings of a repository', () => {
  const local = (key: string, value: string) => ({ scope: 'local', key, value });

  test('only those that say how it is stored are kept, with values that git knows', () => {
    const settings = parseSettings(
      run(hostile.top, 'config', '--file', infected(), '--list', '--show-scope', '-z').replaceAll(
        'command\0',
        'local\0',
      ),
    );
    expect(settings.length).toBeGreaterThan(80);
    const none = '[core]\n\tlogallrefupdates = false\n';
    expect(viewConfig(settings)).toBe(none);
    const kept = [local('core.filemode', 'false'), local('extensions.objectformat', 'sha256')];
    expect(viewConfig([...settings, ...kept])).toBe(
      `[core]\n\tfilemode = false\n[extensions]\n\tobjectformat = sha256\n${none}`,
    );
    expect(viewConfig([local('core.eol', 'lf\n[filter "evil"]')])).toBe(none);
  });

  test.each([
    ['core.repositoryformatversion', '2'],
    ['extensions.newer', 'true'],
    ['extensions.objectformat', 'other'],
    ['extensions.refstorage', 'files:///elsewhere'],
  ])('%s = %s: it is not looked at', (key, value) => {
    expect(viewConfig([local(key, value)])).toBeNull();
  });

  function infected(): string {
    const file = path.join(hostile.top, 'config');
    hostile.infect(file);
    return file;
  }
});

const gitOf = (folder: { cwd: string; trusted: boolean }, env: NodeJS.ProcessEnv) =>
  git(folder, ['status'], { env });

describe('a filter that the person set up for all folders, as for LFS', () => {
  beforeEach(() => {
    const home = path.join(hostile.top, 'home');
    mkdirSync(home);
    process.env.HOME = home;
    delete process.env.XDG_CONFIG_HOME;
    write(
      home,
      '.gitconfig',
      `[filter "lfs"]\n\tclean = ${hostile.program('clean')} | tr A-Z a-z\n\tsmudge = ${hostile.program('smudge')} | tr a-z A-Z\n\trequired = true\n`,
    );
    repository(project, {
      '.gitattributes': '*.big filter=lfs\n',
      'one.big': 'large\n',
      'two.txt': 'small\n',
    });
    for (const mark of hostile.ran()) rmSync(path.join(hostile.top, 'marks', mark));
  });

  test('works in a folder that is trusted: in a new worktree, and when it is looked at', async () => {
    const tree = place();
    expect(await ensureWorktree(tree, true, false, () => {})).toEqual({ ok: true });
    expect(readFileSync(path.join(tree.at, 'one.big'), 'utf8')).toBe('LARGE\n');
    // Written anew with the same text: git has to look into it.
    write(tree.at, 'one.big', 'LARGE\n');
    expect(await workspaceOf(at(tree.cwd, true), tree)).toMatchObject({ changed: { files: 0 } });
    expect(hostile.ran()).toEqual(['clean', 'smudge']);
  });

  test('is not run where nobody trusted: no worktree with other files than it should have', async () => {
    expect(await ensureWorktree(place(), false, false, () => {})).toMatchObject({
      ok: false,
      words: expect.stringContaining('run `claude` in the project once'),
    });
    expect(existsSync(place().at)).toBe(false);
    write(project, 'one.big', 'other\n');
    expect(await gitStatus(at(project))).toMatchObject({ ok: true, status: { files: ['one.big'] } });
    expect(hostile.ran()).toEqual([]);
  });

  test('is in no way of a worktree whose files it does not change', async () => {
    rmSync(path.join(project, '.gitattributes'));
    run(project, 'commit', '-qam', 'no filter');
    rmSync(path.join(hostile.top, 'marks'), { recursive: true });
    mkdirSync(path.join(hostile.top, 'marks'));
    expect(await ensureWorktree(place(), false, false, () => {})).toEqual({ ok: true });
    expect(hostile.ran()).toEqual([]);
  });

  test('what the person’s git ignores everywhere is ignored', async () => {
    for (const [file, name] of [
      ['.config/git/ignore', 'by-default'],
      ['ignores', 'by-name'],
    ] as const) {
      const home = process.env.HOME ?? '';
      mkdirSync(path.dirname(path.join(home, file)), { recursive: true });
      write(home, file, `${name}\n`);
      if (name === 'by-name')
        appendFileSync(path.join(home, '.gitconfig'), '[core]\n\texcludesFile = ~/ignores\n');
      write(project, name, '');
      expect(await gitStatus(at(project))).toMatchObject({
        ok: true,
        status: { files: name === 'by-name' ? ['by-default'] : [] },
      });
    }
  });
});
