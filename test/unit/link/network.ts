/** Two ends over a bad network, as a model: what each stores, what is on each socket, and what can go wrong with both. */
import { decodeFrame, encodeFrame, encodeMessages } from '../../../protocol/codec.ts';
import type { Frame } from '../../../protocol/frames.ts';
import type { BootId, StreamId } from '../../../protocol/ids.ts';
import {
  batch,
  type Conn,
  hello,
  type LinkEnd,
  newConn,
  newEnd,
  receive,
  restarted,
  room,
  sent,
  welcome,
} from '../../../protocol/link.ts';

export type Side = 'object' | 'runner';
export const other = (side: Side): Side => (side === 'object' ? 'runner' : 'object');

/** `body` null, `n` 0: from here on it counts another stream of the other end. */
export interface Applied {
  readonly stream: string;
  readonly n: number;
  readonly body: number | null;
}

/** What survives a crash. Replaced as a whole, so that keeping a copy is a backup. */
export interface Disk {
  readonly end: LinkEnd;
  readonly outbox: readonly { readonly n: number; readonly text: string }[];
  readonly applied: readonly Applied[];
  readonly epoch: number;
}

/** `die`: the process ends after the disk was written and before anything more is sent. */
export type Crash = 'die' | 'live';

interface Socket {
  readonly epoch: number;
  readonly to: Record<Side, string[]>;
  readonly conn: Record<Side, Conn>;
  cut: boolean;
}

export class Network {
  readonly disk: Record<Side, Disk>;
  /** Newest last. */
  readonly sockets: Socket[] = [];
  #streams = 0;
  #bodies = 0;

  constructor() {
    const disk = (): Disk => ({ end: newEnd(this.#newStream()), outbox: [], applied: [], epoch: 0 });
    this.disk = { object: disk(), runner: disk() };
  }

  get current(): Socket | null {
    const newest = this.sockets.at(-1);
    return newest === undefined || newest.cut ? null : newest;
  }

  append(side: Side, pad: number): number {
    const { end, outbox } = this.disk[side];
    this.#bodies += 1;
    const n = end.last + 1;
    const text = JSON.stringify({ body: this.#bodies, pad: 'x'.repeat(pad) });
    this.#write(side, { end: { ...end, last: n }, outbox: [...outbox, { n, text }] });
    this.pump(side);
    return this.#bodies;
  }

  connect(): void {
    this.cut();
    const epoch = this.disk.object.epoch + 1;
    this.#write('object', { epoch });
    const socket: Socket = {
      epoch,
      to: { object: [], runner: [] },
      conn: { object: newConn, runner: newConn },
      cut: false,
    };
    this.sockets.push(socket);
    socket.to.object.push(encodeFrame(hello(this.disk.runner.end, 'boot' as BootId)));
  }

  /** What was sent and not yet taken stays on its way; nothing follows it. */
  cut(): void {
    const socket = this.current;
    if (socket !== null) socket.cut = true;
  }

  /** All volatile state of one side is gone, and the sockets with it. */
  crash(side: Side): void {
    this.cut();
    for (const socket of this.sockets) socket.to[side].length = 0;
  }

  restore(side: Side, backup: Disk): void {
    for (const socket of this.sockets) socket.to.object.length = socket.to.runner.length = 0;
    this.cut();
    this.disk[side] = { ...backup, epoch: this.disk[side].epoch };
  }

  /** Takes the first frame that is on its way to this side; `socket` may be an old one. */
  deliver(side: Side, socket: Socket, crash: Crash): void {
    const text = socket.to[side].shift();
    if (text === undefined) return;
    // A runner reads its newest socket only; an object drops what an older epoch sends.
    if (side === 'runner' ? socket !== this.current : socket.epoch !== this.disk.object.epoch) return;
    const decoded = decodeFrame(text);
    if (!decoded.ok) return this.#close(socket);
    this.#take(side, socket, decoded.frame, crash);
  }

  pump(side: Side): void {
    const socket = this.current;
    if (socket === null) return;
    const { end, outbox } = this.disk[side];
    for (let space = room(end, socket.conn[side]); space !== null; space = room(end, socket.conn[side])) {
      const { from } = space;
      const { texts, sizes } = batch(
        space,
        outbox.filter(({ n }) => n >= from),
      );
      if (texts.length === 0) throw new Error('the end promises messages that the store has not');
      this.#send(side, socket, encodeMessages(from, texts));
      socket.conn[side] = sent(socket.conn[side], sizes);
    }
  }

  #take(side: Side, socket: Socket, frame: Frame, crash: Crash): void {
    const { end, applied } = this.disk[side];
    const step = receive(side, end, socket.conn[side], frame);
    switch (step.do) {
      case 'close':
        return this.#close(socket);
      case 'met':
        this.#setEnd(side, step.end);
        if (step.end.received !== null && step.end.received.stream !== end.received?.stream) {
          this.#write(side, { applied: [...applied, { ...step.end.received, n: 0, body: null }] });
        }
        if (step.restart) this.#restart(side);
        if (crash === 'die') return this.crash(side);
        if (side === 'runner' && step.restart) return this.#close(socket);
        socket.conn[side] = step.conn;
        if (side === 'object')
          this.#send(side, socket, encodeFrame(welcome(this.disk.object.end, socket.epoch, 0)));
        return this.pump(side);
      case 'apply': {
        if (frame.t !== 'msg' || step.end.received === null) throw new Error('applied what is no message');
        const { stream } = step.end.received;
        const fresh = frame.items.slice(step.skip).map((item, index) => ({
          stream,
          n: frame.from + step.skip + index,
          body: (item as { body: number }).body,
        }));
        this.#write(side, { end: step.end, applied: [...applied, ...fresh] });
        if (crash === 'die') return this.crash(side);
        return this.#send(side, socket, encodeFrame(step.ack));
      }
      case 'acked':
        this.#setEnd(side, step.end);
        if (crash === 'die') return this.crash(side);
        socket.conn[side] = step.conn;
        return this.pump(side);
      default:
        return;
    }
  }

  #restart(side: Side): void {
    const { end, outbox } = this.disk[side];
    this.#write(side, {
      end: restarted(end, this.#newStream()),
      outbox: outbox.map(({ n, text }) => ({ n: n - end.acked, text })),
    });
  }

  #setEnd(side: Side, end: LinkEnd): void {
    this.#write(side, { end, outbox: this.disk[side].outbox.filter(({ n }) => n > end.acked) });
  }

  #send(side: Side, socket: Socket, text: string): void {
    if (!socket.cut) socket.to[other(side)].push(text);
  }

  #close(socket: Socket): void {
    socket.cut = true;
  }

  #write(side: Side, change: Partial<Disk>): void {
    this.disk[side] = { ...this.disk[side], ...change };
  }

  #newStream(): StreamId {
    this.#streams += 1;
    return `stream-${this.#streams}` as StreamId;
  }
}
