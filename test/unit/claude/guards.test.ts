/** What throws while a CLI is read costs its process, with words, and nothing else. An error that nobody catches fails the run. */
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { ClaudeSessionId, ProcessId, PromptId, RequestId } from '../../../protocol/ids.ts';
import type { Fields } from '../../../runner/base/log.ts';
import type { ClaudeEvent, ClaudeSink, ExitInfo } from '../../../runner/claude/line/types.ts';
import { createClaude } from '../../../runner/claude/process.ts';
import { testFolder } from './folder.ts';
import { lives } from './lives.ts';

const newPrompt = () => randomUUID() as string as PromptId;
/** Long enough that a title is asked for. */
const LONG = 'a prompt that is long enough to need a title of its own';

function setUp(mode: string, sink: Partial<ClaudeSink> = {}) {
  const events: ClaudeEvent[] = [];
  const exits: ExitInfo[] = [];
  const logged: (Fields | undefined)[] = [];
  const waiters: (() => void)[] = [];
  const wake = () => {
    for (const waiter of waiters.splice(0)) waiter();
  };
  const claude = createClaude(
    {
      bin: join(import.meta.dirname, 'stub-cli.ts'),
      cwd: testFolder(),
      claudeSession: randomUUID() as string as ClaudeSessionId,
      resume: false,
      mode: 'default',
      settings: 'user',
      heddleHome: '/home/nobody/.heddle',
      env: { PATH: process.env.PATH, ANTHROPIC_STUB: mode },
      process: 'process-1' as ProcessId,
      timeouts: { closeMs: 500, termMs: 200, interruptMs: 200, liveMs: 5 },
      log: (_, fields) => {
        logged.push(fields);
        wake();
      },
    },
    {
      onEvent: (event) => {
        events.push(event);
        wake();
        sink.onEvent?.(event);
      },
      onLive: (live) => sink.onLive?.(live),
      onExit: (info) => {
        exits.push(info);
        wake();
        sink.onExit?.(info);
      },
    },
  );
  onTestFinished(() => claude.end('ended'));
  const until = async (test: () => boolean) => {
    while (!test()) await new Promise<void>((resolve) => waiters.push(resolve));
  };
  const has = (kind: ClaudeEvent['kind']) => () => events.some((event) => event.kind === kind);
  return { claude, events, exits, logged, until, has };
}

function breaks(kind: ClaudeEvent['kind']): Partial<ClaudeSink> {
  return {
    onEvent: (event) => {
      if (event.kind === kind) throw new RangeError('Maximum call stack size exceeded');
    },
  };
}

describe('an error while it is read', () => {
  it.each(['turnBegan', 'text'] as const)(
    'in %s: the turn fails with words, the process is gone',
    async (kind) => {
      const { claude, events, exits, logged, until } = setUp('ok', breaks(kind));
      await claude.start();
      claude.prompt(newPrompt(), 'hi');
      await until(() => exits.length > 0);
      expect(logged).toContainEqual(expect.objectContaining({ process: 'process-1', error: 'RangeError' }));
      expect(events.at(-1)).toMatchObject({
        kind: 'processEnded',
        why: 'crashed',
        words: 'Heddle failed in reading what Claude wrote (RangeError), and ended it.',
      });
      expect(await lives(claude.pid)).toBe(false);
      expect(() => claude.prompt(newPrompt(), 'again')).toThrow();
    },
  );

  it.each(['turnEnded', 'processEnded'] as const)('in %s: its exit is told all the same', async (kind) => {
    const { claude, exits, until } = setUp('dies', breaks(kind));
    await claude.start();
    claude.prompt(newPrompt(), 'hi');
    await until(() => exits.length > 0);
    expect(exits).toMatchObject([{ why: 'crashed' }]);
    await claude.end('ended');
    expect(await lives(claude.pid)).toBe(false);
  });

  it('of the title, that nobody waits for', async () => {
    const { claude, logged, until } = setUp('ok', breaks('titled'));
    await claude.start();
    claude.prompt(newPrompt(), LONG);
    await until(() => logged.length > 0);
    expect(logged[0]).toMatchObject({ process: 'process-1', error: 'RangeError' });
  });

  it('of growing text, also of what a timer sends', async () => {
    let seen = 0;
    const { claude, exits, logged, until } = setUp('streams', {
      onLive: () => {
        seen += 1;
        if (seen > 1) throw new TypeError('x');
      },
    });
    await claude.start();
    claude.prompt(newPrompt(), 'hi');
    await until(() => exits.length > 0);
    expect(logged).toContainEqual(expect.objectContaining({ error: 'TypeError' }));
  });

  it('row 19: of its exit: nothing is left all the same, and the end resolves', async () => {
    const { claude, logged, exits } = setUp('ok', {
      onExit: () => {
        throw new TypeError('x');
      },
    });
    await claude.start();
    await claude.end('idle');
    expect(exits).toHaveLength(1);
    expect(logged).toContainEqual(expect.objectContaining({ error: 'TypeError' }));
    expect(await lives(claude.pid)).toBe(false);
  });
});

describe('an input nested deeper than a person reads', () => {
  it('is denied with words for Claude and for the thread, and the turn goes on', async () => {
    const { claude, events, until, has } = setUp('deep');
    await claude.start();
    claude.prompt(newPrompt(), 'hi');
    await until(has('turnEnded'));
    expect(has('requestOpened')()).toBe(false);
    expect(events.find((event) => event.kind === 'notice')).toMatchObject({
      code: 'information',
      words: expect.stringMatching(/^mcp__heddle__send_file was denied: .*nested deeper than 100 levels/),
    });
    const answer = events.find((event) => event.kind === 'text');
    expect(answer).toMatchObject({
      text: expect.stringMatching(
        /"request_id":"deep-1","response":\{"behavior":"deny","message":".*100 levels/,
      ),
    });
    expect(events.at(-1)).toMatchObject({ kind: 'turnEnded', outcome: { as: 'done' } });
    expect(claude.openRequests).toBe(0);
  });

  it('a suggestion like that is not offered, and cannot be granted', async () => {
    const { claude, events, until, has } = setUp('deep-suggestion');
    await claude.start();
    claude.prompt(newPrompt(), 'hi');
    await until(has('requestOpened'));
    const opened = events.find((event) => event.kind === 'requestOpened');
    expect(opened).toMatchObject({ suggestions: [] });
    const inputHash = opened?.kind === 'requestOpened' ? opened.inputHash : '';
    const decided = { request: 'deep-1' as RequestId, inputHash };
    expect(claude.decide({ ...decided, verdict: { behavior: 'allow', suggestion: 0 } })).toHaveProperty(
      'refused',
    );
    expect(claude.decide({ ...decided, verdict: { behavior: 'allow' } })).toBe('delivered');
    await until(has('turnEnded'));
  });

  it('a call of a tool of Heddle’s own gets an answer', async () => {
    const { claude, events, until, has } = setUp('deep-mcp');
    await claude.start();
    claude.prompt(newPrompt(), 'hi');
    await until(has('turnEnded'));
    expect(events.find((event) => event.kind === 'text')).toMatchObject({
      text: expect.stringContaining('send_file needs a path.'),
    });
  });
});
