/** Whatever comes, drawing it takes little time and gives little text. What is drawn is bounded by the protocol and by what the rules keep of it. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ProjectName, RunnerId, ThreadId } from '../../../protocol/ids.ts';
import {
  DIFF_HEAD_MAX,
  INPUT_MAX_BYTES,
  NESTING_MAX,
  PROMPT_MAX_BYTES,
  TODO_MAX,
  TODOS_MAX,
  TOOL_SUMMARY_MAX,
  WORDS_MAX,
} from '../../../protocol/limits.ts';
import type { SessionSummary } from '../../../worker/domain/contract.ts';
import type { Slot } from '../../../worker/domain/slot.ts';
import type { Entry, Question } from '../../../worker/domain/transcript.ts';
import { renderThreadCard } from '../../../worker/render/panels/card.ts';
import { sessionList } from '../../../worker/render/panels/session-list.ts';
import { settingsPanel } from '../../../worker/render/panels/settings.ts';
import { sessionStatus } from '../../../worker/render/panels/status.ts';
import { threadName } from '../../../worker/render/panels/thread-name.ts';
import { indented } from '../../../worker/render/text/json.ts';
import { renderMarkdown } from '../../../worker/render/text/markdown.ts';
import { FILE_JSON_MAX_CHARS, requestFileText } from '../../../worker/render/thread/input.ts';
import { planFileText } from '../../../worker/render/thread/plan.ts';
import { queueList } from '../../../worker/render/thread/queue.ts';
import { renderThread } from '../../../worker/render/thread/thread.ts';
import { turnDiff } from '../../../worker/render/thread/turn-diff.ts';
import { ASKER, end, GEN, NOW_MS, prompt, queued, request, TURN, text, tool, view } from './entries.ts';

/** Discord: characters of a message, and the mention that stands in front of one that notifies. */
const CONTENT_MAX = 2000;
const MENTION_CHARS = '<@12345678901234567890> '.length;
/** As the rules keep them of an input, for its card. */
const CARD_INPUT_MAX = 6_000;
const QUESTIONS_STORED_MAX = 100_000;
/** `\\u202e` for a character that cannot be seen. */
const ESCAPE_MAX = 6;

/**
 * CPU time of this thread, so that it does not matter what else the machine does. The slowest of all this takes a tenth of it; what
 * grows with the square of a large text takes minutes.
 */
const CPU_MAX_MS = 2_000;

function inTime<T>(draw: () => T): T {
  const before = process.threadCpuUsage();
  const drawn = draw();
  const { user, system } = process.threadCpuUsage(before);
  expect((user + system) / 1000, 'CPU in ms').toBeLessThan(CPU_MAX_MS);
  return drawn;
}

/** Draws a thread of these; each message fits, and none is the sentence for one that cannot be drawn. */
function drawn(entries: readonly Entry[], more: Parameters<typeof view>[1] = {}): Slot[] {
  const slots = inTime(() => renderThread(view(entries, more)));
  for (const slot of slots) {
    const mention = slot.kind === 'plain' && slot.notify !== null ? MENTION_CHARS : 0;
    expect(slot.content.length + mention).toBeLessThanOrEqual(CONTENT_MAX);
    expect(slot.content).not.toContain('could not draw');
  }
  return slots;
}

const UNITS = [
  ...[
    'x',
    'word ',
    '漢',
    '👩‍👧',
    '\u0301',
    '\u202e',
    '\ud83d',
    '\u200b',
    '\0',
    '\t',
    '\r\n',
    '\n',
    '\n\n',
    ' ',
    '  \n',
  ],
  ...[
    '*',
    '**',
    '*a ',
    '*a_',
    '_',
    '~~',
    '`',
    '``a`',
    '```',
    '```\n',
    '~~~\n',
    '\\',
    '|',
    '| a ',
    '|-',
    '- ',
    '  - a\n',
  ],
  ...[
    '> ',
    '>',
    '# ',
    '1. ',
    '[',
    '![',
    '[a](',
    '](',
    '<',
    '<a ',
    '<!--',
    '&amp;',
    '&#',
    'https://',
    '@everyone ',
    '<@1>',
  ],
  ...['{', '[', '"', ',', ':', '-# ', '+', '-', '@@', '.', '。', 'a@b.'],
];

