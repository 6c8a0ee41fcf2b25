/** Random texts of Claude's, in which each word is numbered, so that a lost or a doubled one is seen. */
import fc from 'fast-check';

const WORD = /w\d+/g;

export function wordsOf(text: string): string[] {
  return text.match(WORD) ?? [];
}

/** Gives each `w` of a template its own number. */
function numbered(template: string): string {
  let next = 0;
  return template.replace(/(?<![A-Za-z0-9])W(?![A-Za-z0-9])/g, () => `w${next++}`);
}

const sentence = fc
  .array(
    fc.constantFrom(
      'W',
      'W W',
      'W.',
      'W,',
      '**W W**',
      '*W*',
      '`W`',
      '`W W`',
      '[W](https://example.com/path)',
      '[W](src/a.ts)',
      'https://example.com/W',
      '~~W~~',
      '__W__',
      'W|W',
      'W @everyone W',
      '<@1> W',
      '**W',
      '`W',
      '[W',
      '漢字W。',
      '👩‍👧 W',
      'W & W < W > W',
      '<b>W</b>',
      '\u202eW',
      'W\\*',
      '(W)',
    ),
    { minLength: 1, maxLength: 40, size: 'max' },
  )
  .map((parts) => parts.join(' '));

const block = fc.oneof(
  { weight: 4, arbitrary: sentence },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.integer({ min: 1, max: 6 }), sentence)
      .map(([depth, text]) => `${'#'.repeat(depth)} ${text.slice(0, 60)}`),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(
        fc.constantFrom('```', '```ts', '````md', '~~~', '   ```sh'),
        fc.array(fc.constantFrom('W', '  W(W)', '', '# W', '- W', '``', '@everyone', 'W'.repeat(1)), {
          maxLength: 60,
          size: 'max',
        }),
      )
      .map(([open, lines]) => `${open}\n${lines.join('\n')}\n${open.trim().replace(/[a-z]+$/, '')}`),
  },
  {
    weight: 2,
    arbitrary: fc
      .array(
        fc.tuple(fc.constantFrom('- ', '* ', '1. ', '  - ', '    - ', '   ', '- [ ] ', '- [x] '), sentence),
        { minLength: 1, maxLength: 12, size: 'max' },
      )
      .map((items) => items.map(([mark, text]) => mark + text.slice(0, 80)).join('\n')),
  },
  {
    weight: 1,
    arbitrary: fc
      .array(
        fc.tuple(
          fc.constantFrom('C', 'C C', '`C`', '**C**', 'C'.repeat(1)),
          fc.constantFrom('C', 'C C C C', ''),
        ),
        { maxLength: 25, size: 'max' },
      )
      .map((rows) => ['| C | C |', '|---|--:|', ...rows.map(([a, b]) => `| ${a} | ${b} |`)].join('\n')),
  },
  { weight: 1, arbitrary: sentence.map((text) => `> ${text}\n> W`) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      '---',
      '',
      '-# W W',
      '>>> W',
      '[W]: https://x.com',
      '    W W',
      '***',
      'W\n---',
      '| W',
      '```W```',
      '`'.repeat(5),
    ),
  },
);

/** Markdown as a model writes it, and as it would rather not. */
export const markdown = fc
  .array(fc.tuple(block, fc.constantFrom('\n\n', '\n\n', '\n', '\n\n\n')), {
    minLength: 1,
    maxLength: 25,
    size: 'max',
  })
  .map((blocks) => numbered(blocks.map(([text, gap]) => text + gap).join('')));

/** Anything at all, without a word that counts. */
export const noise = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 3000, size: 'max' }),
  fc
    .array(
      fc.constantFrom(
        '`',
        '```',
        '\n',
        '\n\n',
        ' ',
        '|',
        '-',
        '[',
        '](',
        ')',
        '*',
        '**',
        '#',
        '>',
        '@',
        '<',
        'a',
        'é',
        '👍🏽',
        '\u0301',
        '\ud83d',
        '\u202e',
        '\t',
        '1. ',
        '&amp;',
        '~',
        '~~~',
        '\\',
        'https://a.b/',
      ),
      { maxLength: 1500, size: 'max' },
    )
    .map((parts) => parts.join('')),
  fc
    .tuple(
      fc.constantFrom('x', '漢', '👩‍👧', '`', '\u0301', '@', '- ', '| a ', '\u202e', '<'),
      fc.integer({ min: 1, max: 4000 }),
    )
    .map(([unit, count]) => unit.repeat(count)),
);
