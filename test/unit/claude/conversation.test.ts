import { describe, expect, it } from 'vitest';
import type { ClaudeEvent } from '../../../runner/claude/line/types.ts';
import { type Captured, readCapture, replay } from './replay.ts';

/** Lines as the CLI writes them, with only what is read of each. */
const A = '11111111-1111-4111-8111-111111111111';
const B = '22222222-2222-4222-8222-222222222222';
const session = '33333333-3333-4333-8333-333333333333';
const out = (msg: Captured) => ({ dir: 'out', msg });
const prompt = (uuid: string) => ({
  dir: 'in',
  msg: { type: 'user', uuid, forced: true, message: { role: 'user' } },
});
const init = (prompts?: string[]) =>
  out({
    type: 'system',
    subtype: 'init',
    session_id: session,
    model: 'm',
    permissionMode: 'default',
    ...(prompts && { user_message_uuids: prompts }),
  });
const lifecycle = (uuid: string, state: string, more: Captured = {}) =>
  out({ type: 'command_lifecycle', command_uuid: uuid, state, ...more });
const text = (words: string, more: Captured = {}) =>
  out({
    type: 'assistant',
    message: { content: [{ type: 'text', text: words }] },
    parent_tool_use_id: null,
    ...more,
  });
const tool = (id: string, name: string, parent: string | null = null) =>
  out({
    type: 'assistant',
    message: { content: [{ type: 'tool_use', id, name, input: {} }] },
    parent_tool_use_id: parent,
  });
const result = (more: Captured = {}) =>
  out({ type: 'result', subtype: 'success', is_error: false, duration_ms: 5, total_cost_usd: 1, ...more });
const usage = (input: number, costUSD: number) => ({ m: { inputTokens: input, outputTokens: 1, costUSD } });

const play = (...lines: Captured[]) => replay(lines).events;
const kinds = (events: readonly ClaudeEvent[]) =>
  events.map((event) => {
    if (event.kind === 'turnBegan') return `began ${event.prompt?.[0] ?? 'itself'}`;
    if (event.kind === 'turnEnded') return `ended ${event.prompt?.[0] ?? 'itself'} ${event.outcome.as}`;
    return event.kind === 'text' ? event.text : event.kind;
  });

describe('never lost, never twice: each prompt has one turn and one end', () => {
  it('cli: when it is folded into a turn that had just begun by itself', () => {
    const status = out({ type: 'system', subtype: 'status', user_message_uuids: [A] });
    expect(
      kinds(
        play(
          init(),
          text('self'),
          prompt(A),
          lifecycle(A, 'queued'),
          status,
          text('own'),
          result({ user_message_uuids: [A] }),
        ),
      ),
    ).toEqual(['began itself', 'self', 'ended itself done', 'began 1', 'own', 'ended 1 done']);
  });

  it('cli: when only the result says that it was folded in', () => {
    expect(kinds(play(init(), text('self'), prompt(A), result({ user_message_uuids: [A] })))).toEqual([
      'began itself',
      'self',
      'ended itself done',
      'began 1',
      'ended 1 done',
    ]);
  });

  it('cli: when a turn that began by itself runs first', () => {
    const task = out({ type: 'system', subtype: 'task_notification' });
    const self = { origin: { kind: 'task-notification' } };
    expect(
      kinds(
        play(prompt(A), task, init(), result(self), lifecycle(A, 'started'), init(), text('own'), result()),
      ),
    ).toEqual(['began itself', 'ended itself done', 'began 1', 'own', 'ended 1 done']);
  });

  it('when an interrupt takes it out of the CLI’s queue', () => {
    expect(kinds(play(prompt(A), lifecycle(A, 'queued'), lifecycle(A, 'cancelled')))).toEqual([
      'ended 1 interrupted',
    ]);
  });

  it('when the CLI tells its cancellation after its result', () => {
    const aborted = { subtype: 'error_during_execution', is_error: true, terminal_reason: 'aborted_tools' };
    expect(
      kinds(
        play(
          prompt(A),
          init([A]),
          result(aborted),
          prompt(B),
          lifecycle(A, 'cancelled'),
          init([B]),
          result(),
        ),
      ),
    ).toEqual(['began 1', 'ended 1 interrupted', 'began 2', 'ended 2 done']);
  });

  it('when the process dies before or in the turn', () => {
    expect(kinds(play(prompt(A)))).toEqual(['ended 1 failed']);
    expect(kinds(play(prompt(A), init([A]), text('half')))).toEqual(['began 1', 'half', 'ended 1 failed']);
    expect(kinds(play(init(), prompt(A)))).toEqual(['began itself', 'ended itself failed', 'ended 1 failed']);
  });

  it('when the CLI answers without a turn', () => {
    expect(kinds(play(prompt(A), result()))).toEqual(['began 1', 'ended 1 done']);
    expect(kinds(play(result(), prompt(A), init([A]), result()))).toEqual(['began 1', 'ended 1 done']);
  });
});

