/** What a folder may do by itself: the table of docs/trust.md, with the real CLI. */
import { randomUUID } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { ClaudeSessionId } from '../../../protocol/ids.ts';
import type { ClaudeOptions } from '../../../runner/claude/line/types.ts';
import { Hostile, repository } from '../../unit/runner/hostile.ts';
import { HELD, Project } from './hostile-project.ts';
import { CLAUDE_BIN, type Scene, Session, scene } from './session.ts';

function trust({ home, cwd }: Scene): void {
  mkdirSync(join(home, '.claude'), { recursive: true });
  const trusted = { projects: { [cwd]: { hasTrustDialogAccepted: true } } };
  writeFileSync(join(home, '.claude', '.claude.json'), JSON.stringify(trusted));
}

const told = (from: Scene, since = 0) =>
  from.model.requests
    .slice(since)
    .map(({ raw }) => raw)
    .join('\n');

/** A conversation of its own, with one prompt. */
async function conversation(
  from: Scene,
  prompt: string,
  options: Partial<ClaudeOptions> = {},
): Promise<Session> {
  const claudeSession = randomUUID() as string as ClaudeSessionId;
  const session = new Session(from, { claudeSession, ...options });
  await session.claude.start();
  await session.ended(session.prompt(prompt));
  return session;
}

describe('a folder that nobody trusted', () => {
  const signsIn = (from: Scene, project: Project) => {
    const words = told(from);
    const run = project.ran.map((sign) => `ran ${sign}`);
    return [...run, ...(words.match(/sign-of-[a-z-]+/g) ?? [])];
  };
  const play = async (settings: 'all' | 'user') => {
    const from = await scene();
    const project = new Project(from);
    for (const { put } of HELD) put(project);
    if (settings === 'all') trust(from);
    const session = await conversation(from, 'hello', { settings });
    await session.ended(session.prompt('say: end'));
    const offered = session.claude.whyNotSlash('/signed-command') === null;
    await session.claude.end('ended');
    return { signs: new Set(signsIn(from, project)), offered };
  };

  it('runs nothing and tells Claude nothing by itself, and does where it is trusted', async () => {
    const { signs, offered } = await play('user');
    expect([...signs]).toEqual([]);
    expect(offered).toBe(false);
    const trusted = await play('all');
    for (const held of HELD)
      expect([...trusted.signs], held.row).toEqual(expect.arrayContaining([...held.signs]));
    const known = HELD.flatMap(({ signs: of }) => of);
    expect([...trusted.signs].filter((sign) => !known.includes(sign))).toEqual([]);
    expect(trusted.offered).toBe(true);
  });

  it('is in the table of docs/trust.md, row by row', () => {
    const page = readFileSync(join(import.meta.dirname, '../../../docs/trust.md'), 'utf8');
    const cells = [...page.matchAll(/^\| (.+?) \| .+ \|$/gm)].map(([, cell]) => cell);
    for (const { row } of HELD) expect(cells).toContain(row);
    expect(cells).toContain('`.claude/scheduled_tasks.json`');
    expect(cells).toContain('`.git/config`: fsmonitor, filters, textconv, hooks');
  });

  /** A scene in a repository that is set up to run things, with a file that has changed. */
  async function inRepository() {
    const from = await scene();
    const hostile = new Hostile();
    onTestFinished(() => rmSync(hostile.top, { recursive: true, force: true }));
    const cwd = hostile.project;
    repository(cwd, { '.gitattributes': '*.txt filter=evil diff=evil\n', 'a.txt': 'one\n' });
    hostile.hooks(join(cwd, '.git/hooks'));
    hostile.infect(join(cwd, '.git/config'));
    writeFileSync(join(cwd, 'a.txt'), 'changed\n');
    return { from: { ...from, cwd }, ran: () => hostile.ran() };
  }

  it('runs no program of its repository without a card', async () => {
    const { from, ran } = await inRepository();
    const session = new Session(from);
    await session.claude.start();
    const commands = [
      'git status',
      'cd . && git diff --stat',
      'ls | timeout 20 git log -p -1',
      'x=$(git blame a.txt)',
    ];
    for (const [n, command] of commands.entries()) {
      const prompt = session.prompt(`run: ${command}`);
      const ended = session.ended(prompt);
      const asked = await Promise.race([session.request(n), ended.then(() => null)]);
      expect(asked?.summary, command).toBe(command);
      if (asked !== null) session.decide(asked, { behavior: 'deny', message: 'no' });
      await ended;
    }
    const worktree = session.prompt('call: EnterWorktree {"name":"signed"}');
    session.decide(await session.request(commands.length), { behavior: 'deny', message: 'no' });
    await session.ended(worktree);
    await session.claude.end('ended');
    expect(ran()).toEqual([]);
    // Claude would look by itself.
    expect(told(from).includes('gitStatus')).toBe(false);
  });

  it('where it is trusted, Claude looks by itself, and git runs what the repository names', async () => {
    const { from, ran } = await inRepository();
    trust(from);
    await conversation(from, 'run: git status', { settings: 'all' });
    expect(told(from).includes('gitStatus')).toBe(true);
    expect(ran()).toContain('core.fsmonitor');
  });
});

