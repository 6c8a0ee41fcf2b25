import { retryable } from 'cloudflare:durable-objects';
import { DurableObject } from 'cloudflare:workers';
import { fingerprint } from '../../protocol/fingerprint.ts';
import type { PairRequest, PairResponse, RotateRequest } from '../../protocol/guild.ts';
import type { GuildId, ThreadId } from '../../protocol/ids.ts';
import type { Member } from '../domain/access.ts';
import type {
  Answer,
  Choice,
  ChoiceOf,
  GoesOn,
  GuildAct,
  OfferOf,
  ReportReceipt,
  SessionReport,
} from '../domain/contract.ts';
import { NEWER_LOOK_MS, NEWER_WORDS, newerResponse } from '../platform/migrations.ts';
import { doAct } from './acts.ts';
import { choicesFor, resumableFor } from './choices.ts';
import { type Rotated, rotateKey } from './key-rotation.ts';
import { offeredIn } from './offers.ts';
import { takeReport } from './reports.ts';
import { ring, wake } from './ring.ts';
import { showFingerprint } from './runner-acts.ts';
import type { PairError } from './runners/pairing.ts';
import { codeHash } from './runners/pairing-code.ts';
import { say } from './runners/words.ts';
import { buildServices, type Services } from './services.ts';

/**
 * One Discord server: its runners and who may use them, starting sessions, the directory of sessions, and what the parent channels
 * show. Named by the guild's id. Nothing is stored before a member uses it.
 */
export class Guild extends DurableObject<Env> {
  static {
    retryable(
      Guild.prototype.act,
      Guild.prototype.report,
      Guild.prototype.pair,
      Guild.prototype.rotate,
      Guild.prototype.choices,
      Guild.prototype.resumable,
      Guild.prototype.offered,
    );
  }

  readonly #services: Services;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#services = buildServices(ctx, env, (ctx.id.name ?? '') as GuildId);
    void ctx.blockConcurrencyWhile(async () => wake(this.#services, await ctx.storage.getAlarm()));
  }

  // ---------------------------------------------------------------- from the Worker

  /** Does what a person asked for, and answers. Idempotent by interaction. */
  async act(act: GuildAct): Promise<Answer> {
    if (act.place.guild !== this.#services.guild) return say('This is not that server, so nothing happened.');
    if (this.#services.store.newer) return say(NEWER_WORDS);
    this.#services.store.open();
    return doAct(this.#services, act);
  }

  /**
   * Autocomplete: the names that fit what the member typed, of what that member may use. `other`: what the command's runner is when
   * a project is looked for, and the other way round; empty when it says nothing.
   */
  async choices(member: Member, what: ChoiceOf, typed: string, other = ''): Promise<string[]> {
    return this.#services.store.ready ? choicesFor(this.#services, member, what, typed, other) : [];
  }

  /** Autocomplete: what the member may go on with, or have a copy of. */
  async resumable(member: Member, typed: string, goesOn: GoesOn): Promise<Choice[]> {
    return this.#services.store.ready ? resumableFor(this.#services, member, typed, Date.now(), goesOn) : [];
  }

  /** Autocomplete: what the session of that thread may choose from. */
  async offered(member: Member, thread: ThreadId, what: OfferOf, typed: string): Promise<Choice[]> {
    return this.#services.store.ready ? offeredIn(this.#services, member, thread, what, typed) : [];
  }

  /** A runner redeems a pairing code. A guild that nobody used knows no codes, and nothing is written for it. */
  async pair(request: PairRequest): Promise<PairResponse | { error: PairError }> {
    const { store, pairings, later } = this.#services;
    if (!store.ready) return { error: 'unknown' };
    const hash = await codeHash(request.code);
    const print = await fingerprint(request.publicKey);
    const answer = store.transaction(() => pairings.redeem(request, hash, print, Date.now()));
    if (!('error' in answer)) later(showFingerprint(this.#services, answer.runner));
    return answer;
  }

  /** A runner replaces its key; `authorization` is signed by the old one. */
  async rotate(request: RotateRequest, authorization: string | null): Promise<Rotated> {
    return this.#services.store.ready ? rotateKey(this.#services, request, authorization) : 'unknown';
  }

  // ---------------------------------------------------------------- from the Sessions

  /** A Session tells its state; the answer is what the Guild knows of its runner. */
  async report(report: SessionReport): Promise<ReportReceipt> {
    this.#services.store.open();
    return takeReport(this.#services, report);
  }

  // ---------------------------------------------------------------- the runners' links

  override async fetch(request: Request): Promise<Response> {
    return this.#services.store.newer ? newerResponse() : this.#services.links.upgrade(request);
  }

  override webSocketMessage(ws: WebSocket, data: string | ArrayBuffer): void {
    this.#services.links.message(ws, data);
  }

  override webSocketClose(ws: WebSocket, code: number, reason: string): void {
    this.#services.links.closed(ws, code, reason);
  }

  override webSocketError(ws: WebSocket): void {
    this.#services.links.failed(ws);
  }

  // ---------------------------------------------------------------- time

  override async alarm(): Promise<void> {
    // An alarm that rings for the wrong code must not be lost.
    if (this.#services.store.newer) await this.ctx.storage.setAlarm(Date.now() + NEWER_LOOK_MS);
    else await ring(this.#services);
  }
}