/** A text of one or a few things again and again, up to `max` long, often as long as that. */
const nasty = (max: number): fc.Arbitrary<string> =>
  fc
    .tuple(
      fc.array(fc.constantFrom(...UNITS), { minLength: 1, maxLength: 4 }),
      fc.oneof(fc.constant(max), fc.nat(max), fc.nat(Math.min(max, 200))),
      fc.constantFrom('', '```js\n', '| a | b |\n|---|---|\n', '- ', '> '),
    )
    .map(([units, length, head]) => {
      const unit = units.join('');
      return `${head}${unit.repeat(Math.ceil(length / unit.length))}`.slice(0, length);
    });

/** JSON text that is deep, wide, or both; whole. */
const nested = (max: number): fc.Arbitrary<string> =>
  fc
    .tuple(
      fc.constantFrom(['[', ']'], ['{"a":', '}'], ['[1,[],{},', ']'], ['{"a":[', ']}']),
      fc.oneof(fc.constant(max), fc.nat(120), fc.nat(max)),
      fc.constantFrom('1', '"x"', '{"command":"x"}', '1,1', '[],[]', '"\\n\\u202e"'),
      fc.nat(max),
    )
    .map(([[open = '', close = ''], depth, leaf, width]) => {
      const deep = Math.min(depth, Math.floor((max / 2 - 20) / (open.length + close.length)));
      const wide =
        open.endsWith('[') || open.endsWith(',')
          ? Math.min(width, Math.floor(max / 2 / (leaf.length + 1)))
          : 0;
      const inner = Array.from({ length: Math.max(1, wide) }, () => leaf).join(',');
      return `${open.repeat(deep)}${deep === 0 ? leaf : inner}${close.repeat(deep)}`;
    })
    .filter((json) => json.length <= max && isJson(json));

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** The card of an input, as the rules keep it: whole, or its head. */
const cardOf = (input: string) =>
  request(null, { input: input.slice(0, CARD_INPUT_MAX), cut: input.length > CARD_INPUT_MAX });

/** What may be attached of it; null: nothing that a person could read. */
function files(input: string): void {
  for (const file of [
    ...['command.sh', 'change.diff', 'input.json'].map((name) => inTime(() => requestFileText(name, input))),
    inTime(() => planFileText(input)),
  ])
    expect(file?.length ?? 0).toBeLessThanOrEqual(FILE_JSON_MAX_CHARS + ESCAPE_MAX * input.length);
}

describe('JSON is indented for reading, and no longer than that', () => {
  it('as JSON.stringify does it, where that is short', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5 }), (value) => {
        expect(indented(JSON.stringify(value), 1e6)).toBe(JSON.stringify(value, null, 2));
        expect(indented(JSON.stringify(value, null, 1), 1e6)).toBe(JSON.stringify(value, null, 2));
      }),
    );
  });

  it('as it is, where it would be long or deep, and where it is none', () => {
    fc.assert(
      fc.property(fc.oneof(nested(4_000), nasty(4_000)), fc.nat(20_000), (json, max) => {
        const shown = inTime(() => indented(json, max));
        expect(shown.length).toBeLessThanOrEqual(Math.max(max, json.length));
        if (isJson(json)) expect(JSON.parse(shown)).toEqual(JSON.parse(json));
        else expect(shown).toBe(json);
      }),
      { numRuns: 200 },
    );
    const deep = '['.repeat(4_000) + ']'.repeat(4_000);
    expect(indented(deep, 1e9)).toBe(deep);
    const allowed = '['.repeat(NESTING_MAX) + ']'.repeat(NESTING_MAX);
    expect(indented(allowed, 1e9)).toBe(JSON.stringify(JSON.parse(allowed), null, 2));
  });
});

