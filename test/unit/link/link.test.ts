/** The runner's end over real sockets, against a server that behaves badly. */

import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Close } from '../../../protocol/frames.ts';
import type { BootId, RunnerId, ThreadId } from '../../../protocol/ids.ts';
import { FRAME_MAX_BYTES, SUBPROTOCOL, WINDOW_MESSAGES } from '../../../protocol/limits.ts';
import { type LinkStatus, RunnerLink, type RunnerLinkOptions } from '../../../runner/link/link.ts';
import { newKeyPair } from '../../../runner/link/sign.ts';
import { MemoryStore } from '../../../runner/link/store.ts';
import { FakeObject } from './server.ts';

const identity = { ...newKeyPair(), runner: 'r-1' as RunnerId };
let object: FakeObject;
let origin: string;
const links: RunnerLink[] = [];

beforeEach(async () => {
  object = new FakeObject(() => identity.publicKey);
  origin = await object.listen();
});
afterEach(async () => {
  for (const link of links.splice(0)) link.close();
  await object.close();
});

class Runner {
  readonly store = new MemoryStore();
  readonly got: unknown[] = [];
  readonly states: unknown[] = [];
  readonly statuses: LinkStatus[] = [];
  welcomes = 0;
  readonly link: RunnerLink;
  #changed: (() => void)[] = [];

  constructor(over: Partial<RunnerLinkOptions> = {}) {
    this.link = new RunnerLink({
      target: { kind: 'session', origin, id: '77' as ThreadId },
      identity,
      boot: 'boot' as BootId,
      store: this.store,
      onMessages: (bodies) => this.#note(() => this.got.push(...bodies)),
      onState: (body) => this.#note(() => this.states.push(body)),
      onStatus: (status) => this.#note(() => this.statuses.push(status)),
      onWelcome: () => this.#note(() => this.welcomes++),
      random: () => 0,
      ...over,
    });
    links.push(this.link);
  }

