import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ClaudeSessionId, TurnId } from '../../../protocol/ids.ts';
import { ClaudeStartError } from '../../../runner/claude/line/types.ts';
import { endOrphan, recordProcess } from '../../../runner/claude/process/orphans.ts';
import { lives } from '../../unit/claude/lives.ts';
import { type Scene, Session, scene } from './session.ts';

/** A command that writes its own pid first and then takes long; `setsid`, so that no pid of ours is above it. */
const LONG = 'run: echo $$ > pid.txt; exec sleep 300';

async function withRunningTool(from: Scene): Promise<{ session: Session; turn: TurnId; tool: number }> {
  const session = new Session(from);
  await session.claude.start();
  const prompt = session.prompt(LONG);
  session.decide(await session.request(), { behavior: 'allow' });
  const tool = await pidIn(from);
  return { session, turn: prompt as string as TurnId, tool };
}

async function pidIn(from: Scene): Promise<number> {
  for (;;) {
    try {
      const pid = Number(readFileSync(join(from.cwd, 'pid.txt'), 'utf8'));
      if (pid > 0) return pid;
    } catch {
      // Not written yet.
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

describe('an interrupt', () => {
  it('in the middle of text keeps what was said, and the process', async () => {
    const session = new Session(await scene());
    await session.claude.start();
    const prompt = session.prompt('stream 400x8@25');
    await session.until(() => (session.lives.length > 2 ? true : undefined));
    await session.claude.interrupt(prompt as string as TurnId);
    expect(await session.ended(prompt)).toMatchObject({ outcome: { as: 'interrupted' } });
    expect(session.said).toContain('w000000 ');
    expect(await session.ended(session.prompt('hello'))).toMatchObject({ outcome: { as: 'done' } });
    expect(session.exits).toEqual([]);
  });

  it('in the middle of a tool ends the tool', async () => {
    const { session, turn, tool } = await withRunningTool(await scene());
    await session.claude.interrupt(turn);
    expect(session.of('turnEnded')).toMatchObject([{ turn, outcome: { as: 'interrupted' } }]);
    expect(session.of('toolEnded')).toHaveLength(1);
    await session.claude.end('idle');
    expect(await lives(tool)).toBe(false);
  });

  it('while a permission is open voids it', async () => {
    const session = new Session(await scene());
    await session.claude.start();
    const prompt = session.prompt('run: touch x');
    const asked = await session.request();
    await session.claude.interrupt(prompt as string as TurnId);
    expect(session.of('requestSettled')).toMatchObject([{ request: asked.request, outcome: { as: 'void' } }]);
    expect(session.decide(asked, { behavior: 'allow' })).toHaveProperty('refused');
    expect(session.claude.openRequests).toBe(0);
  });

  it('right behind the prompt leaves one end of it', async () => {
    const session = new Session(await scene());
    await session.claude.start();
    const prompt = session.prompt('slow');
    await session.claude.interrupt(prompt as string as TurnId);
    expect(session.of('turnEnded')).toMatchObject([{ prompt, outcome: { as: 'interrupted' } }]);
    const next = session.prompt('hello');
    expect(await session.ended(next)).toMatchObject({ outcome: { as: 'done' } });
    expect(session.of('turnEnded')).toHaveLength(2);
  });
});

describe('an end', () => {
  it('in the middle of a tool leaves no process', async () => {
    const { session, turn, tool } = await withRunningTool(await scene());
    await session.claude.end('ended');
    expect(await lives(session.claude.pid)).toBe(false);
    expect(await lives(tool)).toBe(false);
    expect(session.of('turnEnded')).toMatchObject([{ turn, outcome: { as: 'interrupted' } }]);
    expect(session.events.at(-1)).toMatchObject({ kind: 'processEnded', why: 'ended' });
    expect(session.exits).toMatchObject([{ why: 'ended' }]);
  });

  it('cli: by SIGKILL of the CLI is told, and its tools do not stay', async () => {
    const { session, tool } = await withRunningTool(await scene());
    process.kill(session.claude.pid, 'SIGKILL');
    const exit = await session.until(() => session.exits[0]);
    expect(exit).toMatchObject({ signal: 'SIGKILL', why: 'crashed' });
    expect(session.of('turnEnded')).toMatchObject([
      { outcome: { as: 'failed', code: 'crashed', started: true } },
    ]);
    expect(session.of('processEnded')).toMatchObject([{ why: 'crashed' }]);
    expect(await lives(tool)).toBe(false);
  });

  it('of an orphan, by its record, takes its tools along', async () => {
    const { session, tool } = await withRunningTool(await scene());
    const record = await recordProcess(session.claude.pid);
    expect(record?.command).toContain('--permission-prompt-tool=stdio');
    expect(record && (await endOrphan(record))).toBe('ended');
    expect(await lives(session.claude.pid)).toBe(false);
    expect(await lives(tool)).toBe(false);
    await session.until(() => session.exits[0]);
  });

  it('while idle keeps the conversation for a resume', async () => {
    const from = await scene();
    const first = new Session(from);
    await first.claude.start();
    await first.ended(first.prompt('say: remember the blue door'));
    await first.claude.end('idle');
    expect(first.exits).toMatchObject([{ code: 0, why: 'idle' }]);
    const second = new Session(from, { resume: true });
    await second.claude.start();
    await second.ended(second.prompt('recall'));
    expect(second.said).toContain('remember the blue door');
    expect(second.of('processStarted')).toMatchObject([{ claudeSession: from.session }]);
  });
});

describe('a start that fails', () => {
  it('says that the conversation is gone', async () => {
    const from = await scene();
    const missing = '99999999-9999-4999-8999-999999999999' as ClaudeSessionId;
    const session = new Session(from, { resume: true, claudeSession: missing });
    const error = await session.claude.start().catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ClaudeStartError);
    expect((error as ClaudeStartError).failure.code).toBe('transcriptMissing');
    expect(await lives(session.claude.pid)).toBe(false);
  });
});
