/** Conversations in worktrees: the journal, the host and a real repository together. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Command, From } from '../../../protocol/commands.ts';
import type { Event, EventOf } from '../../../protocol/events.ts';
import type { ProjectName } from '../../../protocol/ids.ts';
import { placeOf } from '../../../runner/git/worktrees.ts';
import {
  begin,
  claudeSession,
  end,
  GUILD,
  gen,
  type Life,
  last,
  prompt,
  promptId,
  Stage,
  temporaryFolder,
  thread,
} from './stage.ts';

let top: string;
let repo: string;
let stage: Stage;

const clean = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('GIT_')));
function git(cwd: string, ...args: string[]): string {
  const who = ['-c', 'user.name=t', '-c', 'user.email=t@t'];
  return execFileSync('git', [...who, ...args], { cwd, env: clean, encoding: 'utf8', stdio: 'pipe' });
}

beforeEach(() => {
  top = temporaryFolder();
  repo = path.join(top, 'api');
  mkdirSync(repo);
  git(repo, 'init', '-q', '-b', 'main');
  writeFileSync(path.join(repo, 'a.txt'), 'one\n');
  git(repo, 'add', '-A');
  git(repo, 'commit', '-qm', 'first');
  stage = new Stage({ projects: [{ name: 'api' as ProjectName, path: repo, guilds: [GUILD] }] });
});
afterEach(() => {
  expect([...stage.fatal, ...stage.failed]).toEqual([]);
  rmSync(top, { recursive: true, force: true });
});

const tree = (name = 'x') => path.join(top, 'api.worktrees', name);
const inTree = (n: number, name = 'x', session = claudeSession(), from?: From): Command => ({
  ...(begin(n, session) as Extract<Command, { kind: 'begin' }>),
  worktree: { name },
  ...(from === undefined ? {} : { from }),
});
const about = (n: number, what: 'look' | 'remove', expect: string | null = null): Command => ({
  kind: 'worktree',
  gen: gen(n),
  do: what,
  expect,
});

/** git answers when it does. */
async function until<T>(look: () => T | undefined | false, tries = Number.POSITIVE_INFINITY): Promise<T> {
  for (let n = 0; ; n += 1) {
    const found = look();
    if (found !== undefined && found !== false) return found;
    if (n >= tries) throw new Error('late');
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
function told<K extends Event['kind']>(life: Life, kind: K): EventOf<K>[] {
  return life.events().filter((event): event is EventOf<K> => event.kind === kind);
}
/** A prompt is with Claude. */
async function working(life: Life, commands: readonly Command[]): Promise<void> {
  const before = stage.world.fed.length;
  life.deliver(commands);
  await until(() => stage.world.fed.length > before);
}
async function outcome(life: Life, commands: readonly Command[]) {
  const before = told(life, 'worktree').length;
  life.deliver(commands);
  return until(() => told(life, 'worktree')[before]?.outcome);
}
async function refused(life: Life, commands: readonly Command[]): Promise<string> {
  const before = told(life, 'turnEnded').length;
  life.deliver(commands);
  const ended = await until(() => told(life, 'turnEnded')[before]);
  if (ended.outcome.as !== 'failed') throw new Error(ended.outcome.as);
  expect(ended.outcome).toMatchObject({ code: 'worktree', started: false });
  return ended.outcome.words;
}

describe('a conversation with a worktree', () => {
  test('runs in it, on its branch, and finds it again after a crash', async () => {
    const first = stage.live();
    const commands = [inTree(1), prompt(1, promptId())];
    await working(first, commands);
    expect(last(stage.world.claudes).options.cwd).toBe(tree());
    expect(git(tree(), 'branch', '--show-current').trim()).toBe('heddle/x');
    first.journal.close();

    const second = stage.live();
    await working(second, [...commands, prompt(1, promptId())]);
    expect(last(stage.world.claudes).options.cwd).toBe(tree());
  });

  test('a crash right after git made it does not leave it behind as somebody else’s', async () => {
    const life = stage.live();
    const commands = [inTree(1)];
    life.deliver(commands);
    const place = placeOf(repo, 'x');
    if (place === null) throw new Error('no place');
    life.journal
      .sql('INSERT INTO worktrees (path, pairing, thread, gen) SELECT ?, pairing, thread, gen FROM sessions')
      .run(place.at);
    git(repo, 'worktree', 'add', '-q', '-b', place.branch, place.at);
    await working(life, [...commands, prompt(1, promptId())]);
    expect(last(stage.world.claudes).options.cwd).toBe(tree());
  });

  test.each<[string, () => void, string]>([
    ['the name is taken', () => git(repo, 'branch', 'heddle/x'), 'already'],
    [
      'something is staged',
      () => {
        writeFileSync(path.join(repo, 'b.txt'), '');
        git(repo, 'add', 'b.txt');
      },
      'staged',
    ],
    ['no repository', () => rmSync(path.join(repo, '.git'), { recursive: true }), 'not in a git repository'],
  ])('%s: the prompt ends with why, and no process is started', async (_name, given, words) => {
    given();
    expect(await refused(stage.live(), [inTree(1), prompt(1, promptId())])).toContain(words);
    expect(stage.world.claudes).toEqual([]);
  });

  test('another conversation does not get it by naming it; one that goes on from it does', async () => {
    const life = stage.live();
    const session = claudeSession();
    const commands = [inTree(1, 'x', session), prompt(1, promptId())];
    await working(life, commands);
    const other = life.hostOf(thread(8));
    const id = promptId();
    other.accept({ ...inTree(1, 'x') });
    other.accept(prompt(1, id));
    last(stage.world.claudes).finish();
    await until(() => !other.busy);
    expect(stage.world.fed.some((fed) => fed.prompt === id)).toBe(false);

    other.accept(inTree(2, 'x', claudeSession(), { claudeSession: session, fork: true }));
    other.accept(prompt(2, promptId()));
    await until(() => stage.world.fed.length === 2);
    expect(last(stage.world.claudes).options.cwd).toBe(tree());

    // While that one works in it, it stays.
    const answer = await outcome(life, [...commands, end(1), about(1, 'remove')]);
    expect(answer).toMatchObject({ as: 'failed', words: expect.stringContaining('Another session') });
    expect(existsSync(tree())).toBe(true);
  });
});

describe('after its end', () => {
  test('is looked at, removed only with the mark of what is lost, and made anew for what goes on', async () => {
    const life = stage.live();
    const session = claudeSession();
    const commands: Command[] = [inTree(1, 'x', session), prompt(1, promptId())];
    await working(life, commands);
    writeFileSync(path.join(tree(), 'precious.txt'), '');
    last(stage.world.claudes).finish();
    commands.push(end(1), about(1, 'look'));
    const seen = await outcome(life, commands);
    if (seen.as !== 'kept') throw new Error(seen.as);
    expect(seen).toMatchObject({ uncommitted: 1, files: ['precious.txt'] });
    commands.push(about(1, 'remove'));
    expect(await outcome(life, commands)).toMatchObject({ as: 'kept' });
    commands.push(about(1, 'remove', seen.mark));
    expect(await outcome(life, commands)).toEqual({ as: 'removed' });
    // The same again, as after a lost acknowledgement.
    commands.push(about(1, 'remove', seen.mark));
    expect(await outcome(life, commands)).toEqual({ as: 'missing' });

    commands.push(inTree(2, 'x', session, { claudeSession: session, fork: false }), prompt(2, promptId()));
    await working(life, commands);
    expect(existsSync(path.join(tree(), 'a.txt'))).toBe(true);
    expect(existsSync(path.join(tree(), 'precious.txt'))).toBe(false);
  });

  test('of a session that goes on, of an unknown one, and of one without a worktree nothing is removed', async () => {
    const life = stage.live();
    const commands: Command[] = [inTree(1), prompt(1, promptId())];
    await working(life, commands);
    commands.push(about(1, 'remove'));
    expect(await outcome(life, commands)).toMatchObject({
      as: 'failed',
      words: expect.stringContaining('goes on'),
    });
    commands.push(about(9, 'remove'));
    expect(await outcome(life, commands)).toMatchObject({
      as: 'failed',
      words: expect.stringContaining('no longer'),
    });
    expect(existsSync(tree())).toBe(true);
    commands.push(begin(2), end(2), about(2, 'remove'));
    expect(await outcome(life, commands)).toEqual({ as: 'missing' });
  });

  test('one of that name that this runner did not make is not touched', async () => {
    git(repo, 'worktree', 'add', '-q', '-b', 'heddle/x', tree());
    const life = stage.live();
    expect(await outcome(life, [inTree(1), end(1), about(1, 'remove')])).toEqual({ as: 'missing' });
    expect(existsSync(tree())).toBe(true);
  });
});

describe('a worktree is removed only when nothing works in it', () => {
  test('not while what a crash left still runs', async () => {
    const first = stage.live();
    const commands: Command[] = [inTree(1), prompt(1, promptId())];
    await working(first, commands);
    await until(() => first.journal.sql('SELECT 1 FROM processes WHERE started IS NOT NULL').get());
    first.journal.close();

    const gate = Promise.withResolvers<void>();
    stage.world.orphanGate = gate.promise;
    const second = stage.live();
    second.deliver([...commands, end(1), about(1, 'remove')]);
    // As long as it would take.
    await expect(until(() => !existsSync(tree()) || second.host.resting, 100)).rejects.toThrow('late');
    expect(told(second, 'worktree')).toEqual([]);
    gate.resolve();
    expect(await until(() => told(second, 'worktree')[0]?.outcome)).toEqual({ as: 'removed' });
    expect(stage.world.orphansEnded).toHaveLength(1);
  });

  test('one that is being made for a process nobody wants any more does not stay behind', async () => {
    const life = stage.live();
    await life.host.recover();
    const gate = Promise.withResolvers<void>();
    Object.assign(life.context.claude, {
      locate: () => gate.promise.then(() => ({ ok: true, bin: 'claude', version: '2.1.330' })),
    });
    const commands: Command[] = [inTree(1), prompt(1, promptId())];
    life.deliver(commands);
    await until(() => life.host.busy);
    life.deliver([...commands, end(1), about(1, 'remove')]);
    // Time in which an answer that waits for nothing would come.
    for (let n = 0; n < 20; n += 1) await new Promise((resolve) => setImmediate(resolve));
    gate.resolve();
    await until(() => told(life, 'worktree').length > 0 && life.host.resting);
    expect(existsSync(tree())).toBe(false);
    expect(git(repo, 'branch', '--list', 'heddle/*')).toBe('');
  });
});

test('after a turn that changed something the branch and the changes are told, once', async () => {
  const life = stage.live();
  const commands: Command[] = [begin(1), prompt(1, promptId())];
  await working(life, commands);
  writeFileSync(path.join(repo, 'b.txt'), 'x\n');
  last(stage.world.claudes).finish();
  const [first] = await until(() => told(life, 'workspace').length > 0 && told(life, 'workspace'));
  expect(first).toMatchObject({ branch: 'main', changed: { files: 1, names: ['b.txt'] }, main: null });
  commands.push(prompt(1, promptId()));
  await working(life, commands);
  last(stage.world.claudes).finish();
  writeFileSync(path.join(repo, 'c.txt'), 'x\n');
  commands.push(prompt(1, promptId()));
  await working(life, commands);
  last(stage.world.claudes).finish();
  await until(() => told(life, 'workspace').some(({ changed }) => changed.files === 2));
  expect(told(life, 'workspace').length).toBeLessThanOrEqual(2);
});
