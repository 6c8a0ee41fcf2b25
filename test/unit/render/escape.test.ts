import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  codeBlock,
  ellipsis,
  escapeText,
  escapeTo,
  inlineCode,
  safeCut,
  showInvisible,
} from '../../../worker/render/text/escape.ts';

const HIDDEN = /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/u;
const nasty = fc.string({
  unit: fc.constantFrom(
    ...'ab `*_~|<>[]()@#-.:/\\\n\r\t1',
    '```',
    '@everyone',
    '@here',
    '<@1>',
    '<@&1>',
    '<#1>',
    '-# ',
    '\u202e',
    '\u200b',
    '\u2066',
    '\0',
    '\u001b',
    '\ud800',
    '\udc00',
    '👩‍👧',
    '\u{e0041}',
    'é',
    '漢',
  ),
  maxLength: 60,
});

/** Zero-width spaces that Heddle itself puts in. */
const withoutOurs = (text: string): string => text.replaceAll('\u200b', '').replaceAll('👩‍👧', '');

describe('escapeText', () => {
  it('shows markup as text', () => {
    expect(escapeText('**bold** `code` [a](b) <@123> ||x||')).toBe(
      '\\*\\*bold\\*\\* \\`code\\` \\[a\\](b) \\<@123\\> \\|\\|x\\|\\|',
    );
    expect(escapeText('-# ✓ owner allowed')).toBe('\\-# ✓ owner allowed');
    expect(escapeText('# big')).toBe('\\# big');
    expect(escapeText('a\n# b')).toBe('a # b');
  });

  it('shows what cannot be seen', () => {
    expect(escapeText('rm\u202e x\u0000')).toBe(String.raw`rm\\u202e x\\u0000`);
  });

  it('mentions nobody, hides nothing, stays one line', () => {
    fc.assert(
      fc.property(nasty, (text) => {
        const shown = escapeText(text);
        expect(shown).not.toMatch(/@(everyone|here)|<@[!&]?\d+>|<#\d+>/);
        expect(shown).not.toContain('\n');
        expect(withoutOurs(shown)).not.toMatch(HIDDEN);
        expect(shown).not.toMatch(/^(-#|#|>|[-+*] )/);
      }),
    );
  });

  it('cut to a length never parts an escape', () => {
    fc.assert(
      fc.property(nasty, fc.integer({ min: 1, max: 80 }), (text, max) => {
        const shown = escapeTo(text, max);
        expect(shown.length).toBeLessThanOrEqual(max);
        expect(/(?<!\\)(?:\\\\)*\\$/.test(shown)).toBe(false);
        expect(shown).not.toMatch(/@(everyone|here)/);
      }),
    );
  });
});

describe('codeBlock', () => {
  it('cannot be ended by its text', () => {
    fc.assert(
      fc.property(nasty, nasty, (text, lang) => {
        const block = codeBlock(text, lang);
        const inside = block.slice(3, -3);
        expect(inside).not.toContain('```');
        expect(block.startsWith('```') && block.endsWith('\n```')).toBe(true);
        expect(withoutOurs(inside).replace(/[\n\t]/g, '')).not.toMatch(HIDDEN);
      }),
    );
  });

  it('keeps code as it is', () => {
    expect(codeBlock('if (a < b) {\n\t*p = `x`;\n}', 'c++')).toBe(
      '```c++\nif (a < b) {\n\t*p = `x`;\n}\n```',
    );
  });
});

describe('inlineCode', () => {
  it('cannot be ended by its text', () => {
    expect(inlineCode('npm test')).toBe('`npm test`');
    fc.assert(
      fc.property(nasty, (text) => {
        const code = inlineCode(text);
        expect(code).not.toContain('\n');
        const fence = /^`+/.exec(code)?.[0] ?? '';
        expect(code.slice(fence.length, -fence.length).includes(fence)).toBe(false);
      }),
    );
  });
});

describe('safeCut and ellipsis', () => {
  it('parts no surrogate pair and no family', () => {
    expect(ellipsis('a👩‍👧b', 4)).toBe('a…');
    expect(ellipsis('日本語', 3)).toBe('日本語');
    expect(ellipsis('日本語です', 3)).toBe('日本…');
    expect(safeCut('e\u0301e\u0301', 3)).toBe(2);
  });

  it('holds for any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 30 }), fc.nat(40), (text, at) => {
        const cut = safeCut(text, at);
        expect(cut).toBeLessThanOrEqual(at);
        expect(text.slice(0, cut) + text.slice(cut)).toBe(text);
        expect(text.slice(0, cut).isWellFormed()).toBe(
          text.isWellFormed() || text.slice(0, cut).isWellFormed(),
        );
        if (text.isWellFormed()) expect(text.slice(0, cut).isWellFormed()).toBe(true);
      }),
    );
  });

  it('shows a joiner only where it hides', () => {
    expect(showInvisible('👩‍👧 a\u200db')).toBe('👩‍👧 a\\u200db');
    expect(showInvisible('✔\ufe0f \u{e0041}')).toBe('✔\ufe0f \\u{e0041}');
  });
});
