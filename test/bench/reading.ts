/** What a reader of a thread saw of one stream of numbered words, and when. Pure. */

/** One text that a message showed from `atMs` on; an empty text when it was deleted. */
export interface Shown {
  readonly message: string;
  readonly atMs: number;
  readonly text: string;
}

/** One request to Discord about the thread. */
export interface Call {
  readonly atMs: number;
  readonly status: number;
}

export interface Stream {
  /** When each word left the model, in order. */
  readonly writtenMs: readonly number[];
  /** In the order in which they were shown. */
  readonly shown: readonly Shown[];
  readonly calls: readonly Call[];
}

export interface Reading {
  /** From the first delta to the first visible word of it. */
  readonly firstMs: number;
  /** The longest time without a new word, from the first delta to the last. */
  readonly gapMs: number;
  /** From the last delta until the last word was visible. */
  readonly finalMs: number;
  /** Requests that began after the first delta, until the last word was visible. */
  readonly calls: number;
  readonly limited: number;
  /** Words that stood twice in the thread at any moment. */
  readonly twice: number;
  /** Words that were missing before a visible one at any moment, or at the end. */
  readonly missing: number;
}

const WORD = /\bw(\d{2,})\b/g;

/** The numbers of the words in a text. */
export function wordsIn(text: string): number[] {
  return [...text.matchAll(WORD)].map((match) => Number(match[1]));
}

/** Words that occur more than once, and words from 0 to the highest (or to `upTo`, exclusive) that do not occur. */
export function faults(words: readonly number[], upTo = 0): { twice: number[]; missing: number[] } {
  const count = new Map<number, number>();
  let end = upTo;
  for (const word of words) {
    count.set(word, (count.get(word) ?? 0) + 1);
    end = Math.max(end, word + 1);
  }
  const missing = Array.from({ length: end }, (_, word) => word).filter((word) => !count.has(word));
  return { twice: [...count].filter(([, times]) => times > 1).map(([word]) => word), missing };
}

export function read({ writtenMs, shown, calls }: Stream): Reading {
  const beganMs = writtenMs[0] ?? Number.NaN;
  const endedMs = writtenMs.at(-1) ?? Number.NaN;
  const messages = new Map<string, number[]>();
  const twice = new Set<number>();
  const missing = new Set<number>();
  const progressMs: number[] = [];
  let most = 0;
  for (const { message, atMs, text } of shown) {
    messages.set(message, wordsIn(text));
    const visible = [...messages.values()].flat();
    const wrong = faults(visible);
    for (const word of wrong.twice) twice.add(word);
    for (const word of wrong.missing) missing.add(word);
    const different = new Set(visible).size;
    if (different > most) progressMs.push(atMs);
    most = Math.max(most, different);
  }
  for (const word of faults([...messages.values()].flat(), writtenMs.length).missing) missing.add(word);
  const lastMs = progressMs.at(-1) ?? Number.NaN;
  const whileMs = [beganMs, ...progressMs.filter((atMs) => atMs < endedMs), endedMs];
  return {
    firstMs: (progressMs[0] ?? Number.NaN) - beganMs,
    gapMs: Math.max(...whileMs.map((atMs, n) => atMs - (whileMs[n - 1] ?? atMs))),
    finalMs: lastMs - endedMs,
    calls: calls.filter(({ atMs }) => atMs >= beganMs && atMs <= lastMs).length,
    limited: calls.filter(({ status }) => status === 429).length,
    twice: twice.size,
    missing: missing.size,
  };
}
