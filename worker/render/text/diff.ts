/** A line diff for a card: what an edit takes away and what it puts there. */

export interface DiffLine {
  readonly sign: ' ' | '-' | '+';
  readonly text: string;
}

/** Above this product of lines the middle is shown as all out, all in, so that a large edit costs no time. */
const LCS_MAX_CELLS = 10_000;

export function diffLines(before: string, after: string): DiffLine[] {
  const old = lines(before);
  const now = lines(after);
  let head = 0;
  while (head < old.length && head < now.length && old[head] === now[head]) head++;
  let tail = 0;
  while (tail < old.length - head && tail < now.length - head && old.at(-1 - tail) === now.at(-1 - tail))
    tail++;
  const same = (text: string): DiffLine => ({ sign: ' ', text });
  return [
    ...old.slice(0, head).map(same),
    ...middle(old.slice(head, old.length - tail), now.slice(head, now.length - tail)),
    ...old.slice(old.length - tail).map(same),
  ];
}

export function countLines(diff: readonly DiffLine[], sign: '-' | '+'): number {
  return diff.filter((line) => line.sign === sign).length;
}

export function diffText(diff: readonly DiffLine[]): string {
  return diff.map(({ sign, text }) => `${sign} ${text}`).join('\n');
}

function lines(text: string): string[] {
  return text === '' ? [] : text.replace(/\n$/, '').split('\n');
}

function middle(old: readonly string[], now: readonly string[]): DiffLine[] {
  const out = (text: string): DiffLine => ({ sign: '-', text });
  const into = (text: string): DiffLine => ({ sign: '+', text });
  if (old.length * now.length > LCS_MAX_CELLS) return [...old.map(out), ...now.map(into)];
  // common[i][j]: how many lines old from i on and now from j on have in common.
  const common = Array.from({ length: old.length + 1 }, () => new Uint16Array(now.length + 1));
  const at = (i: number, j: number): number => common[i]?.[j] ?? 0;
  for (let i = old.length - 1; i >= 0; i--)
    for (let j = now.length - 1; j >= 0; j--) {
      const row = common[i];
      if (row !== undefined)
        row[j] = old[i] === now[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  const diff: DiffLine[] = [];
  let i = 0;
  let j = 0;
  while (i < old.length || j < now.length) {
    const left = old[i];
    const right = now[j];
    if (left !== undefined && left === right) {
      diff.push({ sign: ' ', text: left });
      i++;
      j++;
    } else if (left !== undefined && (right === undefined || at(i + 1, j) >= at(i, j + 1))) {
      diff.push(out(left));
      i++;
    } else if (right !== undefined) {
      diff.push(into(right));
      j++;
    }
  }
  return diff;
}
