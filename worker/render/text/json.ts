/** JSON for reading. Nobody reads what is nested deeper than `NESTING_MAX`, so that is as if it were none. */
import { NESTING_MAX } from '../../../protocol/limits.ts';
import { nestingOf } from '../../../protocol/nesting.ts';

/** The members of a JSON object; null: it is none. */
export function readObject(json: string): Readonly<Record<string, unknown>> | null {
  const { value } = read(json) ?? {};
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : null;
}

/** What begins a line, or is parted from what follows. Those in strings are counted as well. */
const PARTS = /[,:{}[\]]/g;

/** A line for each value, two spaces a level; as it is when that might be more than `max` characters: of 8 KB of brackets it would be 32 MB. */
export function indented(json: string, max: number): string {
  if (json.length > max) return json;
  const parsed = read(json);
  if (parsed === null) return json;
  const parts = json.match(PARTS)?.length ?? 0;
  return json.length + parts * (1 + 2 * parsed.nesting) > max ? json : JSON.stringify(parsed.value, null, 2);
}

function read(json: string): { readonly value: unknown; readonly nesting: number } | null {
  try {
    const value: unknown = JSON.parse(json);
    const nesting = nestingOf(value, NESTING_MAX);
    return nesting > NESTING_MAX ? null : { value, nesting };
  } catch {
    return null;
  }
}
