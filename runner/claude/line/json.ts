/** Reading JSON that somebody else wrote: a wrong type reads as absent, never as an exception. */
export type Json = Readonly<Record<string, unknown>>;

const NOTHING: Json = Object.freeze({});

export function isRecord(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
/** The object under a key, or an empty one. */
export function record(from: Json, key: string): Json {
  const value = from[key];
  return isRecord(value) ? value : NOTHING;
}
export function string(from: Json, key: string): string | null {
  const value = from[key];
  return typeof value === 'string' ? value : null;
}
export function number(from: Json, key: string): number | null {
  const value = from[key];
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}
export function boolean(from: Json, key: string): boolean {
  return from[key] === true;
}
export function list(from: Json, key: string): readonly unknown[] {
  const value = from[key];
  return Array.isArray(value) ? value : [];
}
export function records(from: Json, key: string): readonly Json[] {
  return list(from, key).filter(isRecord);
}
/** Null when there is no list at all. */
export function strings(from: Json, key: string): readonly string[] | null {
  const value = from[key];
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : null;
}
