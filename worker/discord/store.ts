/**
 * What delivery must remember of each message that it posted. One row a slot, keyed by channel and slot.
 *
 * A row is written before a create is sent (`sending`) and once when its answer is there, so two writes a message. The first is
 * what makes "posted once" hold over an outage of any length: Discord's `enforce_nonce` refuses a second create of the
 * same message only for a few minutes, and after a crash nothing else would say that one may have been sent. The platform holds
 * a request back until the rows written before it are durable, so the order needs no waiting. An edit empties the hash before it is sent,
 * unless it is empty: a message that grows costs no write until its last edit.
 */
import type { ChannelId, MessageId } from '../../protocol/ids.ts';
import type { SlotKey } from '../domain/slot.ts';

export interface PostedRow {
  readonly key: SlotKey;
  /**
   * `sending`: a create is due or may have been sent. `posted`: the message is there. `bare`: the same, without the files that
   * belong to it, so its buttons are not shown either. `gone`: it was deleted, by us or by a person, and is not posted again.
   */
  readonly state: 'sending' | 'posted' | 'bare' | 'gone';
  readonly message: MessageId | null;
  /**
   * Of the body that the message shows. Empty: that is not known, for an edit is on its way, or it is a text that grows.
   * While `sending`: the fingerprint of the text that was sent first (`adopt.ts`).
   */
  readonly hash: string;
  /** Raised each time the message was deleted by someone and is posted anew; part of the nonce. */
  readonly incarnation: number;
  /** When the first create that may have been applied was sent, Unix milliseconds; 0: none was. */
  readonly sentMs: number;
}

/** Synchronous, and part of the object's own transaction when there is one. */
export interface DeliveryStore {
  get(channel: ChannelId, key: SlotKey): PostedRow | null;
  /** A slot of the channel has this message. Reads all rows of the channel. */
  hasMessage(channel: ChannelId, message: MessageId): boolean;
  put(channel: ChannelId, row: PostedRow): void;
  forget(channel: ChannelId, keyPrefix: string): void;
  /** All of the channel. */
  all(channel: ChannelId): PostedRow[];
  drop(channel: ChannelId, key: SlotKey): void;
}

/** What is used of a Durable Object's `ctx.storage.sql`. */
export interface Sql {
  exec(query: string, ...bindings: (string | number | null)[]): { toArray(): Record<string, unknown>[] };
}

/** Run by the object at its `open`, with its other tables. */
export const DELIVERY_SCHEMA = `CREATE TABLE IF NOT EXISTS delivery (
  channel TEXT NOT NULL, slot TEXT NOT NULL, state TEXT NOT NULL, message TEXT, hash TEXT NOT NULL,
  incarnation INTEGER NOT NULL, sent_ms INTEGER NOT NULL, PRIMARY KEY (channel, slot)) WITHOUT ROWID`;

export class SqlDeliveryStore implements DeliveryStore {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  get(channel: ChannelId, key: SlotKey): PostedRow | null {
    const [row] = this.#sql
      .exec(
        'SELECT slot, state, message, hash, incarnation, sent_ms FROM delivery WHERE channel = ? AND slot = ?',
        channel,
        key,
      )
      .toArray();
    return row === undefined ? null : readRow(row);
  }

  hasMessage(channel: ChannelId, message: MessageId): boolean {
    const query = 'SELECT 1 FROM delivery WHERE channel = ? AND message = ? LIMIT 1';
    return this.#sql.exec(query, channel, message).toArray().length > 0;
  }

  put(channel: ChannelId, row: PostedRow): void {
    this.#sql.exec(
      `INSERT INTO delivery (channel, slot, state, message, hash, incarnation, sent_ms) VALUES (?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET state = excluded.state, message = excluded.message, hash = excluded.hash,
       incarnation = excluded.incarnation, sent_ms = excluded.sent_ms`,
      channel,
      row.key,
      row.state,
      row.message,
      row.hash,
      row.incarnation,
      row.sentMs,
    );
  }

  all(channel: ChannelId): PostedRow[] {
    return this.#sql
      .exec(
        'SELECT slot, state, message, hash, incarnation, sent_ms FROM delivery WHERE channel = ?',
        channel,
      )
      .toArray()
      .map(readRow);
  }

  drop(channel: ChannelId, key: SlotKey): void {
    this.#sql.exec('DELETE FROM delivery WHERE channel = ? AND slot = ?', channel, key);
  }

  /** `substr`, because a key may hold what LIKE and GLOB take for patterns. */
  forget(channel: ChannelId, keyPrefix: string): void {
    this.#sql.exec(
      'DELETE FROM delivery WHERE channel = ? AND substr(slot, 1, length(?)) = ?',
      channel,
      keyPrefix,
      keyPrefix,
    );
  }
}

const STATES = ['sending', 'posted', 'bare', 'gone'] as const;

function readRow(row: Record<string, unknown>): PostedRow {
  return {
    key: String(row.slot),
    state: STATES.find((state) => state === row.state) ?? 'gone',
    message: typeof row.message === 'string' ? (row.message as MessageId) : null,
    hash: String(row.hash),
    incarnation: Number(row.incarnation),
    sentMs: Number(row.sent_ms),
  };
}
