/** The object's end in workerd, frame by frame. */
import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { encodeMessages } from '../../../protocol/codec.ts';
import { Close, type Frame, type Welcome } from '../../../protocol/frames.ts';
import type { BootId, RunnerId, StreamId } from '../../../protocol/ids.ts';
import { FRAME_MAX_BYTES, SUBPROTOCOL, WINDOW_MESSAGES } from '../../../protocol/limits.ts';
import { type Identity, newKeyPair, signToken } from '../../../runner/link/sign.ts';
import { Client, startWorkerd, type Workerd } from './workerd.ts';

let workerd: Workerd;
beforeAll(async () => {
  workerd = await startWorkerd();
});
afterAll(() => workerd.close());

let threads = 0;
const newThread = (): string => `10${++threads}`;

const stream = 'stream-of-runner' as StreamId;
const hello = (last = 0, received: { stream: StreamId; last: number } | null = null, of = stream): Frame => ({
  t: 'hello',
  version: 1,
  boot: 'boot' as BootId,
  sent: { stream: of, last },
  received,
});
const msg = (from: number, ...items: unknown[]): Frame => ({ t: 'msg', from, items });

/** A thread whose object knows a runner. */
async function opened(): Promise<{ id: string; identity: Identity }> {
  const id = newThread();
  return { id, identity: await workerd.open(id) };
}

/** Connected, and the ends have met. */
async function met(
  id: string,
  identity: Identity,
  frame = hello(),
): Promise<{ client: Client; welcome: Welcome }> {
  const client = await Client.connect(workerd, id, identity);
  client.send(frame);
  const welcome = await client.next();
  if (welcome?.t !== 'welcome') throw new Error(`no welcome but ${JSON.stringify(welcome)}`);
  expect(await client.next()).toEqual({ t: 'state', body: { hello: identity.runner } });
  return { client, welcome };
}

