import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clip, oneLine, splitBytes } from '../../../runner/claude/line/clip.ts';

const anyText = fc.string({ unit: 'binary', maxLength: 300 });

describe('cutting text', () => {
  it('clips to the limit and never through a surrogate pair', () => {
    fc.assert(
      fc.property(anyText, fc.integer({ min: 2, max: 60 }), (text, max) => {
        const clipped = clip(text, max);
        expect(clipped.length).toBeLessThanOrEqual(max);
        if (text.length <= max) expect(clipped).toBe(text);
        else expect(text.startsWith(clipped.slice(0, -1))).toBe(true);
        if (text.isWellFormed()) expect(clipped.isWellFormed()).toBe(true);
      }),
    );
  });

  it('splits by bytes without losing or cutting a character', () => {
    fc.assert(
      fc.property(anyText, fc.integer({ min: 4, max: 64 }), (text, maxBytes) => {
        const pieces = splitBytes(text, maxBytes);
        expect(pieces.join('')).toBe(text);
        for (const piece of pieces) {
          expect(piece).not.toBe('');
          expect(Buffer.byteLength(piece)).toBeLessThanOrEqual(maxBytes);
          if (text.isWellFormed()) expect(piece.isWellFormed()).toBe(true);
        }
      }),
    );
  });

  it('makes one line of many', () => {
    expect(oneLine('  a\n\tb\u2028c  ')).toBe('a b c');
  });
});