  async until(holds: () => boolean): Promise<void> {
    while (!holds()) await new Promise<void>((resolve) => this.#changed.push(resolve));
  }

  online(times = 1): Promise<void> {
    return this.until(() => this.statuses.filter(({ is }) => is === 'online').length >= times);
  }

  #note(what: () => void): void {
    what();
    for (const wake of this.#changed.splice(0)) wake();
  }
}

function failing(method: 'load' | 'received'): MemoryStore {
  const store = new MemoryStore();
  store[method] = () => {
    throw new TypeError('the disk is gone');
  };
  return store;
}

describe('a link', () => {
  test('signs in, offers the subprotocol, and talks both ways', async () => {
    object.send('before');
    const runner = new Runner();
    runner.link.send({ event: 1 });
    await object.until(() => object.applied.length === 1);
    await runner.until(() => runner.got.length === 1);
    object.send('after');
    await runner.until(() => runner.got.length === 2);
    expect(runner.got).toEqual(['before', 'after']);
    expect(object.applied).toEqual([{ event: 1 }]);
    expect(object.claims[0]).toMatchObject({ iss: 'r-1', aud: origin, sub: '77' });
    expect(object.upgrades[0]?.url).toBe('/runner/session/77');
    expect(object.upgrades[0]?.headers['sec-websocket-protocol']).toBe(SUBPROTOCOL);
    await object.until(() => object.store.load().acked === 2);
    await runner.until(() => runner.store.load().acked === 1);
    expect(runner.statuses.map(({ is }) => is)).toEqual(['online']);
  });

  test('what is sent in one go travels in one frame', async () => {
    const runner = new Runner();
    await runner.online();
    for (let n = 0; n < 20; n += 1) runner.link.send(n);
    await object.until(() => object.applied.length === 20);
    expect(object.frames).toEqual([20]);
  });

  test('row 26: backpressure: no more in flight than the window, and the rest when acks come', async () => {
    object.silent = true;
    const runner = new Runner();
    for (let n = 0; n < WINDOW_MESSAGES * 2; n += 1) runner.link.send(n);
    await object.until(() => object.applied.length >= WINDOW_MESSAGES);
    // A later frame of any kind would have to come after more messages, if there were any.
    runner.link.state('fence');
    await object.until(() => object.states.length === 1);
    expect(object.applied).toHaveLength(WINDOW_MESSAGES);
    expect(runner.link.live('too early')).toBe(false);
    object.silent = false;
    object.socket?.send(JSON.stringify({ t: 'ack', last: WINDOW_MESSAGES }));
    await object.until(() => object.applied.length === WINDOW_MESSAGES * 2);
    expect(object.applied).toEqual(Array.from({ length: WINDOW_MESSAGES * 2 }, (_, n) => n));
  });

  test('messages that are sent while others are applied go out after the transaction', async () => {
    const store = new MemoryStore();
    let link: RunnerLink | null = null;
    const runner = new Runner({
      store,
      onMessages: (bodies) => {
        for (const body of bodies) link?.send({ answer: body });
      },
    });
    link = runner.link;
    object.send('a');
    object.send('b');
    await object.until(() => object.applied.length === 2);
    expect(object.applied).toEqual([{ answer: 'a' }, { answer: 'b' }]);
  });

  test('live text comes after the messages before it, and is dropped while there is no link', async () => {
    const runner = new Runner();
    expect(runner.link.live('nobody')).toBe(false);
    await runner.online();
    const order: string[] = [];
    object.socket?.on('message', (data) => order.push(JSON.parse(String(data)).t));
    runner.link.send('m');
    expect(runner.link.live('l')).toBe(true);
    await object.until(() => object.lives.length === 1);
    expect(order.slice(-2)).toEqual(['msg', 'live']);
    expect(runner.link.live('x'.repeat(FRAME_MAX_BYTES))).toBe(false);
  });

  test('live text is dropped while the network does not take it', async () => {
    const runner = new Runner();
    await runner.online();
    object.socket?.pause();
    let sent = 0;
    // Kernel buffers take some MB; one tick each lets the socket hand over what it can.
    while (runner.link.live('x'.repeat(50_000)) && sent < 2000) {
      sent += 1;
      await new Promise(setImmediate);
    }
    expect(sent).toBeLessThan(2000);
    object.socket?.resume();
    await object.until(() => object.lives.length === sent);
  });

  test('the newest state is sent after each welcome', async () => {
    const runner = new Runner();
    runner.link.state(1);
    runner.link.state(2);
    await object.until(() => object.states.length === 1);
    object.socket?.terminate();
    await object.until(() => object.states.length === 2);
    expect(object.states).toEqual([2, 2]);
    expect(runner.welcomes).toBe(2);
  });

  test('what could never be sent is refused to the caller', async () => {
    const runner = new Runner();
    expect(() => runner.link.send('x'.repeat(FRAME_MAX_BYTES))).toThrow(RangeError);
    expect(() => runner.link.state('x'.repeat(FRAME_MAX_BYTES))).toThrow(RangeError);
    runner.link.send('fine');
    await object.until(() => object.applied.length === 1);
    expect(object.applied).toEqual(['fine']);
  });
});

describe('a connection that goes', () => {
  test.each(['terminate', 'close'] as const)(
    'by %s: what was not acked is sent again, once applied',
    async (how) => {
      object.silent = true;
      const runner = new Runner();
      runner.link.send('a');
      await object.until(() => object.applied.length === 1);
      object.silent = false;
      object.socket?.[how]();
      runner.link.send('b');
      await object.until(() => object.applied.length === 2);
      await runner.online(2);
      expect(object.applied).toEqual(['a', 'b']);
      expect(runner.statuses.map(({ is }) => is)).toEqual(
        expect.arrayContaining(['online', 'waiting', 'connecting']),
      );
    },
  );

  test('row 7: by silence: pings that are not answered end it', async () => {
    const runner = new Runner({ timing: { pingIntervalMs: 10, pongTimeoutMs: 10 } });
    await runner.online();
    object.mute = true;
    await runner.until(() => runner.statuses.some(({ is }) => is === 'waiting'));
    object.mute = false;
    await runner.online(2);
  });

  test('before the welcome: an object that answers pings and nothing else', async () => {
    object.deaf = 1;
    const runner = new Runner({ timing: { welcomeTimeoutMs: 20 } });
    await runner.online();
    expect(object.upgrades).toHaveLength(2);
  });

  test('before the upgrade: a server that takes the connection and says nothing', async () => {
    const held: Socket[] = [];
    const hole = createServer((socket) => held.push(socket));
    hole.listen(0, '127.0.0.1');
    await once(hole, 'listening');
    const runner = new Runner({
      target: {
        kind: 'session',
        origin: `http://127.0.0.1:${(hole.address() as AddressInfo).port}`,
        id: '1' as ThreadId,
      },
      timing: { handshakeTimeoutMs: 20 },
    });
    await runner.until(() => runner.statuses.filter(({ is }) => is === 'waiting').length >= 2);
    runner.link.close();
    for (const socket of held) socket.destroy();
    hole.close();
  });

  test('row 24: by a clock jump: the machine slept', async () => {
    let now = 0;
    const runner = new Runner({ now: () => now, timing: { sleepCheckMs: 5 } });
    await runner.online();
    now += 3_600_000;
    await runner.online(2);
    expect(runner.statuses).toContainEqual({ is: 'waiting', why: 'slept', untilMs: 3_600_000 });
  });

  test('a clock jump ends the waiting, too', async () => {
    let now = 0;
    object.refusals.push({ status: 503, headers: { 'Retry-After': '300' } });
    const runner = new Runner({ now: () => now, timing: { sleepCheckMs: 5 } });
    await runner.until(() => runner.statuses.some(({ is }) => is === 'waiting'));
    now += 3_600_000;
    await runner.online();
  });

  test.each<[string, string | Buffer]>([
    ['junk', '{'],
    ['bytes', Buffer.from([1, 2, 3])],
    ['a gap', '{"t":"msg","from":9,"items":[1]}'],
    ['an ack of what was not sent', '{"t":"ack","last":5}'],
    ['a hello', '{"t":"hello","version":1,"boot":"b","sent":{"stream":"s","last":0},"received":null}'],
    ['too much', JSON.stringify({ t: 'state', body: 'x'.repeat(FRAME_MAX_BYTES) })],
  ])('by %s from the other end: it is closed, and comes back', async (_name, data) => {
    const runner = new Runner();
    await runner.online();
    object.socket?.send(data);
    await runner.online(2);
    object.send('still works');
    await runner.until(() => runner.got.length === 1);
  });

  test('by an owner that throws: nothing is lost, it comes again', async () => {
    let throws = 2;
    const store = new MemoryStore();
    const got: unknown[] = [];
    const runner = new Runner({
      store,
      onMessages: (bodies) => {
        throws -= 1;
        if (throws >= 0) throw new TypeError('bad');
        got.push(...bodies);
      },
    });
    object.send('x');
    object.send('y');
    await object.until(() => object.store.load().acked === 2);
    expect(got).toEqual(['x', 'y']);
    expect(runner.welcomes).toBe(3);
  });

  test.each(['onState', 'onWelcome', 'onLive'] as const)(
    'by an owner that throws in %s: the connection is closed, and comes back',
    async (callback) => {
      let throws = 2;
      const logged: string[] = [];
      const runner = new Runner({
        log: (event, fields) => logged.push(`${event} ${fields?.what} ${fields?.error}`),
        [callback]: () => {
          throws -= 1;
          if (throws >= 0) throw new TypeError('bad');
        },
      });
      for (let times = 1; times <= 3; times++) {
        await runner.online(times);
        object.socket?.send(JSON.stringify({ t: callback === 'onLive' ? 'live' : 'state', body: 1 }));
      }
      object.send('still works');
      await runner.until(() => runner.got.length === 1);
      expect(logged).toEqual(['failed frame TypeError', 'failed frame TypeError']);
    },
  );

  test('by an owner that throws whatever it is told of it: it goes on', async () => {
    const logged: unknown[] = [];
    const seen: string[] = [];
    object.refusals.push({ status: 503, body: 'busy' });
    const runner = new Runner({
      log: (_, fields) => logged.push(fields?.what),
      onStatus: (status) => {
        seen.push(status.is);
        throw new RangeError('bad');
      },
    });
    object.send('x');
    await object.until(() => object.store.load().acked === 1);
    expect(runner.got).toEqual(['x']);
    object.socket?.terminate();
    object.send('y');
    await object.until(() => object.store.load().acked === 2);
    runner.link.close();
    expect(seen).toEqual(['waiting', 'connecting', 'online', 'waiting', 'connecting', 'online', 'stopped']);
    expect(logged).toEqual(seen.map(() => 'status'));
  });

  test.each([
    ['a key that signs nothing', { identity: { ...identity, privateKey: 'no key' } }],
    ['a store that cannot be read', { store: failing('load') }],
    ['a store that cannot be written', { store: failing('received') }],
  ])('by %s: it waits and tries again, and nothing else is touched', async (_name, over) => {
    const other = new Runner();
    const runner = new Runner(over as Partial<RunnerLinkOptions>);
    await runner.until(() => runner.statuses.filter(({ is }) => is === 'waiting').length >= 2);
    expect(runner.statuses).toContainEqual(expect.objectContaining({ is: 'waiting', why: 'offline' }));
    await other.until(() => other.statuses.length > 0);
  });

  test('by a restored store of the object: a new stream, and on', async () => {
    const runner = new Runner();
    runner.link.send('a');
    await object.until(() => object.applied.length === 1);
    object.send('1');
    await runner.until(() => runner.got.length === 1);
    await object.until(() => object.store.load().acked === 1);
    const { stream } = runner.store.load();
    // The object forgets all that it took; the runner no longer has it.
    object.store.received('elsewhere' as never, 0, () => {});
    object.socket?.terminate();
    runner.link.send('b');
    await object.until(() => object.applied.length === 2);
    expect(object.applied).toEqual(['a', 'b']);
    expect(runner.store.load().stream).not.toBe(stream);
  });
});

describe('refusals and final closes', () => {
  test('a clock that is an hour off is set right by the 401 and tried at once', async () => {
    const real = Date.now();
    object.refusals.push({
      status: 401,
      body: { error: 'unauthorized' },
      headers: { Date: new Date(real).toUTCString() },
    });
    const runner = new Runner({ now: () => real + 3_600_000, random: () => 0.999 });
    await runner.online();
    expect(object.claims[0]?.exp).toBeLessThan(real / 1000 + 60);
  });

  test('unconfirmed is polled until it is confirmed', async () => {
    const refusal = { status: 403, body: { error: 'unconfirmed' } };
    object.refusals.push(refusal, refusal, refusal);
    const runner = new Runner({ timing: { unconfirmedPollMs: 1 }, random: () => 0.999 });
    await runner.online();
    expect(runner.statuses.filter((status) => status.is === 'waiting').map((status) => status.why)).toEqual([
      'unconfirmed',
      'unconfirmed',
      'unconfirmed',
    ]);
  });

  test.each([
    [403, 'removed'],
    [404, 'unknown'],
    [426, 'version'],
  ])('%i %s stops', async (status, error) => {
    object.refusals.push({ status, body: { error } });
    const runner = new Runner();
    await runner.until(() => runner.link.status.is === 'stopped');
    expect(runner.link.status).toEqual({ is: 'stopped', why: error });
    runner.link.connectNow();
    expect(runner.link.status.is).toBe('stopped');
  });

  test.each([
    ['an HTML page', { status: 404, body: '<html>not here</html>' }],
    [
      'a redirect, which would carry the token away',
      { status: 302, headers: { Location: 'http://127.0.0.1:9/' } },
    ],
    ['a huge body', { status: 403, body: JSON.stringify({ error: 'removed', pad: 'x'.repeat(100_000) }) }],
    ['a server error', { status: 500, body: { error: 'nope' } }],
  ])('%s does not', async (_name, refusal) => {
    object.refusals.push(refusal);
    const runner = new Runner();
    await runner.online();
    expect(object.upgrades).toHaveLength(2);
  });

  test.each([
    [Close.gone, 'gone'],
    [Close.unauthorized, 'unauthorized'],
    [Close.version, 'version'],
  ])('close %i stops', async (code, why) => {
    const runner = new Runner();
    await runner.online();
    object.socket?.close(code);
    await runner.until(() => runner.link.status.is === 'stopped');
    expect(runner.link.status).toEqual({ is: 'stopped', why });
  });

  test('close() says so to the other end, and stops whatever it was doing', async () => {
    const runner = new Runner();
    await runner.online();
    const closed = once(object.socket ?? process, 'close');
    runner.link.close();
    expect((await closed)[0]).toBe(1000);
    expect(runner.link.status).toEqual({ is: 'stopped', why: 'closed' });

    object.refusals.push({ status: 503, headers: { 'Retry-After': '300' } });
    const waiting = new Runner();
    await waiting.until(() => waiting.link.status.is === 'waiting');
    waiting.link.close();
    const connecting = new Runner();
    connecting.link.close();
    expect(connecting.link.status.is).toBe('stopped');
  });
});