describe('a card and its file', () => {
  it('of any input', () => {
    fc.assert(
      fc.property(
        fc.oneof(nested(CARD_INPUT_MAX), nested(60_000)),
        fc.constantFrom('', '"command":"ls",', '"file_path":"a","content":"x",', '"plan":"p",'),
        nasty(TOOL_SUMMARY_MAX),
        nasty(WORDS_MAX),
        (json, first, summary, description) => {
          const input = `{${first}"more":${json}}`;
          drawn([{ ...cardOf(input), summary, description }]);
          files(input);
        },
      ),
      { numRuns: 100 },
    );
  });

  it('of long lines, many lines and hidden characters', () => {
    const inputOf = {
      command: (one: string) => ({ command: one }),
      write: (one: string) => ({ file_path: 'a.ts', content: one }),
      edit: (one: string, other: string) => ({ file_path: 'a.ts', old_string: one, new_string: other }),
      edits: (one: string, other: string) => ({
        file_path: 'a.ts',
        edits: [
          { old_string: one, new_string: `${one.slice(0, -1)}y` },
          { old_string: other, new_string: '' },
        ],
      }),
      plan: (one: string, other: string) => ({ plan: one, other }),
    };
    const kind = fc.constantFrom(...Object.values(inputOf));
    fc.assert(
      fc.property(kind, nasty(100_000), nasty(100_000), (of, one, other) => {
        const input = JSON.stringify(of(one, other));
        drawn([cardOf(input)]);
        drawn([{ ...cardOf(input), state: { is: 'void', why: one.slice(0, WORDS_MAX) } }]);
        files(input);
      }),
      { numRuns: 50 },
    );
  });

  it.each([
    ['many lines', JSON.stringify({ file_path: 'a', content: '\n'.repeat(INPUT_MAX_BYTES / 2 - 100) })],
    ['small values', `{"a":[${'[],'.repeat((INPUT_MAX_BYTES - 100) / 3)}[]]}`],
    ['numbers, far in', `${'['.repeat(99)}${'1,'.repeat((INPUT_MAX_BYTES - 300) / 2)}1${']'.repeat(99)}`],
    ['hidden characters', JSON.stringify({ command: '\u00ad'.repeat(INPUT_MAX_BYTES / 2 - 100) })],
  ])('as large as an input may be: %s', (_, input) => {
    files(input);
  });
});

describe('what Claude says', () => {
  it('in one piece or in many', () => {
    fc.assert(
      fc.property(nasty(70_000), fc.boolean(), (words, live) => {
        drawn([prompt('do it'), text(words, { live }), end()]);
        drawn([text(words), text(words, { segment: 1, joined: true }), end({ notify: ASKER })]);
      }),
      { numRuns: 50 },
    );
  });

  it('as Markdown of one message', () => {
    fc.assert(
      fc.property(nasty(CONTENT_MAX), (words) => {
        expect(inTime(() => renderMarkdown(words)).length).toBeLessThanOrEqual(10 * CONTENT_MAX);
      }),
      { numRuns: 150 },
    );
  });

  it('in tables', () => {
    fc.assert(
      fc.property(
        fc.nat(400),
        fc.nat(400),
        fc.constantFrom('', 'a', '漢', '`x|y`', '**b**'),
        (columns, rows, cell) => {
          const row = `|${`${cell}|`.repeat(columns + 1)}\n`;
          drawn([text(`${row}|${'-|'.repeat(columns + 1)}\n${row.repeat(rows)}`), end()]);
          drawn([text(`${row}|${'-|'.repeat(columns + 1)}\n${'x\n'.repeat(rows)}`), end()]);
        },
      ),
      { numRuns: 40 },
    );
  });
});