describe('right session: a turn that begins by itself is no prompt’s, and its text no answer', () => {
  const JOB = '44444444-4444-4444-8444-444444444444';
  const job = lifecycle(JOB, 'started', { wakeup_source: 'schedule_wakeup' });
  const own = (...more: Captured[]) => [...more, text('own'), result({ user_message_uuids: [A] })];
  const jobFirst = ['began itself', 'job', 'ended itself done', 'began 1', 'own', 'ended 1 done'];

  it.each([
    ['job-at-start-2.1.332', 'The answer to the job.'],
    ['old-cli-2.1.248-job', 'The answer to the job.'],
    ['wake-up-2.1.332', 'The answer to the wake-up.'],
  ])('as captured: %s', (name, words) => {
    const { events, given } = replay(readCapture(name));
    const person = [...given].at(-1);
    const said = (prompt: string | null) => {
      const turn = events.findLast((event) => event.kind === 'turnBegan' && event.prompt === prompt);
      return events.flatMap((event) =>
        event.kind === 'text' && turn?.kind === 'turnBegan' && event.turn === turn.turn ? [event.text] : [],
      );
    };
    expect(said(null)).toEqual([words]);
    expect(said(person ?? '')).toEqual(['The answer to the person.']);
    const ended = events.flatMap((event) => (event.kind === 'turnEnded' ? [event.outcome.as] : []));
    expect(ended).toEqual(ended.map(() => 'done'));
  });

  it('whenever the prompt comes: before the job is begun, before its turn, in it', () => {
    const turn = [init(), text('job'), result()];
    const after = [lifecycle(JOB, 'completed'), lifecycle(A, 'started'), ...own(init([A]))];
    expect(kinds(play(prompt(A), job, ...turn, ...after))).toEqual(jobFirst);
    expect(kinds(play(job, prompt(A), lifecycle(A, 'queued'), ...turn, ...after))).toEqual(jobFirst);
    expect(kinds(play(job, ...turn.slice(0, 2), prompt(A), ...turn.slice(2), ...after))).toEqual(jobFirst);
  });

  it('when the CLI names no prompt at the beginning of a turn, too', () => {
    const after = [lifecycle(A, 'started'), init(), text('own'), result()];
    expect(kinds(play(prompt(A), job, init(), text('job'), result(), ...after))).toEqual(jobFirst);
  });

  it('when the CLI says nothing of it, but says whose the others are', () => {
    const before = [prompt(B), init([B]), result()];
    const events = play(...before, prompt(A), init(), text('job'), result(), ...own(init([A])));
    expect(kinds(events)).toEqual(['began 2', 'ended 2 done', ...jobFirst]);
    const able = out({
      type: 'system',
      subtype: 'init',
      session_id: session,
      capabilities: ['msg_lifecycle_v1'],
    });
    expect(kinds(play(prompt(A), able, text('job'), result(), ...own(init([A]))))).toEqual(jobFirst);
  });

  it('when it ends without a turn: the prompt goes on waiting', () => {
    expect(kinds(play(prompt(A), job, result(), lifecycle(A, 'started'), ...own(init([A]))))).toEqual(
      jobFirst.slice(3),
    );
  });

  it('and what was taken into a running turn does not take the next one', () => {
    expect(
      kinds(
        play(
          prompt(B),
          init([B]),
          job,
          result(),
          prompt(A),
          lifecycle(A, 'started'),
          init(),
          text('own'),
          result(),
        ),
      ),
    ).toEqual(['began 2', 'ended 2 done', ...jobFirst.slice(3)]);
  });

  it('a prompt that gets no turn has ended when the CLI has done with it', () => {
    for (const state of ['cancelled', 'discarded', 'refused'])
      expect(kinds(play(prompt(A), lifecycle(A, state)))).toEqual(['ended 1 interrupted']);
    // It went into the turn of the job.
    const together = [lifecycle(A, 'started'), job, init(), text('job'), result(), lifecycle(A, 'completed')];
    expect(kinds(play(prompt(A), ...together))).toEqual([...jobFirst.slice(0, 3), 'ended 1 done']);
  });
});

