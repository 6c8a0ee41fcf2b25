import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LineSplitter } from '../../../runner/claude/line/lines.ts';

function split(chunks: readonly Uint8Array[], maxBytes?: number): { lines: string[]; tooLong: number } {
  const lines: string[] = [];
  let tooLong = 0;
  const splitter = new LineSplitter(
    (line) => lines.push(line),
    () => {
      tooLong += 1;
    },
    maxBytes,
  );
  for (const chunk of chunks) splitter.push(chunk);
  splitter.end();
  return { lines, tooLong };
}

/** The bytes of a text, cut at the given places. */
function cut(text: string, places: readonly number[]): Uint8Array[] {
  const bytes = new TextEncoder().encode(text);
  const at = [...new Set(places.map((place) => place % (bytes.length + 1)))].sort((a, b) => a - b);
  return [0, ...at].map((from, index) => bytes.subarray(from, at[index] ?? bytes.length));
}

describe('splitting the CLI stdout into lines', () => {
  it('gives the same lines however the bytes arrive', () => {
    const line = fc.string({ unit: 'grapheme', maxLength: 30 }).map((text) => text.replaceAll('\n', ' '));
    fc.assert(
      fc.property(
        fc.array(line, { maxLength: 8 }),
        fc.array(fc.nat(), { maxLength: 20 }),
        fc.boolean(),
        (texts, places, ended) => {
          const whole = texts.map((text) => `${text}\n`).join('') + (ended ? '' : 'rest');
          const expected = texts.filter((text) => text !== '');
          expect(split(cut(whole, places)).lines).toEqual(ended ? expected : [...expected, 'rest']);
        },
      ),
    );
  });

  it('does not break at the line ends of Unicode, nor at a carriage return', () => {
    const line = 'a\u2028b\u2029c\u0085d\re\u000bf';
    expect(split([new TextEncoder().encode(`${line}\n`)]).lines).toEqual([line]);
  });

  it('keeps a byte order mark inside a line', () => {
    expect(split([new TextEncoder().encode('\ufeffx\n')]).lines).toEqual(['\ufeffx']);
  });

  it('takes a line of several megabytes in small pieces', () => {
    const text = 'é'.repeat(2_500_000);
    const bytes = new TextEncoder().encode(`${text}\n`);
    const chunks: Uint8Array[] = [];
    for (let from = 0; from < bytes.length; from += 65_535) chunks.push(bytes.subarray(from, from + 65_535));
    const { lines } = split(chunks);
    expect(lines).toHaveLength(1);
    expect(lines[0] === text).toBe(true);
  });

  it('drops a line above the cap, and only that one', () => {
    const { lines, tooLong } = split(cut(`ok\n${'x'.repeat(50)}\nok too\n`, [10, 20, 30, 53]), 20);
    expect(lines).toEqual(['ok', 'ok too']);
    expect(tooLong).toBe(1);
  });
});
