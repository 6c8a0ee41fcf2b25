/**
 * How a runner comes into a guild. A member makes a link, a runner redeems its code and leaves its public key, the member
 * compares the key's fingerprint and confirms. Until then the key opens nothing. All of it runs inside the Guild's transactions.
 */
import type { PairRequest, PairResponse } from '../../../protocol/guild.ts';
import type { InteractionId, RunnerId, UserId } from '../../../protocol/ids.ts';
import { type Member, may } from '../../domain/access.ts';
import { BUTTONS } from '../../domain/buttons.ts';
import type { Answer } from '../../domain/contract.ts';
import type { Durations } from '../../platform/durations.ts';
import type { Row, Store } from '../storage/store.ts';
import type { Timers } from '../storage/timers.ts';
import * as words from './pairing-words.ts';
import type { Runner, Runners } from './runners.ts';
import { refusal } from './words.ts';

/** Wrong codes that a guild counts in one window; what comes after is refused without a row being written. */
const WRONG_CODES_MAX = 20;

/** `slow`: too many wrong codes of late. */
export type PairError = 'unknown' | 'used' | 'expired' | 'slow';

export interface Pairing {
  readonly id: InteractionId;
  readonly owner: UserId;
  readonly ownerName: string;
  readonly origin: string;
  /** The interaction's token while it may still be of use. */
  readonly token: string | null;
  readonly expiresMs: number;
  /** Who redeemed the code. */
  readonly runner: RunnerId | null;
}

interface PairingRow extends Row {
  id: string;
  owner: string;
  owner_name: string;
  origin: string;
  token: string | null;
  expires_ms: number;
  runner: string | null;
}

export interface PairingBegin {
  readonly id: InteractionId;
  readonly member: Member;
  readonly codeHash: string;
  readonly link: string;
  readonly origin: string;
  readonly token: string;
}

export class Pairings {
  readonly #store: Store;
  readonly #timers: Timers;
  readonly #runners: Runners;
  readonly #durations: Durations;

  constructor(store: Store, timers: Timers, runners: Runners, durations: Durations) {
    this.#store = store;
    this.#timers = timers;
    this.#runners = runners;
    this.#durations = durations;
  }

