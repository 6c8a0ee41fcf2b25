import { describe, expect, it } from 'vitest';
import type { Entry } from '../../../worker/domain/transcript.ts';
import { renderThread } from '../../../worker/render/thread/thread.ts';
import { ASKER, end, GEN, NOW_MS, prompt, queued, request, TURN, text, tool, view } from './entries.ts';

/** A stored entry that the code of now cannot read: this field throws, whatever is asked of it. */
function spoilt<T extends Entry>(entry: T, field: keyof T): T {
  return Object.defineProperty({ ...entry }, field, {
    get: () => {
      throw new RangeError('Invalid string length');
    },
  });
}

const reminder = { kind: 'reminder', ref: 2, turn: TURN, asked: ASKER, asks: 'plan', over: false } as const;
const file = { kind: 'file', turn: TURN, gen: GEN, file: 'f1', bytes: 1, parts: 1, caption: '' } as const;
const todos = [{ text: 'one', state: 'open' }] as const;

const SPOILT: readonly (readonly [string, Entry])[] = [
  ['q.22222222-2222-4222-8222-222222222222', spoilt(queued('next'), 'author')],
  [`t.${TURN}.p`, spoilt(prompt('do it'), 'project')],
  [`t.${TURN}.x7`, spoilt(text('words', { segment: 7 }), 'text')],
  [`d.${TURN}`, spoilt({ kind: 'todo', turn: TURN, todos }, 'todos')],
  ['f.1.f1', spoilt({ ...file, what: 'picture', name: 'a.png' }, 'caption')],
  ['r.1', spoilt(request({ command: 'ls' }), 'summary')],
  ['b.2', spoilt({ ...reminder, name: 'x', summary: 'x', url: 'https://x' }, 'summary')],
  [
    'budget.1',
    spoilt({ kind: 'budget', n: 1, gen: GEN, limitUsd: 1, stepUsd: 1, state: { is: 'open' } }, 'stepUsd'),
  ],
  ['n.note', spoilt({ kind: 'note', id: 'note', turn: null, text: 'x' }, 'text')],
  ['w.1', spoilt({ kind: 'worktree', gen: GEN, name: 'x', state: { is: 'looking' } }, 'name')],
  ['u.undo', spoilt({ kind: 'undo', id: 'undo', of: TURN, by: ASKER, state: { is: 'kept' } }, 'by')],
  [`t.${TURN}.e`, spoilt(end({ notify: ASKER }), 'durationMs')],
];

describe('a message that cannot be drawn is one sentence in its place, and the others are as ever', () => {
  it.each(SPOILT)('%s', (key, entry) => {
    const note = (id: string): Entry => ({ kind: 'note', id, turn: null, text: `note ${id}` });
    const slots = renderThread(view([note('above'), entry, note('below')], { stoppable: TURN }));
    expect(slots.map((slot) => slot.key)).toEqual(['n.above', key, 'n.below']);
    expect(slots[1]).toMatchObject({
      kind: 'plain',
      files: [],
      notify: null,
      content:
        '-# ⚠️ Heddle could not draw this message (RangeError); if it asks for something, `/stop` ends that.',
    });
    expect([slots[0]?.content, slots[2]?.content]).toEqual(['-# note above', '-# note below']);
  });

  it('row 19: the words and calls of a turn', () => {
    const call = spoilt(tool('command', 'Bash', 'ls'), 'summary');
    const asks = request({ command: 'rm x' }, { ref: 9 });
    const slots = renderThread(
      view([prompt('do it'), text('words'), call, asks, text('more', { segment: 1 })]),
    );
    expect(slots.map((slot) => slot.key)).toEqual([`t.${TURN}.p`, `t.${TURN}.m0`, 'r.9', `t.${TURN}.m1`]);
    expect(slots[1]?.content).toContain('could not draw this message (RangeError)');
    expect(slots[3]?.content).toBe('more');
  });

  it('has nothing to press: nobody could read what that would do', () => {
    const [slot] = renderThread(
      view([spoilt(request({ command: 'ls' }, { untilMs: NOW_MS }), 'description')]),
    );
    expect(slot).toMatchObject({ key: 'r.1', rows: [], notify: null });
  });
});
