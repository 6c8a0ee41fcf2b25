import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createBody } from '../../../worker/discord/message-body.ts';
import { parseCustomId, readTag } from '../../../worker/domain/buttons.ts';
import type { Question, RequestEntry } from '../../../worker/domain/transcript.ts';
import { planFileText } from '../../../worker/render/thread/plan.ts';
import { reminderSlot } from '../../../worker/render/thread/reminder.ts';
import { requestSlot } from '../../../worker/render/thread/request.ts';
import { renderThread } from '../../../worker/render/thread/thread.ts';
import { ASKER, NOW_MS, prompt, request, text, view } from './entries.ts';
import { noise } from './generate.ts';
import { labelOf } from './show.ts';

const DATABASE: Question = {
  question: 'Which database for the tests?',
  header: 'Database',
  many: false,
  options: [
    { label: 'SQLite', description: 'One file' },
    { label: 'Postgres', description: 'As in production' },
  ],
};
const CHECKS: Question = { ...DATABASE, question: 'Which checks?', header: 'Checks', many: true };

const card = (questions: readonly Question[], more: Partial<RequestEntry> = {}) =>
  requestSlot(
    request({}, { asks: 'question', name: 'AskUserQuestion', description: '', questions, ...more }),
    false,
    'laptop',
  );
const plan = (more: Partial<RequestEntry> = {}) =>
  requestSlot(
    request(
      { plan: '# Tidy up' },
      { asks: 'plan', name: 'ExitPlanMode', plan: { first: 'Tidy up', whole: true }, edits: 0, ...more },
    ),
    false,
    'laptop',
  );
const labels = (slot: ReturnType<typeof card>): string[][] => slot.rows.map((row) => row.map(labelOf));
const decided = {
  is: 'decided',
  by: ASKER,
  atMs: NOW_MS,
  words: null,
  deliveredMs: NOW_MS,
  late: false,
} as const;

describe('the card of a question', () => {
  it('has the options as text, a button each, and Other…', () => {
    const slot = card([DATABASE]);
    expect(slot.content).toBe(
      '❓ Which database for the tests?\n- **SQLite**: One file\n- **Postgres**: As in production\n-# asker or owner may answer until <t:1767409445:f>',
    );
    expect(labels(slot)).toEqual([['SQLite', 'Postgres', 'Other…']]);
    expect(slot).toMatchObject({ phase: 'card', notify: ASKER.id, files: [] });
    const ids = slot.rows.flat().map((button) => ('id' in button ? parseCustomId(button.id) : null));
    expect(ids.map((id) => [id?.verb, readTag(id?.tag ?? '').which])).toEqual([
      ['pick', '0'],
      ['pick', '1'],
      ['answer', null],
    ]);
  });

  it('is a menu for several choices and for many options, and a form for several questions', () => {
    const menu = card([CHECKS]);
    expect(labels(menu)).toEqual([['Choose one or more'], ['Other…']]);
    expect(menu.rows[0]?.[0]).toMatchObject({ min: 1, max: 2, options: [{ value: '0' }, { value: '1' }] });
    const five = {
      ...DATABASE,
      options: Array.from({ length: 5 }, (_, n) => ({ label: `o${n}`, description: '' })),
    };
    expect(card([five]).rows[0]?.[0]).toMatchObject({ min: 1, max: 1 });
    const several = card([DATABASE, CHECKS]);
    expect(labels(several)).toEqual([['Answer']]);
    expect(several.content).toContain('❓ **Which checks?** · several\n- **SQLite**: One file');
  });

  it('says whose question it is, and what was answered', () => {
    expect(card([DATABASE], { agent: 'Explore' }).content).toContain('subagent Explore');
    const also = {
      is: 'answers',
      answers: [
        { question: 'Which database?', answer: 'SQLite' },
        { question: 'Which checks?', answer: 'Unit, @everyone' },
      ],
    } as const;
    expect(card([DATABASE], { state: { ...decided, verdict: 'allow', also } }).content).toBe(
      '-# ❓ Which database? → SQLite\n-# ❓ Which checks? → Unit, @\u200beveryone (asker) · delivered <t:1767323045:T>',
    );
  });

  it('text is data: whatever is asked, Discord takes the card, and what is cut comes as a file', () => {
    const option = fc.record({ label: noise, description: noise });
    const question: fc.Arbitrary<Question> = fc.record({
      question: noise,
      header: noise,
      many: fc.boolean(),
      options: fc.array(option, { maxLength: 6 }),
    });
    fc.assert(
      fc.property(fc.array(question, { minLength: 1, maxLength: 4 }), (questions) => {
        const slot = card(questions);
        expect(slot.content.length).toBeLessThanOrEqual(2000 - 30);
        expect(slot.content).not.toMatch(/@(?:everyone|here)|(?<!\\)<@\d/);
        const { body, notes } = createBody(slot, 'n');
        expect(notes.filter((note) => !/label was cut/.test(note))).toEqual([]);
        expect(body.components?.length).toBe(slot.rows.length);
      }),
      { numRuns: 60 },
    );
    const long = card([{ ...DATABASE, question: 'w '.repeat(2_000) }]);
    expect(long.files).toEqual([{ name: 'input.json', source: 'request:1' }]);
  });

  it('paused and void lines are about the question', () => {
    const input = JSON.stringify({ questions: [{ question: 'Which database?' }] });
    expect(card([DATABASE], { input, state: { is: 'void', why: 'The session ended.' } }).content).toBe(
      '-# ⊘ ❓ Which database? · The session ended.',
    );
    expect(card([DATABASE], { input, state: { is: 'expired', atMs: NOW_MS } }).content).toMatch(
      /^-# ⏸ No answer to ❓/,
    );
  });
});

