/** How long to wait before connecting again: full jitter, so that a thousand links that died together do not return together. */
import { RECONNECT_FIRST_MS, RECONNECT_MAX_MS } from './limits.ts';

/**
 * Milliseconds before the next attempt. `failures` counts the attempts since the link was last healthy, `random` is in [0, 1).
 * The ceiling doubles from `RECONNECT_FIRST_MS` to `RECONNECT_MAX_MS`.
 */
export function backoffMs(failures: number, random: number): number {
  return Math.floor(random * backoffCeilingMs(failures));
}

/** The longest that `backoffMs` can give for this many failures. */
export function backoffCeilingMs(failures: number): number {
  // Beyond 2^30 the doubling would leave the range of exact integers long before it could matter.
  const doublings = Math.min(Math.max(0, Math.floor(failures)), 30);
  return Math.min(RECONNECT_MAX_MS, RECONNECT_FIRST_MS * 2 ** doublings);
}
