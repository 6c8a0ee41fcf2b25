/** A Session object alone, a Discord that takes everything, and a runner's socket as far as hello and acks go. */
import { env } from 'cloudflare:workers';
import { sign } from 'hono/jwt';
import { vi } from 'vitest';
import type { Command } from '../../protocol/commands.ts';
import type {
  BootId,
  ChannelId,
  GuildId,
  InteractionId,
  ProjectName,
  RunnerId,
  StreamId,
  ThreadId,
  UserId,
} from '../../protocol/ids.ts';
import { SUBPROTOCOL } from '../../protocol/limits.ts';
import { snowflakeAt } from '../../worker/discord/snowflake.ts';
import type { SessionAct, SessionDo, SessionOpen } from '../../worker/domain/contract.ts';

const GUILD = '100' as GuildId;
const ORIGIN = 'https://heddle.example';
export const RUNNER = 'runner-1' as RunnerId;
const STARTER = { id: '2' as UserId, name: 'sam' };
let serial = 5000;

export function freshId(): string {
  serial += 1;
  return String(serial);
}

let made = 0n;
/** A message's id, of the present as Discord's are. */
export function messageId(): string {
  made += 1n;
  return String(BigInt(snowflakeAt(Date.now())) + made);
}

/** Discord takes everything; what it is told is counted by the emulator's tests, not here. */
export function discordTakesAll(): void {
  vi.spyOn(globalThis, 'fetch').mockImplementation(async () =>
    Response.json({ id: messageId(), channel_id: '1', content: '' }),
  );
}

export interface Subject {
  readonly thread: ThreadId;
  readonly stub: DurableObjectStub<import('../../worker/index.ts').Session>;
  readonly key: CryptoKeyPair;
  readonly open: SessionOpen;
}

export async function subject(text: string | null = null, as?: ThreadId): Promise<Subject> {
  discordTakesAll();
  const thread = as ?? (freshId() as ThreadId);
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

export function act(s: Subject, what: SessionDo, id = freshId(), member = STARTER): SessionAct {
  return {
    id: id as InteractionId,
    member: { ...member, roles: [], permissions: '0' },
    place: { guild: GUILD, channel: s.thread, channelType: 11, parent: null, appPermissions: '0' },
    act: what,
  };
}

/** A runner's socket, as far as hello and acks go. */
export class Runner {
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

  /** `last`: how many events this runner has numbered; `before`: its connection before; `sent`: so many are not sent again. */
  static async connect(
    s: Subject,
    last = 0,
    before: Pick<Runner, 'received'> | null = null,
    sent = 0,
  ): Promise<Runner> {
    const response = await upgrade(s);
    if (response.webSocket === null) throw new Error(`refused: ${response.status}`);
    const runner = new Runner(response.webSocket);
    runner.#seq = sent;
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

export async function upgrade(
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
