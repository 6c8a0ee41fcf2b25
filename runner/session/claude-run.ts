/** One life of a CLI process in its thread: from the wish for a place to its end, with the timer that ends it when idle. */

import type { PermissionMode } from '../../protocol/configure.ts';
import type { ClaudeSessionId, Gen } from '../../protocol/ids.ts';
import { errorName } from '../base/failure.ts';
import type { ClaudeProcess, EndReason } from '../claude/line/types.ts';
import type { Terms } from './claude-start.ts';
import type { HostContext } from './host-context.ts';
import type { Tenant } from './process-pool.ts';

export class ClaudeRun implements Tenant {
  readonly gen: Gen;
  /** `/clear` gives it another one. */
  claudeSession: ClaudeSessionId;
  process: ClaudeProcess | null = null;
  /** What its process was started with; null until it runs. */
  terms: Terms | null = null;
  phase: 'waiting' | 'starting' | 'live' | 'ending' = 'waiting';
  /** Why it is made to go, in words for the thread; null: nothing failed. */
  fault: string | null = null;
  /** A decision changed its mode to this, last. */
  grantedMode: PermissionMode | null = null;
  /** A prompt waits for it, so it is not idle. */
  wanted = true;
  /** Its process was given something to do. */
  used = false;
  readonly #context: HostContext;
  readonly #exited = Promise.withResolvers<void>();
  #timer: NodeJS.Timeout | null = null;

  constructor(context: HostContext, gen: Gen, claudeSession: ClaudeSessionId) {
    this.#context = context;
    this.gen = gen;
    this.claudeSession = claudeSession;
  }

  get idle(): boolean {
    const { process } = this;
    return (
      this.phase === 'live' &&
      !this.wanted &&
      process !== null &&
      !process.busy &&
      process.openRequests === 0 &&
      // Claude: a background task starts a turn, or asks, after the `result`.
      process.backgroundTasks === 0
    );
  }

  evict(): void {
    void this.end('idle');
  }

  /** Waits until no other process has this Claude conversation, and keeps others from it until `gone`. */
  async claim(): Promise<void> {
    const { exits } = this.#context;
    for (let other = exits.get(this.claudeSession); other !== undefined; ) {
      await other;
      other = exits.get(this.claudeSession);
    }
    exits.set(this.claudeSession, this.#exited.promise);
  }

  /** Its process goes on with this one. The one before stays its own as well until it is gone. */
  renamed(claudeSession: ClaudeSessionId): void {
    if (claudeSession === this.claudeSession) return;
    this.claudeSession = claudeSession;
    this.#context.exits.set(claudeSession, this.#exited.promise);
  }

  /** Something happened: the idle time begins anew. */
  touch(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    if (this.phase !== 'live') return;
    this.#timer = setTimeout(() => {
      if (this.idle) this.evict();
      else this.touch();
    }, this.#context.timings.idleMs);
    this.#timer.unref();
  }

  /** Ends the process; resolves when it is gone. One that has only started to start ends as well. */
  async end(reason: EndReason): Promise<void> {
    const { process } = this;
    this.phase = 'ending';
    this.touch();
    if (process === null) return;
    try {
      await process.end(reason);
    } catch (error) {
      this.#context.log('end-failed', { process: process.id, error: errorName(error) });
    }
  }

  /** Nothing is left of it: place, claim and timer are free. */
  gone(): void {
    this.phase = 'ending';
    this.touch();
    const { exits, pool } = this.#context;
    for (const [session, exited] of exits) if (exited === this.#exited.promise) exits.delete(session);
    this.#exited.resolve();
    pool.cancel(this);
    pool.release(this);
  }
}
