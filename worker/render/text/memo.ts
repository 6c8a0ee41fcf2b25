/**
 * A bounded memory for a pure function of a text. An isolate may serve many objects, so it holds nothing but what the
 * function would give again. The oldest entry goes first, and an entry that is asked for becomes the newest.
 */
export function memo<T>(
  compute: (text: string) => T,
  maxEntries: number,
  maxChars: number,
): (text: string) => T {
  const known = new Map<string, T>();
  let chars = 0;
  return (text) => {
    const found = known.get(text);
    if (found !== undefined) {
      known.delete(text);
      known.set(text, found);
      return found;
    }
    const made = compute(text);
    known.set(text, made);
    chars += text.length;
    for (const oldest of known.keys()) {
      if (known.size <= maxEntries && chars <= maxChars) break;
      known.delete(oldest);
      chars -= oldest.length;
    }
    return made;
  };
}
