/**
 * Accounting of the rate limits of one channel, from the headers of Discord's answers, so that a request that would be
 * answered 429 is not sent. Pure: the caller gives the times.
 *
 * Discord: a route's bucket is named by `X-RateLimit-Bucket` and holds `limit` requests a window. Creating and editing
 * messages may share one bucket or have one each; the name tells. Until a route has answered once it is taken to share the
 * bucket of the other, which is the safe guess.
 */

/** Routes that spend from a channel's buckets. */
export type Route = 'create' | 'edit' | 'delete' | 'read' | 'channel';

/** What one answer said about its bucket. */
export interface BucketInfo {
  /** Discord's name of the bucket; null when the answer named none. */
  readonly hash: string | null;
  readonly limit: number;
  readonly remaining: number;
  readonly resetAfterMs: number;
}

/** How many may be sent now, and when the window ends; `resetMs` is null when no window runs. */
export interface Tokens {
  readonly left: number;
  readonly resetMs: number | null;
}

interface Window {
  limit: number;
  left: number;
  resetMs: number;
}

/** Observed for creates and for edits, one channel; the headers correct it with the first answer. */
const ASSUMED_LIMIT = 5;
const ASSUMED_WINDOW_MS = 5000;
/** `X-RateLimit-Reset-After` is rounded to the millisecond, and both ends' timers may be one early. */
const RESET_PAD_MS = 5;

export class Buckets {
  readonly #hashOf = new Map<Route, string>();
  readonly #windows = new Map<string, Window>();

  /** A request goes out. The answer's headers replace this guess; without an answer it stands. */
  spend(route: Route, nowMs: number): void {
    const window = this.#window(this.#bucket(route));
    if (nowMs >= window.resetMs) {
      window.left = window.limit;
      window.resetMs = nowMs + ASSUMED_WINDOW_MS;
    }
    window.left = Math.max(0, window.left - 1);
  }

  /** An answer came at `nowMs`. */
  observe(route: Route, info: BucketInfo | null, nowMs: number): void {
    if (info === null) return;
    if (info.hash !== null) this.#learn(route, info.hash);
    const window = this.#window(this.#bucket(route));
    window.limit = Math.max(1, info.limit);
    window.left = Math.max(0, info.remaining);
    window.resetMs = nowMs + Math.max(0, info.resetAfterMs) + RESET_PAD_MS;
  }

  /** A 429 of this bucket. */
  block(route: Route, untilMs: number): void {
    const window = this.#window(this.#bucket(route));
    window.left = 0;
    window.resetMs = untilMs + RESET_PAD_MS;
  }

  /** The route's bucket is known by name. */
  isKnown(route: Route): boolean {
    return this.#hashOf.has(route);
  }

  /** Creates and edits share one bucket, or it is not known yet that they do not. */
  get mayShare(): boolean {
    return this.#bucket('create') === this.#bucket('edit');
  }

  /** What may be sent now. */
  tokens(route: Route, nowMs: number): Tokens {
    const window = this.#windows.get(this.#bucket(route));
    if (window === undefined) return { left: ASSUMED_LIMIT, resetMs: null };
    if (nowMs >= window.resetMs) return { left: window.limit, resetMs: null };
    return { left: window.left, resetMs: window.resetMs };
  }

  /** The name of the bucket that the route spends from: Discord's, else the sibling's, else our own. */
  #bucket(route: Route): string {
    const known = this.#hashOf.get(route);
    if (known !== undefined) return known;
    const sibling: Route | null = route === 'create' ? 'edit' : route === 'edit' ? 'create' : null;
    if (sibling === null) return `?${route}`;
    return this.#hashOf.get(sibling) ?? '?messages';
  }

  #learn(route: Route, hash: string): void {
    if (this.#hashOf.get(route) === hash) return;
    // What was spent under the guessed name stays spent under the real one.
    const guessed = this.#windows.get(this.#bucket(route));
    this.#hashOf.set(route, hash);
    if (guessed !== undefined && !this.#windows.has(hash)) this.#windows.set(hash, { ...guessed });
  }

  #window(bucket: string): Window {
    let window = this.#windows.get(bucket);
    if (window === undefined) {
      window = { limit: ASSUMED_LIMIT, left: ASSUMED_LIMIT, resetMs: 0 };
      this.#windows.set(bucket, window);
    }
    return window;
  }
}
