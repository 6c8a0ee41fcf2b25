/** What only workerd can show of delivery: its requests, its SQL, its rows. */

import { runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { describe, expect, test } from 'vitest';
import type { ChannelId, MessageId } from '../../../protocol/ids.ts';
import { Delivery } from '../../../worker/discord/delivery.ts';
import { DiscordRest } from '../../../worker/discord/rest.ts';
import { snowflakeAt } from '../../../worker/discord/snowflake.ts';
import { DELIVERY_SCHEMA, type Sql, SqlDeliveryStore } from '../../../worker/discord/store.ts';
import type { PlainSlot } from '../../../worker/domain/slot.ts';

const CHANNEL = '1300000000000000000' as ChannelId;

/** Answers every create and edit, and keeps what workerd would have sent. */
class Sent {
  readonly requests: Request[] = [];
  /** Of the last message. */
  id = BigInt(snowflakeAt(Date.now()));

  readonly fetch = (async (input: RequestInfo, init?: RequestInit) => {
    const request = new Request(input, init);
    this.requests.push(request);
    const isCreate = request.method === 'POST';
    if (isCreate) this.id += 1n;
    const id = isCreate ? String(this.id) : (request.url.split('/').at(-1) ?? '');
    const attachments = (request.headers.get('content-type') ?? '').startsWith('multipart') ? [{}] : [];
    return Response.json({ id, author: { id: '9' }, type: 0, content: '', attachments });
  }) as typeof fetch;
}

function slot(key: string, content: string, more: Partial<PlainSlot> = {}): PlainSlot {
  return {
    kind: 'plain',
    key,
    content,
    phase: 'final',
    whenDeleted: 'gone',
    rows: [],
    files: [],
    notify: null,
    ...more,
  };
}

describe('in workerd', () => {
  test('a message costs two rows, a live edit none, the last edit of a text that grew one, any other two', async () => {
    const stub = env.SESSION.getByName('1300000000000000000');
    await runInDurableObject(stub, async (_, state) => {
      let rows = 0;
      const sql: Sql = {
        exec: (query, ...bindings) => {
          const cursor = state.storage.sql.exec(query, ...bindings);
          const all = cursor.toArray();
          rows += cursor.rowsWritten;
          return { toArray: () => all };
        },
      };
      sql.exec(DELIVERY_SCHEMA);
      rows = 0;
      const sent = new Sent();
      let slots = [slot('a', 'one', { phase: 'live' })];
      const delivery = new Delivery({
        channel: CHANNEL,
        rest: new DiscordRest({
          apiUrl: 'https://discord.test',
          token: 't',
          applicationId: '9',
          fetch: sent.fetch,
        }),
        store: new SqlDeliveryStore(sql),
        desired: () => ({ channel: CHANNEL, slots }),
        readFile: () => null,
        now: Date.now,
        schedule: () => {},
        onParked: () => {},
        after: (_ms, fire) => {
          const timer = setTimeout(fire, 0);
          return () => clearTimeout(timer);
        },
      });
      const counted = async (next: PlainSlot[], what?: 'live') => {
        const before = rows;
        slots = next;
        delivery.pump(what);
        await delivery.idle();
        return rows - before;
      };
      expect(await counted(slots)).toBe(2);
      expect(await counted([slot('a', 'one two', { phase: 'live' })], 'live')).toBe(0);
      expect(await counted([slot('a', 'one two three')])).toBe(1);
      expect(await counted([slot('a', 'one two three')])).toBe(0);
      expect(await counted([slot('a', 'one, two, three')])).toBe(2);
      expect(sent.requests.map((request) => request.method)).toEqual(['POST', 'PATCH', 'PATCH', 'PATCH']);
      expect(delivery.messageOf('a')).toBe(String(sent.id));
      delivery.forget('a');
      expect(sql.exec('SELECT * FROM delivery').toArray()).toEqual([]);
    });
  });

  test('a file goes as a form, the token in a header, redirects are not followed', async () => {
    const sent = new Sent();
    const rest = new DiscordRest({
      apiUrl: 'https://discord.test',
      token: 't',
      applicationId: '9',
      fetch: sent.fetch,
    });
    const body = { content: 'x', attachments: [{ id: '0', filename: 'a.txt' }] };
    expect(await rest.createMessage(CHANNEL, body, [{ name: 'a.txt', data: 'ä' }])).toMatchObject({
      ok: true,
    });
    expect(await rest.editMessage(CHANNEL, '1' as MessageId, { content: 'y' })).toMatchObject({ ok: true });
    const [create, edit] = sent.requests;
    expect(create?.redirect).toBe('manual');
    expect(create?.headers.get('authorization')).toBe('Bot t');
    expect(create?.headers.get('user-agent')).toMatch(/^DiscordBot \(https:\/\/\S+, \d/);
    const form = await create?.formData();
    const file = form?.get('files[0]');
    expect(file instanceof File && (await file.text())).toBe('ä');
    const json = form?.get('payload_json');
    expect(JSON.parse(json instanceof File ? await json.text() : (json ?? ''))).toEqual(body);
    expect(edit?.headers.get('content-type')).toBe('application/json');
  });
});
