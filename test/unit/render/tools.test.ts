import { describe, expect, it } from 'vitest';
import type { Entry } from '../../../worker/domain/transcript.ts';
import { renderThread } from '../../../worker/render/thread/thread.ts';
import { TOOL_LINE_COST, toolLine } from '../../../worker/render/thread/tools.ts';
import { NOW_MS, prompt, request, text, tool, view } from './entries.ts';

const shown = (entries: Entry[]): string =>
  renderThread(view([prompt('x'), ...entries]))
    .slice(1)
    .map((slot) => slot.content)
    .join('\n');

describe('tool lines', () => {
  it('show what matters, one quiet line each', () => {
    expect(shown([tool('command', 'Bash', 'npm test')])).toBe('-# ✓ npm test');
    expect(shown([tool('command', 'Bash', 'npm test', { state: 'running' })])).toBe(
      '-# ⏳ npm test · <t:1767323045:R>',
    );
    expect(shown([tool('command', 'Bash', 'npm test', { state: 'failed' })])).toBe('-# ✗ npm test');
    expect(shown([tool('command', 'Bash', 'npm test', { state: 'denied' })])).toBe('-# ⊘ npm test');
    expect(shown([tool('command', 'Bash', 'npm test', { state: 'stopped' })])).toBe('-# ⏹ npm test');
    expect(shown([tool('edit', 'Edit', 'src/auth.ts', { added: 12, removed: 3 })])).toBe(
      '-# ✓ Edit src/auth.ts +12 −3',
    );
    expect(shown([tool('other', 'mcp__github__create_issue', '')])).toBe('-# ✓ github create\\_issue');
    expect(shown([tool('other', 'mcp__heddle__send_file', 'a.pdf')])).toBe('-# ✓ Send file a.pdf');
    expect(shown([tool('read', 'Read', 'a.ts')])).toBe('-# ✓ Read a.ts');
  });

  it('count reads and searches in a row, and only those', () => {
    const read = tool('read', 'Read', 'a.ts');
    const find = tool('search', 'Grep', 'x');
    expect(shown([read, read, find, read])).toBe('-# ✓ Read 3 files · 1 search');
    expect(shown([read, tool('command', 'Bash', 'ls'), read])).toBe(
      '-# ✓ Read a.ts\n-# ✓ ls\n-# ✓ Read a.ts',
    );
    expect(shown([read, text('Aha.'), read, read])).toBe('-# ✓ Read a.ts\nAha.\n-# ✓ Read 2 files');
    expect(shown([read, { ...read, state: 'failed' }, { ...read, state: 'running', summary: 'b.ts' }])).toBe(
      '-# ⏳ Read 1 file · 1 failed · Read b.ts · <t:1767323045:R>',
    );
    expect(
      shown([
        { ...read, state: 'failed' },
        { ...read, state: 'failed' },
      ]),
    ).toBe('-# ✗ 2 failed');
    expect(
      shown([read, request({ command: 'ls' }, { state: { is: 'void', why: 'x' }, summary: 'ls' }), read]),
    ).toBe('-# ✓ Read a.ts\n-# ⊘ Bash ls · x\n-# ✓ Read a.ts');
  });

  it('count a subagent’s calls in the line of the call that began it', () => {
    const agent = tool('agent', 'Task', 'look around', { tool: 'a', state: 'running' });
    const inner = tool('agent', 'Task', 'deeper', { tool: 'b', parent: 'a' });
    const read = tool('read', 'Read', 'x', { parent: 'b' });
    const edit = tool('edit', 'Edit', 'y', { parent: 'a', added: 3, removed: 1 });
    const failed = tool('command', 'Bash', 'z', { parent: 'a', state: 'failed' });
    expect(shown([agent, inner, read, edit, failed, tool('command', 'Bash', 'ls')])).toBe(
      '-# ⏳ Task: look around · 4 calls, 1 edit +3 −1, 1 failed · <t:1767323045:R>\n-# ✓ ls',
    );
  });

  it('show a subagent’s calls whose beginning is unknown once', () => {
    const calls = [1, 2, 3].map(() => tool('read', 'Read', 'x', { parent: 'lost' }));
    expect(shown(calls)).toBe('-# ✓ Subagent · 3 calls');
    const circle = [
      tool('read', 'Read', 'x', { tool: 'c', parent: 'd' }),
      tool('read', 'Read', 'x', { tool: 'd', parent: 'c' }),
    ];
    expect(() => shown(circle)).not.toThrow();
  });

  it('never cost more than was counted', () => {
    const worst = tool('agent', '_'.repeat(200), '*'.repeat(300), {
      state: 'running',
      startedMs: NOW_MS,
      added: 99_999,
      removed: 99_999,
    });
    const line = toolLine(
      { entries: [worst], verbosity: 'normal' },
      {
        calls: 99_999,
        failed: 99_999,
        edits: 99_999,
        added: 999_999,
        removed: 999_999,
        now: '*'.repeat(40),
      },
    );
    expect(line.length).toBeLessThan(TOOL_LINE_COST);
    const many = (['done', 'failed', 'denied', 'stopped', 'running'] as const).flatMap((state) =>
      (['read', 'search', 'web', 'edit', 'command', 'other'] as const).flatMap((cls) =>
        Array.from({ length: 1000 }, () => ({ ...worst, class: cls, state })),
      ),
    );
    expect(toolLine({ entries: many, verbosity: 'quiet' }, null).length).toBeLessThan(TOOL_LINE_COST);
  });
});