describe('an upgrade is refused before any socket', () => {
  const claims = (id: string) => ({ origin: workerd.origin, subject: id, nowMs: Date.now() });
  const url = (id: string) => `${workerd.origin}/runner/session/${id}`;
  const unauthorized = { status: 401, body: { error: 'unauthorized' } };
  const b64 = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

  test.each<[string, (id: string, identity: Identity) => string | null]>([
    ['no token', () => null],
    ['no JWT', () => 'abc'],
    ['junk of three parts', () => 'a.b.c'],
    ['another key', (id, identity) => signToken({ ...newKeyPair(), runner: identity.runner }, claims(id))],
    ['expired', (id, identity) => signToken(identity, { ...claims(id), nowMs: Date.now() - 120_000 })],
    [
      'valid for too long',
      (id, identity) => signToken(identity, { ...claims(id), nowMs: Date.now() + 40_000 }),
    ],
    [
      'another audience',
      (id, identity) => signToken(identity, { ...claims(id), origin: 'https://evil.example' }),
    ],
    ['another subject', (id, identity) => signToken(identity, { ...claims(id), subject: 'other' })],
    [
      'alg none',
      (id, identity) => {
        const [, body] = signToken(identity, claims(id)).split('.');
        return `${b64({ alg: 'none', typ: 'JWT' })}.${body}.`;
      },
    ],
    [
      'HS256 with the public key as the secret',
      (id, identity) => {
        const [, body] = signToken(identity, claims(id)).split('.');
        const head = b64({ alg: 'HS256', typ: 'JWT' });
        const mac = createHmac('sha256', Buffer.from(identity.publicKey, 'base64url')).update(
          `${head}.${body}`,
        );
        return `${head}.${body}.${mac.digest('base64url')}`;
      },
    ],
    [
      'changed claims under a good signature',
      (id, identity) => {
        const [head, , signature] = signToken(identity, { ...claims(id), subject: 'other' }).split('.');
        const [, body] = signToken(identity, claims(id)).split('.');
        return `${head}.${body}.${signature}`;
      },
    ],
    ['a very long one', (id, identity) => signToken(identity, { ...claims(id), subject: 'x'.repeat(3000) })],
  ])('%s: 401 with the date', async (_name, token) => {
    const { id, identity } = await opened();
    const refused = await Client.open(url(id), token(id, identity));
    expect(refused).toMatchObject(unauthorized);
    if (refused instanceof Client) return;
    expect(Math.abs(Date.parse(refused.date ?? '') - Date.now())).toBeLessThan(60_000);
  });

  test.each(['iss', 'aud', 'sub', 'exp'])('a token without %s: 401', async (claim) => {
    const { id, identity } = await opened();
    const token = signToken(identity, claims(id));
    const { createPrivateKey, sign } = await import('node:crypto');
    const [head = '', body = ''] = token.split('.');
    const all = JSON.parse(Buffer.from(body, 'base64url').toString()) as Record<string, unknown>;
    const less = b64(Object.fromEntries(Object.entries(all).filter(([key]) => key !== claim)));
    const key = createPrivateKey({
      key: { kty: 'OKP', crv: 'Ed25519', x: identity.publicKey, d: identity.privateKey },
      format: 'jwk',
    });
    const signature = sign(null, Buffer.from(`${head}.${less}`), key).toString('base64url');
    expect(await Client.open(url(id), `${head}.${less}.${signature}`)).toMatchObject(unauthorized);
  });

  test('an issuer that the object does not know: 404', async () => {
    const { id } = await opened();
    const stranger: Identity = { ...newKeyPair(), runner: 'stranger' as RunnerId };
    expect(await Client.open(url(id), signToken(stranger, claims(id)))).toMatchObject({
      status: 404,
      body: { error: 'unknown' },
    });
  });

  test('an object that nobody opened: 404, and nothing is written', async () => {
    const id = newThread();
    const stranger: Identity = { ...newKeyPair(), runner: 'stranger' as RunnerId };
    expect(await Client.open(url(id), signToken(stranger, claims(id)))).toMatchObject({ status: 404 });
    expect((await workerd.look(id, stranger.runner)).tables).toEqual([]);
  });

  test.each(['unconfirmed', 'removed'])('%s: 403, only for the one with the key', async (standing) => {
    const id = newThread();
    const identity = await workerd.open(id, { standing });
    const forged = signToken({ ...newKeyPair(), runner: identity.runner }, claims(id));
    expect(await Client.open(url(id), forged)).toMatchObject(unauthorized);
    expect(await Client.open(url(id), signToken(identity, claims(id)))).toMatchObject({
      status: 403,
      body: { error: standing },
    });
  });

  test('no upgrade, or another subprotocol: 426', async () => {
    const { id, identity } = await opened();
    const plain = await fetch(url(id));
    expect([plain.status, await plain.json()]).toEqual([426, { error: 'upgrade' }]);
    const token = signToken(identity, claims(id));
    for (const protocol of ['heddle.v0', undefined]) {
      expect(
        await Client.open(url(id), token, protocol === undefined ? '' : protocol).catch(() => null),
      ).toSatisfy((answer) => answer === null || (!(answer instanceof Client) && answer.status === 426));
    }
    expect((await workerd.look(id, identity.runner)).sockets).toBe(0);
  });

  test('no token and no claim is ever in the log', async () => {
    const { id, identity } = await opened();
    const token = signToken({ ...newKeyPair(), runner: identity.runner }, claims(id));
    await Client.open(url(id), token);
    const logs = (await workerd.look(id, identity.runner)).logs.join('\n');
    expect(logs).toContain('JwtTokenSignatureMismatched');
    for (const secret of token.split('.')) expect(logs).not.toContain(secret);
  });
});

