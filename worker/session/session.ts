import { retryable } from 'cloudflare:durable-objects';
import { DurableObject } from 'cloudflare:workers';
import type { RunnerId } from '../../protocol/ids.ts';
import type { RunnerAccess } from '../access.ts';
import type { Presence, SessionAct, SessionAnswer, SessionOpen, SessionOpened } from '../contract.ts';

/** One Discord thread and the Claude conversations in it. */
export class Session extends DurableObject<Env> {
  static {
    retryable(Session.prototype.open, Session.prototype.act, Session.prototype.facts);
  }

  async open(_open: SessionOpen): Promise<SessionOpened> {
    return { ok: false, why: 'Sessions are not built yet.' };
  }
  async act(_act: SessionAct): Promise<SessionAnswer> {
    return { kind: 'private', text: 'Sessions are not built yet.' };
  }
  async facts(_facts: { runner: RunnerId; presence: Presence; access: RunnerAccess }): Promise<void> {}
}