describe('jobs of a folder', () => {
  const words = 'the words of the job';
  const job = { cron: '* * * * *', prompt: `say: ${words}`, recurring: true, durable: true };

  /** The CLI as a person runs it: with jobs. */
  function withJobs({ home }: Scene): string {
    const bin = join(home, 'claude-with-jobs');
    const script = `#!/bin/sh\nunset CLAUDE_CODE_DISABLE_CRON\nexec '${CLAUDE_BIN}' "$@" --settings='{"env":{}}'\n`;
    writeFileSync(bin, script);
    chmodSync(bin, 0o755);
    return bin;
  }

  /** A job that the CLI made, as it stands there some minutes later. */
  function overdue({ cwd }: Scene): void {
    const path = join(cwd, '.claude', 'scheduled_tasks.json');
    const file: { tasks: { createdAt: number; lastFiredAt?: number }[] } = JSON.parse(
      readFileSync(path, 'utf8'),
    );
    expect(file.tasks).toHaveLength(1);
    for (const task of file.tasks) {
      task.createdAt -= 10 * 60_000;
      delete task.lastFiredAt;
    }
    writeFileSync(path, JSON.stringify(file));
  }

  async function folderWithJob() {
    const from = await scene();
    const maker = await conversation(from, `call: CronCreate ${JSON.stringify(job)}`, {
      bin: withJobs(from),
    });
    await maker.claude.end('ended');
    overdue(from);
    return { from, since: from.model.requests.length };
  }

  it('are not run, in an untrusted folder nor in a trusted one that switches them on', async () => {
    const { from, since } = await folderWithJob();
    writeFileSync(
      join(from.cwd, '.claude', 'settings.json'),
      JSON.stringify({ env: { CLAUDE_CODE_DISABLE_CRON: '0' } }),
    );
    for (const settings of ['user', 'all'] as const) {
      if (settings === 'all') trust(from);
      overdue(from);
      const session = await conversation(from, 'hello', { settings });
      await session.ended(session.prompt('hello again'));
      await session.claude.end('ended');
      expect(session.of('turnBegan').map(({ prompt }) => prompt === null)).toEqual([false, false]);
    }
    expect(told(from, since).includes(words)).toBe(false);
    // Nor can Claude make one: it is not in the list of tools that may be looked for.
    expect(told(from, since).includes('\\nTaskCreate\\n')).toBe(true);
    expect(told(from, since).includes('\\nCronCreate\\n')).toBe(false);
  });

  it('right session: where a CLI runs one, its words are not the answer to the prompt that waits', async () => {
    const { from } = await folderWithJob();
    const claudeSession = randomUUID() as string as ClaudeSessionId;
    const session = new Session(from, { claudeSession, bin: withJobs(from) });
    await session.claude.start();
    const own = await session.until(() => {
      try {
        return session.prompt('say: the answer');
      } catch {
        // The job's turn runs already.
        return undefined;
      }
    });
    await session.ended(own);
    const ofJob = await session.until(() => session.of('turnEnded').find(({ prompt }) => prompt === null));
    const said = (turn: string) =>
      session.of('text').flatMap((event) => (event.turn === turn ? [event.text] : []));
    expect(said(own)).toEqual(['the answer']);
    expect(said(ofJob.turn)).toEqual([words]);
  });
});
