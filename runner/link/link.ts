/**
 * The runner's end of one link: keeps a connection to one object, and what its rules (protocol/link.ts) say on it.
 * Messages are stored before they are sent and applied before they are acked; a connection may go at any time.
 */
import {
  decodeFrame,
  encodeFrame,
  encodeMessage,
  encodeMessages,
  isLongerThan,
} from '../../protocol/codec.ts';
import type { Frame } from '../../protocol/frames.ts';
import type { BootId } from '../../protocol/ids.ts';
import { FRAME_MAX_BYTES, WINDOW_MESSAGES } from '../../protocol/limits.ts';
import { batch, type Conn, hello, newConn, receive, room, sent } from '../../protocol/link.ts';
import { assertNever } from '../../protocol/never.ts';
import { Guard } from '../base/guard.ts';
import { type Log, silent } from '../base/log.ts';
import { afterEnd, type Ended, type StopReason, type WaitReason } from './policy.ts';
import { type Identity, ServerClock, signToken } from './sign.ts';
import { LinkSocket } from './socket.ts';
import type { LinkStore } from './store.ts';
import { allowedOrigin, type LinkTarget, socketUrl } from './target.ts';
import { LINK_TIMING, type LinkTiming } from './timing.ts';

/** Live text waits for a slow network no longer than this; the next whole frame makes up for what was dropped. */
const LIVE_BUFFER_MAX_BYTES = 64 * 1024;
/** RFC 6455 7.4.1. */
const NORMAL = 1000;
const BROKEN = 1006;
const INTERNAL_ERROR = 1011;

export type LinkStatus =
  | { readonly is: 'connecting' }
  | { readonly is: 'online'; readonly sinceMs: number }
  /** It connects again by itself. */
  | { readonly is: 'waiting'; readonly why: WaitReason; readonly untilMs: number }
  /** It does not; only a new link would. */
  | { readonly is: 'stopped'; readonly why: StopReason };

export interface RunnerLinkOptions {
  readonly target: LinkTarget;
  readonly identity: Identity;
  readonly boot: BootId;
  readonly store: LinkStore;
  /** Fresh messages, in order, unchecked; inside the store's transaction. A throw undoes them all, and they come again after a reconnect. */
  readonly onMessages: (bodies: readonly unknown[]) => void;
  /** A level-triggered whole from the object, unchecked. */
  readonly onState?: (body: unknown) => void;
  readonly onLive?: (body: unknown) => void;
  /** Linked: live text has to start again from a whole. */
  readonly onWelcome?: () => void;
  readonly onStatus?: (status: LinkStatus) => void;
  /** Shared by all links to one origin, so that a wrong clock costs one refusal and not one for each. */
  readonly clock?: ServerClock;
  readonly log?: Log;
  readonly now?: () => number;
  /** In [0, 1). */
  readonly random?: () => number;
  readonly timing?: Partial<LinkTiming>;
}

export class RunnerLink {
  readonly #options: RunnerLinkOptions;
  readonly #url: string;
  readonly #origin: string;
  readonly #timing: LinkTiming;
  readonly #clock: ServerClock;
  readonly #log: Log;
  /** Of what belongs to no connection: it costs nothing but the one call. */
  readonly #guard: Guard;
  readonly #now: () => number;
  #status: LinkStatus = { is: 'connecting' };
  #socket: LinkSocket | null = null;
  /** A store or an owner that fails costs the connection; the next one tries the same again. */
  #connection: Guard;
  #conn: Conn = newConn;
  #failures = 0;
  #retry: NodeJS.Timeout | null = null;
  #welcomeDue: NodeJS.Timeout | null = null;
  readonly #sleepWatch: NodeJS.Timeout;
  #flushDue = false;
  #state: string | null = null;
  #stateDue = false;
  #live: string[] = [];

  /** Connects at once. Throws `RangeError` for an origin that is neither https nor on this machine. */
  constructor(options: RunnerLinkOptions) {
    this.#options = options;
    this.#url = socketUrl(options.target);
    this.#origin = allowedOrigin(options.target.origin) ?? options.target.origin;
    this.#timing = { ...LINK_TIMING, ...options.timing };
    this.#now = options.now ?? Date.now;
    this.#clock = options.clock ?? new ServerClock(this.#now);
    this.#log = options.log ?? silent;
    this.#guard = new Guard(this.#log, { target: options.target.id });
    this.#connection = this.#guard;
    this.#sleepWatch = this.#watchSleep();
    this.#connect();
  }

