/** Questions and plans by the session's rules alone. Blocks are named after what must never break. */
import { describe, expect, it } from 'vitest';
import type { EventOf } from '../../../protocol/events.ts';
import type { MessageId, ProcessId, TurnId } from '../../../protocol/ids.ts';
import { parseCustomId, type Verb } from '../../../worker/domain/buttons.ts';
import type { Fields, Modal } from '../../../worker/domain/contract.ts';
import { DURATIONS } from '../../../worker/platform/durations.ts';
import { readQuestions } from '../../../worker/session/rules/requests/questions.ts';
import type { RuleAnswer } from '../../../worker/session/state/input.ts';
import { HASH, OWNER, Play, PROCESS, STARTER, STRANGER } from './play.ts';

const TAG = HASH.slice(0, 16);
const DATABASE = {
  question: 'Which database?',
  header: 'Database',
  multiSelect: false,
  options: [
    { label: 'SQLite', description: 'One file' },
    { label: 'Postgres', description: 'As in production' },
  ],
};
const CHECKS = {
  question: 'Which checks?',
  header: 'Checks',
  multiSelect: true,
  options: [
    { label: 'Unit', description: '' },
    { label: 'Browser', description: '' },
    { label: 'Lint', description: '' },
  ],
};
const QUESTION = { asks: 'question', name: 'AskUserQuestion', class: 'other' } as const;
const PLAN: Partial<EventOf<'requestOpened'>> = {
  asks: 'plan',
  name: 'ExitPlanMode',
  class: 'other',
  modes: ['default', 'acceptEdits'],
};

function asking(
  questions: unknown = [DATABASE],
  over: object = {},
): { play: Play; turn: TurnId; ref: number } {
  const play = new Play().open();
  play.ask('fix the test');
  const turn = play.begin();
  return { play, turn, ref: play.request('req-1', turn, { ...QUESTION, ...over }, { questions }) };
}

function use(
  play: Play,
  ref: number,
  verb: Verb,
  more: { tag?: string; values?: readonly string[]; fields?: Fields; message?: MessageId } = {},
  who = STARTER,
): RuleAnswer {
  const { tag = TAG, message = play.state.requests.get(ref)?.message ?? null, ...rest } = more;
  return play.act(who, { do: 'press', id: { verb, gen: play.gen, ref, tag }, message, ...rest });
}

function form(answer: RuleAnswer): Modal {
  if (answer.kind !== 'modal') throw new Error(`expected a form, got ${JSON.stringify(answer)}`);
  return answer.modal;
}

const answers = (play: Play) =>
  play.sent('decide').map(({ verdict }) => (verdict.behavior === 'allow' ? verdict.answers : verdict));

