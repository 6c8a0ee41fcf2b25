/** The Worker's side of a runner, in this process: pairing, signed upgrades, and objects that keep the link's rules. */
import { createPublicKey, type KeyObject, randomUUID, verify } from 'node:crypto';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import * as v from 'valibot';
import { type WebSocket, WebSocketServer } from 'ws';
import { decodeFrame, encodeFrame, encodeMessages } from '../../../protocol/codec.ts';
import type { Command } from '../../../protocol/commands.ts';
import { Event, Live } from '../../../protocol/events.ts';
import { Close } from '../../../protocol/frames.ts';
import { Catalogue, PairRequest, type Wanted } from '../../../protocol/guild.ts';
import type { GuildId, RunnerId, StreamId, ThreadId, UserId } from '../../../protocol/ids.ts';
import { PING, PONG, SUBPROTOCOL } from '../../../protocol/limits.ts';
import { batch, type Conn, newConn, receive, room, sent, welcome } from '../../../protocol/link.ts';
import { MemoryStore } from '../../../runner/link/store.ts';

export const GUILD = '4711' as GuildId;
export const OWNER = '1' as UserId;
const RUNNER = 'runner-1' as RunnerId;
const WAIT_MS = 20_000;

/** One object: what it stored, and its newest socket. */
class StandInObject {
  readonly store = new MemoryStore(() => randomUUID() as string as StreamId);
  readonly onBody: (body: unknown) => void;
  readonly onVolatile: (t: 'live' | 'state', body: unknown) => void;
  /** After each frame. */
  onChange: () => void = () => {};
  state: unknown = null;
  #socket: WebSocket | null = null;
  #conn: Conn = newConn;
  #epoch = 0;

  constructor(onBody: (body: unknown) => void, onVolatile: (t: 'live' | 'state', body: unknown) => void) {
    this.onBody = onBody;
    this.onVolatile = onVolatile;
  }

  get linked(): boolean {
    return this.#socket !== null && this.#conn.phase === 'open';
  }

