/** What a thread shows of Claude's work: diffs, to-do lists, files, and how much of it. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LONG_TEXT_CHARS } from '../../../protocol/limits.ts';
import type { Entry, FileEntry, TodoEntry, ToolEntry } from '../../../worker/domain/transcript.ts';
import { renderThread } from '../../../worker/render/thread/thread.ts';
import { end, GEN, prompt, TURN, text, tool, view } from './entries.ts';

const slots = (entries: Entry[]) => renderThread(view([prompt('x'), ...entries])).slice(1);
const shown = (entries: Entry[]): string =>
  slots(entries)
    .map((slot) => slot.content)
    .join('\n');

function edit(lines: string[], more: Partial<ToolEntry> = {}): ToolEntry {
  const diff = { text: lines.join('\n'), lines: lines.length };
  return tool('edit', 'Edit', 'src/a.ts', { added: 2, removed: 1, diff, last: true, ...more });
}

describe('an edit', () => {
  it('shows what it changed below its line', () => {
    expect(shown([edit([' a', '-b', '+c', '+d'])])).toBe(
      '-# ✓ Edit src/a.ts +2 −1\n```diff\n a\n-b\n+c\n+d\n```',
    );
  });

  it('is cut when it is long, and says how much is left', () => {
    const lines = Array.from({ length: 26 }, (_, at) => `+line ${at}`);
    expect(shown([edit(lines)])).toMatch(/\+line 11\n⋯ 14 lines more\n```$/);
    expect(shown([edit(lines.slice(1))])).not.toContain('⋯');
    expect(shown([edit([`+${'x'.repeat(500)}`, '+y'])])).toMatch(/\n\+x{118}…\n\+y\n```$/);
    const wide = Array.from({ length: 20 }, () => `+${'x'.repeat(100)}`);
    expect(shown([edit(wide)])).toMatch(/⋯ 14 lines more/);
  });

  it('shows no diff while it runs, when it failed, or of a subagent', () => {
    for (const more of [{ state: 'running' }, { state: 'failed' }, { state: 'denied' }] as const)
      expect(shown([edit(['+x'], more)])).not.toContain('```');
    const agent = tool('agent', 'Task', 'look', { tool: 'a' });
    expect(shown([agent, edit(['+x'], { parent: 'a' })])).toBe('-# ✓ Task: look · 1 call, 1 edit +2 −1');
  });

  it('cannot break out of its block', () => {
    const content = shown([edit(['+```', '+@everyone', '+-# ✓ owner allowed'])]);
    expect(content.match(/```/g)).toHaveLength(2);
  });
});

describe('verbosity', () => {
  const work = [
    tool('read', 'Read', 'a.ts'),
    edit(['+x']),
    tool('command', 'Bash', 'npm test'),
    tool('command', 'Bash', 'npm run x', { state: 'failed' }),
  ];
  const at = (verbosity: 'quiet' | 'normal' | 'verbose', entries: Entry[]): string =>
    renderThread(view([prompt('x', { verbosity }), ...entries]))
      .slice(1)
      .map((slot) => slot.content)
      .join('\n');

  it('quiet: one line for all that is done between two texts', () => {
    expect(at('quiet', [...work, text('Done.')])).toBe(
      '-# ✓ Read 1 file · 1 edit +2 −1 · 1 command · 1 failed\nDone.',
    );
  });

  it('verbose: a line for each, also of subagents', () => {
    const agent = tool('agent', 'Task', 'look', { tool: 'a' });
    const inner = tool('read', 'Read', 'b.ts', { parent: 'a' });
    expect(at('verbose', [tool('read', 'Read', 'a.ts'), tool('read', 'Read', 'c.ts'), agent, inner])).toBe(
      '-# ✓ Read a.ts\n-# ✓ Read c.ts\n-# ✓ Task: look · 1 call\n-# ↳ ✓ Read b.ts',
    );
  });

  it('says what a subagent does now', () => {
    const agent = tool('agent', 'Task', 'look', { tool: 'a', state: 'running' });
    const inner = tool('command', 'Bash', 'npm test', { parent: 'a', state: 'running' });
    expect(shown([agent, inner])).toMatch(/^-# ⏳ Task: look · 1 call · npm test · <t:/);
  });
});

describe('a to-do list', () => {
  const todo = (...todos: TodoEntry['todos']): TodoEntry => ({ kind: 'todo', turn: TURN, todos });

  it('is one message that says what is done and what is being done', () => {
    const list = todo(
      { text: 'Read', state: 'done' },
      { text: 'Test *it*', state: 'active' },
      { text: 'Write', state: 'open' },
    );
    expect(shown([list])).toBe('📋 **1 of 3 done**\n-# ☑ Read\n⏳ **Test \\*it\\***\n☐ Write');
    // Nothing of it is being done when the turn is over.
    expect(shown([list, end()])).toContain('☐ Test');
  });

  it('fits a message, and what is to be done stays in sight', () => {
    const todos = Array.from({ length: 50 }, (_, at) => ({
      text: `${at} ${'*'.repeat(190)}`,
      state: at < 30 ? ('done' as const) : at === 30 ? ('active' as const) : ('open' as const),
    }));
    const [slot] = slots([todo(...todos)]);
    expect(slot?.content.length).toBeLessThanOrEqual(2000);
    expect(slot?.content).toContain('⏳ **30 ');
    expect(slot?.content).toMatch(/-# ☑ 29 more/);
    expect(slot?.content).toMatch(/-# ☐ 9 more$/);
    expect(shown([todo(...todos.map((each) => ({ ...each, state: 'done' as const })))])).toContain(
      '50 of 50 done',
    );
  });
});

describe('a file', () => {
  const file = (more: Partial<FileEntry> = {}): FileEntry => ({
    kind: 'file',
    turn: TURN,
    gen: GEN,
    file: `${TURN}-0`,
    what: 'picture',
    name: 'chart.png',
    bytes: 12_345,
    parts: 1,
    caption: 'out/chart.png',
    ...more,
  });

  it('is a message of its own, in its place', () => {
    const all = slots([text('Look:'), file(), text('Nice.', { segment: 1 })]);
    expect(all.map((slot) => slot.content)).toEqual(['Look:', '-# 🖼 out/chart.png', 'Nice.']);
    expect(all[1]).toMatchObject({ files: [{ name: 'chart.png' }], notify: null, rows: [] });
  });

  it('says who gives it, and that as data', () => {
    expect(shown([file({ what: 'handed', caption: '@everyone *look*' })])).toBe(
      '📎 @\u200beveryone \\*look\\*\n-# chart.png · 12 kB',
    );
    expect(shown([file({ what: 'handed', caption: '' })])).toBe('📎 chart.png · 12 kB');
  });

  it('that sums up the turn leaves the footer with the answer', () => {
    const all = slots([text('Done.'), file({ what: 'changes', name: 'changes.diff' }), end()]);
    expect(all.map((slot) => slot.content)).toEqual([
      expect.stringMatching(/^Done\.\n-# /),
      '-# 📄 The long edits, whole · changes.diff · 12 kB',
    ]);
  });

  it('never has the Stop of a running turn', () => {
    const running = renderThread(view([prompt('x'), text('Look:'), file()], { stoppable: TURN }));
    expect(running.at(-1)?.rows).toEqual([]);
    expect(running.at(-2)?.rows).toHaveLength(1);
  });
});

describe('a very long text', () => {
  const long = (lines: number): string =>
    Array.from({ length: lines }, (_, at) => `Line ${at} of a long answer that goes on and on.`).join('\n\n');

  it('shows its beginning and its end, and how much is left out', () => {
    const all = slots([text(long(2000))]);
    expect(all.length).toBeLessThan(15);
    expect(all[0]?.content).toMatch(/^Line 0 /);
    expect(all.at(-1)?.content).toMatch(/^-# ⋯ \d+ characters are left out here/);
    expect(all.at(-1)?.content).toMatch(/Line 1999 of a long answer that goes on and on\.$/);
  });

  it('is whole below the limit', () => {
    expect(shown([text(long(200))])).not.toContain('left out');
    expect(long(200).length).toBeLessThan(LONG_TEXT_CHARS);
  });

  it('keeps the messages that are full, however it grows, and each fits', () => {
    const source = long(500);
    let before: string[] = [];
    for (let length = 10_000; length < source.length; length += 97) {
      const contents = slots([text(source.slice(0, length), { live: true })]).map((slot) => slot.content);
      const full = before.slice(0, -1);
      expect(contents.slice(0, full.length)).toEqual(full);
      for (const content of contents) expect(content.length).toBeLessThanOrEqual(2000);
      before = contents;
    }
  });

  it('keeps code blocks whole at the place that is left out', () => {
    const code = `\`\`\`ts\n${'let a = 1;\n'.repeat(3000)}\`\`\`\nThe end.`;
    const last = slots([text(code)]).at(-1)?.content ?? '';
    expect(last.match(/```/g)).toHaveLength(2);
    expect(last).toMatch(/let a = 1;\n```\nThe end\.$/);
  });

  it('fits whatever it says', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: 'binary', maxLength: 400 }), { minLength: 40, maxLength: 50 }),
        (pieces) => {
          for (const slot of slots([text(pieces.join('\n').repeat(2))])) {
            expect(slot.content.length).toBeLessThanOrEqual(2000);
            expect((slot.content.match(/```/g) ?? []).length % 2).toBe(0);
          }
        },
      ),
      { numRuns: 4 },
    );
  });
});
