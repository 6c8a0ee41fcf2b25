/** Discord's Markdown inside a line: total, and linear in the text for each level of nesting. */
import type { Inline } from './nodes.ts';

/** Deeper than anybody nests; below it, marks are shown as they are. */
const DEPTH_MAX = 12;

const ESCAPABLE = /[^0-9A-Za-z\s]/;
const WORD = /[\p{L}\p{N}_]/u;
const MASKED_LINK =
  /\[((?:[^[\]\\]|\\.|\[[^[\]]*\]){1,1000})\]\(<?(https?:\/\/(?:[^\s<>()]|\([^\s<>()]*\))+)>?(?: +"[^"\n]*")?\)/y;
const ANGLE =
  /<(?:@(?<user>!?\d{1,20})|@&(?<role>\d{1,20})|#(?<channel>\d{1,20})|\/(?<command>[^:<>\n]{1,100}):\d{1,20}|a?:(?<emoji>\w{1,32}):\d{1,20}|t:(?<time>-?\d{1,13})(?::(?<style>[tTdDfFR]))?|(?<url>https?:\/\/[^\s<>]+))>/y;
const BARE_URL = /https?:\/\/[^\s<]*[^\s<.,:;"'\])]/y;
const EVERYONE = /@(?:everyone|here)\b/y;

type Styled = Extract<Inline, { children: readonly Inline[] }>['type'] &
  ('bold' | 'italic' | 'underline' | 'strike' | 'spoiler');
const MARKS: readonly { readonly mark: string; readonly type: Styled }[] = [
  { mark: '**', type: 'bold' },
  { mark: '__', type: 'underline' },
  { mark: '~~', type: 'strike' },
  { mark: '||', type: 'spoiler' },
  { mark: '*', type: 'italic' },
  { mark: '_', type: 'italic' },
];

export function parseInline(text: string, depth = 0): readonly Inline[] {
  const nodes: Inline[] = [];
  /** Marks of which no more closing one follows: looked for once. */
  const hopeless = new Set<string>();
  let plain = '';
  let at = 0;
  const push = (node: Inline, next: number): void => {
    if (plain !== '') nodes.push({ type: 'text', text: plain });
    plain = '';
    nodes.push(node);
    at = next;
  };
  while (at < text.length) {
    const char = text.charAt(at);
    const next = text.charAt(at + 1);
    if (char === '\\' && ESCAPABLE.test(next)) {
      plain += next;
      at += 2;
      continue;
    }
    const found =
      (char === '`' ? codeAt(text, at, hopeless) : null) ??
      (char === '<' ? angleAt(text, at) : null) ??
      (char === '[' ? linkAt(text, at, depth) : null) ??
      (char === 'h' ? urlAt(text, at) : null) ??
      (char === '@' ? everyoneAt(text, at) : null) ??
      (depth < DEPTH_MAX ? styledAt(text, at, depth, hopeless) : null);
    if (found !== null) push(found.node, found.end);
    else {
      const run = char === '`' ? runLength(text, at) : 1;
      plain += text.slice(at, at + run);
      at += run;
    }
  }
  if (plain !== '') nodes.push({ type: 'text', text: plain });
  return nodes;
}

interface Found {
  readonly node: Inline;
  readonly end: number;
}

function runLength(text: string, at: number): number {
  let end = at;
  while (text.charAt(end) === '`') end++;
  return end - at;
}

/** A code span ends at a run of as many backticks as began it. */
function codeAt(text: string, at: number, hopeless: Set<string>): Found | null {
  const run = runLength(text, at);
  const mark = '`'.repeat(run);
  if (hopeless.has(mark)) return null;
  for (let close = text.indexOf(mark, at + run); close >= 0; ) {
    const length = runLength(text, close);
    if (length === run)
      return { node: { type: 'code', text: text.slice(at + run, close) }, end: close + run };
    close = text.indexOf(mark, close + length);
  }
  hopeless.add(mark);
  return null;
}

function match(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

function angleAt(text: string, at: number): Found | null {
  const found = match(ANGLE, text, at);
  const { user, role, channel, command, emoji, time, style, url } = found?.groups ?? {};
  const node = ((): Inline | null => {
    if (user !== undefined) return { type: 'mention', of: 'user', id: user.replace('!', '') };
    if (role !== undefined) return { type: 'mention', of: 'role', id: role };
    if (channel !== undefined) return { type: 'mention', of: 'channel', id: channel };
    if (command !== undefined) return { type: 'command', name: command };
    if (emoji !== undefined) return { type: 'emoji', name: emoji };
    if (time !== undefined) return { type: 'time', seconds: Number(time), style: style ?? 'f' };
    if (url !== undefined) return { type: 'link', url, children: [{ type: 'text', text: url }] };
    return null;
  })();
  return node === null || found === null ? null : { node, end: at + found[0].length };
}

function linkAt(text: string, at: number, depth: number): Found | null {
  const found = match(MASKED_LINK, text, at);
  const [all, label, url] = found ?? [];
  if (all === undefined || label === undefined || url === undefined) return null;
  const children =
    depth < DEPTH_MAX ? parseInline(label, depth + 1) : [{ type: 'text', text: label } as const];
  return { node: { type: 'link', url, children }, end: at + all.length };
}

function urlAt(text: string, at: number): Found | null {
  if (WORD.test(text.charAt(at - 1))) return null;
  const url = match(BARE_URL, text, at)?.[0];
  if (url === undefined) return null;
  return { node: { type: 'link', url, children: [{ type: 'text', text: url }] }, end: at + url.length };
}

function everyoneAt(text: string, at: number): Found | null {
  const found = match(EVERYONE, text, at)?.[0];
  return found === undefined ? null : { node: { type: 'everyone', text: found }, end: at + found.length };
}

function styledAt(text: string, at: number, depth: number, hopeless: Set<string>): Found | null {
  for (const { mark, type } of MARKS) {
    if (!text.startsWith(mark, at)) continue;
    const from = at + mark.length;
    if (!mayOpen(text, at, mark)) continue;
    if (hopeless.has(mark)) continue;
    const close = closingMark(text, from, mark);
    if (close === 'none') hopeless.add(mark);
    if (typeof close === 'string') continue;
    const children = parseInline(text.slice(from, close), depth + 1);
    return { node: { type, children }, end: close + mark.length };
  }
  return null;
}

function mayOpen(text: string, at: number, mark: string): boolean {
  const after = text.charAt(at + mark.length);
  if (mark === '_') return !WORD.test(text.charAt(at - 1)) && after !== '_' && after !== '';
  if (mark === '*') return after !== '*' && after !== '' && !/\s/.test(after);
  return after !== '';
}

/**
 * Where the mark that closes begins: past escapes and code, and never right at the start. `none`: there is no such mark
 * in the rest; `blocked`: a single `*` or `_` stands in the way, as in Discord.
 */
function closingMark(text: string, from: number, mark: string): number | 'none' | 'blocked' {
  const single = mark.length === 1;
  for (let at = from; at < text.length; ) {
    const char = text.charAt(at);
    if (char === '\\') at += 2;
    else if (char === '`') at = codeAt(text, at, new Set())?.end ?? at + runLength(text, at);
    else if (!text.startsWith(mark, at)) at += 1;
    else if (single && text.startsWith(mark + mark, at)) at += 2;
    else if (at > from && mayClose(text, at, mark)) return at;
    else if (single) return 'blocked';
    else at += 1;
  }
  return 'none';
}

function mayClose(text: string, at: number, mark: string): boolean {
  const after = text.charAt(at + mark.length);
  switch (mark) {
    // In `***` the inner mark closes first.
    case '**':
    case '__':
      return after !== mark.charAt(0);
    case '_':
      return !WORD.test(after);
    case '*':
      return !/\s/.test(text.charAt(at - 1));
    default:
      return true;
  }
}
