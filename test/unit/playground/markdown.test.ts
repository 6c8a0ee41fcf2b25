import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseBlocks } from '../../../playground/web/page/markdown/blocks.ts';
import { parseInline } from '../../../playground/web/page/markdown/inline.ts';
import type { Block, Inline } from '../../../playground/web/page/markdown/nodes.ts';
import { relativeWords, timeWords } from '../../../playground/web/page/markdown/time.ts';

/** Compact: `[bold a [italic b]]`. */
function show(nodes: readonly Inline[]): string {
  return nodes
    .map((node) => {
      switch (node.type) {
        case 'text':
          return node.text;
        case 'code':
          return `[code ${node.text}]`;
        case 'link':
          return `[link ${node.url} ${show(node.children)}]`;
        case 'mention':
          return `[${node.of} ${node.id}]`;
        case 'everyone':
          return `[everyone ${node.text}]`;
        case 'command':
          return `[command ${node.name}]`;
        case 'time':
          return `[time ${node.seconds} ${node.style}]`;
        case 'emoji':
          return `[emoji ${node.name}]`;
        default:
          return `[${node.type} ${show(node.children)}]`;
      }
    })
    .join('');
}

function showBlocks(blocks: readonly Block[]): string[] {
  return blocks.map((block): string => {
    switch (block.type) {
      case 'code':
        return `code(${block.language}): ${block.text}`;
      case 'quote':
        return `quote: ${showBlocks(block.children).join(' / ')}`;
      case 'list':
        return `list(${block.start ?? '-'}): ${block.items
          .map(
            ({ children, lists }) =>
              `${show(children)}${lists.length > 0 ? ` {${showBlocks(lists).join(' ')}}` : ''}`,
          )
          .join(' | ')}`;
      case 'heading':
        return `h${block.level}: ${show(block.children)}`;
      default:
        return `${block.type}: ${show(block.children)}`;
    }
  });
}

describe('inside a line', () => {
  test.each([
    [
      '**a** *b* _c_ __d__ ~~e~~ ||f||',
      '[bold a] [italic b] [italic c] [underline d] [strike e] [spoiler f]',
    ],
    ['***both***', '[bold [italic both]]'],
    ['**bold *and italic***', '[bold bold [italic and italic]]'],
    ['*a **b** c*', '[italic a [bold b] c]'],
    ['snake_case_name and 2 * 3 * 4', 'snake_case_name and 2 * 3 * 4'],
    ['_snake_case_ _a_b', '_snake_case_ _a_b'],
    ['*a * b* **c**d', '*a * b* [bold c]d'],
    ['\\*not\\* \\`code\\` \\<@1>', '*not* `code` <@1>'],
    ['`a *b*` ``c ` d``', '[code a *b*] [code c ` d]'],
    ['`open', '`open'],
    ['**open *and* more', '**open [italic and] more'],
    ['** a **', '[bold  a ]'],
    ['****', '****'],
    ['**`**`**', '[bold [code **]]'],
    [
      '<@12> <@!13> <@&14> <#15> </new:16> <:wave:17> <a:dance:18>',
      '[user 12] [user 13] [role 14] [channel 15] [command new] [emoji wave] [emoji dance]',
    ],
    ['<t:100> <t:100:R> <t:100:x>', '[time 100 f] [time 100 R] <t:100:x>'],
    ['@everyone @here @heretic', '[everyone @everyone] [everyone @here] @heretic'],
    ['see https://e.com/a_b_c(d).', 'see [link https://e.com/a_b_c(d https://e.com/a_b_c(d]).'],
    ['<https://e.com/x>', '[link https://e.com/x https://e.com/x]'],
    ['[**docs**](https://e.com/(x))', '[link https://e.com/(x) [bold docs]]'],
    [
      '[x](javascript:alert(1)) [y](data:text/html,z) <javascript:1>',
      '[x](javascript:alert(1)) [y](data:text/html,z) <javascript:1>',
    ],
    ['xhttps://e.com', 'xhttps://e.com'],
  ])('%s', (text, wanted) => {
    expect(show(parseInline(text))).toBe(wanted);
  });
});

describe('lines', () => {
  test.each<[string, string[]]>([
    ['# one\n## two\n### three\n#### four', ['h1: one', 'h2: two', 'h3: three', 'paragraph: #### four']],
    ['-# small\ntext', ['subtext: small', 'paragraph: text']],
    ['> a\n> b\nc', ['quote: paragraph: a\nb', 'paragraph: c']],
    ['>>> a\nb\n> c', ['quote: paragraph: a\nb\n> c']],
    ['>not a quote', ['paragraph: >not a quote']],
    ['- a\n  - b\n  - c\n- d', ['list(-): a {list(-): b | c} | d']],
    ['1. a\n2. b\n- c', ['list(1): a | b', 'list(-): c']],
    ['3. a', ['list(3): a']],
    ['a\n\nb', ['paragraph: a\n\nb']],
    ['before ```ts\nx\n``` after', ['paragraph: before ', 'code(ts): x', 'paragraph:  after']],
    ['```\n# no heading\n- no list\n```', ['code(): # no heading\n- no list']],
    ['```js```', ['code(): js']],
    ['``` open\n**a**', ['paragraph: ``` open\n[bold a]']],
    ['```diff\n-a\n+b\n```\n-# done', ['code(diff): -a\n+b', 'subtext: done']],
    ['> ```\n> x\n> ```', ['quote: code(): x']],
  ])('%j', (text, wanted) => {
    expect(showBlocks(parseBlocks(text))).toEqual(wanted);
  });
});

const MARKS = [
  '**',
  '*',
  '__',
  '_',
  '~~',
  '||',
  '`',
  '```',
  '\\',
  '<',
  '>',
  '[',
  '](https://e.com)',
  '<@1>',
  '\n',
  '- ',
  '> ',
  '# ',
  ' ',
  'a',
  '1. ',
  'https://',
  '"',
  '😀',
];
const soup = fc.array(fc.constantFrom(...MARKS), { maxLength: 80 }).map((parts) => parts.join(''));

test('any mix of marks is parsed, and every link is http', () => {
  fc.assert(
    fc.property(soup, (text) => {
      const seen = JSON.stringify(parseBlocks(text));
      for (const [, url] of seen.matchAll(/"url":"([^"]*)"/g)) expect(url).toMatch(/^https?:\/\//);
    }),
    { numRuns: 2000 },
  );
});

test('text without marks is kept as it is', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[a-z][a-z ,;é😀]{0,100}[a-z]$/u), (text) => {
      expect(show(parseInline(text))).toBe(text);
    }),
  );
});

test('a message full of marks that never close takes no time that a person would notice', () => {
  for (const mark of [
    '**',
    '*a',
    '_a ',
    '[',
    '`',
    '||',
    '~~',
    '<@',
    '\\',
    '> ',
    '- ',
    '```',
    '[a](https://e.com',
    '*a_b ',
  ]) {
    const text = mark.repeat(Math.ceil(4000 / mark.length));
    expect(parseBlocks(text).length).toBeGreaterThan(0);
  }
});

test('times as words', () => {
  expect(relativeWords(100, 100_000)).toBe('now');
  expect(relativeWords(90, 100_000)).toBe('10 seconds ago');
  expect(relativeWords(100 + 3 * 3600, 100_000)).toBe('in 3 hours');
  expect(relativeWords(0, 86_400_000 * 45)).toBe('1 month ago');
  expect(timeWords(8_640_000_000_001, 'f', 0)).toBe('8640000000001');
});
