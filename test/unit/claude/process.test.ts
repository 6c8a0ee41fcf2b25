import { randomUUID } from 'node:crypto';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { ClaudeSessionId, ProcessId, PromptId, RequestId, TurnId } from '../../../protocol/ids.ts';
import type { Timeouts } from '../../../runner/claude/line/timeouts.ts';
import {
  type ClaudeEvent,
  type ClaudeOptions,
  type ClaudeProcess,
  ClaudeStartError,
  type ExitInfo,
  type StartFailure,
} from '../../../runner/claude/line/types.ts';
import { createClaude } from '../../../runner/claude/process.ts';
import { testFolder } from './folder.ts';
import { lives } from './lives.ts';

const stub = join(import.meta.dirname, 'stub-cli.ts');
const quick: Partial<Timeouts> = { closeMs: 500, termMs: 200, interruptMs: 200 };

function setUp(mode: string, options: Partial<ClaudeOptions> = {}, heard = (_event: ClaudeEvent) => {}) {
  const events: ClaudeEvent[] = [];
  const exits: ExitInfo[] = [];
  const waiters: (() => void)[] = [];
  const claude = createClaude(
    {
      bin: stub,
      cwd: testFolder(),
      claudeSession: randomUUID() as string as ClaudeSessionId,
      resume: false,
      mode: 'default',
      settings: 'user',
      heddleHome: '/home/nobody/.heddle',
      env: {
        PATH: process.env.PATH,
        ANTHROPIC_STUB: mode,
        HEDDLE_KEY: 'secret',
        DISCORD_BOT_TOKEN: 'secret',
      },
      process: 'process-1' as ProcessId,
      ...options,
      timeouts: { ...quick, ...options.timeouts },
    },
    {
      onEvent: (event) => {
        events.push(event);
        heard(event);
        for (const wake of waiters.splice(0)) wake();
      },
      onLive: () => undefined,
      onExit: (info) => {
        exits.push(info);
        for (const wake of waiters.splice(0)) wake();
      },
    },
  );
  onTestFinished(() => claude.end('ended'));
  const until = async (test: () => boolean) => {
    while (!test()) await new Promise<void>((resolve) => waiters.push(resolve));
  };
  const has = (kind: ClaudeEvent['kind']) => () => events.some((event) => event.kind === kind);
  return { claude, events, exits, until, has };
}

async function failure(claude: ClaudeProcess): Promise<StartFailure> {
  try {
    await claude.start();
  } catch (error) {
    if (error instanceof ClaudeStartError) return error.failure;
    throw error;
  }
  throw new Error('it started');
}

const newPrompt = () => randomUUID() as string as PromptId;

describe('a process that does not start says why, and leaves nothing', () => {
  it('missing program, missing folder', async () => {
    const folder = testFolder();
    expect(await failure(setUp('ok', { bin: join(folder, 'none') }).claude)).toMatchObject({
      code: 'notFound',
    });
    const gone = await failure(setUp('ok', { cwd: join(folder, 'gone') }).claude);
    expect(gone).toMatchObject({ code: 'cwdMissing' });
    expect(gone.words).toContain('gone');
  });

  it('a program that cannot be run, arguments that no program can have', async () => {
    const broken = join(testFolder(), 'claude');
    writeFileSync(broken, '#!/nowhere/at/all\n');
    chmodSync(broken, 0o755);
    expect(await failure(setUp('ok', { bin: broken }).claude)).toMatchObject({ code: 'notFound' });
    expect(await failure(setUp('ok', { model: 'a\0b' }).claude)).toMatchObject({ code: 'exited' });
  });

  it('cli: exit 1 on start, with code and stderr', async () => {
    const { claude, events, exits } = setUp('exit');
    expect(await failure(claude)).toMatchObject({
      code: 'exited',
      exitCode: 3,
      words: expect.stringContaining('something is missing'),
    });
    expect(await lives(claude.pid)).toBe(false);
    expect(events).toEqual([]);
    expect(exits).toEqual([]);
  });

  it('cli: SIGKILL on start', async () => {
    expect(await failure(setUp('killed').claude)).toMatchObject({ code: 'exited', signal: 'SIGKILL' });
  });

  it('a conversation that Claude no longer has', async () => {
    expect(await failure(setUp('missing', { resume: true }).claude)).toMatchObject({
      code: 'transcriptMissing',
    });
  });

  it('cli: a start that hangs', async () => {
    const { claude } = setUp('hang', { timeouts: { startMs: 300 } });
    expect(await failure(claude)).toMatchObject({ code: 'timeout' });
    expect(await lives(claude.pid)).toBe(false);
  });

  it('a CLI that answers with an error, and one that is too old', async () => {
    expect(await failure(setUp('error').claude)).toMatchObject({ code: 'exited', words: 'no such thing' });
    const { claude } = setUp('old');
    expect(await failure(claude)).toMatchObject({ code: 'tooOld', version: '2.1.200' });
    expect(await lives(claude.pid)).toBe(false);
  });
});

