/** One connection from dialling to its end: headers, heartbeat, limits. Knows frames only as text. */
import type { IncomingMessage } from 'node:http';
import * as v from 'valibot';
import WebSocket from 'ws';
import { UpgradeRefusal } from '../../protocol/guild.ts';
import { FRAME_MAX_BYTES, PING, PONG, SUBPROTOCOL } from '../../protocol/limits.ts';
import type { Ended } from './policy.ts';
import type { LinkTiming } from './timing.ts';

export interface SocketEvents {
  open(): void;
  /** A frame's text, or the bytes of a binary one. */
  frame(data: string | Buffer): void;
  /** Comes once and last. `date`: the `Date` header of a refusal. */
  ended(ended: Ended, date: string | null): void;
}

/** A refusal of ours is a few bytes; more is somebody's error page. */
const REFUSAL_MAX_BYTES = 4096;
/** After our close frame, how long the other end may take before the TCP connection is cut. */
const CLOSE_TIMEOUT_MS = 2_000;
const BROKEN = 1006;

export class LinkSocket {
  readonly #ws: WebSocket;
  readonly #events: SocketEvents;
  readonly #timing: LinkTiming;
  #handshake: NodeJS.Timeout | null;
  #ping: NodeJS.Timeout | null = null;
  #pong: NodeJS.Timeout | null = null;
  #over = false;

  constructor(url: string, token: string, timing: LinkTiming, events: SocketEvents) {
    this.#events = events;
    this.#timing = timing;
    this.#ws = new WebSocket(url, SUBPROTOCOL, {
      headers: { Authorization: `Bearer ${token}` },
      maxPayload: FRAME_MAX_BYTES,
      perMessageDeflate: false,
      // A redirect would carry the token to whoever it names.
      followRedirects: false,
    });
    this.#handshake = setTimeout(() => this.terminate(), timing.handshakeTimeoutMs);
    this.#ws.on('open', () => this.#opened());
    this.#ws.on('message', (data: Buffer, isBinary) => this.#heard(isBinary ? data : data.toString()));
    this.#ws.on('unexpected-response', (_request, response) => this.#refused(response));
    this.#ws.on('close', (code) => this.#end({ how: 'closed', code }));
    // `close` follows each of these and says all that matters; without a listener it would be thrown.
    this.#ws.on('error', () => {});
  }

  /** UTF-8 bytes that the kernel has not taken yet. */
  get bufferedBytes(): number {
    return this.#ws.bufferedAmount;
  }

  send(text: string): void {
    if (!this.#over && this.#ws.readyState === WebSocket.OPEN) this.#ws.send(text);
  }

  /** Says why, and is over at once for this side. */
  close(code: number): void {
    if (this.#over) return;
    this.#ws.close(code);
    const cut = setTimeout(() => this.#ws.terminate(), CLOSE_TIMEOUT_MS);
    this.#ws.once('close', () => clearTimeout(cut));
    this.#end({ how: 'closed', code: BROKEN });
  }

  /** Cuts it without a word: nobody is there to hear one. */
  terminate(ended: Ended = { how: 'closed', code: BROKEN }): void {
    if (this.#over) return;
    this.#end(ended);
    this.#ws.terminate();
  }

  #opened(): void {
    if (this.#handshake !== null) clearTimeout(this.#handshake);
    this.#handshake = null;
    this.#ping = setInterval(() => {
      this.send(PING);
      this.#pong ??= setTimeout(() => this.terminate(), this.#timing.pongTimeoutMs);
    }, this.#timing.pingIntervalMs);
    this.#events.open();
  }

  #heard(data: string | Buffer): void {
    if (this.#over) return;
    if (this.#pong !== null) clearTimeout(this.#pong);
    this.#pong = null;
    if (data !== PONG) this.#events.frame(data);
  }

  /** The handshake's time limit stays on while the answer's body is read. */
  #refused(response: IncomingMessage): void {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const done = (): void => {
      const retryAfterS = Number(response.headers['retry-after']);
      this.#end(
        {
          how: 'refused',
          status: response.statusCode ?? 0,
          error: bytes > REFUSAL_MAX_BYTES ? null : readRefusal(Buffer.concat(chunks).toString()),
          retryAfterMs: Number.isFinite(retryAfterS) && retryAfterS > 0 ? retryAfterS * 1000 : null,
        },
        response.headers.date ?? null,
      );
      this.#ws.terminate();
    };
    response.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > REFUSAL_MAX_BYTES) done();
      else chunks.push(chunk);
    });
    response.on('end', done);
    response.on('error', done);
  }

  #end(ended: Ended, date: string | null = null): void {
    if (this.#over) return;
    this.#over = true;
    for (const timer of [this.#handshake, this.#ping, this.#pong]) if (timer !== null) clearTimeout(timer);
    this.#events.ended(ended, date);
  }
}

function readRefusal(text: string): UpgradeRefusal['error'] | null {
  try {
    const read = v.safeParse(UpgradeRefusal, JSON.parse(text));
    return read.success ? read.output.error : null;
  } catch {
    return null;
  }
}
