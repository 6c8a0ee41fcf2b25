/**
 * Text that is not ours, made safe to stand in what Heddle says. Lengths are UTF-16 code units, the stricter way to
 * count Discord's "characters".
 */

/**
 * Characters that change or hide what a reader sees: controls, format characters (bidi, zero-width, tags), fillers
 * that look like nothing, line and paragraph separators, the empty Braille pattern, lone surrogates.
 */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Default_Ignorable_Code_Point}\u2028\u2029\u2800]/gu;
/** The usual text has none of them: one cheap look saves the slow replacement. */
const PERHAPS_INVISIBLE = /[^\n\t\x20-\x7e\xa1-\xac\xae-\u02ff]/;
const ZERO_WIDTH_JOINER = '\u200d';
/** The first sixteen choose how a letter or an emoji looks; the other 240 can carry hidden data. */
const EMOJI_VARIATION = /[\ufe00-\ufe0f]/;
const EMOJI_BEFORE = /(?:\p{Extended_Pictographic}|\p{Emoji_Modifier}|\ufe0f)$/u;
const EMOJI_AFTER = /^\p{Extended_Pictographic}/u;

/** Breaks a marker of Discord's without being seen. */
export const ZERO_WIDTH_SPACE = '\u200b';

function asEscape(char: string): string {
  const code = char.codePointAt(0) ?? 0;
  return code > 0xffff ? `\\u{${code.toString(16)}}` : `\\u${code.toString(16).padStart(4, '0')}`;
}

/** Shows characters that cannot be seen as escapes (`\u202e`). Line feeds, tabs and the joiners inside an emoji stay; CR LF becomes LF. */
export function showInvisible(text: string): string {
  const lines = text.includes('\r\n') ? text.replaceAll('\r\n', '\n') : text;
  if (!PERHAPS_INVISIBLE.test(lines)) return lines;
  return lines.replace(INVISIBLE, (char, at: number) => {
    if (char === '\n' || char === '\t' || EMOJI_VARIATION.test(char)) return char;
    if (char === ZERO_WIDTH_JOINER && joinsEmoji(lines, at)) return char;
    return asEscape(char);
  });
}

/** Whether more than `max` of its characters, line feeds and tabs counted, are looked at by `showInvisible`, which takes a while for each. */
export function hidesMore(text: string, max: number): boolean {
  if (!PERHAPS_INVISIBLE.test(text)) return false;
  let count = 0;
  for (const _ of text.matchAll(INVISIBLE)) {
    count += 1;
    if (count > max) return true;
  }
  return false;
}

function joinsEmoji(text: string, at: number): boolean {
  return (
    EMOJI_BEFORE.test(text.slice(Math.max(0, at - 2), at)) && EMOJI_AFTER.test(text.slice(at + 1, at + 3))
  );
}

