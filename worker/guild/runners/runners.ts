import * as v from 'valibot';
import { Catalogue } from '../../../protocol/guild.ts';
import type { ProjectName, RoleId, RunnerId, UserId } from '../../../protocol/ids.ts';
import type { RunnerAccess } from '../../domain/access.ts';
import type { Presence, RunnerFacts, ShareTarget } from '../../domain/contract.ts';
import type { Row, Store } from '../storage/store.ts';
import type { Candidate } from './choose.ts';

/** `removed` stays known: its links are refused with that word, and its sessions hear that nobody may use it. */
export type Standing = 'unconfirmed' | 'confirmed' | 'removed';

export interface Runner {
  readonly id: RunnerId;
  readonly name: string;
  /** Ed25519, raw, base64url. */
  readonly publicKey: string;
  /** The key that this one replaced, while it is still good. */
  readonly previousKey: string | null;
  readonly fingerprint: string;
  /** Where it reaches this Worker; its tokens must name it. */
  readonly origin: string;
  readonly owner: UserId;
  readonly ownerName: string;
  readonly standing: Standing;
  readonly accessRev: number;
  readonly presence: Presence;
  /** Since when it is so; null: it never connected. */
  readonly sinceMs: number | null;
  /** Null until it has connected. */
  readonly catalogue: Catalogue | null;
}

export type NewRunner = Omit<
  Runner,
  'previousKey' | 'standing' | 'accessRev' | 'presence' | 'sinceMs' | 'catalogue'
>;

interface RunnerRow extends Row {
  id: string;
  name: string;
  public_key: string;
  previous_key: string | null;
  fingerprint: string;
  origin: string;
  owner: string;
  owner_name: string;
  standing: string;
  access_rev: number;
  online: number;
  since_ms: number | null;
  presence_rev: number;
  catalogue: string | null;
}

/** The guild's runners: whose they are, whom they are shared with, whether they are there, what they offer. */
export class Runners {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  /** Those that were not removed, in the order of their names. */
  all(): Runner[] {
    return this.#store
      .all<RunnerRow>("SELECT * FROM runners WHERE standing <> 'removed'")
      .map(fromRow)
      .toSorted((a, b) => a.name.localeCompare(b.name));
  }

  /** Also one that was removed. */
  get(id: string): Runner | null {
    const row = this.#store.one<RunnerRow>('SELECT * FROM runners WHERE id = ?', id);
    return row === null ? null : fromRow(row);
  }

  withKey(publicKey: string): Runner | null {
    const row = this.#store.one<RunnerRow>('SELECT * FROM runners WHERE public_key = ?', publicKey);
    return row === null ? null : fromRow(row);
  }

