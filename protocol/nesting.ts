/** On how many levels lists and objects lie in each other; looks no deeper than `max` and one, so any value may be asked about. */
export function nestingOf(value: unknown, max: number): number {
  if (typeof value !== 'object' || value === null) return 0;
  let inside = 0;
  if (max > 0) for (const each of Object.values(value)) inside = Math.max(inside, nestingOf(each, max - 1));
  return 1 + inside;
}