  get status(): LinkStatus {
    return this.#status;
  }

  /**
   * Stores a numbered message and sends it when it may go; gives its number. Inside a transaction of the store's owner it is stored
   * with that, and sent only after it (in a microtask). Throws `RangeError` for one that could never be sent, and what the store throws.
   */
  send(body: unknown): number {
    const message = encodeMessage(body);
    if (!message.ok) throw new RangeError(`a message of the link is ${message.why}`);
    const n = this.#options.store.append(message.text);
    this.#flushSoon();
    return n;
  }

  /** Volatile text. False: dropped (not linked, or the network or the object is behind), so the next has to be a whole one. */
  live(body: unknown): boolean {
    if (this.#socket === null || this.#conn.phase !== 'open') return false;
    if (this.#conn.inFlight.length >= WINDOW_MESSAGES) return false;
    const text = encodeFrame({ t: 'live', body });
    const waiting = this.#live.reduce((sum, one) => sum + one.length, this.#socket.bufferedBytes);
    if (waiting > LIVE_BUFFER_MAX_BYTES || isLongerThan(text, FRAME_MAX_BYTES)) return false;
    this.#live.push(text);
    this.#flushSoon();
    return true;
  }

  /** A level-triggered whole. The newest is kept in memory and sent now and after each welcome. */
  state(body: unknown): void {
    const text = encodeFrame({ t: 'state', body });
    if (isLongerThan(text, FRAME_MAX_BYTES)) throw new RangeError('a state frame of the link is too large');
    this.#state = text;
    this.#stateDue = true;
    this.#flushSoon();
  }

  /** Sends what the store has, for an owner that appended to it by itself. */
  pump(): void {
    this.#flushSoon();
  }

  /** Ends the waiting for the next attempt, for an owner that knows better (the network is back). */
  connectNow(): void {
    if (this.#status.is === 'waiting') this.#connect();
  }

  close(): void {
    if (this.#status.is === 'stopped') return;
    this.#stop('closed');
    this.#socket?.close(NORMAL);
  }

  #connect(): void {
    if (this.#retry !== null) clearTimeout(this.#retry);
    this.#retry = null;
    this.#conn = newConn;
    const socket = this.#guard.run('dial', () => this.#dial());
    if (socket === undefined) return this.#ended({ how: 'closed', code: BROKEN }, null);
    this.#socket = socket;
    if (this.#status.is !== 'connecting') this.#setStatus({ is: 'connecting' });
  }

  #dial(): LinkSocket {
    const { identity, target } = this.#options;
    const token = signToken(identity, {
      origin: this.#origin,
      subject: target.id,
      nowMs: this.#clock.nowMs(),
    });
    const fields = { target: target.id };
    const guard = new Guard(this.#log, fields, () => socket.close(INTERNAL_ERROR));
    const socket: LinkSocket = new LinkSocket(this.#url, token, this.#timing, {
      open: guard.callback('open', () => {
        this.#welcomeDue = setTimeout(() => socket.terminate(), this.#timing.welcomeTimeoutMs);
        socket.send(encodeFrame(hello(this.#options.store.load(), this.#options.boot)));
      }),
      frame: guard.callback('frame', (data) => this.#frame(socket, data)),
      ended: this.#guard.callback('ended', (ended, date) => this.#ended(ended, date)),
    });
    this.#connection = guard;
    return socket;
  }

  #frame(socket: LinkSocket, data: string | Buffer): void {
    const decoded = decodeFrame(data);
    if (!decoded.ok) return socket.close(decoded.close);
    this.#take(socket, decoded.frame);
  }

  #take(socket: LinkSocket, frame: Frame): void {
    const { store, onMessages, onState, onLive, onWelcome } = this.#options;
    const before = store.load();
    const step = receive('runner', before, this.#conn, frame);
    switch (step.do) {
      case 'close':
        this.#log('link.closed', { target: this.#options.target.id, code: step.code });
        return socket.close(step.code);
      case 'met': {
        if (step.restart) {
          // The object learns of the new stream by a new hello.
          store.newStream();
          this.#log('link.restarted', { target: this.#options.target.id });
          return socket.close(NORMAL);
        }
        const { acked, received } = step.end;
        if (acked > before.acked) store.ackedTo(acked);
        if (received !== null && received.stream !== before.received?.stream) {
          store.received(received.stream, received.last, () => {});
        }
        this.#conn = step.conn;
        if (this.#welcomeDue !== null) clearTimeout(this.#welcomeDue);
        this.#stateDue = this.#state !== null;
        this.#setStatus({ is: 'online', sinceMs: this.#now() });
        onWelcome?.();
        return this.#flushSoon();
      }
      case 'apply': {
        if (frame.t !== 'msg') return;
        const fresh = frame.items.slice(step.skip);
        const { received } = step.end;
        if (fresh.length > 0 && received !== null) {
          store.received(received.stream, received.last, () => onMessages(fresh));
        }
        return socket.send(encodeFrame(step.ack));
      }
      case 'acked':
        store.ackedTo(step.end.acked);
        this.#conn = step.conn;
        return this.#flushSoon();
      case 'nothing':
        return;
      case 'live':
        return onLive?.(step.body);
      case 'state':
        return onState?.(step.body);
      default:
        return assertNever(step);
    }
  }

  /** In a microtask: after the transaction that stored a message, and many messages in one frame. */
  #flushSoon(): void {
    if (this.#flushDue) return;
    this.#flushDue = true;
    queueMicrotask(() => {
      this.#flushDue = false;
      const socket = this.#socket;
      if (socket !== null && this.#conn.phase === 'open')
        this.#connection.run('flush', () => this.#flush(socket));
    });
  }

  /** Messages first: live text belongs after the ones that came before it. */
  #flush(socket: LinkSocket): void {
    const { store } = this.#options;
    const end = store.load();
    for (let space = room(end, this.#conn); space !== null; space = room(end, this.#conn)) {
      const { texts, sizes } = batch(space, store.unacked(space.from, space));
      if (texts.length === 0) break;
      socket.send(encodeMessages(space.from, texts));
      this.#conn = sent(this.#conn, sizes);
    }
    if (this.#stateDue && this.#state !== null) socket.send(this.#state);
    this.#stateDue = false;
    for (const text of this.#live) socket.send(text);
    this.#live = [];
  }

  #ended(ended: Ended, date: string | null): void {
    this.#socket = null;
    this.#conn = newConn;
    this.#live = [];
    if (this.#welcomeDue !== null) clearTimeout(this.#welcomeDue);
    if (this.#status.is === 'stopped') return;
    const refused = ended.how === 'refused' && ended.error === 'unauthorized';
    const next = afterEnd(
      ended,
      {
        failures: this.#failures,
        livedMs: this.#status.is === 'online' ? this.#now() - this.#status.sinceMs : null,
        clockCorrected: refused && this.#clock.correct(date),
        random: (this.#options.random ?? Math.random)(),
      },
      this.#timing,
    );
    if (next.do === 'stop') return this.#stop(next.why);
    this.#failures = next.failures;
    this.#retry = setTimeout(() => this.#connect(), next.ms);
    this.#setStatus({ is: 'waiting', why: next.why, untilMs: this.#now() + next.ms });
  }

  #stop(why: StopReason): void {
    if (this.#retry !== null) clearTimeout(this.#retry);
    clearInterval(this.#sleepWatch);
    this.#setStatus({ is: 'stopped', why });
  }

  /** Timers stand still while a machine sleeps and the wall clock does not. */
  #watchSleep(): NodeJS.Timeout {
    const { sleepCheckMs, sleepSlackMs } = this.#timing;
    let lastMs = this.#now();
    const look = () => {
      const nowMs = this.#now();
      const slept = nowMs - lastMs > sleepCheckMs + sleepSlackMs;
      lastMs = nowMs;
      if (!slept) return;
      this.#log('link.slept', { target: this.#options.target.id });
      if (this.#socket !== null) this.#socket.terminate({ how: 'slept' });
      else this.connectNow();
    };
    return setInterval(this.#guard.callback('sleep', look), sleepCheckMs);
  }

  #setStatus(status: LinkStatus): void {
    this.#status = status;
    this.#guard.run('status', () => this.#options.onStatus?.(status));
  }
}
