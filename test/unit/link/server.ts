/** An object's end without an object: a WebSocket server on this machine that a test can make behave badly. */
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { verify } from 'hono/jwt';
import { type WebSocket, WebSocketServer } from 'ws';
import { decodeFrame, encodeFrame, encodeMessage, encodeMessages } from '../../../protocol/codec.ts';
import { PING, PONG } from '../../../protocol/limits.ts';
import { batch, type Conn, newConn, receive, room, sent, welcome } from '../../../protocol/link.ts';
import { MemoryStore } from '../../../runner/link/store.ts';

export interface Refusal {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export class FakeObject {
  readonly store = new MemoryStore();
  readonly applied: unknown[] = [];
  readonly states: unknown[] = [];
  readonly lives: unknown[] = [];
  /** Sizes of the `msg` frames that came, in messages. */
  readonly frames: number[] = [];
  /** Claims of each upgrade. */
  readonly claims: Record<string, unknown>[] = [];
  readonly upgrades: IncomingMessage[] = [];
  /** Answers for the next upgrades instead of a socket. */
  readonly refusals: Refusal[] = [];
  /** Does not answer pings. */
  mute = false;
  /** Says nothing at all to the next this many hellos. */
  deaf = 0;
  /** Takes messages and does not ack them. */
  silent = false;
  socket: WebSocket | null = null;
  #conn: Conn = newConn;
  #epoch = 0;
  #changed: (() => void)[] = [];
  readonly #http = createServer((_request, response) => response.writeHead(426).end());
  readonly #wss = new WebSocketServer({ noServer: true });
  readonly #publicKey: () => string;

  constructor(publicKey: () => string) {
    this.#publicKey = publicKey;
    this.#http.on('upgrade', (request, socket, head) => {
      this.upgrades.push(request);
      socket.on('error', () => {});
      const refusal = this.refusals.shift();
      if (refusal !== undefined) {
        const body = typeof refusal.body === 'string' ? refusal.body : JSON.stringify(refusal.body ?? {});
        const headers = {
          'Content-Length': String(Buffer.byteLength(body)),
          Connection: 'close',
          ...refusal.headers,
        };
        const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
        socket.end(`HTTP/1.1 ${refusal.status} No\r\n${lines.join('')}\r\n${body}`);
        this.#change();
        return;
      }
      this.#wss.handleUpgrade(request, socket, head, (ws) => void this.#accept(ws, request));
    });
  }

  async listen(): Promise<string> {
    this.#http.listen(0, '127.0.0.1');
    await once(this.#http, 'listening');
    return `http://127.0.0.1:${(this.#http.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    for (const client of this.#wss.clients) client.terminate();
    this.#http.closeAllConnections();
    this.#http.close();
    await once(this.#http, 'close');
  }

  send(body: unknown): void {
    const message = encodeMessage(body);
    if (!message.ok) throw new RangeError(message.why);
    this.store.append(message.text);
    this.#pump();
  }

  /** Until a condition holds; looked at after each thing that happens here. */
  async until(holds: () => boolean): Promise<void> {
    while (!holds()) await new Promise<void>((resolve) => this.#changed.push(resolve));
  }

  async #accept(ws: WebSocket, request: IncomingMessage): Promise<void> {
    const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? '';
    const early: string[] = [];
    const hold = (data: Buffer): void => void early.push(data.toString());
    ws.on('message', hold);
    ws.on('error', () => {});
    this.claims.push(
      await verify(token, { kty: 'OKP', crv: 'Ed25519', x: this.#publicKey() }, { alg: 'EdDSA', exp: false }),
    );
    this.#epoch += 1;
    this.socket = ws;
    this.#conn = newConn;
    ws.off('message', hold);
    for (const text of early) this.#take(ws, text);
    ws.on('message', (data: Buffer) => this.#take(ws, data.toString()));
    this.#change();
  }

  #take(ws: WebSocket, text: string): void {
    if (text === PING) {
      if (!this.mute) ws.send(PONG);
      return;
    }
    const decoded = decodeFrame(text);
    if (!decoded.ok) return ws.close(decoded.close);
    const { frame } = decoded;
    if (frame.t === 'hello' && this.deaf > 0) {
      this.deaf -= 1;
      return this.#change();
    }
    const step = receive('object', this.store.load(), this.#conn, frame);
    switch (step.do) {
      case 'close':
        ws.close(step.code);
        break;
      case 'met':
        if (step.restart) this.store.newStream();
        else this.store.ackedTo(step.end.acked);
        if (step.end.received !== null) {
          this.store.received(step.end.received.stream, step.end.received.last, () => {});
        }
        this.#conn = step.conn;
        ws.send(encodeFrame(welcome(this.store.load(), this.#epoch, Date.now())));
        this.#pump();
        break;
      case 'apply':
        if (frame.t !== 'msg' || step.end.received === null) break;
        this.frames.push(frame.items.length);
        this.applied.push(...frame.items.slice(step.skip));
        this.store.received(step.end.received.stream, step.end.received.last, () => {});
        if (!this.silent) ws.send(encodeFrame(step.ack));
        break;
      case 'acked':
        this.store.ackedTo(step.end.acked);
        this.#conn = step.conn;
        this.#pump();
        break;
      case 'live':
        this.lives.push(step.body);
        break;
      case 'state':
        this.states.push(step.body);
        break;
      case 'nothing':
        break;
    }
    this.#change();
  }

  #pump(): void {
    const end = this.store.load();
    for (let space = room(end, this.#conn); space !== null; space = room(end, this.#conn)) {
      const { texts, sizes } = batch(space, this.store.unacked(space.from, space));
      this.socket?.send(encodeMessages(space.from, texts));
      this.#conn = sent(this.#conn, sizes);
    }
  }

  #change(): void {
    for (const wake of this.#changed.splice(0)) wake();
  }
}