describe('a process that runs', () => {
  it('starts, takes prompts one at a time, and ends', async () => {
    const { claude, events, exits, until, has } = setUp('ok');
    const started = await claude.start();
    expect(started).toEqual({ pid: claude.pid, version: '2.1.330', mode: 'default' });
    const prompt = newPrompt();
    claude.prompt(prompt, 'hi');
    expect(claude.busy).toBe(true);
    expect(() => claude.prompt(newPrompt(), 'again')).toThrow();
    await until(has('turnEnded'));
    expect(claude.busy).toBe(false);
    expect(() => claude.prompt(prompt, 'the same again')).toThrow();
    await claude.end('idle');
    expect(() => claude.prompt(newPrompt(), 'too late')).toThrow();
    expect(events.map((event) => event.kind)).toEqual([
      'processStarted',
      'turnBegan',
      'text',
      'turnEnded',
      'processEnded',
    ]);
    expect(events.at(-1)).toMatchObject({ why: 'idle' });
    expect(exits).toEqual([{ code: 0, signal: null, why: 'idle', words: '' }]);
    expect(await lives(claude.pid)).toBe(false);
  });

  it('is asked for its version when it does not say it', async () => {
    expect(await setUp('unversioned').claude.start()).toMatchObject({ version: '2.1.330' });
    expect(await setUp('unversioned', { version: '2.1.299' }).claude.start()).toMatchObject({
      version: '2.1.299',
    });
  });

  it('cli: garbage on stdout does not confuse it', async () => {
    const { claude, events, until, has } = setUp('garbage');
    await claude.start();
    claude.prompt(newPrompt(), 'hi');
    await until(has('turnEnded'));
    expect(events.find((event) => event.kind === 'text')).toMatchObject({ text: 'hello' });
  });

  it('gets an answer to what Heddle does not know, so that it does not wait', async () => {
    const { claude, events, until, has } = setUp('hook');
    await claude.start();
    claude.prompt(newPrompt(), 'hi');
    await until(has('turnEnded'));
    expect(events.find((event) => event.kind === 'text')).toMatchObject({
      text: expect.stringContaining('"subtype":"error","request_id":"hook-1"'),
    });
  });

  it('does not have Heddle’s secrets in its environment', async () => {
    const { claude, events, until, has } = setUp('echo');
    await claude.start();
    claude.prompt(newPrompt(), 'hi');
    await until(has('turnEnded'));
    const said = events.find((event) => event.kind === 'text');
    expect(said).toMatchObject({ text: expect.stringContaining('ANTHROPIC_STUB') });
    expect(JSON.stringify(said)).not.toMatch(/secret|HEDDLE|DISCORD/);
  });

  it('that dies in a turn: the turn, the process and its exit are told in that order', async () => {
    const { claude, events, exits, until } = setUp('dies');
    await claude.start();
    const prompt = newPrompt();
    claude.prompt(prompt, 'hi');
    await until(() => exits.length > 0);
    expect(events.slice(-3)).toMatchObject([
      { kind: 'text', text: 'half of' },
      { kind: 'turnEnded', prompt, outcome: { as: 'failed', code: 'crashed', started: true } },
      { kind: 'processEnded', why: 'crashed', words: expect.stringContaining('panic: out of luck') },
    ]);
    expect(exits).toMatchObject([{ code: 7, why: 'crashed' }]);
    expect(
      claude.decide({ request: 'x' as RequestId, inputHash: '', verdict: { behavior: 'allow' } }),
    ).toHaveProperty('refused');
    await claude.interrupt(prompt as string as TurnId);
    await claude.end('ended');
    expect(exits).toHaveLength(1);
  });

  it('has time for a turn that began by itself before the prompt’s', async () => {
    const { claude, events, until } = setUp('own-first', { timeouts: { promptMs: 100 } });
    await claude.start();
    const prompt = newPrompt();
    claude.prompt(prompt, 'hi');
    const ends = () => events.filter((event) => event.kind === 'turnEnded');
    await until(() => ends().some((event) => event.prompt === prompt));
    expect(ends().map(({ prompt: of, outcome }) => [of, outcome.as])).toEqual([
      [null, 'done'],
      [prompt, 'done'],
    ]);
  });

  it('tells of a turn that began before it was ready, and of what that asks', async () => {
    const { claude, events, until, has } = setUp('job-first');
    await claude.start();
    expect(events.map(({ kind }) => kind).slice(0, 3)).toEqual(['processStarted', 'turnBegan', 'text']);
    expect(claude.busy).toBe(true);
    await until(has('requestOpened'));
    const [asked] = events.filter((event) => event.kind === 'requestOpened');
    const { request, inputHash } = asked ?? { request: '' as RequestId, inputHash: '' };
    expect(claude.decide({ request, inputHash, verdict: { behavior: 'allow' } })).toBe('delivered');
    await until(has('turnEnded'));
    const prompt = newPrompt();
    claude.prompt(prompt, 'hi');
    await until(() => events.filter(({ kind }) => kind === 'turnEnded').length === 2);
    expect(events.flatMap((event) => (event.kind === 'turnEnded' ? [event.prompt] : []))).toEqual([
      null,
      prompt,
    ]);
  });

  it('ends when what it said before it was ready cannot be taken, as later', async () => {
    const { claude, exits, until } = setUp('job-first', {}, (event) => {
      if (event.kind === 'turnBegan') throw new Error('cannot be taken');
    });
    await claude.start();
    await until(() => exits.length === 1);
    expect(exits).toMatchObject([{ why: 'crashed' }]);
  });

  it('cli: a process that hangs before it takes a prompt is ended', async () => {
    const { claude, events, until, exits } = setUp('silent', { timeouts: { promptMs: 100 } });
    await claude.start();
    claude.prompt(newPrompt(), 'hi');
    await until(() => exits.length > 0);
    expect(events.slice(-2)).toMatchObject([
      { kind: 'turnEnded', outcome: { as: 'failed', code: 'crashed' } },
      { kind: 'processEnded', why: 'crashed' },
    ]);
  });
});