describe('what a turn shows', () => {
  it('leaves out what subagents say, empty text and what the API failure says twice', () => {
    const events = play(
      prompt(A),
      init([A]),
      text('sub', { parent_tool_use_id: 'toolu_1' }),
      text(' \n'),
      text('API Error: 529', { error: 'server_error' }),
      result({
        is_error: true,
        terminal_reason: 'api_error',
        api_error_status: 529,
        result: 'API Error: 529',
      }),
    );
    expect(kinds(events)).toEqual(['began 1', 'ended 1 failed']);
    expect(events.at(-1)).toMatchObject({
      outcome: { code: 'overloaded', words: 'API Error: 529', started: true },
    });
  });

  it('has an end for each tool call, also for those of agents that go on', () => {
    const events = play(
      prompt(A),
      init([A]),
      tool('t1', 'Agent'),
      tool('t2', 'Bash', 't1'),
      result(),
      tool('t3', 'Bash', 't1'),
    );
    expect(kinds(events)).toEqual([
      'began 1',
      'toolBegan',
      'toolBegan',
      'toolEnded',
      'toolEnded',
      'ended 1 done',
    ]);
  });

  it('splits a text that is too long for one event', () => {
    const long = 'ä'.repeat(100_000);
    const texts = play(prompt(A), init([A]), text(long), text('x'), result()).filter(
      (event) => event.kind === 'text',
    );
    expect(texts.map((event) => event.joined ?? false)).toEqual([false, true, true, true, false]);
    expect(texts.map((event) => event.segment)).toEqual([0, 1, 2, 3, 4]);
    expect(
      texts
        .slice(0, 4)
        .map((event) => event.text)
        .join(''),
    ).toBe(long);
  });

  it('ignores what it does not know', () => {
    const junk = [
      null,
      1,
      'x',
      [],
      {},
      { type: 'brand_new' },
      { type: 'assistant' },
      { type: 'user' },
      { type: 'stream_event' },
      { type: 'system', subtype: 'new' },
      { type: 'control_request' },
      { type: 'result' },
      { type: 'rate_limit_event' },
    ];
    expect(kinds(play(...junk.map(out)))).toEqual([]);
  });
});

describe('what a turn cost', () => {
  const costs = (...lines: Captured[]) =>
    play(...lines).flatMap((event) =>
      event.kind === 'turnEnded' ? [[event.costUsd, event.usage.m?.input ?? 0]] : [],
    );
  const turn = (id: string, more: Captured) => [prompt(id), init([id]), result(more)];

  it('is what the CLI says since the last result', () => {
    const more = { modelUsage: usage(900, 9), model_usage_since_last_result: usage(5, 0.5) };
    expect(costs(...turn(A, more))).toEqual([[0.5, 5]]);
  });

  it('is else the difference of totals, which may start again', () => {
    expect(
      costs(
        ...turn(A, { modelUsage: usage(10, 1) }),
        ...turn(B, { modelUsage: usage(25, 3) }),
        ...turn(session, { modelUsage: usage(4, 0.25) }),
      ),
    ).toEqual([
      [1, 10],
      [2, 15],
      [0.25, 4],
    ]);
  });
});

describe('why a turn failed', () => {
  const outcome = (more: Captured, before: Captured[] = []) => {
    const events = play(prompt(A), init([A]), ...before, result({ is_error: true, ...more }));
    const ended = events.at(-1);
    return ended?.kind === 'turnEnded' ? ended.outcome : null;
  };

  it('is told by code', () => {
    expect(outcome({ terminal_reason: 'prompt_too_long', api_error_status: 400 })).toMatchObject({
      code: 'tooLong',
    });
    expect(outcome({ api_error_status: 401, api_error_type: 'authentication_error' })).toMatchObject({
      code: 'login',
    });
    expect(outcome({ subtype: 'error_max_budget_usd' })).toMatchObject({ code: 'budget' });
    expect(outcome({ api_error_status: 400, result: 'Credit' })).toMatchObject({
      code: 'api',
      words: 'Credit',
    });
    expect(outcome({ subtype: 'error_max_turns', errors: ['[ede_diagnostic] x', 'Too many'] })).toMatchObject(
      {
        code: 'other',
        words: 'Too many',
      },
    );
    expect(outcome({ subtype: 'error_during_execution', errors: ['[ede_diagnostic] x'] })).toMatchObject({
      code: 'other',
      words: expect.not.stringContaining('ede'),
    });
    expect(outcome({ subtype: 'success', is_error: false, terminal_reason: 'aborted_streaming' })).toEqual({
      as: 'interrupted',
    });
  });

  it('is the usage limit, with its end, when that was told', () => {
    const limit = out({
      type: 'rate_limit_event',
      rate_limit_info: { status: 'rejected', resetsAt: 1_795_336_789 },
    });
    expect(outcome({ api_error_status: 429, result: 'limit' }, [limit])).toMatchObject({
      code: 'limit',
      untilMs: 1_795_336_789_000,
    });
    expect(outcome({ api_error_status: 429 })).toMatchObject({ code: 'overloaded' });
  });
});
