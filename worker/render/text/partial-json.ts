/** Reads the strings of a JSON object whose text may end anywhere: the head of an input that is too long to be kept whole. */

export interface PartialString {
  readonly text: string;
  readonly complete: boolean;
}

/** The top-level members that are strings, in their order. What cannot be read ends the reading. */
export function partialStrings(json: string): Map<string, PartialString> {
  const found = new Map<string, PartialString>();
  let at = skipSpace(json, 0);
  if (json[at] !== '{') return found;
  at = skipSpace(json, at + 1);
  while (json[at] === '"') {
    const name = stringAt(json, at);
    if (name === null || !name.complete) return found;
    at = skipSpace(json, name.end);
    if (json[at] !== ':') return found;
    at = skipSpace(json, at + 1);
    if (json[at] === '"') {
      const value = stringAt(json, at);
      if (value === null) return found;
      found.set(name.text, { text: value.text, complete: value.complete });
      at = value.end;
    } else at = skipValue(json, at);
    at = skipSpace(json, at);
    if (json[at] !== ',') return found;
    at = skipSpace(json, at + 1);
  }
  return found;
}

function skipSpace(json: string, from: number): number {
  let at = from;
  while (at < json.length && ' \t\r\n'.includes(json.charAt(at))) at++;
  return at;
}

function stringAt(json: string, from: number): (PartialString & { readonly end: number }) | null {
  const close = closingQuote(json, from + 1);
  const raw = json.slice(from + 1, close ?? json.length);
  try {
    const text: unknown = JSON.parse(`"${close === null ? withoutBrokenEscape(raw) : raw}"`);
    return typeof text === 'string'
      ? { text, complete: close !== null, end: (close ?? json.length) + 1 }
      : null;
  } catch {
    return null;
  }
}

function closingQuote(json: string, from: number): number | null {
  for (let at = from; at < json.length; at++) {
    if (json[at] === '\\') at++;
    else if (json[at] === '"') return at;
  }
  return null;
}

/** A text may end in the middle of `\n` or `\u00e9`. */
function withoutBrokenEscape(raw: string): string {
  const last = /(?:^|[^\\])(?:\\\\)*(\\(?:u[0-9a-fA-F]{0,3})?)$/.exec(raw)?.[1];
  return last === undefined ? raw : raw.slice(0, -last.length);
}

/** Behind a number, a word, an array or an object. */
function skipValue(json: string, from: number): number {
  let depth = 0;
  for (let at = from; at < json.length; at++) {
    const char = json.charAt(at);
    if (char === '"') {
      const close = closingQuote(json, at + 1);
      if (close === null) return json.length;
      at = close;
    } else if (char === '{' || char === '[') depth++;
    else if (char === '}' || char === ']') {
      if (depth === 0) return at;
      depth--;
    } else if (char === ',' && depth === 0) return at;
  }
  return json.length;
}