describe('an end leaves no process', () => {
  const withTool = async () => {
    const set = setUp('deaf');
    await set.claude.start();
    const prompt = newPrompt();
    set.claude.prompt(prompt, 'hi');
    await set.until(set.has('text'));
    const said = set.events.find((event) => event.kind === 'text');
    const tool = Number(said?.kind === 'text' ? said.text : 0);
    expect(await lives(tool)).toBe(true);
    return { ...set, prompt, tool };
  };

  it('when the CLI ignores stdin and SIGTERM', async () => {
    const { claude, tool, events, exits } = await withTool();
    await Promise.all([claude.end('ended'), claude.end('idle')]);
    expect(await lives(claude.pid)).toBe(false);
    expect(await lives(tool)).toBe(false);
    expect(exits).toMatchObject([{ signal: 'SIGKILL', why: 'ended' }]);
    expect(events.slice(-2)).toMatchObject([
      { kind: 'turnEnded', outcome: { as: 'interrupted' } },
      { kind: 'processEnded', why: 'ended' },
    ]);
  });

  it('cli: an interrupt that hangs: the turn is interrupted, the process is ended', async () => {
    const { claude, tool, events, exits, prompt, until } = await withTool();
    await claude.interrupt(prompt as string as TurnId);
    await until(() => exits.length > 0);
    expect(await lives(claude.pid)).toBe(false);
    expect(await lives(tool)).toBe(false);
    expect(events.slice(-2)).toMatchObject([
      { kind: 'turnEnded', outcome: { as: 'interrupted' } },
      { kind: 'processEnded', why: 'crashed', words: expect.stringContaining('did not stop') },
    ]);
  });

  it('an interrupt of another turn does nothing', async () => {
    const { claude } = await withTool();
    await claude.interrupt(randomUUID() as string as TurnId);
    expect(claude.busy).toBe(true);
  });

  it('when it was never started, or ended while it starts', async () => {
    await setUp('ok').claude.end('ended');
    const early = setUp('ok').claude;
    const begun = failure(early);
    await early.end('ended');
    expect(await begun).toMatchObject({ code: 'exited' });
    expect(early.pid).toBe(0);
    const { claude, exits } = setUp('hang');
    const starting = failure(claude);
    while (claude.pid === 0) await new Promise((resolve) => setImmediate(resolve));
    await claude.end('ended');
    expect(await starting).toMatchObject({ code: 'exited' });
    expect(exits).toEqual([]);
    expect(await lives(claude.pid)).toBe(false);
  });
});