  /** `/runner pair`. A second delivery finds its pairing and answers the same. */
  begin({ id, member, codeHash, link, origin, token }: PairingBegin, nowMs: number): Answer {
    const known = this.get(id);
    if (known !== null) return words.link(id, link, known.expiresMs);
    const expiresMs = nowMs + this.#durations.pairingCodeMs;
    this.#store.run(
      `INSERT INTO pairings (id, code_hash, owner, owner_name, origin, token, expires_ms, runner)
       VALUES (?, ?, ?, ?, ?, ?, ?, NULL)`,
      id,
      codeHash,
      member.id,
      member.name,
      origin,
      token,
      expiresMs,
    );
    this.#timers.set(timerOf(id), expiresMs);
    return words.link(id, link, expiresMs);
  }

  /** `POST /runner/pair`. The same code with the same key again gets the same answer: the first one may have been lost. */
  redeem(
    request: PairRequest,
    codeHash: string,
    fingerprint: string,
    nowMs: number,
  ): PairResponse | { readonly error: PairError } {
    const row = this.#store.one<PairingRow>('SELECT * FROM pairings WHERE code_hash = ?', codeHash);
    if (row === null) return { error: this.#countWrong(nowMs) };
    const pairing = fromRow(row);
    const same = this.#runners.withKey(request.publicKey);
    if (pairing.runner !== null) {
      const again = same !== null && same.id === pairing.runner;
      return again ? answerOf(pairing, same) : { error: 'used' };
    }
    if (pairing.expiresMs <= nowMs) return { error: 'expired' };
    if (same !== null) return { error: 'used' };
    const runner = {
      id: crypto.randomUUID() as RunnerId,
      name: this.#runners.freeName(request.name),
      publicKey: request.publicKey,
      fingerprint,
      origin: pairing.origin,
      owner: pairing.owner,
      ownerName: pairing.ownerName,
    };
    this.#runners.add(runner);
    this.#store.run('UPDATE pairings SET runner = ? WHERE id = ?', runner.id, pairing.id);
    this.#timers.set(timerOf(pairing.id), nowMs + this.#durations.pairingConfirmMs);
    return answerOf(pairing, runner);
  }

  /** Continue: whether the runner has called, and its fingerprint. */
  look(id: string, member: Member): Answer {
    const pairing = this.get(id);
    if (pairing === null) return words.gone();
    if (!isOf(pairing, member)) return words.notYours(pairing.ownerName);
    if (pairing.runner === null) return words.notYet(pairing.expiresMs);
    const runner = this.#runners.get(pairing.runner);
    if (runner === null) return words.gone();
    return runner.standing === 'unconfirmed' ? words.compare(runner) : stands(runner);
  }

  /** Confirm and Refuse. */
  settle(verb: 'pairyes' | 'pairno', id: string, member: Member): Answer {
    const runner = this.#runners.get(id);
    if (runner === null) return words.gone();
    if (!isOf(runner, member)) return words.notYours(runner.ownerName);
    if (runner.standing === 'unconfirmed') {
      const facts = { runner: null, starter: null, author: runner.owner };
      const allowed = may(member, BUTTONS[verb].right, facts);
      if (!allowed.ok) return refusal(allowed.why);
      this.#runners.setStanding(runner.id, verb === 'pairyes' ? 'confirmed' : 'removed');
      return verb === 'pairyes' ? words.confirmed(runner) : words.refused(runner);
    }
    return stands(runner);
  }

  /** A pairing's timer: a link that nobody used, or a key that nobody confirmed, is forgotten. */
  expire(id: string): void {
    const pairing = this.get(id);
    if (pairing === null) return;
    const runner = pairing.runner === null ? null : this.#runners.get(pairing.runner);
    if (runner?.standing === 'unconfirmed') this.#runners.setStanding(runner.id, 'removed');
    this.#store.run('DELETE FROM pairings WHERE id = ?', id);
  }

  get(id: string): Pairing | null {
    const row = this.#store.one<PairingRow>('SELECT * FROM pairings WHERE id = ?', id);
    return row === null ? null : fromRow(row);
  }

  /** The pairing that a runner came by, while it is kept. */
  of(runner: RunnerId): Pairing | null {
    const row = this.#store.one<PairingRow>('SELECT * FROM pairings WHERE runner = ?', runner);
    return row === null ? null : fromRow(row);
  }

  /** A wrong code burns nothing, but a guild hears only so many. */
  #countWrong(nowMs: number): PairError {
    const since = this.#store.counter('wrongSinceMs');
    const fresh = nowMs - since >= this.#durations.pairingWindowMs;
    const count = fresh ? 0 : this.#store.counter('wrong');
    if (count >= WRONG_CODES_MAX) return 'slow';
    if (fresh) this.#store.setCounter('wrongSinceMs', nowMs);
    this.#store.setCounter('wrong', count + 1);
    return 'unknown';
  }
}

export const PAIRING_TIMER = 'pairing:';

function timerOf(id: InteractionId): string {
  return `${PAIRING_TIMER}${id}`;
}

function answerOf(pairing: Pairing, runner: { readonly id: RunnerId }): PairResponse {
  return {
    runner: runner.id,
    owner: pairing.owner,
    ownerName: pairing.ownerName.slice(0, 200),
    guildName: '',
  };
}

function isOf({ owner }: { readonly owner: UserId }, member: Member): boolean {
  return may(member, 'answerPairing', { runner: null, starter: null, author: owner }).ok;
}

function stands(runner: Runner): Answer {
  return runner.standing === 'confirmed' ? words.confirmed(runner) : words.refused(runner);
}

function fromRow(row: PairingRow): Pairing {
  return {
    id: row.id as InteractionId,
    owner: row.owner as UserId,
    ownerName: row.owner_name,
    origin: row.origin,
    token: row.token,
    expiresMs: row.expires_ms,
    runner: row.runner as RunnerId | null,
  };
}
