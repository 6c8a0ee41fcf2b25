/** Claims about types. Nothing runs here: the compiler is the judge, and `npm run check` fails when one of them is not true. */

/** `A` can be given where a `B` is wanted. */
export type Is<A, B> = [A] extends [B] ? true : false;
export type Not<Claim extends boolean> = Claim extends true ? false : true;
export type All<_Claims extends readonly true[]> = true;
