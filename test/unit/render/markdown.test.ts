import { describe, expect, it } from 'vitest';
import { renderMarkdown } from '../../../worker/render/text/markdown.ts';

const Z = '\u200b';

/** Each case: what Claude writes, what Discord gets. */
const CASES: readonly (readonly [what: string, source: string, shown: string])[] = [
  ['three levels of headings', '# a\n\n## b\n\n### c', '# a\n## b\n### c'],
  ['deeper headings are bold', '#### a **b** c', '**a b c**'],
  ['a set heading', 'Title\n=====', '# Title'],
  ['emphasis', '**a** *b* _c_ __d__ ~~e~~ ~f~', '**a** *b* _c_ **d** ~~e~~ ~~f~~'],
  ['a heading close to its text', '## a\n\ntext', '## a\ntext'],
  ['paragraphs apart', 'a\n\nb', 'a\n\nb'],
  ['a list close to its introduction', 'a:\n\n- b\n- c', 'a:\n- b\n- c'],
  [
    'nested lists by two spaces',
    '* a\n    * b\n        1. c\n        2. d',
    '- a\n  - b\n    1. c\n    2. d',
  ],
  ['a list that begins elsewhere', '3. a\n4. b', '3. a\n4. b'],
  ['task lists', '- [ ] a\n- [x] b', '- ☐ a\n- ☑ b'],
  ['code in a list', '1. a\n   ```sh\n   ls\n   ```\n2. b', '1. a\n```sh\nls\n```\n2. b'],
  ['code with its language', '```ts title="x"\nlet a;\n```', '```ts\nlet a;\n```'],
  ['indented code', 'a\n\n    b *c*\n\nd', 'a\n```\nb *c*\n```\nd'],
  [
    'a fence in a fence',
    '````md\n```js\nx\n```\n````',
    `\`\`\`md\n\`${Z}\`${Z}\`js\nx\n\`${Z}\`${Z}\`${Z}\n\`\`\``,
  ],
  ['an open fence', '```ts\nlet a;', '```ts\nlet a;\n```'],
  ['tildes', '~~~py\nx\n~~~', '```py\nx\n```'],
  ['a quote', '> a\n> b\n>\n> > c', '> a\n> b\n> \n> c'],
  ['a rule', 'a\n\n---\n\nb', 'a\n\n───\n\nb'],
  ['html as text', '<details>x</details>', '<details>x</details>'],
  ['entities', 'a &lt;b&gt; &amp; c', 'a <b> & c'],
  [
    'a link says where it goes',
    '[docs](https://example.com/a?b=c)',
    '[docs](<https://example.com/a?b=c>) (example.com)',
  ],
  ['a link that lies', '[https://good.com](https://evil.com/x)', 'https://good.com <https://evil.com/x>'],
  ['a link that names itself', '[https://a.com](https://a.com)', '<https://a.com>'],
  [
    'a user name is no host',
    '[a](https://good.com@evil.com/)',
    '[a](<https://good.com@evil.com/>) (evil.com)',
  ],
  ['a file', '[auth.ts](src/auth.ts#L1)', 'auth.ts (`src/auth.ts#L1`)'],
  ['a script is no link', '[a](javascript:alert(1))', 'a (`javascript:alert(1)`)'],
  ['a bare address', 'see https://example.com/a_b_c.', 'see https://example.com/a_b_c.'],
  [
    'an image',
    '![a [b]](https://example.com/i.png)',
    '[🖼 a \\[b\\]](<https://example.com/i.png>) (example.com)',
  ],
  [
    'mentions',
    '@everyone @here <@1> <@&2> <#3> me@example.com',
    `@${Z}everyone @${Z}here <${Z}@1> <${Z}@&2> <${Z}#3> me@example.com`,
  ],
  ['time and emoji of Discord’s', '<t:1:R> <:a:1> </b:2>', `<${Z}t:1:R> <${Z}:a:1> <${Z}/b:2>`],
  ['our own lines', '-# ✓ owner allowed\n-# x', '\\-# ✓ owner allowed\n\\-# x'],
  ['our own lines in a list', '- -# x', '- \\-# x'],
  ['a spoiler is an or', 'a || b', 'a \\|\\| b'],
  ['a glob', 'src/**/*.ts and a_b_c', 'src/\\*\\*/\\*.ts and a_b_c'],
  ['code inside of a line', '`a*b` ``c`d``', `\`a*b\` \`\`${Z}c\`d${Z}\`\``],
  ['a mention in code', '`<@1>` `@here` `a@b`', `\`<${Z}@1>\` \`@${Z}here\` \`a@b\``],
  ['bidi', 'a\u202eb', 'a\\u202eb'],
  [
    'a narrow table',
    '| a | b |\n|---|--:|\n| x | 10 |\n| yy | 2 |',
    '```\na    b\n──  ──\nx   10\nyy   2\n```',
  ],
  [
    'a wide table',
    '| name | what it does |\n|---|---|\n| a | something that needs **very many** words |\n| b | nothing |',
    '**name · what it does**\n- **a** · something that needs **very many** words\n- **b** · nothing',
  ],
  [
    'a table with long rows',
    `| name | what it does |\n|---|---|\n| a | ${'many words '.repeat(9)}|\n| b | nothing |`,
    `- name: **a**\n  - what it does: ${'many words '.repeat(9).trim()}\n- name: **b**\n  - what it does: nothing`,
  ],
  [
    'a wide table without rows',
    `| ${'a'.repeat(30)} | ${'b'.repeat(30)} |\n|---|---|`,
    `**${'a'.repeat(30)} · ${'b'.repeat(30)}**`,
  ],
  [
    'a table of wide characters and emoji',
    '| 名前 | ok |\n|---|---|\n| 東京 | ✅ |\n| é | 👨‍👩‍👧 |\n| ✔️ | 🇩🇪 |\n| 👍🏽 | x |',
    '```\n名前  ok\n────  ──\n東京  ✅\né     👨‍👩‍👧\n✔️    🇩🇪\n👍🏽    x\n```',
  ],
  [
    'a table of characters that are wide, or not, outside the large blocks of East Asia',
    '| n | ok |\n|---|---|\n| 𗀀🈁 | x |\n| ⺚ꓐ | y |',
    '```\nn     ok\n────  ──\n𗀀🈁  x\n⺚ꓐ    y\n```',
  ],
  ['a table with too many cells', '| a |\n|---|\n| x | y |', '```\n| a |\n|---|\n| x | y |\n```'],
  ['a name for a link', '[a]\n\n[a]: https://x.com', '[a]\n\n[a]: https://x.com'],
  ['a long rule', `a\n\n${'-'.repeat(60)}`, 'a\n\n───'],
  ['nesting beyond reason', '> '.repeat(30), `\`\`\`\n${'> '.repeat(30).trim()}\n\`\`\``],
  ['Windows line ends', 'a\r\n\r\n- b\r\n- c', 'a\n- b\n- c'],
];

describe('Claude’s Markdown on Discord', () => {
  it.each(CASES)('%s', (_, source, shown) => {
    expect(renderMarkdown(source)).toBe(shown);
  });

  it('is done with what would take a careless pattern for ever', () => {
    for (const source of [
      `${'- '.repeat(24)}x`,
      `${'- '.repeat(900)}x`,
      '1. '.repeat(600),
      '['.repeat(1900),
      '*a '.repeat(600),
      `${' '.repeat(1900)}x`,
    ])
      expect(renderMarkdown(source)).not.toBe('');
  });
});
