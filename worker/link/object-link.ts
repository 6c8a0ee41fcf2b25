/**
 * An object's end of its links, one for each runner. The Session and the Guild object each have one `ObjectLink` and hand it
 * their socket handlers. Everything that matters is in SQLite or in a socket's attachment, so it survives hibernation.
 *
 * Handlers are synchronous: in a Durable Object every await on something other than storage lets the next message in.
 * Cloudflare: the output gate holds `ws.send` until earlier writes are durable, so an ack sent after a write is a durable ack.
 */
import { decodeFrame, encodeFrame, encodeMessage, encodeMessages } from '../../protocol/codec.ts';
import { Close, type CloseCode, type Frame } from '../../protocol/frames.ts';
import type { UpgradeRefusal } from '../../protocol/guild.ts';
import type { RunnerId, StreamId } from '../../protocol/ids.ts';
import { PING, PONG, SUBPROTOCOL } from '../../protocol/limits.ts';
import {
  batch,
  type LinkEnd,
  newConn,
  receive,
  restarted,
  room,
  type Step,
  sent,
  welcome,
} from '../../protocol/link.ts';
import { assertNever } from '../../protocol/never.ts';
import { authorize, type FindRunner } from './auth.ts';
import {
  currentSocket,
  drop,
  type LinkSocket,
  readCard,
  type SocketCard,
  socketsOf,
  trySend,
  writeCard,
} from './sockets.ts';
import { type LinkRecord, LinkTables } from './tables.ts';

/** RFC 6455: an unexpected condition on this side; the runner connects again and sends the same messages again. */
const INTERNAL_ERROR = 1011;

/** What the owning object does with what comes. `apply` runs inside the transaction that also stores how far the runner's messages came. */
export interface LinkOwner {
  /** Fresh messages, in order, unchecked. Ignore a bad one; a throw undoes them all and they come again after a reconnect. */
  apply(runner: RunnerId, items: readonly unknown[]): void;
  /** A level-triggered whole from the runner, unchecked. */
  state(runner: RunnerId, body: unknown): void;
  /** Live text, unchecked, not stored by the link. */
  live(runner: RunnerId, body: unknown): void;
  /** The runner is linked: the welcome is on its way, numbered messages follow by themselves. Send `state` here. */
  met(runner: RunnerId): void;
}

/** What a frame was, for an owner that runs its pumps after it. `lost`: the link was closed for it. `none`: nothing new. */
export type Handled = 'met' | 'messages' | 'acked' | 'live' | 'state' | 'lost' | 'none';

export type LinkPresence =
  | { readonly online: true; readonly sinceMs: number }
  /** `null`: never seen here, or the end of it was not seen. */
  | { readonly online: false; readonly sinceMs: number | null };

export interface ObjectLinkOptions {
  readonly owner: LinkOwner;
  /** Names and numbers only. */
  readonly log?: (event: string, fields: Readonly<Record<string, string | number>>) => void;
  readonly now?: () => number;
}

export class ObjectLink {
  readonly #ctx: DurableObjectState;
  readonly #owner: LinkOwner;
  readonly #tables: LinkTables;
  readonly #log: NonNullable<ObjectLinkOptions['log']>;
  readonly #now: () => number;

