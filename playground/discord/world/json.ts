export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: unknown };

/** An object with no other keys than those of `T`, whatever their values. */
export type Shape<T> = { readonly [K in keyof T]?: unknown };

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Removes keys that are `undefined`, so that an object compares and prints as it goes over the wire. */
export function withoutUndefined(object: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));
}

/** A time as Discord writes it. */
export const iso = (ms: number): string => new Date(ms).toISOString().replace('Z', '000+00:00');