describe('a link', () => {
  test('hello, welcome, messages both ways, acks', async () => {
    const { id, identity } = await opened();
    await workerd.order(id, { do: 'send', runner: identity.runner, bodies: ['one', 'two'] });
    const { client, welcome } = await met(id, identity, hello(3));
    expect(client.ws.protocol).toBe(SUBPROTOCOL);
    expect(welcome).toMatchObject({ version: 1, epoch: 1, sent: { last: 2 }, received: { stream, last: 0 } });
    expect(await client.next()).toEqual(msg(1, 'one', 'two'));
    client.send(msg(1, 'a', 'b', 'c'));
    expect(await client.next()).toEqual({ t: 'ack', last: 3 });
    expect((await workerd.look(id, identity.runner)).waiting).toBe(2);
    client.send({ t: 'ack', last: 2 });
    client.send({ t: 'live', body: { text: 'l' } });
    client.send({ t: 'state', body: { s: 1 } });
    client.send(msg(4, 'd'));
    expect(await client.next()).toEqual({ t: 'ack', last: 4 });
    expect(await workerd.look(id, identity.runner)).toMatchObject({
      waiting: 0,
      applied: ['a', 'b', 'c', 'd'],
      lives: [{ text: 'l' }],
      states: [{ s: 1 }],
      presence: { online: true },
      events: ['met'],
    });
    client.ws.terminate();
  });

  test('row 11: never lost, never twice: what was not acked is sent again, what comes again is acked and skipped', async () => {
    const { id, identity } = await opened();
    await workerd.order(id, { do: 'send', runner: identity.runner, bodies: [1, 2, 3] });
    const first = await met(id, identity);
    expect(await first.client.next()).toEqual(msg(1, 1, 2, 3));
    first.client.send({ t: 'ack', last: 1 });
    first.client.send(msg(1, 'a', 'b'));
    expect(await first.client.next()).toEqual({ t: 'ack', last: 2 });
    first.client.ws.terminate();
    const second = await met(id, identity, hello(3, { stream: first.welcome.sent.stream, last: 2 }));
    expect(second.welcome).toMatchObject({ epoch: 2, received: { stream, last: 2 } });
    expect(await second.client.next()).toEqual(msg(3, 3));
    second.client.send(msg(1, 'a', 'b', 'c'));
    expect(await second.client.next()).toEqual({ t: 'ack', last: 3 });
    second.client.send(msg(1, 'a', 'b'));
    expect(await second.client.next()).toEqual({ t: 'ack', last: 3 });
    expect((await workerd.look(id, identity.runner)).applied).toEqual(['a', 'b', 'c']);
    second.client.ws.terminate();
  });

  test('a message whose transaction is rolled back was never given a number', async () => {
    const { id, identity } = await opened();
    const { client } = await met(id, identity);
    await workerd.order(id, { do: 'sendAndThrow', runner: identity.runner });
    await workerd.order(id, { do: 'send', runner: identity.runner, bodies: ['real'] });
    expect(await client.next()).toEqual(msg(1, 'real'));
    client.ws.terminate();
  });

  test('the window: no more than may be in flight, and on with each ack', async () => {
    const { id, identity } = await opened();
    const bodies = Array.from({ length: WINDOW_MESSAGES + 44 }, (_, index) => index);
    await workerd.order(id, { do: 'send', runner: identity.runner, bodies });
    const { client } = await met(id, identity);
    expect(await client.next()).toEqual(msg(1, ...bodies.slice(0, WINDOW_MESSAGES)));
    client.send({ t: 'ack', last: 10 });
    expect(await client.next()).toEqual(
      msg(WINDOW_MESSAGES + 1, ...bodies.slice(WINDOW_MESSAGES, WINDOW_MESSAGES + 10)),
    );
    client.send({ t: 'ack', last: WINDOW_MESSAGES + 10 });
    expect(await client.next()).toEqual(msg(WINDOW_MESSAGES + 11, ...bodies.slice(WINDOW_MESSAGES + 10)));
    client.ws.terminate();
  });

  test.each<[string, (frame: Welcome) => Frame | string | Buffer, number]>([
    ['a gap', () => msg(5, 'x'), Close.gap],
    ['an ack of what was never sent', () => ({ t: 'ack', last: 1 }), Close.protocol],
    ['a second hello', () => hello(), Close.protocol],
    ['a welcome', (welcome) => welcome, Close.protocol],
    ['no JSON', () => '{"t":', Close.protocol],
    ['an unknown frame', () => '{"t":"later"}', Close.protocol],
    ['bytes', () => Buffer.from('{"t":"ack","last":0}'), Close.protocol],
    ['too much', () => encodeMessages(1, [JSON.stringify('x'.repeat(FRAME_MAX_BYTES))]), Close.tooLarge],
  ])('row 12: %s closes with its code and changes nothing', async (_name, make, code) => {
    const { id, identity } = await opened();
    const { client, welcome } = await met(id, identity);
    const frame = make(welcome);
    if (Buffer.isBuffer(frame)) client.ws.send(frame);
    else client.send(frame);
    expect(await client.closed).toBe(code);
    expect(await workerd.look(id, identity.runner)).toMatchObject({
      applied: [],
      presence: { online: false, sinceMs: expect.any(Number) },
      events: ['met', 'lost'],
    });
    const again = await met(id, identity);
    again.client.ws.terminate();
  });

  test.each<[string, Frame, number]>([
    ['messages', msg(1, 'x'), Close.protocol],
    ['an ack', { t: 'ack', last: 0 }, Close.protocol],
    ['live text', { t: 'live', body: 1 }, Close.protocol],
    ['another version', { ...hello(), version: 99 } as Frame, Close.version],
  ])('row 22: %s before hello closes', async (_name, frame, code) => {
    const { id, identity } = await opened();
    const client = await Client.connect(workerd, id, identity);
    client.send(frame);
    expect(await client.closed).toBe(code);
    expect(await workerd.look(id, identity.runner)).toMatchObject({ applied: [], lives: [], events: [] });
  });

  test('more than Cloudflare takes at all (32 MiB) ends as any lost link', async () => {
    const { id, identity } = await opened();
    const { client } = await met(id, identity);
    client.ws.send('x'.repeat(33 * 1024 * 1024));
    await client.closed;
    const again = await met(id, identity);
    again.client.send(msg(1, 'after'));
    expect(await again.client.next()).toEqual({ t: 'ack', last: 1 });
    again.client.ws.terminate();
  });

  test('row 8: the newest socket wins: the older is closed 4001, and what it still says is dropped', async () => {
    const { id, identity } = await opened();
    const first = await met(id, identity);
    const second = await Client.connect(workerd, id, identity);
    first.client.send(msg(1, 'from the old one'));
    expect(await first.client.closed).toBe(Close.superseded);
    second.send(hello());
    expect(await second.next()).toMatchObject({ t: 'welcome', epoch: 2 });
    expect(await workerd.look(id, identity.runner)).toMatchObject({
      applied: [],
      presence: { online: true },
      events: ['met', 'met'],
    });
    second.ws.terminate();
  });

  test('a close is answered at once, with and without a code', async () => {
    for (const code of [undefined, 1000, 4321]) {
      const { id, identity } = await opened();
      const { client } = await met(id, identity);
      client.ws.close(code);
      expect(await client.closed).toBe(code ?? 1005);
      expect(await workerd.look(id, identity.runner)).toMatchObject({
        events: ['met', 'lost'],
        presence: { online: false, sinceMs: expect.any(Number) },
      });
    }
  });

  test('pings are answered, and tell when the runner was heard', async () => {
    const { id, identity } = await opened();
    const { client } = await met(id, identity);
    const before = (await workerd.look(id, identity.runner)).lastHeardMs ?? 0;
    client.send('ping');
    expect(await client.next()).toEqual({ t: 'state', body: 'pong' });
    expect((await workerd.look(id, identity.runner)).lastHeardMs).toBeGreaterThanOrEqual(before);
    client.ws.terminate();
  });

  test('row 19: an owner that throws loses nothing and wedges nothing', async () => {
    const { id, identity } = await opened();
    const { client } = await met(id, identity);
    await workerd.order(id, { do: 'poison', times: 1 });
    client.send(msg(1, 'a', 'b'));
    expect(await client.closed).toBe(1011);
    const look = await workerd.look(id, identity.runner);
    expect(look.applied).toEqual([]);
    expect(look.logs).toContain(`link.failed {"runner":"${identity.runner}","error":"TypeError"}`);
    await workerd.order(id, { do: 'poison', times: 0 });
    const again = await met(id, identity, hello(2));
    expect(again.welcome.received).toEqual({ stream, last: 0 });
    again.client.send(msg(1, 'a', 'b'));
    expect(await again.client.next()).toEqual({ t: 'ack', last: 2 });
    expect((await workerd.look(id, identity.runner)).applied).toEqual(['a', 'b']);
    again.client.ws.terminate();
  });

  test('close and forget', async () => {
    const { id, identity } = await opened();
    const { client } = await met(id, identity);
    await workerd.order(id, { do: 'close', runner: identity.runner, code: Close.unauthorized });
    expect(await client.closed).toBe(Close.unauthorized);
    await workerd.order(id, { do: 'send', runner: identity.runner, bodies: ['for nobody'] });
    await workerd.order(id, { do: 'forget', runner: identity.runner });
    const again = await met(id, identity);
    expect(again.welcome).toMatchObject({ sent: { last: 0 } });
    again.client.ws.terminate();
  });
});