describe('right session: an answer reaches only the question that it answers', () => {
  it('an option’s button answers with its label', () => {
    const { play, ref } = asking();
    expect(use(play, ref, 'pick', { tag: `${TAG}_1` })).toEqual({ kind: 'decided', ref });
    expect(play.last('decide')).toMatchObject({
      request: 'req-1',
      process: PROCESS,
      inputHash: HASH,
      verdict: { behavior: 'allow', answers: { 'Which database?': 'Postgres' } },
    });
  });

  it('Other… opens a form, and its words are the answer', () => {
    const { play, ref } = asking();
    const modal = form(use(play, ref, 'answer'));
    expect(modal.fields.map(({ kind, id, required }) => [kind, id, required])).toEqual([
      ['text', 'words0', true],
    ]);
    expect(parseCustomId(modal.id)).toMatchObject({ verb: 'answer', ref });
    use(play, ref, 'answer', { fields: { words0: ['  MySQL, please  '] } });
    expect(answers(play)).toEqual([{ 'Which database?': 'MySQL, please' }]);
  });

  it('a menu answers with the labels, in the order of the question', () => {
    const { play, ref } = asking([CHECKS]);
    use(play, ref, 'pick', { values: ['2', '0'] });
    expect(answers(play)).toEqual([{ 'Which checks?': 'Unit, Lint' }]);
  });

  it('one form answers several, with choices and with words', () => {
    const { play, ref } = asking([DATABASE, CHECKS]);
    const modal = form(use(play, ref, 'answer'));
    expect(modal.fields.map(({ kind, id }) => `${kind} ${id}`)).toEqual([
      'choice choice0',
      'text words0',
      'choice choice1',
      'text words1',
    ]);
    use(play, ref, 'answer', {
      fields: { choice0: ['0'], words0: [''], choice1: ['1', '2'], words1: ['and e2e'] },
    });
    expect(answers(play)).toEqual([
      { 'Which database?': 'SQLite', 'Which checks?': 'Browser, Lint, and e2e' },
    ]);
  });

  it('of more than two, each must be chosen, because a form has no room for words', () => {
    const more = [DATABASE, CHECKS, { ...DATABASE, question: 'And which cache?' }];
    const { play, ref } = asking(more);
    const modal = form(use(play, ref, 'answer'));
    expect(modal.fields.map(({ kind, required }) => [kind, required])).toEqual(
      more.map(() => ['choice', true]),
    );
  });

  const refused: [string, (play: Play, ref: number) => RuleAnswer, RegExp][] = [
    ['an option that is not there', (p, ref) => use(p, ref, 'pick', { tag: `${TAG}_2` }), /not one of/],
    ['a negative option', (p, ref) => use(p, ref, 'pick', { tag: `${TAG}_-1` }), /not one of/],
    ['an option that is no number', (p, ref) => use(p, ref, 'pick', { tag: `${TAG}_0x1` }), /not one of/],
    ['a number written otherwise', (p, ref) => use(p, ref, 'pick', { tag: `${TAG}_01` }), /not one of/],
    ['no option', (p, ref) => use(p, ref, 'pick'), /not one of/],
    ['an empty choice', (p, ref) => use(p, ref, 'pick', { values: [] }), /not one of/],
    ['a label instead of a value', (p, ref) => use(p, ref, 'pick', { values: ['SQLite'] }), /not one of/],
    ['two of a single choice', (p, ref) => use(p, ref, 'pick', { values: ['0', '1'] }), /not one of/],
    ['the same twice', (p, ref) => use(p, ref, 'pick', { values: ['0', '0'] }), /not one of/],
    ['blank words', (p, ref) => use(p, ref, 'answer', { fields: { words0: [' \n '] } }), /no answer/],
    [
      'a form of something else',
      (p, ref) => use(p, ref, 'answer', { fields: { reason: ['x'] } }),
      /no answer/,
    ],
    [
      'a forged choice in a form',
      (p, ref) => use(p, ref, 'answer', { fields: { choice0: ['9'] } }),
      /not one of/,
    ],
    [
      'another input',
      (p, ref) => use(p, ref, 'pick', { tag: `${'f'.repeat(16)}_0` }),
      /not what Claude asks/,
    ],
    [
      'another message',
      (p, ref) => use(p, ref, 'pick', { tag: `${TAG}_0`, message: '1' as MessageId }),
      /not on the card/,
    ],
    ['an unknown number', (p) => use(p, 77, 'pick', { tag: `${TAG}_0` }), /over/],
    ['Allow', (p, ref) => use(p, ref, 'allow'), /no permission/],
    ['Deny', (p, ref) => use(p, ref, 'deny'), /no permission/],
    ['an approval', (p, ref) => use(p, ref, 'approve'), /no plan/],
    ['a change of plan', (p, ref) => use(p, ref, 'changeplan', { fields: { change: ['x'] } }), /no plan/],
    ['a rule', (p, ref) => use(p, ref, 'rule', { tag: `${TAG}_s` }), /no rule/],
    ['edits', (p, ref) => use(p, ref, 'edits'), /cannot be accepted/],
  ];
  it.each(refused)('refuses %s, and nothing happens', (_what, press, words) => {
    const { play, ref } = asking();
    expect(play.refusal(press(play, ref))).toMatch(words);
    expect(play.sent('decide')).toEqual([]);
    expect(play.requests()[0]?.state.is).toBe('open');
  });

  it('refuses a second answer, and gives back what was typed', () => {
    const { play, ref } = asking();
    use(play, ref, 'pick', { tag: `${TAG}_0` });
    expect(play.refusal(use(play, ref, 'pick', { tag: `${TAG}_1` }))).toMatch(/already/);
    const late = play.refusal(use(play, ref, 'answer', { fields: { words0: ['MySQL'] } }));
    expect(late).toMatch(/already[\s\S]*MySQL/);
    expect(answers(play)).toEqual([{ 'Which database?': 'SQLite' }]);
  });

  it('is void when its process is gone, and says so', () => {
    const { play, ref } = asking();
    play.event({ kind: 'processEnded', gen: play.gen, process: PROCESS, why: 'crashed' });
    expect(play.requests()[0]?.state).toMatchObject({ is: 'void' });
    expect(play.refusal(use(play, ref, 'pick', { tag: `${TAG}_0` }))).toMatch(/over/);
    expect(play.sent('decide')).toEqual([]);
    expect(play.state.requests.size).toBe(0);
  });

  it('does not take a question of another process for the same', () => {
    const { play, turn } = asking();
    const second = play.request(
      'req-1',
      turn,
      { ...QUESTION, process: 'p2' as ProcessId },
      { questions: [CHECKS] },
    );
    use(play, second, 'pick', { values: ['0'] });
    expect(play.last('decide')).toMatchObject({ process: 'p2' });
  });
});