describe('the card of a plan', () => {
  it('comes below the plan, which is silent', () => {
    const slots = renderThread(
      view([
        prompt('plan it'),
        text('# Tidy up\n\n1. Read', { segment: -1 }),
        request({ plan: '# Tidy up' }, { asks: 'plan', plan: { first: 'Tidy up', whole: true }, edits: 0 }),
      ]),
    );
    expect(slots.map((slot) => (slot.kind === 'plain' ? slot.notify : null))).toEqual([null, null, ASKER.id]);
    expect(slots.at(-1)?.content).toMatch(/^📋 Plan ready: Tidy up\n/);
    expect(slots.at(-2)?.content).toContain('1. Read');
  });

  it('offers what may be done with it', () => {
    expect(labels(plan())).toEqual([['Approve', 'Approve + accept edits', 'Change…']]);
    expect(plan().content).toContain('changes the mode to `acceptEdits`');
    const { edits: _, ...without } = request({ plan: 'x' }, { asks: 'plan', edits: 0 });
    expect(labels(requestSlot(without, false, 'laptop'))).toEqual([['Approve', 'Change…']]);
    expect(labels(plan({ input: null, inputBytes: 9_100_000 }))).toEqual([['Change…']]);
    expect(plan({ plan: { first: '', whole: true } }).content).toContain('it wrote no plan');
  });

  it('comes as a file where the thread has not all of it', () => {
    expect(plan().files).toEqual([]);
    expect(plan({ plan: { first: 'x', whole: false } }).files).toEqual([
      { name: 'plan.md', source: 'request:1' },
    ]);
    expect(planFileText('{"plan":"# P\\n\u202e","allowedPrompts":["rm"]}')).toBe(
      '# P\n\\u202e\n\n---\n{\n  "allowedPrompts": [\n    "rm"\n  ]\n}\n',
    );
    for (const odd of ['', '{', '[]', '{"plan":1}']) expect(typeof planFileText(odd)).toBe('string');
  });

  it('says how it was decided', () => {
    const say = (state: Partial<Extract<RequestEntry['state'], { is: 'decided' }>>) =>
      plan({ state: { ...decided, verdict: 'allow', ...state } }).content.replace(/ · delivered.*/, '');
    expect(say({})).toBe('-# 📋 asker approved');
    expect(say({ also: { is: 'edits' } })).toBe('-# 📋 asker approved · edits accepted');
    expect(say({ verdict: 'deny', words: 'add *tests*' })).toBe(
      '-# 📋 asker wants it changed: “add \\*tests\\*”',
    );
  });
});

describe('the card of a permission', () => {
  const permission = (more: Partial<RequestEntry>) =>
    requestSlot(request({ command: 'npm test' }, more), false, 'laptop');

  it('offers the rule, or the change of mode, and never both', () => {
    const rule = { index: 0, label: 'Bash(npm test *)', scopes: ['session'] } as const;
    expect(labels(permission({ rule }))).toEqual([['Allow', 'Always…', 'Deny', 'Deny + reason']]);
    expect(labels(permission({ rule, edits: 1 }))).toEqual([['Allow', 'Always…', 'Deny', 'Deny + reason']]);
    expect(permission({ rule, edits: 1 }).content).not.toContain('acceptEdits');
    expect(labels(permission({ edits: 1 }))).toEqual([
      ['Allow', 'Accept all edits', 'Deny', 'Deny + reason'],
    ]);
    expect(permission({ edits: 1 }).content).toContain('mode to `acceptEdits`');
    expect(labels(permission({ rule, edits: 1, input: null }))).toEqual([['Deny', 'Deny + reason']]);
  });

  it('says all that is risky in one line', () => {
    expect(permission({ outside: '/etc/hosts', risks: ['network', 'deletes'] }).content).toContain(
      '\n⚠️ outside the project: /etc/hosts · network · deletes\n',
    );
    expect(permission({ risks: ['network'] }).content).toContain('\n⚠️ network\n');
    expect(permission({}).content).not.toContain('⚠️');
  });

  it('says what was granted with it', () => {
    const say = (also: Extract<RequestEntry['state'], { is: 'decided' }>['also']) =>
      permission({ state: { ...decided, verdict: 'allow', ...(also === undefined ? {} : { also }) } })
        .content;
    const rule = 'Bash(npm test *)';
    expect(say({ is: 'rule', rule, scope: 'session' })).toContain(
      ' · always in this session: Bash(npm test \\*)',
    );
    expect(say({ is: 'rule', rule, scope: 'localSettings' })).toContain(' · always in this project: ');
    expect(say({ is: 'edits' })).toContain(' · edits accepted from here on');
  });
});

describe('the reminder', () => {
  const entry = {
    kind: 'reminder',
    ref: 3,
    turn: null,
    asked: ASKER,
    asks: 'permission',
    name: 'Bash',
    summary: 'npm test @everyone',
    url: 'https://discord.com/channels/1/2/3',
    over: false,
  } as const;

  it('notifies, links the card, and is deleted when it is over', () => {
    expect(reminderSlot(entry)).toMatchObject({
      key: 'b.3',
      content: '🔔 Claude still waits for you: 🔐 **Bash** npm test @\u200beveryone',
      notify: ASKER.id,
      rows: [[{ url: entry.url }]],
    });
    expect(reminderSlot({ ...entry, over: true })).toMatchObject({ deleted: true, notify: null });
  });

  it('does not take Stop away from where it belongs, nor get it', () => {
    const slots = renderThread(
      view([prompt('x'), request({ command: 'a' }), entry], { stoppable: request({}).turn }),
    );
    expect(slots.flatMap((slot) => slot.rows.flat().map(labelOf))).not.toContain('Stop');
  });
});
