/** Ends an exhaustive switch: the compiler refuses a call with a case that is left over. */
export function assertNever(value: never): never {
  throw new Error(`unexpected case: ${JSON.stringify(value)}`);
}
