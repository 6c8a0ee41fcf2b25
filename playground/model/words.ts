/** Text that a test can check word by word: each delta is one word that occurs once. */

const SHORTEST_WORD = 4;
const WORDS_IN_A_LINE = 12;

/** `count` words of `size` characters each, its space or line end included. */
export function streamWords(count: number, size: number): string[] {
  const width = Math.max(SHORTEST_WORD, size);
  return Array.from({ length: count }, (_, at) => {
    const end = at % WORDS_IN_A_LINE === WORDS_IN_A_LINE - 1 ? '\n' : ' ';
    return `w${String(at).padStart(width - 2, '0')}${end}`;
  });
}