  add(runner: NewRunner): void {
    this.#store.run(
      `INSERT INTO runners (id, name, public_key, fingerprint, origin, owner, owner_name, standing, access_rev, online, since_ms, catalogue)
       VALUES (?, ?, ?, ?, ?, ?, ?, 'unconfirmed', 1, 0, NULL, NULL)`,
      runner.id,
      runner.name,
      runner.publicKey,
      runner.fingerprint,
      runner.origin,
      runner.owner,
      runner.ownerName,
    );
  }

  /** The name, or the name with a number when another runner of the guild has it. */
  freeName(name: string): string {
    const taken = new Set(this.all().map((runner) => runner.name.toLowerCase()));
    let free = name;
    for (let n = 2; taken.has(free.toLowerCase()); n++) free = `${name} ${n}`;
    return free;
  }

  setStanding(id: RunnerId, standing: Standing): void {
    this.#store.run(
      'UPDATE runners SET standing = ?, access_rev = access_rev + 1 WHERE id = ?',
      standing,
      id,
    );
  }

  /** The key before stays good until `dropPreviousKey`. */
  replaceKey(id: RunnerId, publicKey: string, fingerprint: string): void {
    this.#store.run(
      `UPDATE runners SET previous_key = public_key, public_key = ?, fingerprint = ?, access_rev = access_rev + 1
       WHERE id = ?`,
      publicKey,
      fingerprint,
      id,
    );
  }

  dropPreviousKey(id: RunnerId): void {
    this.#store.run(
      'UPDATE runners SET previous_key = NULL, access_rev = access_rev + 1 WHERE id = ? AND previous_key IS NOT NULL',
      id,
    );
  }

  /** False: it was so already. */
  setShare(id: RunnerId, target: ShareTarget, on: boolean): boolean {
    const [kind, who] = 'member' in target ? ['member', target.member] : ['role', target.role];
    const there = this.#store.one(
      'SELECT 1 FROM shares WHERE runner = ? AND kind = ? AND target = ?',
      id,
      kind,
      who,
    );
    if ((there !== null) === on) return false;
    const query = on
      ? 'INSERT INTO shares (runner, kind, target) VALUES (?, ?, ?)'
      : 'DELETE FROM shares WHERE runner = ? AND kind = ? AND target = ?';
    this.#store.run(query, id, kind, who);
    this.#store.run('UPDATE runners SET access_rev = access_rev + 1 WHERE id = ?', id);
    return true;
  }

  setPresence(id: RunnerId, presence: Presence, nowMs: number): void {
    const since = presence.online ? nowMs : presence.sinceMs;
    this.#store.run(
      'UPDATE runners SET online = ?, since_ms = ?, presence_rev = presence_rev + 1 WHERE id = ?',
      presence.online ? 1 : 0,
      since,
      id,
    );
  }

  setCatalogue(id: RunnerId, catalogue: Catalogue): void {
    this.#store.run('UPDATE runners SET catalogue = ? WHERE id = ?', JSON.stringify(catalogue), id);
  }

  access(runner: Runner): RunnerAccess {
    const shares = this.#store.all<{ kind: string; target: string }>(
      'SELECT kind, target FROM shares WHERE runner = ?',
      runner.id,
    );
    const of = (kind: string) => shares.filter((share) => share.kind === kind).map((share) => share.target);
    return {
      owner: runner.owner,
      ownerName: runner.ownerName,
      members: of('member').map((id) => id as UserId),
      roles: of('role').map((id) => id as RoleId),
      // An unconfirmed key is as little to be used as one that was removed.
      removed: runner.standing !== 'confirmed',
      rev: runner.accessRev,
      keys: keysOf(runner),
    };
  }

  facts(runner: Runner): RunnerFacts {
    const { id, name, publicKey, presence } = runner;
    return { id, name, publicKey, access: this.access(runner), presence };
  }

  /** What `choose` weighs: also those that were removed, to be told from those that never were. `loads`: sessions with work by runner. */
  candidates(loads: ReadonlyMap<string, number>): Candidate[] {
    const rows = this.#store.all<RunnerRow>("SELECT * FROM runners WHERE standing <> 'unconfirmed'");
    return rows.map(fromRow).map((runner) => ({
      id: runner.id,
      name: runner.name,
      access: this.access(runner),
      presence: runner.presence,
      projects: runner.catalogue?.projects.map((project): ProjectName => project.name) ?? null,
      claudeTrouble: runner.catalogue?.claude.ok === false ? runner.catalogue.claude.words : null,
      load: loads.get(runner.id) ?? 0,
      processes: runner.catalogue?.processes ?? 0,
      places: runner.catalogue?.places ?? null,
    }));
  }
}

/** Those that it may sign in with. */
export function keysOf({ publicKey, previousKey }: Runner): string[] {
  return previousKey === null ? [publicKey] : [publicKey, previousKey];
}

function fromRow(row: RunnerRow): Runner {
  return {
    id: row.id as RunnerId,
    name: row.name,
    publicKey: row.public_key,
    previousKey: row.previous_key,
    fingerprint: row.fingerprint,
    origin: row.origin,
    owner: row.owner as UserId,
    ownerName: row.owner_name,
    standing: row.standing as Standing,
    accessRev: row.access_rev,
    presence:
      row.online === 1
        ? { online: true, rev: row.presence_rev }
        : { online: false, sinceMs: row.since_ms, rev: row.presence_rev },
    sinceMs: row.since_ms,
    catalogue: parseCatalogue(row.catalogue),
  };
}

/** Stored by an older version it may have another shape; the runner sends it again when it connects. */
function parseCatalogue(text: string | null): Catalogue | null {
  if (text === null) return null;
  const result = v.safeParse(Catalogue, JSON.parse(text));
  return result.success ? result.output : null;
}
