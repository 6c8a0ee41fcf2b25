/** Claude's inline Markdown as Discord writes it. Most of it is the same; what is not is put right here. */
import type { Token, Tokens } from 'marked';
import { EVERYONE, inlineCode, showInvisible, ZERO_WIDTH_SPACE } from './escape.ts';

/** Discord's own `<@1>`, `<#1>`, `</c:1>`, `<:e:1>`, `<a:e:1>`, `<t:1:R>`, `<id:x>`; Markdown knows none of them. */
const ANGLE_MARKUP = /<(?=@|#\d|:\w+:\d|a:\w+:\d|\/[^>\n]{1,100}:\d|t:-?\d|id:\w)/g;
/** What would notify: `<@1>`, `<@&1>`, `@everyone`, up to where a character parts it. */
const MENTION = /<(?=@[!&]?\d)|@(?=everyone|here)/gi;
/** A quiet line and a quote without end: ours to write, not the model's. */
const OWN_LINES = /^([ \t]*)(?=-#|>>>)/gm;
const ENTITY = /&(?:lt|gt|amp|quot|#39|apos|nbsp);/g;
const ENTITIES: Readonly<Record<string, string>> = {
  '&lt;': '<',
  '&gt;': '>',
  '&amp;': '&',
  '&quot;': '"',
  '&#39;': "'",
  '&apos;': "'",
  '&nbsp;': ' ',
};
/**
 * Marks that the lexer took for text. Discord looks for pairs over the whole message, so each must say that it is none: also with
 * one in a line of ours. `||` would hide what follows as a spoiler; an underscore inside of a word means nothing.
 */
const LITERAL_MARK = /[`*~]|\|(?=\|)|(?<=\|)\||(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])/g;
const LITERAL_MARKS = /[`*~_|]|\]\(/;

/** Text that the model wrote as prose: it mentions nobody, hides nothing and looks like none of Heddle's own lines. */
export function prose(text: string): string {
  let shown = showInvisible(text);
  if (shown.includes('&')) shown = shown.replace(ENTITY, (entity) => ENTITIES[entity] ?? entity);
  if (LITERAL_MARKS.test(shown)) shown = shown.replace(LITERAL_MARK, '\\$&').replaceAll('](', ']\\(');
  return guard(shown);
}

/** The same for text whose Markdown is kept as it is. */
export function guard(text: string): string {
  let shown = text;
  if (shown.includes('<')) shown = shown.replace(ANGLE_MARKUP, `<${ZERO_WIDTH_SPACE}`);
  if (shown.includes('@')) shown = shown.replace(EVERYONE, `@${ZERO_WIDTH_SPACE}`);
  return shown;
}

/** The inline tokens of one block. In `bold` text `**` is left out, because it would end what is around it. */
export function inline(tokens: readonly Token[] | undefined, bold = false): string {
  const text = (tokens ?? []).map((token) => inlineToken(token, bold)).join('');
  return text.replace(OWN_LINES, '$1\\');
}

function inlineToken(token: Token, bold: boolean): string {
  switch (token.type) {
    case 'text':
      return token.tokens === undefined ? prose(token.raw) : inline(token.tokens, bold);
    case 'escape':
      return token.raw;
    case 'strong': {
      const inner = inline(token.tokens, true);
      return bold ? inner : `**${inner}**`;
    }
    case 'em': {
      const mark = token.raw.startsWith('_') ? '_' : '*';
      return `${mark}${inline(token.tokens, bold)}${mark}`;
    }
    case 'del':
      return `~~${inline(token.tokens, bold)}~~`;
    case 'codespan':
      // A reader that pairs backticks differently must find no mention either.
      return inlineCode((token as Tokens.Codespan).text).replace(MENTION, `$&${ZERO_WIDTH_SPACE}`);
    case 'br':
      return '\n';
    case 'link':
      return link(token as Tokens.Link, bold);
    case 'image':
      return image(token as Tokens.Image);
    case 'checkbox':
      return checkbox(token as Tokens.Checkbox);
    default:
      return prose(token.raw);
  }
}

export function checkbox(token: Tokens.Checkbox): string {
  return token.checked ? '☑ ' : '☐ ';
}

/** Discord makes a masked link of http and https only, and none whose text looks like an address. */
const WEB = /^https?:\/\/([^\s/?#]+)/i;
const LOOKS_LIKE_ADDRESS = /:\/\/|^www\.|^[\w-]+(\.[\w-]+)+(\/|$)/i;

/** A masked link says where it goes: `[text](<url>) (host)`. A target that is no web address stands as text. */
function link(token: Tokens.Link, bold: boolean): string {
  if (token.raw === token.text || token.raw.startsWith('<'))
    return guard(showInvisible(token.raw).replaceAll('`', '%60'));
  return masked(inline(token.tokens, bold), plain(token.tokens), token.href);
}

function image(token: Tokens.Image): string {
  const words = token.text.trim() === '' ? 'image' : token.text;
  return masked(`🖼 ${prose(words).replace(/[[\]]/g, '\\$&')}`, words, token.href);
}

function masked(label: string, words: string, href: string): string {
  const host = WEB.exec(href)?.[1];
  const target = address(href);
  if (words.trim() === '') return host === undefined ? inlineCode(href) : `<${target}>`;
  if (host === undefined) return words === href || href === '' ? label : `${label} (${inlineCode(href)})`;
  if (words === href) return `<${target}>`;
  if (LOOKS_LIKE_ADDRESS.test(words)) return `${label} <${target}>`;
  return `[${label}](<${target}>) (${prose(hostOnly(host))})`;
}

/** What may stand between `<` and `>` of a link. */
function address(href: string): string {
  return showInvisible(href).replace(/[\s<>\\`]/g, (char) => encodeURIComponent(char));
}

/** `user@host` is a trick to make an address look like another's: the host is what follows. */
function hostOnly(authority: string): string {
  return authority.slice(authority.lastIndexOf('@') + 1);
}

/** What it says without any marks: for code blocks, where Discord renders none, and for a first sentence. */
export function plain(tokens: readonly Token[] | undefined): string {
  return (tokens ?? [])
    .map((token) => {
      if (token.type === 'br') return ' ';
      if (token.type === 'codespan' || token.type === 'escape') return String(token.text);
      if (token.type === 'checkbox') return checkbox(token as Tokens.Checkbox);
      if (token.type === 'link' && token.raw !== token.text && !token.raw.startsWith('<')) {
        const words = plain(token.tokens);
        return words === token.href ? words : `${words} (${token.href})`;
      }
      if (token.type === 'image') return `${token.text} (${token.href})`;
      if ('tokens' in token && token.tokens !== undefined) return plain(token.tokens);
      return token.raw.replace(ENTITY, (entity) => ENTITIES[entity] ?? entity);
    })
    .join('');
}