  constructor(ctx: DurableObjectState, options: ObjectLinkOptions) {
    this.#ctx = ctx;
    this.#owner = options.owner;
    this.#tables = new LinkTables(ctx.storage.sql);
    this.#log = options.log ?? (() => {});
    this.#now = options.now ?? Date.now;
    // Answered by the platform: a ping neither wakes a hibernating object nor is billed.
    if (ctx.getWebSocketAutoResponse() === null) {
      ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair(PING, PONG));
    }
  }

  /** Creates the link's tables. Call it where the object's own schema is created; nothing else here works before it but a refused `upgrade`. */
  create(): void {
    this.#tables.create();
  }

  /**
   * Answers `GET /runner/…`: 101 with a socket, or a refusal with `UpgradeRefusal` as JSON before any upgrade. `find` looks a
   * runner up by id; it is called for unverified claims, so it must only read.
   */
  async upgrade(request: Request, find: FindRunner): Promise<Response> {
    if (request.headers.get('Upgrade')?.toLowerCase() !== 'websocket') return this.#refuse(426, 'upgrade');
    const offered = request.headers.get('Sec-WebSocket-Protocol') ?? '';
    if (!offered.split(',').some((one) => one.trim() === SUBPROTOCOL)) return this.#refuse(426, 'version');
    const who = await authorize(request.headers.get('Authorization'), find, this.#now());
    if (!who.ok) {
      this.#log('link.refused', { status: who.status, why: who.why });
      return this.#refuse(who.status, who.error);
    }
    const { runner } = who;
    const epoch = this.#ctx.storage.transactionSync(() => {
      const next = this.#tables.open(runner, newStream).epoch + 1;
      this.#tables.setEpoch(runner, next);
      return next;
    });
    for (const older of socketsOf(this.#ctx, runner)) drop(older, Close.superseded);
    const pair = new WebSocketPair();
    this.#ctx.acceptWebSocket(pair[1], [runner]);
    writeCard(pair[1], {
      runner,
      key: who.key,
      epoch,
      conn: newConn,
      acked: 0,
      sinceMs: this.#now(),
      heardMs: this.#now(),
    });
    return new Response(null, {
      status: 101,
      webSocket: pair[0],
      headers: { 'Sec-WebSocket-Protocol': SUBPROTOCOL },
    });
  }

  /**
   * Stores a numbered message for the runner and gives its number. Call it inside the owner's transaction, and `pump` after it.
   * Throws `RangeError` for one that could never be sent (over `MESSAGE_MAX_BYTES`, or not JSON).
   */
  send(runner: RunnerId, body: unknown): number {
    const message = encodeMessage(body);
    if (!message.ok) throw new RangeError(`a message of the link is ${message.why}`);
    const n = this.#tables.open(runner, newStream).end.last + 1;
    this.#tables.append(runner, n, message.text);
    return n;
  }

  /** Sends what may go now. Harmless at any time outside a transaction; never throws. */
  pump(runner: RunnerId): void {
    const record = this.#tables.read(runner);
    if (record === null) return;
    const socket = currentSocket(this.#ctx, runner, record.epoch);
    if (socket === null) return;
    let { card } = socket;
    const end = known(record, card);
    for (let space = room(end, card.conn); space !== null; space = room(end, card.conn)) {
      const { texts, sizes } = batch(space, this.#tables.messages(runner, space.from, space.messages));
      if (texts.length === 0 || !trySend(socket.ws, encodeMessages(space.from, texts))) return;
      card = { ...card, conn: sent(card.conn, sizes) };
      writeCard(socket.ws, card);
    }
  }

  /** Sends a level-triggered whole. False: not linked now; send it again in `met`. */
  state(runner: RunnerId, body: unknown): boolean {
    const record = this.#tables.read(runner);
    const socket = record && currentSocket(this.#ctx, runner, record.epoch);
    return socket !== null && socket.card.conn.phase !== 'greeting'
      ? trySend(socket.ws, encodeFrame({ t: 'state', body }))
      : false;
  }

  /** For `webSocketMessage`. Never throws: bad frames, and owners that throw, end in a closed socket. */
  onMessage(ws: WebSocket, data: string | ArrayBuffer): Handled {
    const card = readCard(ws);
    if (card === null) return 'none';
    try {
      const record = this.#tables.read(card.runner);
      if (record === null || record.epoch !== card.epoch) {
        drop(ws, Close.superseded);
        return 'none';
      }
      const decoded = decodeFrame(data);
      if (!decoded.ok) return this.#closeFor({ ws, card }, decoded.close);
      return this.#take({ ws, card }, record, decoded.frame);
    } catch (error) {
      this.#log('link.failed', {
        runner: card.runner,
        error: error instanceof Error ? error.name : 'Unknown',
      });
      drop(ws, INTERNAL_ERROR);
      return this.#lost(card) ? 'lost' : 'none';
    }
  }

  /** For `webSocketClose`. True when the runner is offline by it: a superseded socket's end changes nothing. */
  onClose(ws: WebSocket, code: number, reason: string): boolean {
    const card = readCard(ws);
    // Cloudflare: with hibernation a close is not answered by itself, and a client waits 10 s for it and sees 1006.
    if (code !== 1006 && code !== 1015) {
      try {
        if (code === 1005) ws.close();
        else ws.close(code, reason);
      } catch {
        // Closed already.
      }
    }
    ws.serializeAttachment(null);
    return card !== null && this.#lost(card);
  }

  /** For `webSocketError`. Cloudflare: after a message above 32 MiB this comes and `webSocketClose` does not. As `onClose`. */
  onError(ws: WebSocket): boolean {
    const card = readCard(ws);
    drop(ws, INTERNAL_ERROR);
    return card !== null && this.#lost(card);
  }

  presence(runner: RunnerId): LinkPresence {
    const record = this.#tables.read(runner);
    if (record === null) return { online: false, sinceMs: null };
    const socket = currentSocket(this.#ctx, runner, record.epoch);
    if (socket !== null && socket.card.conn.phase !== 'greeting') {
      return { online: true, sinceMs: socket.card.sinceMs };
    }
    return { online: false, sinceMs: record.up ? null : record.sinceMs };
  }

  online(runner: RunnerId): boolean {
    return this.presence(runner).online;
  }

  /** When its socket last proved to be alive, by a ping or a frame; `null` when there is none. Unix milliseconds. */
  lastHeardMs(runner: RunnerId): number | null {
    const record = this.#tables.read(runner);
    const socket = record && currentSocket(this.#ctx, runner, record.epoch);
    if (socket === null) return null;
    const pinged = this.#ctx.getWebSocketAutoResponseTimestamp(socket.ws)?.getTime() ?? 0;
    return Math.max(pinged, socket.card.heardMs);
  }

  /** How many numbered messages the runner has not acked. */
  waiting(runner: RunnerId): number {
    const record = this.#tables.read(runner);
    if (record === null) return 0;
    const socket = currentSocket(this.#ctx, runner, record.epoch);
    const end = socket === null ? record.end : known(record, socket.card);
    return end.last - end.acked;
  }

  /** Ends the socket: `Close.unauthorized` for a removed runner, `Close.gone`, `Close.stale` after silence. What is stored stays. */
  close(runner: RunnerId, code: number): void {
    for (const ws of socketsOf(this.#ctx, runner)) {
      const card = readCard(ws);
      drop(ws, code);
      if (card !== null) this.#lost(card);
    }
  }

  /** Ends the socket when it was opened with a key that is none of these. What is stored stays. */
  closeOtherKeys(runner: RunnerId, keys: readonly string[]): void {
    const isOther = (ws: WebSocket) => {
      const key = readCard(ws)?.key;
      return key !== undefined && !keys.includes(key);
    };
    if (socketsOf(this.#ctx, runner).some(isOther)) this.close(runner, Close.unauthorized);
  }

  /** Those that something is stored for. */
  runners(): readonly RunnerId[] {
    return this.#tables.runners();
  }

  /** The owner has nothing more to say to this runner: it is forgotten as soon as it has what waits, or at once when it is not there. */
  leave(runner: RunnerId): void {
    if (this.online(runner) && this.waiting(runner) > 0) this.pump(runner);
    else this.forget(runner);
  }

  /** Drops what is stored for a runner, and its socket. When it comes back, the link begins anew. */
  forget(runner: RunnerId): void {
    for (const ws of socketsOf(this.#ctx, runner)) drop(ws, Close.gone);
    this.#tables.remove(runner);
  }

  #take(socket: LinkSocket, record: LinkRecord, frame: Frame): Handled {
    const { ws } = socket;
    const { runner } = socket.card;
    const card: SocketCard = { ...socket.card, heardMs: this.#now() };
    const step: Step = receive('object', known(record, card), card.conn, frame);
    switch (step.do) {
      case 'close':
        return this.#closeFor(socket, step.code);
      case 'met': {
        const end = step.restart ? restarted(step.end, newStream()) : step.end;
        this.#ctx.storage.transactionSync(() => {
          if (step.restart) this.#tables.renumber(runner, step.end.acked);
          this.#tables.setEnd(runner, end);
          this.#tables.setPresence(runner, true, this.#now());
        });
        writeCard(ws, { ...card, conn: step.conn, acked: end.acked, sinceMs: this.#now() });
        trySend(ws, encodeFrame(welcome(end, card.epoch, this.#now())));
        this.#owner.met(runner);
        this.pump(runner);
        return 'met';
      }
      case 'apply': {
        if (frame.t !== 'msg') return 'none';
        const fresh = frame.items.slice(step.skip);
        if (fresh.length > 0) {
          this.#ctx.storage.transactionSync(() => {
            this.#tables.setEnd(runner, step.end);
            this.#owner.apply(runner, fresh);
          });
        }
        writeCard(ws, card);
        trySend(ws, encodeFrame(step.ack));
        this.pump(runner);
        return fresh.length > 0 ? 'messages' : 'none';
      }
      case 'acked':
        writeCard(ws, { ...card, conn: step.conn, acked: step.end.acked });
        this.pump(runner);
        return 'acked';
      case 'nothing':
        writeCard(ws, card);
        return 'none';
      case 'live':
        writeCard(ws, card);
        this.#owner.live(runner, step.body);
        return 'live';
      case 'state':
        writeCard(ws, card);
        this.#owner.state(runner, step.body);
        return 'state';
      default:
        return assertNever(step);
    }
  }
  #closeFor({ ws, card }: LinkSocket, code: CloseCode): Handled {
    this.#log('link.closed', { runner: card.runner, code });
    drop(ws, code);
    return this.#lost(card) ? 'lost' : 'none';
  }

  /** True when that was the runner's link. */
  #lost(card: SocketCard): boolean {
    const record = this.#tables.read(card.runner);
    if (record === null || record.epoch !== card.epoch || !record.up) return false;
    this.#tables.setPresence(card.runner, false, this.#now());
    return true;
  }

  #refuse(status: number, error: UpgradeRefusal['error']): Response {
    const body: UpgradeRefusal = { error };
    // A runner corrects its clock by `Date`; Cloudflare's edge sets it, workerd by itself does not.
    return Response.json(body, { status, headers: { Date: new Date(this.#now()).toUTCString() } });
  }
}

/** What is stored, and what the runner has acked since. */
function known({ end }: LinkRecord, { acked }: SocketCard): LinkEnd {
  return acked > end.acked ? { ...end, acked } : end;
}

const newStream = (): StreamId => crypto.randomUUID() as StreamId;
