import { readFileSync, writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseCustomId } from '../../../worker/domain/buttons.ts';
import type { Slot } from '../../../worker/domain/slot.ts';
import type { Entry, RequestState, ThreadView } from '../../../worker/domain/transcript.ts';
import { type Draft, draftThread } from '../../../worker/render/thread/draft.ts';
import { renderThread } from '../../../worker/render/thread/thread.ts';
import { conversation } from './conversation.ts';
import {
  ASKER,
  end,
  GEN,
  NOW_MS,
  prompt,
  queued,
  request,
  TURN,
  TURN_2,
  text,
  tool,
  view,
} from './entries.ts';
import { markdown, noise, wordsOf } from './generate.ts';
import { labelOf, show } from './show.ts';

const MENTION_CHARS = '<@12345678901234567890> '.length;

/** What Discord would refuse, and what Heddle promises about its messages. */
function checkLimits(slots: readonly Slot[]): void {
  const keys = slots.map((slot) => slot.key);
  expect(new Set(keys).size).toBe(keys.length);
  let stops = 0;
  for (const slot of slots) {
    const mention = slot.kind === 'plain' && slot.notify !== null ? MENTION_CHARS : 0;
    expect(slot.content.length + mention).toBeLessThanOrEqual(2000);
    expect(slot.content.trim()).not.toBe('');
    expect(slot.content.isWellFormed()).toBe(true);
    expect(slot.rows.length).toBeLessThanOrEqual(5);
    const ids: string[] = [];
    for (const row of slot.rows) {
      expect(row.length).toBeGreaterThan(0);
      expect(row.length).toBeLessThanOrEqual(5);
      for (const button of row) {
        expect(labelOf(button).length).toBeGreaterThan(0);
        expect(labelOf(button).length).toBeLessThanOrEqual(34);
        if ('url' in button) continue;
        expect(button.id.length).toBeLessThanOrEqual(100);
        expect(parseCustomId(button.id)).not.toBeNull();
        ids.push(button.id);
        if (parseCustomId(button.id)?.verb === 'stop') stops++;
      }
    }
    expect(new Set(ids).size).toBe(ids.length);
    if (slot.kind === 'plain') for (const file of slot.files) expect(file.name).toMatch(/^[A-Za-z0-9_.-]+$/);
    expect(slot.content.replace(/```[\s\S]*?```|``[^`]+``|`[^`\n]+`/g, '')).not.toMatch(
      /<@[!&]?\d+>|@(everyone|here)\b/,
    );
    expect((slot.content.match(/```/g) ?? []).length % 2).toBe(0);
  }
  expect(stops).toBeLessThanOrEqual(1);
}

/** One thing that happens to a transcript. */
type Step =
  | { readonly do: 'say'; readonly text: string; readonly cuts: readonly number[] }
  | { readonly do: 'join'; readonly text: string }
  | { readonly do: 'tool'; readonly as: number; readonly parent: boolean; readonly summary: string }
  | { readonly do: 'finish'; readonly which: number; readonly as: number }
  | { readonly do: 'ask'; readonly input: string }
  | { readonly do: 'settle'; readonly which: number; readonly as: number }
  | { readonly do: 'note' }
  | { readonly do: 'queue' };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('say' as const),
      text: fc.oneof({ weight: 3, arbitrary: markdown }, { weight: 1, arbitrary: noise }),
      cuts: fc.array(fc.nat(100), { maxLength: 4 }).map((cuts) => cuts.toSorted((a, b) => a - b)),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('join' as const), text: markdown }) },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('tool' as const),
      as: fc.nat(7),
      parent: fc.boolean(),
      summary: noise.map((text) => text.slice(0, 300)),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constant('finish' as const), which: fc.nat(50), as: fc.nat(3) }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('ask' as const), input: noise }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('settle' as const), which: fc.nat(9), as: fc.nat(4) }),
  },
  { weight: 1, arbitrary: fc.constant({ do: 'note' as const }) },
  { weight: 1, arbitrary: fc.constant({ do: 'queue' as const }) },
);

const CLASSES = ['read', 'search', 'edit', 'command', 'web', 'agent', 'todo', 'other'] as const;
const STATES = ['done', 'failed', 'denied', 'stopped'] as const;
const REQUEST_STATES: readonly RequestState[] = [
  { is: 'open' },
  {
    is: 'decided',
    verdict: 'deny',
    by: ASKER,
    atMs: NOW_MS,
    words: 'use bun',
    deliveredMs: null,
    late: true,
  },
  { is: 'void', why: 'the turn was stopped' },
  { is: 'expired', atMs: NOW_MS },
  { is: 'declined', words: 'in plain text' },
];

const DIFF = { text: `-${'`'.repeat(90)}\n+${'*'.repeat(90)}\n`.repeat(12).trimEnd(), lines: 9999 };

/** All the states that a transcript goes through. */
function play(steps: readonly Step[]): Entry[][] {
  const states: Entry[][] = [];
  let now: Entry[] = [prompt('do it')];
  let count = 0;
  const become = (next: Entry[]): void => {
    now = next;
    states.push(next);
  };
  const change = <K extends Entry['kind']>(
    kind: K,
    which: number,
    by: (entry: Extract<Entry, { kind: K }>) => Entry,
  ): void => {
    const at = now.flatMap((entry, index) => (entry.kind === kind ? [index] : []));
    const index = at[which % Math.max(1, at.length)];
    if (index === undefined) return;
    become(now.map((entry, place) => (place === index ? by(entry as Extract<Entry, { kind: K }>) : entry)));
  };
  for (const each of steps) {
    const segment = count++;
    switch (each.do) {
      case 'say': {
        const before = now;
        for (const cut of each.cuts)
          become([
            ...before,
            text(each.text.slice(0, Math.floor((each.text.length * cut) / 100)), { segment, live: true }),
          ]);
        become([...before, text(each.text, { segment })]);
        break;
      }
      case 'join':
        become([...now, text(each.text, { segment, joined: true })]);
        break;
      case 'tool': {
        const parent = each.parent ? (now.findLast((entry) => entry.kind === 'tool')?.tool ?? 'gone') : null;
        become([
          ...now,
          tool(CLASSES[each.as] ?? 'other', 'Tool', each.summary, { state: 'running', parent }),
        ]);
        break;
      }
      case 'finish':
        change('tool', each.which, (entry) => ({
          ...entry,
          state: entry.state === 'running' ? (STATES[each.as] ?? 'done') : entry.state,
          added: 99999,
          removed: 99999,
          ...(entry.state === 'running' ? { diff: DIFF } : {}),
          // As the rules say it.
          ...(entry.state === 'running' && now.at(-1) === entry ? { last: true as const } : {}),
        }));
        break;
      case 'ask':
        become([
          ...now,
          request(
            { command: each.input },
            { ref: segment + 1, description: each.input.slice(0, 1000), summary: each.input.slice(0, 300) },
          ),
        ]);
        break;
      case 'settle':
        change('request', each.which, (entry) => ({
          ...entry,
          state: REQUEST_STATES[each.as] ?? { is: 'open' },
        }));
        break;
      case 'note':
        become([...now, { kind: 'note', id: `note${segment}`, turn: TURN, text: 'laptop went away' }]);
        break;
      case 'queue':
        become([
          ...now,
          queued('next', { prompt: `${TURN_2.slice(0, -4)}${String(segment).padStart(4, '0')}` as never }),
        ]);
        break;
    }
  }
  return states;
}

/** What a message holds, without what may change in it: a tool line's words. */
function extents(view: ThreadView): { key: string; parts: string[] }[] {
  return draftThread(view).flatMap((draft: Draft) => {
    if (draft.is === 'slot') return [];
    const parts = draft.message.parts.map((part) =>
      part.is === 'text' ? part.piece.source : part.is === 'gap' ? 'gap' : `tool ${part.root}`,
    );
    return [{ key: `${draft.turn} ${draft.message.number}`, parts }];
  });
}

const steps = fc.array(step, { minLength: 1, maxLength: 20, size: 'max' });

describe('a growing transcript', () => {
  it('never moves the split point of a full message', () => {
    fc.assert(
      fc.property(steps, (all) => {
        let before: { key: string; parts: string[] }[] = [];
        for (const entries of play(all)) {
          const now = extents(view(entries));
          // All but the last are full.
          for (const [index, message] of before.slice(0, -1).entries()) expect(now[index]).toEqual(message);
          before = now;
        }
      }),
      { numRuns: 25 },
    );
  });

  it('is always messages that Discord takes', () => {
    fc.assert(
      fc.property(steps, fc.boolean(), (all, runs) => {
        for (const entries of play(all))
          checkLimits(renderThread(view(entries, { stoppable: runs ? TURN : null })));
      }),
      { numRuns: 25 },
    );
  });

  it('says what Claude said, each word once, in order', () => {
    fc.assert(
      fc.property(fc.array(markdown, { minLength: 1, maxLength: 5 }), (texts) => {
        const entries = texts.flatMap((words, segment): Entry[] => [
          text(words, { segment }),
          tool('command', 'Bash', 'ls'),
        ]);
        const shown = renderThread(view([prompt('do it'), ...entries, end()])).map((slot) => slot.content);
        expect(wordsOf(shown.join('\n'))).toEqual(wordsOf(texts.join('\n')));
      }),
      { numRuns: 25 },
    );
  });

  it('shows a full message the same until the end, if its tools rest', () => {
    const words = Array.from(
      { length: 60 },
      (_, line) => `Paragraph ${line} of a long answer, with **bold** words and \`code\`.\n\n`,
    ).join('');
    let before: Slot[] = [];
    for (let length = 1; length <= words.length; length += 7) {
      const slots = renderThread(view([prompt('do it'), text(words.slice(0, length), { live: true })]));
      for (const [index, slot] of before.slice(0, -1).entries()) {
        const same = slots[index];
        // Only the step from the open tail to a full message changes anything.
        expect(same?.content.startsWith(slot.content)).toBe(true);
      }
      before = slots;
    }
    expect(before.length).toBeGreaterThan(2);
  });
});

describe('a thread', () => {
  it('reads as frozen', () => {
    const path = new URL('../../fixtures/render/conversation.txt', import.meta.url);
    const shown = conversation()
      .map((each, step) => `════════ step ${step}\n${show(renderThread(each))}`)
      .join('\n');
    if (process.env.UPDATE_GOLDEN === '1') writeFileSync(path, shown);
    expect(shown).toBe(readFileSync(path, 'utf8'));
  });

  it('has Stop on the newest message only, and not below an open card', () => {
    const running = { stoppable: TURN };
    const stops = (entries: Entry[]): string[] =>
      renderThread(view(entries, running))
        .filter((slot) => slot.rows.some((row) => row.some((button) => labelOf(button) === 'Stop')))
        .map((slot) => slot.key);
    const said = [prompt('do it'), text('I will.')];
    expect(stops([prompt('do it')])).toEqual([`t.${TURN}.p`]);
    expect(stops(said)).toEqual([`t.${TURN}.m0`]);
    expect(stops([...said, queued('next')])).toEqual([`t.${TURN}.m0`]);
    expect(stops([...said, request({ command: 'ls' })])).toEqual([]);
    expect(stops([...said, request({ command: 'ls' }, { state: { is: 'void', why: 'x' } })])).toEqual([
      'r.1',
    ]);
  });

  it('puts text before a request above its card and goes on below it', () => {
    const slots = renderThread(
      view([
        prompt('do it'),
        text('Before.'),
        request({ command: 'ls' }),
        text('After.', { segment: 1 }),
        end(),
      ]),
    );
    expect(slots.map((slot) => slot.key)).toEqual([`t.${TURN}.p`, `t.${TURN}.m0`, 'r.1', `t.${TURN}.m1`]);
    expect(slots[1]?.content).toBe('Before.');
    expect(slots[3]?.content).toBe('After.\n-# 2m 14s · 3 files +41 −12 · $0.21 · 38% context');
  });

  it('takes a joined text as one with the text before it', () => {
    const code = '```ts\nconst a = 1;\n';
    const slots = renderThread(
      view([
        prompt('do it'),
        text(code),
        queued('x'),
        text('const b = 2;\n```', { segment: 1, joined: true }),
      ]),
    );
    expect(slots.find((slot) => slot.key.endsWith('m0'))?.content).toBe(
      '```ts\nconst a = 1;\nconst b = 2;\n```',
    );
  });

  it('shows no half fence and no half character of live text', () => {
    const shown = (words: string): string =>
      renderThread(view([prompt('do it'), text(words, { live: true })])).at(-1)?.content ?? '';
    expect(shown('Look:\n```t')).toBe('Look:');
    expect(shown('Look:\n```ts\nlet')).toBe('Look:\n```ts\nlet\n```');
    expect(shown('Look:\n```ts\nlet\n``')).toBe('Look:\n```ts\nlet\n```');
    expect(shown('ok \ud83d')).toBe('ok');
  });

  it('keeps the end of a turn without words, and of one that failed', () => {
    const last = (entries: Entry[]): Slot | undefined =>
      renderThread(view([prompt('do it'), ...entries])).at(-1);
    expect(last([end()])?.key).toBe(`t.${TURN}.e`);
    const failed = last([
      text('I will.'),
      end({ outcome: { as: 'failed', code: 'limit', words: '5 h @everyone', untilMs: NOW_MS } }),
    ]);
    expect(failed?.key).toBe(`t.${TURN}.e`);
    expect(failed?.content).toMatch(/^✗ The plan’s usage limit is reached\. It ends <t:\d+:R>/);
    const stopped = last([text('I will.'), end({ outcome: { as: 'interrupted', by: ASKER } })]);
    expect(stopped?.content).toContain('-# ⏹ asker stopped it · 2m 14s');
    const restarted = last([
      text('I will.'),
      end({
        outcome: { as: 'failed', code: 'restarted', words: 'The runner was restarted.', untilMs: null },
        durationMs: 0,
        costUsd: 0,
        files: null,
        context: null,
      }),
    ]);
    // Said once, and without a duration that nobody knows.
    expect(restarted?.content).toBe(
      '✗ The runner was restarted in the middle of this turn. It is not run again by itself.',
    );
    expect(restarted?.rows.flat().map(labelOf)).toEqual(['Continue', 'Discard']);
  });

  it('shows a queue with places, and since when the runner is away', () => {
    const slots = renderThread(
      view([queued('a'), queued('b', { prompt: TURN as never, place: 2, offlineSinceMs: NOW_MS })]),
    );
    expect(slots[0]?.content).toBe('**asker** a\n-# ⏳ next in line');
    expect(slots[1]?.content).toContain('2nd in line · the runner went offline <t:1767323045:R>; kept');
    const gone = renderThread(view([queued('a', { state: 'cancelled' })]))[0];
    expect(gone?.content).toContain('Cancelled');
    expect(gone?.content).not.toContain('in line');
    expect(renderThread(view([queued('a', { state: 'started' })]))[0]?.deleted).toBe(true);
    const expired = renderThread(view([queued('a', { state: 'expired' })]))[0];
    expect(expired?.deleted).toBeUndefined();
    expect(expired?.content).toContain('Expired');
  });

  it('shows a long prompt as data within a message', () => {
    fc.assert(
      fc.property(noise, (words) => {
        checkLimits(renderThread(view([prompt(words, { gen: GEN } as never), queued(words)])));
      }),
      { numRuns: 25 },
    );
    const long = renderThread(view([prompt('word '.repeat(2000))]))[0];
    expect(long?.content).toMatch(/… and about \d{4} more characters/);
  });
});
