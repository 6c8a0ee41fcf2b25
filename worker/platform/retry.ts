import type { Durations } from './durations.ts';

/** How long to wait before trying again after this many failures, 1 or more. */
export function retryDelayMs(failures: number, durations: Durations): number {
  // Beyond 2^20 doublings the largest wait is reached in any case.
  return Math.min(durations.retryMaxMs, durations.retryFirstMs * 2 ** Math.min(failures - 1, 20));
}
