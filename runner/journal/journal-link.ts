/** A link's durable state in the journal. */

import { utf8Bytes } from '../../protocol/codec.ts';
import type { StreamId } from '../../protocol/ids.ts';
import { type LinkEnd, newEnd, restarted } from '../../protocol/link.ts';
import type { PairingId } from '../home/pairings.ts';
import type { LinkStore, Stored } from '../link/store.ts';
import type { Journal } from './journal.ts';

/** `scope`: 'guild', or a thread's id. */
export class JournalLinkStore implements LinkStore {
  readonly #journal: Journal;
  readonly #id: number;

  constructor(journal: Journal, pairing: PairingId, scope: string) {
    this.#journal = journal;
    this.#id = journal.tx(() => {
      const known = journal.sql('SELECT id FROM links WHERE pairing = ? AND scope = ?').get(pairing, scope);
      if (known !== undefined) return Number(known.id);
      const { stream } = newEnd(newStreamId());
      return Number(
        journal.sql('INSERT INTO links (pairing, scope, stream) VALUES (?, ?, ?)').run(pairing, scope, stream)
          .lastInsertRowid,
      );
    });
  }

  load(): LinkEnd {
    const row = this.#journal
      .sql('SELECT stream, last, acked, received_stream, received_last FROM links WHERE id = ?')
      .get(this.#id);
    if (row === undefined) throw new Error('the journal has lost a link');
    return {
      stream: String(row.stream) as StreamId,
      last: Number(row.last),
      acked: Number(row.acked),
      received:
        row.received_stream === null
          ? null
          : { stream: String(row.received_stream) as StreamId, last: Number(row.received_last) },
    };
  }

  append(text: string): number {
    return this.#journal.tx(() => {
      const row = this.#journal
        .sql('UPDATE links SET last = last + 1 WHERE id = ? RETURNING last')
        .get(this.#id);
      const n = Number(row?.last);
      this.#journal.sql('INSERT INTO outgoing (link, n, text) VALUES (?, ?, ?)').run(this.#id, n, text);
      return n;
    });
  }

  unacked(from: number, max: { readonly messages: number; readonly bytes: number }): readonly Stored[] {
    const rows = this.#journal
      .sql('SELECT n, text FROM outgoing WHERE link = ? AND n >= ? ORDER BY n LIMIT ?')
      .iterate(this.#id, from, max.messages);
    const found: Stored[] = [];
    let bytes = 0;
    for (const row of rows) {
      const text = String(row.text);
      found.push({ n: Number(row.n), text });
      bytes += utf8Bytes(text);
      if (bytes > max.bytes) break;
    }
    return found;
  }

  ackedTo(n: number): void {
    this.#journal.tx(() => {
      this.#journal.sql('UPDATE links SET acked = max(acked, ?) WHERE id = ?').run(n, this.#id);
      this.#journal.sql('DELETE FROM outgoing WHERE link = ? AND n <= ?').run(this.#id, n);
    });
  }

  received(stream: StreamId, last: number, apply: () => void): void {
    this.#journal.tx(() => {
      apply();
      this.#journal
        .sql('UPDATE links SET received_stream = ?, received_last = ? WHERE id = ?')
        .run(stream, last, this.#id);
    });
  }

  newStream(): LinkEnd {
    return this.#journal.tx(() => {
      const before = this.load();
      const end = restarted(before, newStreamId());
      this.#journal
        .sql('UPDATE links SET stream = ?, last = ?, acked = ? WHERE id = ?')
        .run(end.stream, end.last, end.acked, this.#id);
      // Rows move down one by one in order, so that no two have the same number on the way.
      this.#journal.sql('DELETE FROM outgoing WHERE link = ? AND n <= ?').run(this.#id, before.acked);
      const move = this.#journal.sql('UPDATE outgoing SET n = ? WHERE link = ? AND n = ?');
      if (before.acked > 0)
        for (let n = before.acked + 1; n <= before.last; n++) move.run(n - before.acked, this.#id, n);
      return end;
    });
  }
}

function newStreamId(): StreamId {
  return crypto.randomUUID() as StreamId;
}
