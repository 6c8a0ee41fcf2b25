import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import type { ChannelId, MessageId } from '../../../protocol/ids.ts';
import { DELIVERY_SCHEMA, type PostedRow, SqlDeliveryStore } from '../../../worker/discord/store.ts';

const A = '1' as ChannelId;
const B = '2' as ChannelId;

function open(): SqlDeliveryStore {
  const db = new DatabaseSync(':memory:');
  db.exec(DELIVERY_SCHEMA);
  return new SqlDeliveryStore({
    exec: (query, ...bindings) => {
      const rows = db.prepare(query).all(...bindings);
      return { toArray: () => rows };
    },
  });
}

function row(key: string, more: Partial<PostedRow> = {}): PostedRow {
  return { key, state: 'posted', message: '9' as MessageId, hash: 'h', incarnation: 0, sentMs: 0, ...more };
}

describe('the rows of delivery', () => {
  it('come back as they were put, by channel', () => {
    const store = open();
    const rows = [
      row('a', { state: 'sending', message: null, sentMs: 5 }),
      row('b', { incarnation: 3, state: 'bare' }),
    ];
    for (const one of rows) store.put(A, one);
    store.put(B, row('a'));
    expect(rows.map(({ key }) => store.get(A, key))).toEqual(rows);
    expect(store.get(B, 'a')).toEqual(row('a'));
    expect(store.get(B, 'b')).toBeNull();
    expect(store.hasMessage(A, '9' as MessageId)).toBe(true);
    expect(store.hasMessage(A, '8' as MessageId)).toBe(false);
  });

  it('are replaced', () => {
    const store = open();
    store.put(A, row('a', { state: 'sending', message: null }));
    store.put(A, row('a', { hash: 'new' }));
    expect(store.get(A, 'a')).toEqual(row('a', { hash: 'new' }));
  });

  it('are listed and dropped one by one', () => {
    const store = open();
    for (const key of ['t.1.m1', 't.1.m10']) store.put(A, row(key));
    store.put(B, row('t.1.m1'));
    store.drop(A, 't.1.m1');
    expect(store.all(A)).toEqual([row('t.1.m10')]);
    expect(store.all(B)).toEqual([row('t.1.m1')]);
  });

  it('are forgotten by prefix, whatever the prefix holds', () => {
    const store = open();
    const keys = ['t.1.0', 't.1.1', 't.10.0', 't%1', 'T.1.2'];
    for (const key of keys) store.put(A, row(key));
    store.put(B, row('t.1.0'));
    store.forget(A, 't.1.');
    store.forget(A, 't%');
    expect(keys.filter((key) => store.get(A, key) !== null)).toEqual(['t.10.0', 'T.1.2']);
    expect(store.get(B, 't.1.0')).not.toBeNull();
  });
});
