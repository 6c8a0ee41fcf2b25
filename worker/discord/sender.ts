/** Sends one step of a plan and makes of the answer what must be remembered. */
import { assertNever } from '../../protocol/never.ts';
import type { Slot } from '../domain/slot.ts';
import { adopt, type Doubt, fingerprintOf } from './adopt.ts';
import type { Buckets, Route } from './buckets.ts';
import type { DeliveryOptions } from './delivery-options.ts';
import { Drafts, lacksFiles } from './drafts.ts';
import { type DiscordError, errorText } from './errors.ts';
import { nonceOf, spreadOf } from './hash.ts';
import { editBody } from './message-body.ts';
import type { Step } from './plan.ts';
import { NONCE_TRUST_MS } from './plan.ts';
import type { Posted } from './posted.ts';
import type { RestMessage, RestResult } from './rest-types.ts';
import { snowflakeAt, snowflakeTimeMs } from './snowflake.ts';
import type { PostedRow } from './store.ts';
import { parkReason, type Trouble } from './trouble.ts';

/** Someone, or a moderating bot, deletes this message each time: enough. */
const INCARNATIONS_MAX = 5;
/** Discord's clock and ours may differ by this when the messages around a create are looked through. */
const CLOCK_SKEW_MS = 10_000;
/** A thread that is archived again so soon after it was unarchived is not ours to open. */
const UNARCHIVED_MS = 10_000;

export class Sender {
  /** When the last request went out that showed a growing text. */
  streamedMs = Number.NEGATIVE_INFINITY;
  readonly #options: DeliveryOptions;
  readonly #posted: Posted;
  readonly #buckets: Buckets;
  readonly #trouble: Trouble;
  readonly #drafts: Drafts;
  #unarchivedMs = Number.NEGATIVE_INFINITY;

  constructor(options: DeliveryOptions, posted: Posted, buckets: Buckets, trouble: Trouble) {
    this.#options = options;
    this.#posted = posted;
    this.#buckets = buckets;
    this.#trouble = trouble;
    this.#drafts = new Drafts(options.readFile);
  }

  /** How many requests it took. */
  async send(step: Step): Promise<number> {
    if (step.stream) this.streamedMs = this.#options.now();
    switch (step.do) {
      case 'create':
        await this.#create(step.slot);
        return 1;
      case 'find':
        await this.#find(step.slot);
        return 1;
      case 'edit':
        return this.#edit(step.slot);
      case 'delete':
        return this.#delete(step.slot);
      default:
        return assertNever(step);
    }
  }

  async #create(slot: Slot): Promise<void> {
    const { channel, rest, now } = this.#options;
    const before = this.#posted.row(slot.key);
    const incarnation = before?.incarnation ?? 0;
    const draft = this.#drafts.of(slot, nonceOf(channel, slot.key, incarnation));
    for (const note of draft.notes) this.#options.onNote?.(`${slot.key}: ${note}`);
    // Remembered before it is sent; see `store.ts`.
    const isFirst = before === undefined || before.sentMs === 0;
    const sentMs = isFirst ? now() : before.sentMs;
    const hash = isFirst ? fingerprintOf(draft.body.content) : before.hash;
    const row: PostedRow = { key: slot.key, state: 'sending', message: null, hash, incarnation, sentMs };
    if (isFirst) this.#posted.put(row, false);

