/** A guild with runners, for the Guild's tests. Its Sessions are stand-ins that note what they are asked. */
import { runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { sign } from 'hono/jwt';
import { beforeEach, vi } from 'vitest';
import type { Gen, ProjectName, RunnerId, ThreadId, UserId } from '../../protocol/ids.ts';
import { SUBPROTOCOL } from '../../protocol/limits.ts';
import type {
  SessionAct,
  SessionOpen,
  SessionOpened,
  SessionState,
  SessionSummary,
} from '../../worker/domain/contract.ts';
import { type Guild, Session } from '../../worker/index.ts';
import { discord, useDiscord } from './fake-discord.ts';
import {
  command,
  type Given,
  guildOf,
  MANAGE_GUILD,
  newId,
  ORIGIN,
  type Reply,
  send,
  serve,
} from './interaction.ts';

export const ADA = '200000000000000001';
export const BOB = '200000000000000002';
export const asBob = { user: BOB, name: 'bob' } satisfies Given;

export interface Key {
  readonly publicKey: string;
  readonly privateKey: CryptoKey;
}

export async function newKey(): Promise<Key> {
  const pair = (await crypto.subtle.generateKey('Ed25519', true, ['sign', 'verify'])) as CryptoKeyPair;
  const jwk = (await crypto.subtle.exportKey('jwk', pair.publicKey)) as JsonWebKey;
  return { publicKey: jwk.x ?? '', privateKey: pair.privateKey };
}

export interface FakeRunner {
  readonly id: RunnerId;
  readonly key: Key;
}

/** A runner's end of its guild link, after the welcome. */
export class Socket {
  readonly ws: WebSocket;
  readonly frames: { t: string; body?: { kind: string; rev: number; sessions: string[] } }[] = [];
  closed: number | null = null;
  #wake: (() => void)[] = [];

  constructor(ws: WebSocket) {
    this.ws = ws;
    ws.accept();
    ws.addEventListener('message', ({ data }) => {
      this.frames.push(JSON.parse(String(data)));
      this.#changed();
    });
    ws.addEventListener('close', ({ code }) => {
      this.closed = code;
      this.#changed();
    });
  }

  async until<T>(look: (socket: this) => T | undefined | null | false): Promise<T> {
    for (;;) {
      const found = look(this);
      if (found) return found;
      await new Promise<void>((resolve) => this.#wake.push(resolve));
    }
  }

  /** The newest set of sessions that the Guild asked for. */
  get wanted() {
    return this.frames.findLast((frame) => frame.t === 'state')?.body;
  }

  #changed(): void {
    for (const wake of this.#wake.splice(0)) wake();
  }
}

class World {
  readonly guild = newId();
  readonly opened: SessionOpen[] = [];
  readonly facts: {
    thread: string;
    runner: string;
    online: boolean;
    removed: boolean;
    members: readonly string[];
    keys: readonly string[];
  }[] = [];
  readonly acted: { thread: string; act: SessionAct }[] = [];
  /** What `Session.open` answers; a throw is a Session that cannot be reached. */
  open: (open: SessionOpen) => SessionOpened = () => ({ ok: true, gen: 1 as Gen });
  tell: () => void = () => {};

  /** `real`: the Sessions are what they are. */
  constructor(sessions: 'noted' | 'real') {
    if (sessions === 'real') return;
    const world = this;
    vi.spyOn(Session.prototype, 'open').mockImplementation(async (open) => {
      world.opened.push(open);
      return world.open(open);
    });
    vi.spyOn(Session.prototype, 'facts').mockImplementation(async function (this: Session, facts) {
      world.tell();
      const { ctx } = this as unknown as { ctx: DurableObjectState };
      world.facts.push({
        thread: ctx.id.name ?? '',
        runner: facts.runner,
        online: facts.presence.online,
        removed: facts.access.removed,
        members: facts.access.members,
        keys: facts.access.keys ?? [],
      });
    });
    vi.spyOn(Session.prototype, 'act').mockImplementation(async function (this: Session, act) {
      const { ctx } = this as unknown as { ctx: DurableObjectState };
      world.acted.push({ thread: ctx.id.name ?? '', act });
      return act.act.do === 'ask' || act.act.do === 'new'
        ? { kind: 'start', text: act.act.text, project: null, after: null }
        : { kind: 'private', text: 'the session answers' };
    });
  }

  stub(): Promise<DurableObjectStub<Guild>> {
    return guildOf(this.guild);
  }

  async send(payload: Record<string, unknown>): Promise<Reply> {
    await this.stub();
    const reply = await send(payload);
    await reply.settle();
    return reply;
  }

  command(name: string, options: unknown[] = [], given: Given = {}): Promise<Reply> {
    return this.send(command(name, options, { guild: this.guild, ...given }));
  }

  runnerCommand(sub: string, options: unknown[] = [], given: Given = {}): Promise<Reply> {
    return this.command('runner', [{ type: 1, name: sub, options }], given);
  }

  /** `/runner pair`; the code of its link. */
  async code(given: Given = {}): Promise<{ code: string; reply: Reply }> {
    const reply = await this.runnerCommand('pair', [], { permissions: MANAGE_GUILD, ...given });
    const code = /#pair=\d+\.([A-Za-z0-9_-]{22})/.exec(reply.text)?.[1];
    if (code === undefined) throw new Error(`no link in: ${reply.text}`);
    return { code, reply };
  }

  async redeem(code: string, publicKey: string, name = 'laptop') {
    await this.stub();
    const { response, settle } = await serve(
      new Request(`${ORIGIN}/runner/pair`, {
        method: 'POST',
        body: JSON.stringify({ guild: this.guild, code, publicKey, name }),
      }),
    );
    await settle();
    return {
      status: response.status,
      body: (await response.json()) as { runner?: RunnerId; error?: string },
    };
  }

  /** Paired and confirmed. */
  async runner(given: Given & { readonly called?: string } = {}): Promise<FakeRunner> {
    const { code } = await this.code(given);
    const key = await newKey();
    const { body } = await this.redeem(code, key.publicKey, given.called);
    if (body.runner === undefined) throw new Error(`not paired: ${body.error}`);
    // Showing the fingerprint goes on after the runner's answer.
    await vi.waitFor(() => {
      if (!JSON.stringify([...discord.originals.values()]).includes(String(body.runner)))
        throw new Error('not shown');
    });
    await this.press(`h1:pairyes:0:0:${body.runner}`, { permissions: MANAGE_GUILD, ...given });
    return { id: body.runner, key };
  }

  press(id: string, given: Given = {}): Promise<Reply> {
    return this.send({
      ...command('x', [], { guild: this.guild, ...given }),
      type: 3,
      data: { custom_id: id, component_type: 2 },
      message: { id: newId() },
    });
  }

  async upgrade({ id, key }: FakeRunner, over: Record<string, unknown> = {}): Promise<Response> {
    const claims = {
      iss: id,
      aud: ORIGIN,
      sub: this.guild,
      exp: Math.floor(Date.now() / 1000) + 30,
      ...over,
    };
    const token = await sign(claims, key.privateKey as unknown as string, 'EdDSA');
    const { response } = await serve(
      new Request(`${ORIGIN}/runner/guild/${this.guild}`, {
        headers: {
          Upgrade: 'websocket',
          'Sec-WebSocket-Protocol': SUBPROTOCOL,
          Authorization: `Bearer ${token}`,
        },
      }),
    );
    return response;
  }

  /** Linked, and its catalogue taken. */
  async connect(runner: FakeRunner, projects: readonly string[] = ['api']): Promise<Socket> {
    const response = await this.upgrade(runner);
    if (response.webSocket === null) throw new Error(`refused: ${response.status} ${await response.text()}`);
    const socket = new Socket(response.webSocket);
    const hello = { t: 'hello', version: 1, boot: 'b', sent: { stream: 's', last: 0 }, received: null };
    socket.ws.send(JSON.stringify(hello));
    await socket.until(() => socket.wanted);
    const catalogue = {
      kind: 'catalogue',
      version: '0.1.0',
      host: 'laptop',
      platform: 'linux',
      claude: { ok: true, version: '2.1.330' },
      projects: projects.map((name) => ({ name })),
      processes: 0,
    };
    socket.ws.send(JSON.stringify({ t: 'state', body: catalogue }));
    await this.until(
      async () =>
        (await this.rows('SELECT 1 FROM runners WHERE id = ? AND catalogue IS NOT NULL', runner.id)).length >
        0,
    );
    return socket;
  }

  async rows(query: string, ...values: (string | number)[]): Promise<Record<string, SqlStorageValue>[]> {
    return runInDurableObject(await this.stub(), (_guild, { storage }) =>
      storage.sql.exec(query, ...values).toArray(),
    );
  }

  /** Asks again until it is so: sockets have no event for "the other end has handled it". */
  async until(look: () => Promise<boolean>): Promise<void> {
    while (!(await look())) await new Promise((resolve) => setTimeout(resolve, 1));
  }

  /** Everything that waits for its time is due now; once, or until nothing waits. */
  async alarm(): Promise<void> {
    const stub = await this.stub();
    await runInDurableObject(stub, (_guild, { storage }) => {
      storage.sql.exec("UPDATE timers SET due_ms = 1 WHERE key NOT IN ('prune', 'poll')");
    });
    await runDurableObjectAlarm(stub);
  }

  async report(
    thread: string,
    rev: number,
    over: Partial<SessionSummary> = {},
    gen = 1,
    stub?: DurableObjectStub<Guild>,
  ) {
    const receipt = await (stub ?? (await this.stub())).report({
      thread: thread as ThreadId,
      gen: gen as Gen,
      rev,
      summary: summary({ gen: gen as Gen, ...over }),
    });
    return receipt;
  }
}

/** Of the test that runs. */
export let world: World;

/** Gives each test of the file a guild of its own, in a Discord of its own. `real`: the Sessions are what they are. */
export function useGuild(sessions: 'noted' | 'real' = 'noted'): void {
  useDiscord();
  beforeEach(() => {
    world = new World(sessions);
  });
}

export const running: SessionState = { is: 'running', sinceMs: 1_700_000_000_000 };

function summary(over: Partial<SessionSummary>): SessionSummary {
  return {
    gen: 1 as Gen,
    state: running,
    title: 'fix the login',
    project: 'api' as ProjectName,
    runner: 'r' as RunnerId,
    starter: { id: ADA as UserId, name: 'ada' },
    startedMs: 1_700_000_000_000,
    activeMs: 1_700_000_000_000,
    turns: 1,
    queued: 0,
    costUsd: 0,
    tokens: { in: 0, out: 0 },
    work: true,
    ...over,
  };
}
