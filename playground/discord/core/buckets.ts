/**
 * Rate limits as Discord has them: a bucket for each route and top-level resource, and the bot's global limit. Every
 * window is fixed and begins at its first use. The numbers are those that developers observed (Discord publishes none
 * but the global one); where none is known, a middle value stands.
 */
import { createHash } from 'node:crypto';
import type { Clock } from '../world/clock.ts';

export type BucketName =
  | 'create'
  | 'edit'
  | 'delete'
  | 'read'
  | 'channel'
  | 'typing'
  | 'reaction'
  | 'thread'
  | 'member'
  | 'commands'
  | 'application'
  | 'webhook';

interface Limit {
  readonly limit: number;
  readonly windowMs: number;
}

/** Not observed by anyone: a middle value. */
const UNKNOWN: Limit = { limit: 10, windowMs: 10_000 };
const LIMITS: Record<BucketName, Limit> = {
  create: { limit: 5, windowMs: 5000 },
  edit: { limit: 5, windowMs: 5000 },
  channel: { limit: 5, windowMs: 15_000 },
  webhook: { limit: 5, windowMs: 5000 },
  delete: { limit: 5, windowMs: 5000 },
  typing: { limit: 5, windowMs: 5000 },
  read: UNKNOWN,
  reaction: UNKNOWN,
  thread: UNKNOWN,
  member: UNKNOWN,
  commands: UNKNOWN,
  application: UNKNOWN,
};
/** Requests in a window where a test wants others than Discord's; the windows stay. */
export type Limits = Partial<Readonly<Record<BucketName | 'global', number>>>;
/** Discord: requests of one bot in a second, all routes but the interaction endpoints. */
const GLOBAL: Limit = { limit: 50, windowMs: 1000 };
/** Observed: edits of messages older than an hour, in one channel; refused with code 30046. */
const OLD_EDITS: Limit = { limit: 3, windowMs: 6000 };
/** Observed: changes of a channel's or thread's name; the headers do not show this limit. */
const RENAMES: Limit = { limit: 2, windowMs: 600_000 };

interface Window {
  used: number;
  endsMs: number;
}

export interface Taken {
  readonly ok: boolean;
  readonly retryAfterMs: number;
  /** As of when they are asked for: the wait shrinks while a request is under way. */
  readonly headers: () => Record<string, string>;
}

export class Buckets {
  private readonly clock: Clock;
  private readonly shared: boolean;
  private readonly limits: Limits;
  private readonly windows = new Map<string, Window>();

  constructor(clock: Clock, shared: boolean, limits: Limits = {}) {
    this.clock = clock;
    this.shared = shared;
    this.limits = limits;
  }

  /** Counts one request of a route in its bucket; refused requests are not counted. */
  take(name: BucketName, major: string): Taken {
    const bucket: BucketName = this.shared && name === 'edit' ? 'create' : name;
    const { windowMs } = LIMITS[bucket];
    const limit = this.limits[bucket] ?? LIMITS[bucket].limit;
    const { ok, window } = this.count(`${bucket} ${major}`, { limit, windowMs });
    const remaining = limit - window.used;
    const leftMs = () => Math.max(0, window.endsMs - this.clock.now());
    return {
      ok,
      retryAfterMs: ok ? 0 : Math.max(1, leftMs()),
      headers: () => ({
        'X-RateLimit-Limit': String(limit),
        'X-RateLimit-Remaining': String(remaining),
        'X-RateLimit-Reset': (window.endsMs / 1000).toFixed(3),
        'X-RateLimit-Reset-After': (leftMs() / 1000).toFixed(3),
        'X-RateLimit-Bucket': createHash('sha256').update(bucket).digest('hex').slice(0, 32),
      }),
    };
  }

  /** Each returns how long to wait, in milliseconds; 0 when the request was counted. */
  takeGlobal = (): number => this.simple('global', { ...GLOBAL, limit: this.limits.global ?? GLOBAL.limit });
  takeOldEdit = (channelId: string): number => this.simple(`old ${channelId}`, OLD_EDITS);
  takeRename = (channelId: string): number => this.simple(`rename ${channelId}`, RENAMES);

  private simple(key: string, limit: Limit): number {
    const { ok, window } = this.count(key, limit);
    return ok ? 0 : Math.max(1, window.endsMs - this.clock.now());
  }

  private count(key: string, { limit, windowMs }: Limit): { ok: boolean; window: Window } {
    const now = this.clock.now();
    let window = this.windows.get(key);
    if (window === undefined || window.endsMs <= now) {
      window = { used: 0, endsMs: now + windowMs };
      this.windows.set(key, window);
    }
    if (window.used >= limit) return { ok: false, window };
    window.used++;
    return { ok: true, window };
  }
}