describe('what Claude does', () => {
  const diff = (words: string, lines: number) => ({ text: words.slice(0, DIFF_HEAD_MAX), lines });

  it('calls and their diffs, and the pages of a turn', () => {
    fc.assert(
      fc.property(nasty(DIFF_HEAD_MAX), nasty(TOOL_SUMMARY_MAX), fc.nat(200), (words, summary, count) => {
        const edits = Array.from({ length: count }, (_, n) =>
          tool('edit', 'Edit', n % 2 === 0 ? summary : `${n}`, {
            diff: diff(words, 9_999),
            added: 1,
            removed: 1,
          }),
        );
        drawn([prompt('do it'), ...edits, end()]);
        const pages = inTime(() => turnDiff(edits, TURN));
        for (const page of pages) expect(page.length).toBeLessThanOrEqual(CONTENT_MAX);
      }),
      { numRuns: 50 },
    );
  });

  it('a to-do list', () => {
    const todo = fc.record({ text: nasty(TODO_MAX), state: fc.constantFrom('open', 'active', 'done') });
    fc.assert(
      fc.property(fc.array(todo, { maxLength: TODOS_MAX, size: 'max' }), fc.boolean(), (todos, over) => {
        drawn([{ kind: 'todo', turn: TURN, todos }, ...(over ? [end()] : [])]);
      }),
      { numRuns: 50 },
    );
  });

  it('questions, and their answers', () => {
    const option = fc.record({ label: nasty(400), description: nasty(400) });
    const question: fc.Arbitrary<Question> = fc.record({
      question: fc.oneof(nasty(400), nasty(QUESTIONS_STORED_MAX / 4)),
      header: nasty(100),
      many: fc.boolean(),
      options: fc.array(option, { maxLength: 25, size: 'max' }),
    });
    fc.assert(
      fc.property(fc.array(question, { minLength: 1, maxLength: 4 }), nasty(2_000), (questions, said) => {
        const entry = { ...cardOf(JSON.stringify({ questions })), asks: 'question', questions } as const;
        drawn([entry]);
        const answers = questions.map(({ question: asked }) => ({ question: asked, answer: said }));
        const by = { ...ASKER, name: said.slice(0, 32) };
        const decided = {
          verdict: 'allow',
          atMs: NOW_MS,
          words: said,
          deliveredMs: NOW_MS,
          late: true,
        } as const;
        drawn([{ ...entry, state: { is: 'decided', by, ...decided, also: { is: 'answers', answers } } }]);
      }),
      { numRuns: 50 },
    );
  });

  it('what goes wrong, what may be undone, and what is lost', () => {
    fc.assert(
      fc.property(nasty(WORDS_MAX), nasty(200), fc.nat(20), (words, name, count) => {
        const names = Array.from({ length: count }, () => name);
        const undo = { files: names, count: 1e6, insertions: 1e9, deletions: 1e9 };
        const lost = { files: names, commits: names, uncommitted: 1e6, unmerged: 1e6 };
        const by = { ...ASKER, name };
        drawn([
          { kind: 'note', id: 'n1', turn: null, text: words },
          { kind: 'undo', id: 'u1', of: TURN, by, state: { is: 'asking', ...undo } },
          { kind: 'undo', id: 'u2', of: TURN, by, state: { is: 'cannot', why: words } },
          { kind: 'worktree', gen: GEN, name: 'x', state: { is: 'open', ...lost, mark: 'm', sure: true } },
          { kind: 'budget', n: 1, gen: GEN, limitUsd: 1, stepUsd: 1, notify: by, state: { is: 'open' } },
          end({ outcome: { as: 'failed', code: 'api', words, untilMs: NOW_MS }, notify: by }),
        ]);
      }),
      { numRuns: 50 },
    );
  });
});

