/** Cuts a string to `max` UTF-16 code units, with an ellipsis, and never through a surrogate pair. */
export function clip(text: string, max: number): string {
  if (text.length <= max) return text;
  const end = max - 1;
  const last = text.charCodeAt(end - 1);
  const cut = last >= 0xd800 && last <= 0xdbff ? end - 1 : end;
  return `${text.slice(0, cut)}…`;
}

/** One line: each run of white space, line ends included, becomes one space. */
export function oneLine(text: string): string {
  return text.replace(/\s+/gu, ' ').trim();
}

/** UTF-8 length of a UTF-16 code unit sequence's code point. */
function bytesOf(codePoint: number): number {
  if (codePoint < 0x80) return 1;
  if (codePoint < 0x800) return 2;
  return codePoint < 0x10000 ? 3 : 4;
}

/** Splits into pieces of at most `maxBytes` of UTF-8, never through a code point. The pieces joined are the text. */
export function splitBytes(text: string, maxBytes: number): string[] {
  // No UTF-16 code unit takes more than three bytes.
  if (text.length * 3 <= maxBytes) return text === '' ? [] : [text];
  const pieces: string[] = [];
  let from = 0;
  let bytes = 0;
  for (let at = 0; at < text.length; ) {
    const codePoint = text.codePointAt(at) ?? 0;
    const size = bytesOf(codePoint);
    if (bytes + size > maxBytes) {
      pieces.push(text.slice(from, at));
      from = at;
      bytes = 0;
    }
    bytes += size;
    at += codePoint > 0xffff ? 2 : 1;
  }
  if (from < text.length) pieces.push(text.slice(from));
  return pieces;
}