describe('a socket is not a session', () => {
  test('row 1: hibernation: the same socket goes on, in flight stays in flight', async () => {
    const { id, identity } = await opened();
    const { client } = await met(id, identity);
    await workerd.order(id, { do: 'send', runner: identity.runner, bodies: ['one'] });
    expect(await client.next()).toEqual(msg(1, 'one'));
    const before = await workerd.look(id, identity.runner);
    await workerd.evict(id, 'hibernate');
    expect((await workerd.look(id, identity.runner)).constructed).not.toBe(before.constructed);
    client.send('ping');
    expect(await client.next()).toEqual({ t: 'state', body: 'pong' });
    client.send(msg(1, 'a'));
    expect(await client.next()).toEqual({ t: 'ack', last: 1 });
    await workerd.evict(id, 'hibernate');
    await workerd.order(id, { do: 'send', runner: identity.runner, bodies: ['two'] });
    expect(await client.next()).toEqual(msg(2, 'two'));
    await workerd.evict(id, 'hibernate');
    client.send({ t: 'ack', last: 2 });
    client.send(msg(2, 'b'));
    expect(await client.next()).toEqual({ t: 'ack', last: 2 });
    expect(await workerd.look(id, identity.runner)).toMatchObject({
      waiting: 0,
      applied: ['a', 'b'],
      events: ['met'],
    });
    client.ws.terminate();
  });

  test.each(['evicted', 'aborted'])(
    'row 2: %s with its sockets: what was not acked is sent again',
    async (how) => {
      const { id, identity } = await opened();
      const { client, welcome } = await met(id, identity);
      await workerd.order(id, { do: 'send', runner: identity.runner, bodies: ['one', 'two'] });
      expect(await client.next()).toEqual(msg(1, 'one', 'two'));
      client.send(msg(1, 'a'));
      expect(await client.next()).toEqual({ t: 'ack', last: 1 });
      if (how === 'evicted') await workerd.evict(id, 'close');
      else await workerd.order(id, { do: 'abort' }).catch(() => {});
      expect(await client.closed).toBe(1006);
      const again = await met(id, identity, hello(1, { stream: welcome.sent.stream, last: 1 }));
      expect(again.welcome.received).toEqual({ stream, last: 1 });
      expect(await again.client.next()).toEqual(msg(2, 'two'));
      again.client.ws.terminate();
    },
  );
});

