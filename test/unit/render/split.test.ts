import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Context,
  cutPiece,
  MESSAGE_MAX_CHARS,
  NO_CONTEXT,
  type Piece,
} from '../../../worker/render/text/split.ts';
import { renderPiece, renderPieceRaw } from '../../../worker/render/thread/piece.ts';
import { markdown, noise, wordsOf } from './generate.ts';

/** The pieces of a text in messages of their own; `used`: what stands in the first message already. */
function cutAll(text: string, used = 0): { pieces: Piece[]; ends: number[] } {
  const pieces: Piece[] = [];
  const ends: number[] = [];
  let from = 0;
  let context: Context = NO_CONTEXT;
  let cost = used;
  for (;;) {
    const { piece, end, next } = cutPiece(text, from, context, cost);
    pieces.push(piece);
    if (end === null) return { pieces, ends };
    ends.push(end);
    from = end;
    context = next;
    cost = 0;
  }
}

/** Every prefix of a short text, and some of a long one. */
function prefixLengths(text: string): number[] {
  const step = Math.max(1, Math.floor(text.length / 60));
  return Array.from({ length: Math.floor(text.length / step) + 1 }, (_, index) =>
    Math.min(text.length, index * step),
  );
}

const anyText = fc.oneof({ weight: 3, arbitrary: markdown }, { weight: 1, arbitrary: noise });
const used = fc.constantFrom(0, 0, 240, 1000, 1899);

describe('a split point never moves', () => {
  it('in no prefix of a text', () => {
    fc.assert(
      fc.property(anyText, used, (text, before) => {
        const { ends } = cutAll(text, before);
        for (const length of prefixLengths(text)) {
          const early = cutAll(text.slice(0, length), before).ends;
          expect(ends.slice(0, early.length)).toEqual(early);
        }
      }),
      { numRuns: 30 },
    );
  });

  it.each([
    [
      'that looks like the begin of a code block',
      `${'word '.repeat(250)}\n\`\`\`inline\`\`\` and more words\n\n\`\`\`ts\nx\n\`\`\`\n`,
    ],
    ['that ends a code block', `\`\`\`\n${`${'x'.repeat(79)}\n`.repeat(20)}\`\`\`\nafter\n`],
    [
      'that goes on like the end of a code block',
      `\`\`\`\n${`${'x'.repeat(79)}\n`.repeat(20)}\`\`\`no\nafter\n`,
    ],
    ['that turns a line into a table', `${'word '.repeat(310)}\na | b\n--|--\nc | d\n`],
    ['that is a heading or a tag', `${'word '.repeat(250)}\n#tag and\n## heading\n`],
  ])('at a line %s', (_, text) => {
    const { ends } = cutAll(text);
    for (let length = 0; length <= text.length; length++) {
      const early = cutAll(text.slice(0, length)).ends;
      expect(ends.slice(0, early.length)).toEqual(early);
    }
  });

  it('whatever the text goes on with', () => {
    fc.assert(
      fc.property(anyText, anyText, (text, more) => {
        const { ends } = cutAll(text);
        expect(cutAll(text + more).ends.slice(0, ends.length)).toEqual(ends);
      }),
      { numRuns: 100 },
    );
  });
});

describe('pieces', () => {
  it('are the text, and each fits a message even if nothing can be rendered', () => {
    fc.assert(
      fc.property(anyText, used, (text, before) => {
        const { pieces } = cutAll(text, before);
        expect(pieces.map((piece) => piece.source).join('')).toBe(text);
        for (const piece of pieces) {
          expect(renderPieceRaw(piece).length).toBeLessThanOrEqual(piece.cost);
          expect(piece.cost).toBeLessThan(MESSAGE_MAX_CHARS);
        }
      }),
      { numRuns: 100 },
    );
  });

  it('part no character', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        for (const end of cutAll(text).ends) {
          const pair = /[\ud800-\udbff][\udc00-\udfff]/.test(text.slice(end - 1, end + 1));
          expect(pair).toBe(false);
        }
      }),
    );
  });

  it('say each word once and in its order, in a length that fits', () => {
    fc.assert(
      fc.property(markdown, (text) => {
        const rendered = cutAll(text).pieces.map((piece) => renderPiece(piece));
        expect(wordsOf(rendered.join('\n'))).toEqual(wordsOf(text));
        for (const message of rendered) expect(message.length).toBeLessThanOrEqual(MESSAGE_MAX_CHARS);
      }),
      { numRuns: 100 },
    );
  });

  it('are cut at the best place at hand', () => {
    const paragraph = `${'Lorem ipsum dolor sit amet. '.repeat(12).trim()}\n\n`;
    const { pieces } = cutAll(paragraph.repeat(12));
    for (const piece of pieces.slice(0, -1)) {
      expect(piece.source.endsWith('\n\n')).toBe(true);
      expect(piece.source.length).toBeGreaterThan(1400);
    }
    const sentences = cutAll('Lorem ipsum dolor sit amet. '.repeat(200));
    for (const piece of sentences.pieces.slice(0, -1)) expect(piece.source).toMatch(/amet\. $/);
    const words = cutAll('lorem ipsum '.repeat(400));
    for (const piece of words.pieces.slice(0, -1)) expect(piece.source).toMatch(/ $/);
  });

  it('reopen a code block with its language', () => {
    const code = `Look:\n\n\`\`\`ts\n${Array.from({ length: 150 }, (_, line) => `const x${line} = ${line};`).join('\n')}\n\`\`\`\nDone.`;
    const rendered = cutAll(code).pieces.map((piece) => renderPiece(piece));
    expect(rendered.length).toBeGreaterThan(1);
    for (const message of rendered) expect((message.match(/^```/gm) ?? []).length % 2).toBe(0);
    for (const message of rendered.slice(1)) expect(message.startsWith('```ts\n')).toBe(true);
    expect(rendered.at(-1)?.endsWith('Done.')).toBe(true);
    const lines = rendered.join('\n').match(/^const x\d+/gm) ?? [];
    expect(lines).toEqual(Array.from({ length: 150 }, (_, line) => `const x${line}`));
  });

  it('give a table its head again', () => {
    const table = `| Name | What it does |\n|---|---|\n${Array.from({ length: 80 }, (_, row) => `| o${row} | some words about it |`).join('\n')}\n`;
    const rendered = cutAll(table).pieces.map((piece) => renderPiece(piece));
    expect(rendered.length).toBeGreaterThan(1);
    for (const message of rendered) {
      expect(message).toContain('What it does');
      expect(message.length).toBeLessThanOrEqual(MESSAGE_MAX_CHARS);
    }
  });

  it('keep a list a list', () => {
    const list = Array.from(
      { length: 120 },
      (_, item) => `${item + 1}. Step ${item} of many\n    - with a detail`,
    ).join('\n');
    const rendered = cutAll(list).pieces.map((piece) => renderPiece(piece));
    expect(rendered.length).toBeGreaterThan(1);
    for (const message of rendered) expect(message).not.toContain('```');
    expect(rendered.join('\n').match(/^\d+\. Step \d+ of many$/gm)).toHaveLength(120);
    expect(rendered.join('\n').match(/^ *- with a detail$/gm)).toHaveLength(120);
  });
});