describe('what people say', () => {
  it('prompts, in the thread and in the queue', () => {
    fc.assert(
      fc.property(nasty(PROMPT_MAX_BYTES), nasty(100), fc.nat(60), (words, name, count) => {
        const author = { ...ASKER, name };
        const facts = { project: name, runner: name, branch: name, model: name, mode: name.slice(0, 50) };
        const files = Array.from({ length: count }, () => name);
        drawn([prompt(words, { author, ...facts, files, untrusted: true, state: 'stopping' })]);
        drawn([
          queued(words, { author, files, offlineSinceMs: NOW_MS, held: 'Claude has no such command.' }),
        ]);
        drawn([queued(words, { author, files, offlineSinceMs: NOW_MS, edited: true })]);
        const waiting = Array.from({ length: count }, (_, n) => ({
          prompt: String(n),
          author: name,
          text: words,
          held: n % 2 === 0,
        }));
        // An answer is cut where it is sent; its time is what counts here.
        expect(inTime(() => queueList(waiting, 1, null)).text.length).toBeLessThan(2 * CONTENT_MAX);
        expect(inTime(() => threadName(words, name)).length).toBeLessThanOrEqual(100);
      }),
      { numRuns: 50 },
    );
  });

  it('panels', () => {
    fc.assert(
      fc.property(nasty(200), nasty(PROMPT_MAX_BYTES), fc.nat(100), (name, words, count) => {
        const many = Array.from({ length: count }, (_, n) => n);
        const summary: SessionSummary = {
          gen: GEN,
          title: words,
          project: name as ProjectName,
          runner: name as RunnerId,
          starter: { ...ASKER, name },
          startedMs: NOW_MS,
          activeMs: NOW_MS,
          state: { is: 'failed', words: words.slice(0, WORDS_MAX) },
          queued: count,
          turns: count,
          costUsd: 1e5,
          tokens: { in: 1e12, out: 1e12 },
          models: many.map(() => ({ model: name, costUsd: 1, in: 1, out: 1 })),
          doing: words,
          work: true,
        };
        const details = {
          runner: name,
          model: name,
          mode: name,
          desired: [name, name, name],
          worktree: 'wt',
          terminal: name,
          context: 1,
        };
        const queue = many.map(() => ({ author: name, text: words }));
        const requests = many.map((ref) => ({
          ref,
          name,
          summary: words,
          url: 'https://discord.com/channels/1/2/3',
        }));
        const main = { name, ahead: 1e9, behind: 1e9 };
        const changed = { files: 1e6, added: 1e6, removed: 1e6, names: many.slice(0, 20).map(() => name) };
        const workspace = { branch: name, changed, main };
        const status = inTime(() => sessionStatus(summary, { ...details, queue, requests, workspace }));
        expect(status.length).toBeLessThanOrEqual(CONTENT_MAX);
        expect(inTime(() => renderThreadCard(summary, name)).content.length).toBeLessThanOrEqual(CONTENT_MAX);
        const sessions = Array.from({ length: 4 }, () => ({
          thread: '1'.repeat(19) as ThreadId,
          summary,
          runner: name,
        }));
        const page = { page: 0, pages: 9, count: 9, active: 9, tag: '', newest: null, sums: [] };
        expect(inTime(() => sessionList({ ...page, sessions })).text.length).toBeLessThanOrEqual(CONTENT_MAX);
        const values = many.map((n) => ({ value: String(n), name }));
        const panel = inTime(() =>
          settingsPanel({
            gen: 1,
            runner: name.slice(0, 32),
            now: { model: name.slice(0, 100), mode: name.slice(0, 50) },
            desired: { model: name.slice(0, 60), mode: null, effort: name.slice(0, 60) },
            offers: { models: values, modes: ['default'], efforts: [name] },
            verbosity: 'normal',
            notify: 'all',
            messages: true,
            said: [],
          }),
        );
        expect(panel.text.length).toBeLessThanOrEqual(CONTENT_MAX);
      }),
      { numRuns: 50 },
    );
  });
});
