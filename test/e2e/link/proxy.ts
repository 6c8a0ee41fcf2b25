/** A TCP proxy that can do to a connection what networks do. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

interface Pair {
  readonly near: Socket;
  readonly far: Socket;
}

export class TcpProxy {
  readonly #pairs = new Set<Pair>();
  /** New connections are taken and lead nowhere. */
  #hole = false;
  readonly #server;

  constructor(target: () => URL) {
    this.#server = createServer((near) => {
      const { hostname, port } = target();
      const far = connect(Number(port), hostname);
      const pair: Pair = { near, far };
      this.#pairs.add(pair);
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
      if (this.#hole) this.#stall(pair);
    });
  }

  async listen(): Promise<string> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** RST, both ways. */
  cut(): void {
    for (const { near, far } of this.#pairs) {
      near.resetAndDestroy();
      far.resetAndDestroy();
    }
  }

  /** The cable is pulled: what is open stays open and carries nothing, for ever. */
  halfOpen(): void {
    for (const pair of this.#pairs) this.#stall(pair);
  }

  /** Lets the next bytes of each direction through and cuts in the middle of a frame. */
  truncate(bytes: number): void {
    for (const { near, far } of this.#pairs) {
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

  hole(on: boolean): void {
    this.#hole = on;
  }

  async close(): Promise<void> {
    this.cut();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #stall({ near, far }: Pair): void {
    for (const socket of [near, far]) {
      socket.removeAllListeners('data');
      socket.pause();
    }
  }
}