  attach(socket: WebSocket): void {
    this.#socket?.close(Close.superseded);
    this.#socket = socket;
    this.#conn = newConn;
    this.#epoch += 1;
    socket.on('message', (data: Buffer) => {
      const text = data.toString();
      if (text === PING) socket.send(PONG);
      else if (this.#socket === socket) {
        this.#frame(socket, text);
        this.onChange();
      }
    });
    socket.on('close', () => {
      if (this.#socket === socket) this.#socket = null;
    });
    socket.on('error', () => {});
  }

  drop(): void {
    this.#socket?.terminate();
    this.#socket = null;
  }

  close(code: number): void {
    this.#socket?.close(code);
  }

  send(body: unknown): void {
    this.store.append(JSON.stringify(body));
    this.#flush();
  }

  setState(body: unknown): void {
    this.state = body;
    if (this.linked) this.#socket?.send(encodeFrame({ t: 'state', body }));
  }

  #frame(socket: WebSocket, text: string): void {
    const decoded = decodeFrame(text);
    if (!decoded.ok) return socket.close(decoded.close);
    const step = receive('object', this.store.load(), this.#conn, decoded.frame);
    switch (step.do) {
      case 'close':
        return socket.close(step.code);
      case 'met': {
        if (step.restart) this.store.newStream();
        else this.store.ackedTo(step.end.acked);
        if (step.end.received !== null)
          this.store.received(step.end.received.stream, step.end.received.last, () => {});
        this.#conn = step.conn;
        socket.send(encodeFrame(welcome(this.store.load(), this.#epoch, Date.now())));
        if (this.state !== null) socket.send(encodeFrame({ t: 'state', body: this.state }));
        return this.#flush();
      }
      case 'apply': {
        const { received } = step.end;
        if (decoded.frame.t !== 'msg' || received === null) return;
        for (const body of decoded.frame.items.slice(step.skip)) this.onBody(body);
        this.store.received(received.stream, received.last, () => {});
        return socket.send(encodeFrame(step.ack));
      }
      case 'acked':
        this.store.ackedTo(step.end.acked);
        this.#conn = step.conn;
        return this.#flush();
      case 'live':
      case 'state':
        return this.onVolatile(step.do, step.body);
      case 'nothing':
        return;
    }
  }

  #flush(): void {
    const socket = this.#socket;
    if (socket === null) return;
    const end = this.store.load();
    for (let space = room(end, this.#conn); space !== null; space = room(end, this.#conn)) {
      const { texts, sizes } = batch(space, this.store.unacked(space.from, space));
      if (texts.length === 0) return;
      socket.send(encodeMessages(space.from, texts));
      this.#conn = sent(this.#conn, sizes);
    }
  }
}

export class StandInSession {
  readonly events: Event[] = [];
  readonly live: Live[] = [];
  readonly #listeners = new Set<() => void>();
  readonly object = new StandInObject(
    (body) => this.events.push(v.parse(Event, body)),
    (_, body) => this.live.push(v.parse(Live, body)),
  );

  constructor() {
    this.object.onChange = () => {
      for (const listener of [...this.#listeners]) listener();
    };
  }

  send(command: Command): void {
    this.object.send(command);
  }

  /** Resolves with the first event, past or to come, that fits. */
  async event<K extends Event['kind']>(
    kind: K,
    fits: (event: Extract<Event, { kind: K }>) => boolean = () => true,
  ): Promise<Extract<Event, { kind: K }>> {
    const find = () =>
      this.events.find(
        (event): event is Extract<Event, { kind: K }> => event.kind === kind && fits(event as never),
      );
    return this.until(`an event ${kind}`, find);
  }

  async until<T>(what: string, find: () => T | undefined): Promise<T> {
    return waitFor(this.#listeners, what, find, () => JSON.stringify(this.events.map((event) => event.kind)));
  }
}

export class StandIn {
  readonly #http: Server;
  readonly #sockets = new WebSocketServer({ noServer: true, handleProtocols: () => SUBPROTOCOL });
  readonly #sessions = new Map<ThreadId, StandInSession>();
  readonly #listeners = new Set<() => void>();
  readonly guild = new StandInObject(
    () => {},
    (_, body) => {
      this.catalogues.push(v.parse(Catalogue, body));
      this.#changed();
    },
  );
  readonly catalogues: Catalogue[] = [];
  readonly code = 'AAAAAAAAAAAAAAAAAAAAAA';
  key: KeyObject | null = null;
  publicKey = '';
  /** How upgrades are answered. */
  standing: 'confirmed' | 'unconfirmed' | 'removed' = 'unconfirmed';
  refusals = 0;
  #used = false;
  #rev = 0;

  private constructor(http: Server) {
    this.#http = http;
  }

  static async start(): Promise<StandIn> {
    const http = createServer();
    const standIn = new StandIn(http);
    http.on('request', async (request, response) => {
      const { status, body } = await standIn.#request(request);
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    });
    http.on('upgrade', (request, socket, head) => standIn.#upgrade(request, socket, head));
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
    return standIn;
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.#http.address() as AddressInfo).port}`;
  }

  get pairingLink(): string {
    return `${this.origin}/#pair=${GUILD}.${this.code}`;
  }

  session(thread: ThreadId): StandInSession {
    let session = this.#sessions.get(thread);
    if (session === undefined) {
      session = new StandInSession();
      this.#sessions.set(thread, session);
    }
    return session;
  }

  want(...sessions: ThreadId[]): void {
    this.#rev += 1;
    const wanted: Wanted = { kind: 'wanted', rev: this.#rev, sessions };
    this.guild.setState(wanted);
  }

  /** `/runner remove`: the Guild's link is closed, and every upgrade after it is refused. */
  remove(): void {
    this.standing = 'removed';
    this.guild.close(Close.unauthorized);
  }

  /** Every connection breaks, without a word. */
  drop(): void {
    this.guild.drop();
    for (const session of this.#sessions.values()) session.object.drop();
  }

  until<T>(what: string, find: () => T | undefined): Promise<T> {
    return waitFor(this.#listeners, what, find, () => `${this.catalogues.length} catalogues`);
  }

  async close(): Promise<void> {
    this.drop();
    this.#sockets.close();
    this.#http.closeAllConnections();
    await new Promise((resolve) => this.#http.close(resolve));
  }

  #changed(): void {
    for (const listener of [...this.#listeners]) listener();
  }

  async #request(request: IncomingMessage): Promise<{ status: number; body: unknown }> {
    let text = '';
    for await (const chunk of request) text += String(chunk);
    if (request.method !== 'POST' || request.url !== '/runner/pair') return { status: 404, body: {} };
    const asked = v.safeParse(PairRequest, JSON.parse(text));
    if (!asked.success || asked.output.guild !== GUILD || asked.output.code !== this.code || this.#used)
      return { status: 403, body: {} };
    this.#used = true;
    this.publicKey = asked.output.publicKey;
    this.key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: this.publicKey }, format: 'jwk' });
    return { status: 200, body: { runner: RUNNER, owner: OWNER, ownerName: 'olga', guildName: 'Loom' } };
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const target = /^\/runner\/(guild|session)\/(\d+)$/.exec(request.url ?? '');
    const refuse = (status: string, error: string) => {
      this.refusals += 1;
      const body = JSON.stringify({ error });
      socket.end(
        `HTTP/1.1 ${status}\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\nconnection: close\r\n\r\n${body}`,
      );
      this.#changed();
    };
    if (!this.#signed(request, target?.[2] ?? '')) return refuse('401 Unauthorized', 'unauthorized');
    if (this.standing !== 'confirmed') return refuse('403 Forbidden', this.standing);
    this.#sockets.handleUpgrade(request, socket, head, (ws) => {
      if (target?.[1] === 'guild') this.guild.attach(ws);
      else this.session(target?.[2] as ThreadId).object.attach(ws);
    });
  }

  #signed(request: IncomingMessage, subject: string): boolean {
    const [head = '', body = '', signature = ''] = (request.headers.authorization ?? '')
      .replace('Bearer ', '')
      .split('.');
    if (this.key === null) return false;
    if (!verify(null, Buffer.from(`${head}.${body}`), this.key, Buffer.from(signature, 'base64url')))
      return false;
    const claims = JSON.parse(Buffer.from(body, 'base64url').toString());
    return (
      claims.iss === RUNNER &&
      claims.aud === this.origin &&
      claims.sub === subject &&
      claims.exp * 1000 > Date.now()
    );
  }
}

async function waitFor<T>(
  listeners: Set<() => void>,
  what: string,
  find: () => T | undefined,
  context: () => string,
): Promise<T> {
  const now = find();
  if (now !== undefined) return now;
  return new Promise((resolve, reject) => {
    const look = () => {
      const found = find();
      if (found === undefined) return;
      clearTimeout(timer);
      listeners.delete(look);
      resolve(found);
    };
    const timer = setTimeout(() => {
      listeners.delete(look);
      reject(new Error(`no ${what}; there is: ${context()}`));
    }, WAIT_MS);
    listeners.add(look);
  });
}
