import { describe, expect, it } from 'vitest';
import type { TurnId } from '../../../protocol/ids.ts';
import type { ToolEntry } from '../../../worker/domain/transcript.ts';
import { workspaceLines } from '../../../worker/render/panels/workspace.ts';
import { hasDiff, turnDiff } from '../../../worker/render/thread/turn-diff.ts';

const TURN = 't1' as TurnId;

function edit(file: string, text: string, over: Partial<ToolEntry> = {}): ToolEntry {
  return {
    kind: 'tool',
    turn: TURN,
    tool: `tool-${file}`,
    parent: null,
    name: 'Edit',
    class: 'edit',
    summary: file,
    state: 'done',
    startedMs: 0,
    added: text.split('\n').filter((line) => line.startsWith('+')).length,
    removed: text.split('\n').filter((line) => line.startsWith('-')).length,
    diff: { text, lines: text.split('\n').length },
    ...over,
  };
}

describe('what a turn changed', () => {
  it('is shown file by file, edits of one file together', () => {
    const pages = turnDiff([edit('a.ts', '-old\n+new'), edit('b.ts', '+b'), edit('a.ts', '+more')], TURN);
    expect(pages).toHaveLength(1);
    expect(pages[0]).toMatch(
      /\*\*a​?\.ts\*\* \+2 −1\n```diff\n-old\n\+new\n@@\n\+more\n```\n\*\*b​?\.ts\*\* \+1/,
    );
  });

  it('knows no denied, failed or other turn’s edit', () => {
    const others = [
      edit('a.ts', '+a', { state: 'denied' }),
      edit('b.ts', '+b', { state: 'failed' }),
      edit('c.ts', '+c', { turn: 't2' as TurnId }),
    ];
    expect(turnDiff(others, TURN)).toEqual([]);
    expect(hasDiff(others, TURN)).toBe(false);
  });

  it('text cannot break out of its block, mention or imitate anything', () => {
    const [page = ''] = turnDiff([edit('@everyone `x`', '+```\n+@everyone\n+**bold**')], TURN);
    expect(page.match(/```/g)).toHaveLength(2);
    expect(page.split('```')[0]).not.toMatch(/@everyone/);
  });

  it('a long one has pages, each fits a message, and nothing is left out', () => {
    const lines = Array.from({ length: 400 }, (_, n) => `+line number ${n}`);
    const pages = turnDiff([edit('long.ts', lines.join('\n')), edit('b.ts', '+end')], TURN);
    expect(pages.length).toBeGreaterThan(3);
    for (const page of pages) {
      expect(page.length).toBeLessThanOrEqual(1950);
      expect((page.match(/```/g)?.length ?? 0) % 2).toBe(0);
    }
    for (const line of lines) expect(pages.some((page) => page.includes(`${line}\n`))).toBe(true);
    expect(pages.at(-1)).toContain('+end');
  });

  it('of one that was cut it says where the rest is; a line without an end is cut', () => {
    const [page = ''] = turnDiff(
      [edit('a.ts', `+${'x'.repeat(5000)}`, { diff: { text: `+${'x'.repeat(1900)}`, lines: 90 } })],
      TURN,
    );
    expect(page).toContain('89 more lines');
    expect(page).toContain('changes.diff');
    expect(page.length).toBeLessThanOrEqual(1950);
  });
});

describe('the lines of /status about the folder', () => {
  const changed = { files: 7, added: 41, removed: 12, names: ['a.txt', 'b|c', '@here', 'd', 'e', 'f'] };
  it.each([
    ['nothing known', null, null, []],
    ['a worktree that was not looked at yet', null, 'x', ['🌿 `heddle/x`']],
    [
      'nothing changed',
      { branch: 'main', changed: { files: 0, added: 0, removed: 0, names: [] }, main: null },
      null,
      ['🌿 main · nothing uncommitted'],
    ],
  ])('%s', (_name, workspace, worktree, lines) => {
    expect(workspaceLines(workspace, worktree)).toEqual(lines);
  });

  it('counts, names some, and says how far the worktree is', () => {
    const [head = '', names = ''] = workspaceLines(
      { branch: null, changed, main: { name: 'main', ahead: 2, behind: 1 } },
      'x',
    );
    expect(head).toBe('🌿 no branch · 7 changed files +41 −12 · 2 ahead, 1 behind main');
    expect(names).toMatch(/ and 2 more$/);
    expect(names).not.toMatch(/@here/);
  });
});
