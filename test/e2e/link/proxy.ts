/** A TCP proxy that can do to a connection what networks do. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

interface Pair {
  readonly near: Socket;
  readonly far: Socket;
  /** The request line of the first request on it: which link it is. */
  head: string;
}

const ANY = /^/;

export class TcpProxy {
  readonly #pairs = new Set<Pair>();
  /** New connections that are it are taken and lead nowhere. */
  #hole: RegExp | null = null;
  readonly #server;

  constructor(target: () => URL) {
    this.#server = createServer((near) => {
      const { hostname, port } = target();
      const far = connect(Number(port), hostname);
      const pair: Pair = { near, far, head: '' };
      this.#pairs.add(pair);
      near.once('data', (chunk: Buffer) => {
        pair.head = chunk.toString('latin1').split('\r\n', 1)[0] ?? '';
        if (this.#hole?.test(pair.head)) this.#stall(pair);
      });
      for (const [from, to] of [
        [near, far],
        [far, near],
      ] as const) {
        from.on('error', () => {});
        from.on('close', () => {
          this.#pairs.delete(pair);
          to.destroy();
        });
        from.on('data', (chunk) => to.write(chunk));
      }
    });
  }

  async listen(): Promise<string> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** How many connections are open. */
  count(which = ANY): number {
    return this.#of(which).length;
  }

  /** RST, both ways. */
  cut(which = ANY): void {
    for (const { near, far } of this.#of(which)) {
      near.resetAndDestroy();
      far.resetAndDestroy();
    }
  }

  /** The cable is pulled: what is open stays open and carries nothing, for ever. */
  halfOpen(which = ANY): void {
    for (const pair of this.#of(which)) this.#stall(pair);
  }

  /** What the far end says is lost from now on; it still hears everything. */
  deafen(which = ANY): void {
    for (const { far } of this.#of(which)) {
      far.removeAllListeners('data');
      far.resume();
    }
  }

  /** Lets the next bytes of each direction through and cuts in the middle of a frame. */
  truncate(bytes: number, which = ANY): void {
    for (const { near, far } of this.#of(which)) {
      for (const [from, to] of [
        [near, far],
        [far, near],
      ] as const) {
        from.removeAllListeners('data');
        from.once('data', (chunk: Buffer) => {
          to.write(chunk.subarray(0, bytes), () => {
            near.destroy();
            far.destroy();
          });
        });
      }
    }
  }

  /** New connections whose request line is like this lead nowhere; null: none. */
  hole(which: RegExp | null): void {
    this.#hole = which;
  }

  async close(): Promise<void> {
    this.cut();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #of(which: RegExp): Pair[] {
    return [...this.#pairs].filter((pair) => which.test(pair.head));
  }

  #stall({ near, far }: Pair): void {
    for (const socket of [near, far]) {
      socket.removeAllListeners('data');
      socket.pause();
    }
  }
}
