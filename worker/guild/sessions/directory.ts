import type { ChannelId, ProjectName, RunnerId, ThreadId, UserId } from '../../../protocol/ids.ts';
import type { SessionReport, SessionSummary } from '../../domain/contract.ts';
import type { Store } from '../storage/store.ts';
import type { Sums } from './sums.ts';

/** Ended sessions beyond this many in all are forgotten, the oldest first; their threads keep everything. */
const SESSIONS_MAX = 500;
/** Of the rows of a thread `s`. */
const IS_NEWEST = 'gen = (SELECT MAX(gen) FROM sessions WHERE thread = s.thread)';

export interface KnownThread {
  readonly parent: ChannelId | null;
  /** The key of its session card in the parent channel; null: its card is in the thread. */
  readonly card: string | null;
  /** Heddle made it. */
  readonly made: boolean;
}

export interface KnownSession {
  readonly thread: ThreadId;
  readonly summary: SessionSummary;
}

/** A projection of what the Sessions report. They own their state; this is for lists, cards, and to know whom to link. */
export class Directory {
  readonly #store: Store;
  readonly #sums: Sums;
  readonly #forgotten: (thread: ThreadId) => void;

  /** `forgotten`: a session was dropped from the list; in the same transaction. */
  constructor(store: Store, sums: Sums, forgotten: (thread: ThreadId) => void) {
    this.#store = store;
    this.#sums = sums;
    this.#forgotten = forgotten;
  }

