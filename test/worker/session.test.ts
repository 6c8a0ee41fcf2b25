import { evictDurableObject, runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { sign } from 'hono/jwt';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type {
  BootId,
  ChannelId,
  Gen,
  GuildId,
  InteractionId,
  ProjectName,
  RunnerId,
  StreamId,
  ThreadId,
  UserId,
} from '../../protocol/ids.ts';
import { SUBPROTOCOL } from '../../protocol/limits.ts';
import type { Command } from '../../protocol/session.ts';
import type { SessionAct, SessionDo, SessionOpen } from '../../worker/contract.ts';
import { SessionStore } from '../../worker/session/store.ts';

const GUILD = '100' as GuildId;
const ORIGIN = 'https://heddle.example';
const RUNNER = 'runner-1' as RunnerId;
const STARTER = { id: '2' as UserId, name: 'sam' };
let serial = 5000;

function freshId(): string {
  serial += 1;
  return String(serial);
}

afterEach(() => vi.restoreAllMocks());

/** Discord takes everything; what it is told is counted by the emulator's tests, not here. */
function discordTakesAll(): void {
  let id = 9000;
  vi.spyOn(globalThis, 'fetch').mockImplementation(async () => {
    id += 1;
    return Response.json({ id: String(id), channel_id: '1', content: '' });
  });
}

interface Subject {
  readonly thread: ThreadId;
  readonly stub: DurableObjectStub<import('../../worker/index.ts').Session>;
  readonly key: CryptoKeyPair;
  readonly open: SessionOpen;
}

async function subject(text: string | null = null): Promise<Subject> {
  discordTakesAll();
  serial += 1;
  const thread = String(serial) as ThreadId;
  const key = (await crypto.subtle.generateKey('Ed25519', true, ['sign', 'verify'])) as CryptoKeyPair;
  const jwk = (await crypto.subtle.exportKey('jwk', key.publicKey)) as JsonWebKey;
  const open: SessionOpen = {
    id: `${serial}1` as InteractionId,
    guild: GUILD,
    thread,
    parent: '200' as ChannelId,
    card: 'parent',
    madeThread: true,
    origin: ORIGIN,
    runner: {
      id: RUNNER,
      name: 'laptop',
      publicKey: jwk.x ?? '',
      access: { owner: STARTER.id, ownerName: STARTER.name, members: [], roles: [], removed: false, rev: 1 },
      presence: { online: true },
    },
    project: 'api' as ProjectName,
    starter: { ...STARTER, roles: [], permissions: '0' },
    text,
    after: null,
  };
  return { thread, stub: env.SESSION.getByName(thread), key, open };
}

function act(s: Subject, what: SessionDo, id = freshId(), member = STARTER): SessionAct {
  return {
    id: id as InteractionId,
    member: { ...member, roles: [], permissions: '0' },
    place: { guild: GUILD, channel: s.thread, channelType: 11, parent: null, appPermissions: '0' },
    act: what,
  };
}

/** A runner's socket, as far as hello and acks go. */
class Runner {
  readonly commands: Command[] = [];
  readonly ws: WebSocket;
  /** How far it took the object's messages, for its next hello. */
  received: { stream: string; last: number } | null = null;
  #seq = 0;
  #waiting: (() => void)[] = [];

  constructor(ws: WebSocket) {
    this.ws = ws;
    ws.accept();
    ws.addEventListener('message', ({ data }) => {
      const frame = JSON.parse(String(data));
      if (frame.t === 'welcome')
        this.received = { stream: frame.sent.stream, last: this.received?.last ?? 0 };
      if (frame.t === 'msg') {
        if (this.received !== null) this.received.last = frame.from + frame.items.length - 1;
        this.commands.push(...frame.items);
        ws.send(JSON.stringify({ t: 'ack', last: frame.from + frame.items.length - 1 }));
      }
      for (const wake of this.#waiting.splice(0)) wake();
    });
  }

  /** `last`: how many events this runner has numbered; `before`: its connection before. */
  static async connect(s: Subject, last = 0, before: Runner | null = null): Promise<Runner> {
    const response = await upgrade(s);
    if (response.webSocket === null) throw new Error(`refused: ${response.status}`);
    const runner = new Runner(response.webSocket);
    const hello = {
      t: 'hello',
      version: 1,
      boot: 'boot' as BootId,
      sent: { stream: 'stream-1' as StreamId, last },
      received: before?.received ?? null,
    };
    runner.ws.send(JSON.stringify(hello));
    return runner;
  }

  send(...items: readonly object[]): void {
    this.ws.send(JSON.stringify({ t: 'msg', from: this.#seq + 1, items }));
    this.#seq += items.length;
  }

  async until<T>(look: () => T | undefined): Promise<T> {
    for (;;) {
      const found = look();
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  command<K extends Command['kind']>(kind: K): Promise<Extract<Command, { kind: K }>> {
    return this.until(() => this.commands.find((c): c is Extract<Command, { kind: K }> => c.kind === kind));
  }
}

async function upgrade(
  s: Subject,
  over: { iss?: string; aud?: string; sub?: string; key?: CryptoKey } = {},
): Promise<Response> {
  const claims = {
    iss: RUNNER,
    aud: ORIGIN,
    sub: s.thread,
    exp: Math.floor(Date.now() / 1000) + 30,
    ...over,
  };
  const { key, ...payload } = claims as typeof claims & { key?: CryptoKey };
  const token = await sign(payload, key ?? s.key.privateKey, 'EdDSA');
  return s.stub.fetch(`${ORIGIN}/runner/session/${s.thread}`, {
    headers: {
      Upgrade: 'websocket',
      'Sec-WebSocket-Protocol': SUBPROTOCOL,
      Authorization: `Bearer ${token}`,
    },
  });
}

const tablesOf = (s: Subject) =>
  runInDurableObject(s.stub, (_object, state) =>
    state.storage.sql
      .exec<{ name: string }>("SELECT name FROM sqlite_master WHERE name NOT LIKE '\\_%' ESCAPE '\\'")
      .toArray(),
  );

describe('a session that nobody opened', () => {
  it('answers, and writes nothing', async () => {
    const s = await subject();
    expect(await s.stub.act(act(s, { do: 'ask', text: 'hello' }))).toMatchObject({
      kind: 'start',
      text: 'hello',
    });
    expect(await s.stub.act(act(s, { do: 'stop' }))).toMatchObject({ kind: 'private' });
    expect((await upgrade(s)).status).toBe(404);
    await s.stub.facts({ runner: RUNNER, presence: { online: true }, access: s.open.runner.access });
    expect(await tablesOf(s)).toEqual([]);
  });
});

describe('idempotence', () => {
  it('row 16: answers a second delivery of an interaction with the first answer, and queues its prompt once', async () => {
    const s = await subject();
    await s.stub.open(s.open);
    await s.stub.open(s.open);
    const twice = act(s, { do: 'ask', text: 'once' });
    await s.stub.act(twice);
    await s.stub.act(twice);
    const runner = await Runner.connect(s);
    await runner.command('prompt');
    await s.stub.act(act(s, { do: 'status' }));
    expect(runner.commands.map((c) => c.kind)).toEqual(['begin', 'prompt']);
    runner.ws.close(1000);
  });
});

describe('the link of a session', () => {
  it('is for its own runner, its own thread and this Worker alone', async () => {
    const s = await subject();
    await s.stub.open(s.open);
    const stranger = (await crypto.subtle.generateKey('Ed25519', true, ['sign', 'verify'])) as CryptoKeyPair;
    expect((await upgrade(s, { iss: 'runner-2' })).status).toBe(404);
    expect((await upgrade(s, { key: stranger.privateKey })).status).toBe(401);
    expect((await upgrade(s, { aud: 'https://evil.example' })).status).toBe(401);
    expect((await upgrade(s, { sub: '1' })).status).toBe(401);
    await s.stub.facts({
      runner: RUNNER,
      presence: { online: true },
      access: { ...s.open.runner.access, removed: true, rev: 2 },
    });
    expect((await upgrade(s)).status).toBe(403);
  });

  it.each(['hibernate', 'close'] as const)(
    'carries a turn over an eviction (%s): nothing lost, nothing twice',
    async (webSockets) => {
      const s = await subject('do it');
      await s.stub.open(s.open);
      let runner = await Runner.connect(s);
      const { gen, prompt } = await runner.command('prompt');
      const began = { kind: 'turnBegan', gen, turn: prompt, prompt, model: 'm', mode: 'default' };
      const text = (segment: number, words: string) => ({
        kind: 'text',
        gen,
        turn: prompt,
        segment,
        text: words,
      });
      runner.send(began, text(0, 'one'));
      await vi.waitFor(async () => expect(await entries(s)).toContain('one'));
      await evictDurableObject(s.stub, { webSockets });
      if (webSockets === 'close') {
        const again = await Runner.connect(s, 3, runner);
        again.send(began, text(0, 'one'), text(1, 'two'));
        runner = again;
      } else {
        runner.send(text(1, 'two'));
      }
      await vi.waitFor(async () => expect(await entries(s)).toContain('two'));
      expect((await entries(s)).filter((words) => words === 'one')).toHaveLength(1);
      runner.ws.close(1000);
    },
  );

  it('a runner that the thread leaves hears that its conversation is over, and then that its link is', async () => {
    const s = await subject('do it');
    await s.stub.open(s.open);
    const runner = await Runner.connect(s);
    await runner.command('prompt');
    const closed = new Promise<number>((resolve) =>
      runner.ws.addEventListener('close', ({ code }) => resolve(code)),
    );
    const other = { ...s.open.runner, id: 'runner-2' as RunnerId };
    await s.stub.open({ ...s.open, id: freshId() as InteractionId, runner: other, after: 1 as Gen });
    expect(await runner.command('end')).toEqual({ kind: 'end', gen: 1 });
    expect(await closed).toBe(4010);
    expect((await upgrade(s)).status).toBe(404);
  });

  it('takes again what was rolled back, and still has an alarm', async () => {
    const s = await subject('do it');
    await s.stub.open(s.open);
    const first = await Runner.connect(s);
    const { gen, prompt } = await first.command('prompt');
    const began = { kind: 'turnBegan', gen, turn: prompt, prompt, model: 'm', mode: 'default' };
    const text = { kind: 'text', gen, turn: prompt, segment: 0, text: 'said once' };
    await runInDurableObject(s.stub, (_object, state) => state.storage.deleteAlarm());
    await evictDurableObject(s.stub, { webSockets: 'hibernate' });
    const original = SessionStore.prototype.write;
    let failed = false;
    const write = vi.spyOn(SessionStore.prototype, 'write').mockImplementation(function (
      this: SessionStore,
      changes,
    ) {
      // The first event of the frame is stored, and an alarm set with it.
      failed ||= changes.some((change) => change.table === 'entry' && change.body?.kind === 'text');
      if (failed) throw new Error('the disk is full');
      original.call(this, changes);
    });
    first.send(began, text);
    await vi.waitFor(() => expect(failed).toBe(true));
    write.mockRestore();
    const again = await Runner.connect(s);
    again.send(began, text);
    await vi.waitFor(async () => expect(await entries(s)).toEqual(['said once']));
    expect(
      await runInDurableObject(s.stub, (_object, state) => state.storage.getAlarm()),
      'everything that waits has an alarm',
    ).not.toBeNull();
    again.ws.close(1000);
  });

  it('skips what it does not know and goes on', async () => {
    const s = await subject('do it');
    await s.stub.open(s.open);
    const runner = await Runner.connect(s);
    const { gen, prompt } = await runner.command('prompt');
    runner.send(
      { kind: 'fromTheFuture' },
      { junk: true },
      {
        kind: 'turnBegan',
        gen,
        turn: prompt,
        prompt,
        model: null,
        mode: 'default',
      },
    );
    runner.send({ kind: 'text', gen, turn: prompt, segment: 0, text: 'still here' });
    await vi.waitFor(async () => expect(await entries(s)).toContain('still here'));
    runner.ws.close(1000);
  });
});

/** The texts of the transcript. */
function entries(s: Subject): Promise<string[]> {
  return runInDurableObject(s.stub, (_object, state) =>
    state.storage.sql
      .exec<{ body: string }>('SELECT body FROM entry ORDER BY seq')
      .toArray()
      .map(({ body }) => JSON.parse(body))
      .filter((entry) => entry.kind === 'text')
      .map((entry) => entry.text),
  );
}
