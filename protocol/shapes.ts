/** Shapes that several messages of the protocol have. Valibot: brands are given by a transform, so that what is parsed has them. */
import * as v from 'valibot';
import type { Gen } from './ids.ts';

export const text = (max: number) => v.pipe(v.string(), v.maxLength(max));
export const count = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(Number.MAX_SAFE_INTEGER));
export const amount = v.pipe(v.number(), v.finite(), v.minValue(0));
export const branded = <T extends string>(max = 200) =>
  v.pipe(
    v.string(),
    v.minLength(1),
    v.maxLength(max),
    v.transform((value) => value as T),
  );
export const uuid = <T extends string>() =>
  v.pipe(
    v.string(),
    v.uuid(),
    v.transform((value) => value as T),
  );
export const gen = v.pipe(
  count,
  v.minValue(1),
  v.transform((value) => value as Gen),
);
/** A SHA-256 of the input's JSON text as the CLI sent it, in hex. */
export const hash = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/));