describe('row 27: a key is replaced', () => {
  const record = (id: string, identity: Identity, publicKeys: readonly string[]) => ({
    ...{ runner: identity.runner, publicKeys, standing: 'confirmed', origin: workerd.origin, subject: id },
  });

  test('row 27: while both keys are known both open the link; then the old one opens nothing', async () => {
    const { id, identity: old } = await opened();
    const next: Identity = { ...newKeyPair(), runner: old.runner };
    const both = [next.publicKey, old.publicKey];
    await workerd.order(id, { do: 'open', runners: [record(id, old, both)] });
    const first = await met(id, old);
    first.client.send(msg(1, 'by the old key'));
    expect(await first.client.next()).toEqual({ t: 'ack', last: 1 });
    const second = await met(id, next, hello(1, { stream: first.welcome.sent.stream, last: 0 }));
    expect(await first.client.closed).toBe(Close.superseded);
    second.client.send(msg(2, 'by the new key'));
    expect(await second.client.next()).toEqual({ t: 'ack', last: 2 });
    await workerd.order(id, { do: 'open', runners: [record(id, old, [next.publicKey])] });
    const token = signToken(old, { origin: workerd.origin, subject: id, nowMs: Date.now() });
    expect(await Client.open(`${workerd.origin}/runner/session/${id}`, token)).toMatchObject({ status: 401 });
    second.client.ws.terminate();
  });

  test('row 27: a socket of a key that is not good any more is closed 4003', async () => {
    const { id, identity } = await opened();
    const { client } = await met(id, identity);
    await workerd.order(id, { do: 'close', runner: identity.runner, code: Close.unauthorized });
    expect([await client.closed, Close.unauthorized]).toEqual([4003, 4003]);
  });
});