    const result = await this.#request('create', () => rest.createMessage(channel, draft.body, draft.files));
    if (result.ok) {
      // Discord may answer with the message of an earlier create, even of one that was deleted since: what that one shows is not known.
      const isNew = isFirst && (snowflakeTimeMs(result.value.id) ?? 0) >= sentMs - CLOCK_SKEW_MS;
      this.#created(slot, row, result.value, isNew && !draft.isWords);
      if (draft.isWords) this.#trouble.refuse(slot, this.#posted.hash(slot));
      return;
    }
    const { error } = result;
    // Nothing was created by this request, and none before it is in doubt.
    if (isFirst && error.kind !== 'transient' && error.kind !== 'unknown')
      this.#posted.remember({ ...row, sentMs: 0 });
    if (error.kind === 'invalid' || (error.kind === 'forbidden' && draft.files.length > 0)) {
      this.#options.onNote?.(`${slot.key}: ${errorText(error)}`);
      if (this.#drafts.reduce(slot, draft)) return;
      if (error.kind === 'invalid') return this.#end(slot);
    }
    // It was not because of the files.
    if (error.kind === 'forbidden') this.#drafts.done(slot);
    await this.#failed('create', slot, error);
  }

  /** `isKnown`: it shows the slot's body. */
  #created(slot: Slot, row: PostedRow, message: RestMessage, isKnown: boolean): void {
    const isBare = lacksFiles(slot, message.files);
    const hash = isKnown ? this.#posted.hash(slot, isBare) : '';
    const state = isBare ? 'bare' : 'posted';
    this.#posted.put(
      { ...row, state, message: message.id, hash, sentMs: 0 },
      slot.phase === 'live' || !isKnown,
    );
    this.#drafts.done(slot);
    this.#options.onPosted?.(slot.key, message.id);
    if (isKnown) this.#options.onShown?.(slot);
  }

  async #find(slot: Slot): Promise<void> {
    const { channel, rest, now } = this.#options;
    const row = this.#posted.row(slot.key);
    if (row === undefined) return;
    const after = snowflakeAt(row.sentMs - CLOCK_SKEW_MS);
    const result = await this.#request('read', () => rest.messagesAfter(channel, after));
    if (!result.ok) {
      await this.#failed('read', slot, result.error);
      return;
    }
    const ours = adopt(result.value, this.#doubt(row), this.#otherDoubts(slot), {
      me: rest.me,
      isTaken: (message) => this.#posted.hasMessage(message.id),
    });
    if (ours !== undefined) return this.#created(slot, row, ours, false);
    if (slot.deleted === undefined) return this.#posted.remember({ ...row, sentMs: 0 });
    // It may still arrive: only after a while is it sure that there is nothing to delete.
    const sureMs = row.sentMs + NONCE_TRUST_MS;
    if (now() > sureMs) this.#end(slot);
    else this.#trouble.hold(slot, '', sureMs - now() + 1, now());
  }

  #doubt(row: PostedRow): Doubt {
    return { nonce: nonceOf(this.#options.channel, row.key, row.incarnation), fingerprint: row.hash };
  }

  /** The other slots whose create may have been applied. */
  #otherDoubts(slot: Slot): Doubt[] {
    return this.#options.desired().slots.flatMap((other) => {
      const row = other.key === slot.key ? undefined : this.#posted.row(other.key);
      return row?.state === 'sending' && row.sentMs > 0 ? [this.#doubt(row)] : [];
    });
  }

  async #edit(slot: Slot): Promise<number> {
    const { channel, rest } = this.#options;
    const row = this.#posted.row(slot.key);
    if (row === undefined || row.message === null) return 0;
    const { message } = row;
    const hash = this.#posted.hash(slot);
    const { body, notes } = editBody(slot, row.state === 'bare');
    this.#posted.doubt(slot.key);
    const result = await this.#request('edit', () => rest.editMessage(channel, message, body));
    if (result.ok) {
      if (slot.phase !== 'live') for (const note of notes) this.#options.onNote?.(`${slot.key}: ${note}`);
      this.#trouble.release(slot);
      this.#posted.edited(slot, hash);
      this.#options.onShown?.(slot);
      return 1;
    }
    const { error } = result;
    if (error.kind === 'gone' && error.what === 'message') this.#vanished(slot, row);
    else return 1 + (await this.#failed('edit', slot, error));
    return 1;
  }

  /** Someone deleted the message. What nobody can have read in it is posted again, though it is finished by now. */
  #vanished(slot: Slot, row: PostedRow): void {
    const stays = slot.whenDeleted === 'gone' && !this.#posted.isPartial(slot.key);
    if (stays || row.incarnation + 1 >= INCARNATIONS_MAX) return this.#end(slot);
    const incarnation = row.incarnation + 1;
    this.#posted.put(
      { key: slot.key, state: 'sending', message: null, hash: '', incarnation, sentMs: 0 },
      false,
    );
  }

  async #delete(slot: Slot): Promise<number> {
    const { channel, rest } = this.#options;
    const message = this.#posted.message(slot.key);
    if (message === null) return 0;
    const result = await this.#request('delete', () => rest.deleteMessage(channel, message));
    if (result.ok || (result.error.kind === 'gone' && result.error.what === 'message')) this.#end(slot);
    else return 1 + (await this.#failed('delete', slot, result.error));
    return 1;
  }

  /** The slot's message is gone for good. */
  #end(slot: Slot): void {
    const incarnation = this.#posted.row(slot.key)?.incarnation ?? 0;
    const row = { key: slot.key, state: 'gone', message: null, hash: '', incarnation, sentMs: 0 } as const;
    this.#posted.put(row, false);
  }

  async #request<T>(route: Route, call: () => Promise<RestResult<T>>): Promise<RestResult<T>> {
    this.#buckets.spend(route, this.#options.now());
    const result = await call();
    this.#buckets.observe(route, result.bucket, this.#options.now());
    if (result.ok && this.#trouble.worked()) this.#options.onParked(null);
    return result;
  }

  /** How many requests more it took. */
  async #failed(route: Route, slot: Slot, error: DiscordError): Promise<number> {
    const nowMs = this.#options.now();
    const reason = parkReason(error);
    if (reason !== null) {
      if (this.#trouble.park(reason, nowMs)) this.#options.onParked(reason);
      return 0;
    }
    switch (error.kind) {
      case 'rateLimited':
        this.#options.onNote?.(`429 ${error.scope} on ${route}`);
        if (error.global)
          this.#trouble.limitedGlobally(
            error.retryAfterMs,
            spreadOf(`${this.#options.channel}/${nowMs}`),
            nowMs,
          );
        else this.#buckets.block(route, nowMs + error.retryAfterMs);
        return 0;
      case 'archived':
        return this.#unarchive(slot);
      case 'tooOld':
        this.#trouble.tooOld(slot, this.#posted.hash(slot), error.retryAfterMs, nowMs);
        return 0;
      case 'transient':
        this.#options.onNote?.(`${errorText(error)} on ${route}`);
        this.#trouble.failed(error.retryAfterMs, nowMs);
        return 0;
      case 'unknown':
        this.#options.onNote?.(`${errorText(error)} on ${route}`);
        this.#trouble.failed(0, nowMs);
        return 0;
      default:
        this.#options.onNote?.(`${slot.key}: ${errorText(error)}`);
        this.#trouble.refuse(slot, this.#posted.hash(slot));
        return 0;
    }
  }

  /** Discord refuses edits in an archived thread (50083); a person cannot press its buttons either. */
  async #unarchive(slot: Slot): Promise<number> {
    const { channel, rest, now } = this.#options;
    if (now() - this.#unarchivedMs < UNARCHIVED_MS) {
      await this.#failed('channel', slot, { kind: 'locked' });
      return 0;
    }
    this.#unarchivedMs = now();
    const result = await this.#request('channel', () => rest.patchChannel(channel, { archived: false }));
    if (!result.ok) {
      const { error } = result;
      // Only who may manage threads can open a locked one.
      const isLocked = error.kind === 'archived' || error.kind === 'forbidden';
      this.#unarchivedMs = Number.NEGATIVE_INFINITY;
      await this.#failed('channel', slot, isLocked ? { kind: 'locked' } : error);
    }
    return 1;
  }
}