  thread(thread: ThreadId): KnownThread | null {
    const row = this.#store.one<{ parent: string | null; card: string | null; made: number }>(
      'SELECT parent, card, made FROM threads WHERE thread = ?',
      thread,
    );
    return row === null
      ? null
      : { parent: row.parent as ChannelId | null, card: row.card, made: row.made === 1 };
  }

  /** None of its sessions is listed any more. Its card is not kept up to date, and no second one is posted. */
  forgetThread(thread: ThreadId): void {
    this.#store.run('DELETE FROM threads WHERE thread = ?', thread);
  }

  setThread(thread: ThreadId, { parent, card, made }: KnownThread): void {
    this.#store.run(
      'INSERT OR REPLACE INTO threads (thread, parent, card, made) VALUES (?, ?, ?, ?)',
      thread,
      parent,
      card,
      made ? 1 : 0,
    );
  }

  /**
   * False: it is older than what is known, and nothing changed. A thread has one conversation at a time, so those before the reported one
   * are over, and one that is older than the newest has nothing to say any more. `lookMs`: when to look at it should it say nothing more.
   */
  take({ thread, gen, rev, summary }: SessionReport, lookMs: number): boolean {
    const known = this.#store.one<{ gen: number; rev: number }>(
      'SELECT gen, rev FROM sessions WHERE thread = ? ORDER BY gen DESC LIMIT 1',
      thread,
    );
    if (known !== null && (gen < known.gen || (gen === known.gen && rev <= known.rev))) return false;
    this.#store.run(
      `UPDATE sessions SET work = 0, summary = json_set(summary, '$.work', json('false'), '$.state', json('{"is":"ended"}'))
       WHERE thread = ? AND gen < ? AND json_extract(summary, '$.state.is') <> 'ended'`,
      thread,
      gen,
    );
    this.#store.run(
      `INSERT OR REPLACE INTO sessions (thread, gen, rev, runner, work, active_ms, summary, look_ms)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
      thread,
      gen,
      rev,
      summary.runner,
      summary.work ? 1 : 0,
      summary.activeMs,
      JSON.stringify(summary),
      lookMs,
    );
    if (summary.continues !== undefined) this.#goesOn(thread, summary.continues, known?.gen === gen, summary);
    if (known?.gen !== gen) this.#prune();
    return true;
  }

  /** The ended conversation is listed as this one; was it forgotten, its numbers come back from there. */
  #goesOn(thread: ThreadId, from: number, isKnown: boolean, summary: SessionSummary): void {
    const [before] = this.#store.all('SELECT 1 FROM sessions WHERE thread = ? AND gen = ?', thread, from);
    if (before !== undefined)
      this.#store.run('DELETE FROM sessions WHERE thread = ? AND gen = ?', thread, from);
    else if (!isKnown && summary.inherited !== undefined)
      this.#sums.cameBack(summary.starter.id, summary.inherited);
  }

  any(): boolean {
    return this.#store.one('SELECT 1 FROM sessions LIMIT 1') !== null;
  }

  /** The most lately active session. */
  newest(): KnownSession | null {
    return this.list()[0] ?? null;
  }

  /** How many did not end. */
  active(): number {
    return this.list().filter(({ summary }) => summary.state.is !== 'ended').length;
  }

  /** The names of the projects that the listed sessions are of. */
  projects(): string[] {
    return [...new Set(this.list().map(({ summary }) => summary.project))];
  }

  /** The newest conversation of a thread. */
  latest(thread: ThreadId): SessionSummary | null {
    const row = this.#store.one<{ summary: string }>(
      'SELECT summary FROM sessions WHERE thread = ? ORDER BY gen DESC LIMIT 1',
      thread,
    );
    return row === null ? null : (JSON.parse(row.summary) as SessionSummary);
  }

  /** The newest conversation of each thread, the most lately active first. */
  list(): KnownSession[] {
    const rows = this.#store.all<{ thread: string; summary: string }>(
      `SELECT thread, summary FROM sessions AS s
       WHERE ${IS_NEWEST} ORDER BY active_ms DESC, thread`,
    );
    return rows.map((row) => ({
      thread: row.thread as ThreadId,
      summary: JSON.parse(row.summary) as SessionSummary,
    }));
  }

  /** The runners that have work in a thread. */
  workers(thread: ThreadId): RunnerId[] {
    return this.#store
      .all<{ runner: string }>('SELECT DISTINCT runner FROM sessions WHERE thread = ? AND work = 1', thread)
      .map((row) => row.runner as RunnerId);
  }

  /** The threads whose session has something for this runner to do. */
  wanted(runner: RunnerId): ThreadId[] {
    return this.#store
      .all<{ thread: string }>(
        'SELECT DISTINCT thread FROM sessions WHERE runner = ? AND work = 1 ORDER BY thread',
        runner,
      )
      .map((row) => row.thread as ThreadId);
  }

  /** Whether one of those has something to do there that waits for no person. */
  works(runner: RunnerId): boolean {
    const row = this.#store.one(
      `SELECT 1 FROM sessions
       WHERE runner = ? AND work = 1 AND json_extract(summary, '$.state.is') <> 'waiting' LIMIT 1`,
      runner,
    );
    return row !== null;
  }

  /** The threads whose newest conversation is this runner's. */
  threadsOf(runner: RunnerId): ThreadId[] {
    return this.list()
      .filter(({ summary }) => summary.runner === runner)
      .map(({ thread }) => thread);
  }

  /** The threads to look at now, the most overdue first. */
  toLookAt(nowMs: number, limit: number): { readonly thread: ThreadId; readonly lookMs: number }[] {
    return this.#store
      .all<{ thread: string; look_ms: number }>(
        `SELECT thread, look_ms FROM sessions AS s WHERE look_ms <= ? AND ${IS_NEWEST} ORDER BY look_ms LIMIT ?`,
        nowMs,
        limit,
      )
      .map((row) => ({ thread: row.thread as ThreadId, lookMs: row.look_ms }));
  }

  /** `next`: null when there is nothing to look for. What it reported meanwhile comes first. */
  lookedAt(thread: ThreadId, lookMs: number, next: number | null): void {
    this.#store.run('UPDATE sessions SET look_ms = ? WHERE thread = ? AND look_ms = ?', next, thread, lookMs);
  }

  nextLookMs(): number | null {
    return (
      this.#store.one<{ next: number | null }>(
        `SELECT MIN(look_ms) AS next FROM sessions AS s WHERE ${IS_NEWEST}`,
      )?.next ?? null
    );
  }

  /** Sessions with work, by runner. */
  loads(): Map<RunnerId, number> {
    const rows = this.#store.all<{ runner: string; load: number }>(
      'SELECT runner, COUNT(*) AS load FROM sessions WHERE work = 1 GROUP BY runner',
    );
    return new Map(rows.map((row) => [row.runner as RunnerId, row.load]));
  }

  used(member: UserId, project: ProjectName, nowMs: number): void {
    this.#store.run(
      'INSERT OR REPLACE INTO recent (member, project, at_ms) VALUES (?, ?, ?)',
      member,
      project,
      nowMs,
    );
  }

  /** The member's projects, the last used first. */
  recent(member: UserId): ProjectName[] {
    return this.#store
      .all<{ project: string }>(
        'SELECT project FROM recent WHERE member = ? ORDER BY at_ms DESC LIMIT 10',
        member,
      )
      .map((row) => row.project as ProjectName);
  }

  #prune(): void {
    const count = this.#store.one<{ n: number }>('SELECT COUNT(*) AS n FROM sessions')?.n ?? 0;
    if (count <= SESSIONS_MAX) return;
    const ended = this.#store.all<{ thread: string; gen: number; summary: string }>(
      `SELECT thread, gen, summary FROM sessions WHERE work = 0 AND json_extract(summary, '$.state.is') = 'ended'
       ORDER BY active_ms LIMIT ?`,
      count - SESSIONS_MAX,
    );
    for (const { thread, gen, summary } of ended) {
      this.#sums.forgotten(JSON.parse(summary) as SessionSummary);
      this.#store.run('DELETE FROM sessions WHERE thread = ? AND gen = ?', thread, gen);
      this.#forgotten(thread as ThreadId);
    }
  }
}
