/** One JSON line an event: names, ids, numbers, error names. Never a prompt, a token or an error's message (it may hold one). */
export function log(event: string, fields: Readonly<Record<string, string | number | boolean>>): void {
  console.log(JSON.stringify({ event, ...fields }));
}

/** What may be logged of something that was thrown. */
export function errorName(error: unknown): string {
  return error instanceof Error ? error.name : typeof error;
}