/** Whatever Discord gives a meaning inside of a line: emphasis, code, spoilers, links, mentions, escapes. */
const INLINE_MARKERS = /[\\`*_~|[\]<>]/g;
/** The same at the start of a line: headings, subtext, quotes, lists. */
const LINE_MARKERS = /^(\s*)(#{1,6}|-#|[-+]|\d+(?=[.)]))/;
/** Discord turns these into links by itself; in a line of ours a link is not ours to offer. */
const SCHEME = /\b(https?|discord|steam):(?=\/\/)/gi;

/** The one mention that needs no brackets; those of others end in `>`, which is escaped. */
export const EVERYONE = /@(?=everyone|here)/gi;

/** One line of untrusted text for a line of ours: no markup, no mention, no link, nothing hidden. White space is folded. */
export function escapeText(text: string): string {
  const line = showInvisible(text).replace(/\s+/g, ' ').trim();
  const marked = line
    .replace(INLINE_MARKERS, '\\$&')
    .replace(SCHEME, `$1${ZERO_WIDTH_SPACE}:`)
    .replace(EVERYONE, `@${ZERO_WIDTH_SPACE}`);
  return marked.replace(LINE_MARKERS, (_, space: string, marker: string) =>
    /\d/.test(marker) ? `${space}${marker}${ZERO_WIDTH_SPACE}` : `${space}\\${marker}`,
  );
}

/**
 * A code block that its text cannot end: three backticks in a row are parted by U+200B. Nothing else is changed but
 * invisible characters. `lang`: letters, digits, `+`, `-`, `#`, `.` and `_` only; others are dropped.
 */
export function codeBlock(text: string, lang = ''): string {
  return `\`\`\`${codeLanguage(lang)}\n${codeText(text)}\n\`\`\``;
}

export function codeLanguage(lang: string): string {
  return (/^[A-Za-z0-9+#._-]{1,30}/.exec(lang.trim())?.[0] ?? '').toLowerCase();
}

/** What may stand between the fences of a code block. */
export function codeText(text: string): string {
  const shown = showInvisible(text);
  const parted = shown.includes('``') ? shown.replace(/`(?=`)/g, `\`${ZERO_WIDTH_SPACE}`) : shown;
  // A backtick that ends the text would join the fence below it if Discord trimmed the line between.
  return parted.endsWith('`') ? `${parted}${ZERO_WIDTH_SPACE}` : parted;
}

/** Code inside of a line. White space is folded; a text with backticks gets a longer fence. */
export function inlineCode(text: string): string {
  const line = showInvisible(text).replace(/\s+/g, ' ').trim();
  if (line === '') return '` `';
  // Discord knows one and two backticks as inline fences, three begin a block.
  if (!line.includes('`')) return `\`${line}\``;
  return `\`\`${ZERO_WIDTH_SPACE}${line.replace(/`(?=`)/g, `\`${ZERO_WIDTH_SPACE}`)}${ZERO_WIDTH_SPACE}\`\``;
}

let segmenter: Intl.Segmenter | null = null;
/** Made when it is first needed: a Worker's start-up has little time. */
function graphemes(): Intl.Segmenter {
  segmenter ??= new Intl.Segmenter('en', { granularity: 'grapheme' });
  return segmenter;
}
/** A longer cluster is no letter that anybody writes, but a pile of marks; it may be cut anywhere but in a surrogate pair. */
const GRAPHEME_MAX = 64;

/** The largest cut at or before `at` that parts no surrogate pair and, if it can be helped, no grapheme. */
export function safeCut(text: string, at: number): number {
  if (at <= 0) return 0;
  if (at >= text.length) return text.length;
  const from = Math.max(0, at - GRAPHEME_MAX);
  const before = text.charCodeAt(at - 1);
  const after = text.charCodeAt(at);
  // Between two plain ASCII characters there is nothing to part, except CR LF.
  if (before < 0x80 && after < 0x80) return before === 13 && after === 10 ? at - 1 : at;
  const start = from > 0 && isLowSurrogate(text.charCodeAt(from)) ? from - 1 : from;
  let last = start;
  for (const { index } of graphemes().segment(text.slice(start, at + GRAPHEME_MAX))) {
    if (start + index > at) break;
    last = start + index;
  }
  if (last > start) return last;
  return isLowSurrogate(after) && isHighSurrogate(before) ? at - 1 : at;
}

/** Whether a text may be cut at `at`. Depends on what stands before and on the one character behind. */
export function isBoundary(text: string, at: number): boolean {
  return safeCut(text, at) === at;
}

function isLowSurrogate(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff;
}
function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}

/** The text if it has at most `max` characters, else its beginning and `…`, `max` in all. Cuts no grapheme. */
export function ellipsis(text: string, max: number): string {
  if (text.length <= max) return text;
  return `${text.slice(0, safeCut(text, max - 1)).trimEnd()}…`;
}

/** `escapeText` of as much of it as fits into `max` characters when escaped: an escape is never cut in two. */
export function escapeTo(text: string, max: number): string {
  let room = max;
  for (;;) {
    const line = escapeText(
      ellipsis(
        text
          .slice(0, max * 4)
          .replace(/\s+/g, ' ')
          .trim(),
        room,
      ),
    );
    if (line.length <= max || room <= 1) return line.length <= max ? line : '…';
    room = Math.max(1, Math.min(room - 1, Math.floor((room * max) / line.length)));
  }
}
