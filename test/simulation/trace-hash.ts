import { createHash } from 'node:crypto';

/** Two runs did the same. */
export function hashOf(trace: readonly string[]): string {
  return createHash('sha256').update(trace.join('\n')).digest('hex').slice(0, 16);
}
