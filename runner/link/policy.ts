/** What to do when a connection is over. Pure. */
import { backoffMs } from '../../protocol/backoff.ts';
import { Close } from '../../protocol/frames.ts';
import type { UpgradeRefusal } from '../../protocol/guild.ts';
import { RECONNECT_MAX_MS } from '../../protocol/limits.ts';
import type { LinkTiming } from './timing.ts';

/** How one connection, or the attempt at one, ended. */
export type Ended =
  /** `code` 1006: it broke, or never came to be. */
  | { readonly how: 'closed'; readonly code: number }
  /** The upgrade was answered with something else. `error` is `null` when that was not our Worker's own words. */
  | {
      readonly how: 'refused';
      readonly status: number;
      readonly error: UpgradeRefusal['error'] | null;
      readonly retryAfterMs: number | null;
    }
  /** This machine slept: what is left of the socket is not worth asking. */
  | { readonly how: 'slept' };

export type StopReason = 'removed' | 'unknown' | 'unauthorized' | 'gone' | 'version' | 'closed';
export type WaitReason = 'offline' | 'refused' | 'unconfirmed' | 'superseded' | 'unauthorized' | 'slept';

export type Next =
  | { readonly do: 'stop'; readonly why: StopReason }
  | { readonly do: 'wait'; readonly ms: number; readonly failures: number; readonly why: WaitReason };

/** No server may keep a runner away for longer with `Retry-After`. */
const RETRY_AFTER_MAX_MS = 5 * 60_000;

export interface Past {
  /** Since the link was last healthy. */
  readonly failures: number;
  /** How long it was linked, or `null` if it never got that far. */
  readonly livedMs: number | null;
  /** The clock was just set right by this refusal. */
  readonly clockCorrected: boolean;
  /** In [0, 1). */
  readonly random: number;
}

export function afterEnd(ended: Ended, past: Past, timing: LinkTiming): Next {
  const failures = past.livedMs !== null && past.livedMs >= timing.healthyMs ? 0 : past.failures;
  const again = (why: WaitReason, atLeastMs = 0): Next => ({
    do: 'wait',
    ms: Math.max(backoffMs(failures, past.random), Math.min(atLeastMs, RETRY_AFTER_MAX_MS)),
    failures: failures + 1,
    why,
  });
  if (ended.how === 'slept') return { do: 'wait', ms: 0, failures: 0, why: 'slept' };
  if (ended.how === 'closed') {
    switch (ended.code) {
      case Close.unauthorized:
        return { do: 'stop', why: 'unauthorized' };
      case Close.gone:
        return { do: 'stop', why: 'gone' };
      case Close.version:
        return { do: 'stop', why: 'version' };
      case Close.superseded: {
        // Another process signs in as this runner. Two that both come back at once would throw each other out for ever.
        const ms = RECONNECT_MAX_MS * (0.5 + past.random / 2);
        return { do: 'wait', ms, failures: failures + 1, why: 'superseded' };
      }
      default:
        return again('offline');
    }
  }
  // A proxy's own 403 or 404 says nothing about this runner, so only our Worker's words are final.
  switch (ended.error) {
    case 'removed':
    case 'unknown':
    case 'version':
      return { do: 'stop', why: ended.error };
    case 'unconfirmed':
      return { do: 'wait', ms: timing.unconfirmedPollMs, failures: 0, why: 'unconfirmed' };
    case 'unauthorized':
      return past.clockCorrected
        ? { do: 'wait', ms: 0, failures: failures + 1, why: 'unauthorized' }
        : again('unauthorized');
    default:
      return again('refused', ended.retryAfterMs ?? 0);
  }
}
