import { AlarmClock } from '../../platform/alarm-clock.ts';
import type { Store } from './store.ts';

export interface DueTimer {
  readonly key: string;
  readonly dueMs: number;
}

/** Named timers over the object's one alarm. Cloudflare: an alarm runs at least once, and each `setAlarm` is a row written. */
export class Timers {
  readonly #alarm: AlarmClock;
  readonly #store: () => Store;
  /** Set or cleared since they were taken. */
  readonly #touched = new Set<string>();

  constructor(storage: DurableObjectStorage, store: () => Store) {
    this.#alarm = new AlarmClock(storage);
    this.#store = store;
  }

  /** Sets or moves a timer. */
  set(key: string, dueMs: number): void {
    this.#touched.add(key);
    this.#store().run('INSERT OR REPLACE INTO timers (key, due_ms) VALUES (?, ?)', key, dueMs);
  }

  /** Moves a timer forward in time, never back. */
  atLatest(key: string, dueMs: number): void {
    const current = this.due(key);
    if (current === null || current > dueMs) this.set(key, dueMs);
  }

  clear(key: string): void {
    if (this.due(key) !== null) this.#store().run('DELETE FROM timers WHERE key = ?', key);
  }

  due(key: string): number | null {
    return (
      this.#store().one<{ due_ms: number }>('SELECT due_ms FROM timers WHERE key = ?', key)?.due_ms ?? null
    );
  }

  /**
   * The keys and times of those that are due, the most overdue first. Until they are settled they stand at `untilMs`, for
   * another incarnation should this one die on the way.
   */
  take(nowMs: number, untilMs: number): DueTimer[] {
    const store = this.#store();
    const rows = store.all<{ key: string; due_ms: number }>(
      'SELECT key, due_ms FROM timers WHERE due_ms <= ? ORDER BY due_ms',
      nowMs,
    );
    for (const { key } of rows) {
      store.run('UPDATE timers SET due_ms = ? WHERE key = ?', untilMs, key);
      this.#touched.delete(key);
    }
    return rows.map((row) => ({ key: row.key, dueMs: row.due_ms }));
  }

  /** After its work was done: gone, unless the work set it anew. */
  settle(key: string): void {
    if (!this.#touched.has(key)) this.clear(key);
  }

  /** What the alarm is set to in truth; null: it is not, or it has just fired. */
  sync(atMs: number | null): void {
    this.#alarm.sync(atMs);
  }

  /** Makes the alarm stand at the earliest timer. Inside a transaction it is rolled back with it. */
  arm(nowMs: number): void {
    const next =
      this.#store().one<{ due_ms: number | null }>('SELECT MIN(due_ms) AS due_ms FROM timers')?.due_ms ??
      null;
    if (next !== null) this.#alarm.ringBy(next, nowMs);
  }

  /** A timer should have gone off long ago: its alarm was lost. */
  isOverdue(nowMs: number, graceMs: number): boolean {
    return this.#store().one('SELECT 1 FROM timers WHERE due_ms < ? LIMIT 1', nowMs - graceMs) !== null;
  }

  /** A transaction was rolled back, perhaps with an alarm in it: the next one sets it anew. */
  forget(): void {
    this.#alarm.sync(null);
  }
}