describe('a store that went back in time', () => {
  test('the object: it begins a new stream with what it keeps', async () => {
    const { id, identity } = await opened();
    await workerd.order(id, { do: 'send', runner: identity.runner, bodies: ['one', 'two', 'three'] });
    const { client, welcome } = await met(id, identity);
    expect(await client.next()).toEqual(msg(1, 'one', 'two', 'three'));
    client.send({ t: 'ack', last: 1 });
    client.send(msg(1, 'a'));
    expect(await client.next()).toEqual({ t: 'ack', last: 1 });
    await workerd.order(id, { do: 'backup' });
    await workerd.order(id, { do: 'send', runner: identity.runner, bodies: ['four', 'five'] });
    expect(await client.next()).toEqual(msg(4, 'four', 'five'));
    client.ws.terminate();
    await client.closed;
    await workerd.order(id, { do: 'restore' });
    const again = await met(id, identity, hello(1, { stream: welcome.sent.stream, last: 5 }));
    expect(again.welcome.sent).toMatchObject({ last: 2 });
    expect(again.welcome.sent.stream).not.toBe(welcome.sent.stream);
    expect(await again.client.next()).toEqual(msg(1, 'two', 'three'));
    again.client.send({ t: 'ack', last: 2 });
    await workerd.order(id, { do: 'send', runner: identity.runner, bodies: ['six'] });
    expect(await again.client.next()).toEqual(msg(3, 'six'));
    again.client.ws.terminate();
  });

  test('the runner: the object shows it, and does not listen until it has begun a new stream', async () => {
    const { id, identity } = await opened();
    const first = await met(id, identity);
    first.client.send(msg(1, 'a', 'b', 'c'));
    expect(await first.client.next()).toEqual({ t: 'ack', last: 3 });
    first.client.ws.terminate();
    const second = await met(id, identity, hello(2));
    expect(second.welcome.received).toEqual({ stream, last: 3 });
    second.client.send(msg(2, 'other'));
    expect(await second.client.closed).toBe(Close.protocol);
    const third = await met(id, identity, hello(1, null, 'stream-anew' as StreamId));
    expect(third.welcome.received).toEqual({ stream: 'stream-anew', last: 0 });
    third.client.send(msg(1, 'd'));
    expect(await third.client.next()).toEqual({ t: 'ack', last: 1 });
    expect((await workerd.look(id, identity.runner)).applied).toEqual(['a', 'b', 'c', 'd']);
    third.client.ws.terminate();
  });
});

test('row 12: junk never gets an exception out of the object', { timeout: 120_000 }, async () => {
  const { id, identity } = await opened();
  const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31));
  const number = fc.oneof(fc.nat(5), fc.integer(), fc.double(), fc.constant(Number.MAX_SAFE_INTEGER));
  const frames = fc.array(
    fc.oneof(
      fc.record({
        t: fc.constantFrom('hello', 'welcome', 'msg', 'ack', 'live', 'state', 'x'),
        version: fc.constantFrom(1, 2, '1'),
        boot: fc.string(),
        from: number,
        last: number,
        items: fc.array(fc.jsonValue(), { maxLength: 5 }),
        body: fc.jsonValue(),
        sent: fc.record({ stream: fc.string({ minLength: 1 }), last: number }),
        received: fc.option(fc.record({ stream: fc.string({ minLength: 1 }), last: number })),
      }),
      fc.string({ unit: 'binary' }),
      fc.json(),
      fc.uint8Array(),
    ),
    { minLength: 1, maxLength: 6 },
  );
  await fc.assert(
    fc.asyncProperty(frames, fc.boolean(), async (junk, greet) => {
      const client = await Client.connect(workerd, id, identity);
      if (greet) client.send(hello());
      for (const one of junk) {
        if (one instanceof Uint8Array) client.ws.send(one);
        else client.send(typeof one === 'string' ? one : JSON.stringify(one));
      }
      client.ws.close(1000);
      expect([1000, ...Object.values(Close)]).toContain(await client.closed);
    }),
    { seed, numRuns: 150 },
  );
  const { logs } = await workerd.look(id, identity.runner);
  expect(logs.filter((line) => line.startsWith('link.failed'))).toEqual([]);
  const { client } = await met(id, identity, hello(1, null, 'after-junk' as StreamId));
  client.send(msg(1, 'still here'));
  expect(await client.next()).toEqual({ t: 'ack', last: 1 });
  client.ws.terminate();
});