describe('right person: questions and plans', () => {
  it('only who may decide answers, opens the form or approves', () => {
    const { play, turn, ref } = asking();
    const plan = play.request('req-2', turn, PLAN, { plan: '# Do it' });
    for (const answer of [
      use(play, ref, 'pick', { tag: `${TAG}_0` }, STRANGER),
      use(play, ref, 'answer', {}, STRANGER),
      use(play, ref, 'answer', { fields: { words0: ['x'] } }, STRANGER),
      use(play, plan, 'approve', {}, STRANGER),
      use(play, plan, 'approveedits', {}, STRANGER),
      use(play, plan, 'changeplan', {}, STRANGER),
    ])
      expect(play.refusal(answer)).toMatch(/olga|sam/);
    expect(play.sent('decide')).toEqual([]);
    use(play, ref, 'pick', { tag: `${TAG}_0` }, OWNER);
    expect(answers(play)).toHaveLength(1);
  });
});

describe('every state has an exit: questions and plans', () => {
  it('are never answered by themselves, wait seven days, and then pause the turn', () => {
    const { play, turn, ref } = asking();
    play.later(DURATIONS.questionWaitMs - 1);
    expect(play.requests()[0]?.state.is).toBe('open');
    play.later(1);
    expect(play.requests()[0]?.state.is).toBe('expired');
    expect(play.sent('decide')).toEqual([]);
    expect(play.last('interrupt').turn).toBe(turn);
    expect(play.refusal(use(play, ref, 'pick', { tag: `${TAG}_0` }))).toMatch(/expired/);
    expect(DURATIONS.questionWaitMs).toBe(7 * 24 * 3_600_000);
  });

  it('a plan is approved, approved with edits, or sent back with words', () => {
    const plan = (verb: Verb, more: Parameters<typeof use>[3] = {}) => {
      const { play, turn } = asking();
      const ref = play.request('req-2', turn, PLAN, { plan: '# Do it' });
      use(play, ref, verb, more);
      return { verdict: play.last('decide').verdict, state: play.requests()[1]?.state };
    };
    expect(plan('approve')).toMatchObject({ verdict: { behavior: 'allow' }, state: { verdict: 'allow' } });
    expect(plan('approve').verdict).toEqual({ behavior: 'allow' });
    expect(plan('approveedits')).toMatchObject({
      verdict: { behavior: 'allow', mode: 'acceptEdits' },
      state: { also: { is: 'edits' } },
    });
    const changed = plan('changeplan', { fields: { change: ['add tests'] } });
    expect(changed.verdict).toMatchObject({
      behavior: 'deny',
      message: expect.stringContaining('add tests'),
    });
    expect(changed.state).toMatchObject({ verdict: 'deny', words: 'add tests' });
  });

  it('a change needs words, and its form opens only while the plan waits', () => {
    const { play, turn } = asking();
    const ref = play.request('req-2', turn, PLAN, { plan: '# Do it' });
    expect(form(use(play, ref, 'changeplan')).fields).toHaveLength(1);
    expect(play.refusal(use(play, ref, 'changeplan', { fields: { change: ['  '] } }))).toMatch(
      /what should change/,
    );
    use(play, ref, 'approve');
    expect(play.refusal(use(play, ref, 'changeplan'))).toMatch(/already/);
    expect(play.refusal(use(play, ref, 'changeplan', { fields: { change: ['my long words'] } }))).toMatch(
      /my long words/,
    );
    expect(play.sent('decide')).toHaveLength(1);
  });

  it('edits are not accepted where the runner did not say that they may be', () => {
    const { play, turn } = asking();
    const ref = play.request('req-2', turn, { ...PLAN, modes: ['default', 'plan'] }, { plan: 'x' });
    expect(play.refusal(use(play, ref, 'approveedits'))).toMatch(/settings/);
    expect(play.sent('decide')).toEqual([]);
  });

  it('a plan too large to be shown can only be sent back', () => {
    const { play, turn } = asking();
    const ref = play.request('req-2', turn, { ...PLAN, inputParts: 0, inputBytes: 9_000_000 });
    expect(play.refusal(use(play, ref, 'approve'))).toMatch(/too large/);
    use(play, ref, 'changeplan', { fields: { change: ['shorter'] } });
    expect(play.last('decide').verdict.behavior).toBe('deny');
  });
});

describe('text is data: what can be asked', () => {
  it('the plan stands above its card as Claude’s own text', () => {
    const { play, turn } = asking();
    play.request('req-2', turn, PLAN, { plan: '# Plan: tidy up\n\n1. Read', planFilePath: '/x.md' });
    const kinds = [...play.state.entries.values()].slice(-2);
    expect(kinds).toMatchObject([
      { kind: 'text', text: '# Plan: tidy up\n\n1. Read', turn },
      { kind: 'request', plan: { first: 'Plan: tidy up', whole: true } },
    ]);
    play.request('req-3', turn, PLAN, { plan: 'x', allowedPrompts: [{ tool: 'Bash', prompt: 'rm' }] });
    expect(play.requests().at(-1)?.plan?.whole, 'it holds more than the plan').toBe(false);
    play.request('req-4', turn, PLAN, { plan: 'x'.repeat(50_000) });
    expect(play.requests().at(-1)?.plan?.whole, 'too long for the thread').toBe(false);
    play.request('req-5', turn, PLAN, {});
    expect(play.requests().at(-1)?.plan, 'Claude may have none').toEqual({ first: '', whole: true });
  });

  it.each([
    ['nothing', null],
    ['no questions', []],
    ['five', [1, 2, 3, 4, 5].map((n) => ({ ...DATABASE, question: `${n}?` }))],
    ['the same question twice', [DATABASE, DATABASE]],
    ['a question without words', [{ ...DATABASE, question: ' ' }]],
    ['an option without a label', [{ ...DATABASE, options: [{ description: 'x' }] }]],
    [
      'too many options',
      [{ ...DATABASE, options: Array.from({ length: 26 }, (_, n) => ({ label: `${n}` })) }],
    ],
    ['something else', ['Which?']],
  ])('%s is asked in plain text instead', (_what, questions) => {
    const { play } = asking(questions);
    expect(play.requests()[0]?.state.is).toBe('declined');
    expect(play.last('decide').verdict.behavior).toBe('deny');
  });

  it('reads no question from what is not JSON', () => {
    for (const input of [null, '', '{', '[]', '"x"', '{"questions":{}}'])
      expect(readQuestions(input)).toBeNull();
  });

  it('takes a question of that name too', () => {
    const { play, ref } = asking([{ ...DATABASE, question: 'constructor' }]);
    use(play, ref, 'pick', { tag: `${TAG}_0` });
    expect(answers(play)).toEqual([{ constructor: 'SQLite' }]);
  });
});
