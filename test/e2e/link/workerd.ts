/** A real workerd with the Worker of test/worker/link, and clients that speak frames to it. */

import { once } from 'node:events';
import WebSocket from 'ws';
import { startWorker } from '../../../playground/worker.ts';
import type { Frame } from '../../../protocol/frames.ts';
import type { RunnerId } from '../../../protocol/ids.ts';
import { SUBPROTOCOL } from '../../../protocol/limits.ts';
import { type Identity, newKeyPair, signToken } from '../../../runner/link/sign.ts';
import { evict, killWorkerd } from '../faults/platform.ts';

/** As in test/worker/link/host.ts, which is typed for workerd and so cannot be imported here. */
export interface Look {
  readonly presence: { readonly online: boolean; readonly sinceMs: number | null };
  readonly lastHeardMs: number | null;
  readonly waiting: number;
  readonly sockets: number;
  readonly applied: readonly unknown[];
  readonly states: readonly unknown[];
  readonly lives: readonly unknown[];
  readonly events: readonly string[];
  readonly logs: readonly string[];
  readonly tables: readonly string[];
  readonly constructed: number;
}

export interface Workerd {
  readonly origin: string;
  order(id: string, order: Record<string, unknown>): Promise<void>;
  look(id: string, runner: RunnerId): Promise<Look>;
  /** Opens the object for a runner and gives that runner's key. */
  open(id: string, over?: { standing?: string; origin?: string }): Promise<Identity>;
  evict(id: string, webSockets: 'hibernate' | 'close'): Promise<void>;
  /** SIGKILL of the workerd process; Miniflare starts another on the same storage. Resolves when that runs. */
  kill(): Promise<void>;
  deploy(): Promise<void>;
  close(): Promise<void>;
}

export async function startWorkerd(): Promise<Workerd> {
  /** Settles when workerd runs again after a SIGKILL; null: it runs. Miniflare gives up when one is killed while it starts. */
  let back: PromiseWithResolvers<void> | null = null;
  const worker = await startWorker({
    port: 0,
    bindings: {},
    onRestart: () => {
      back?.resolve();
      back = null;
    },
    worker: { main: 'test/worker/link/host.ts', objects: { HOST: 'LinkHost' } },
  });
  const { origin } = worker;

  const ask = async (id: string, order: Record<string, unknown>): Promise<unknown> => {
    const response = await fetch(`${origin}/order/session/${id}`, {
      method: 'POST',
      body: JSON.stringify(order),
      // While workerd starts again after a SIGKILL, a request may never be answered.
      signal: AbortSignal.timeout(5_000),
    });
    if (!response.ok) throw new Error(`the object answered ${response.status}`);
    return response.json();
  };
  return {
    origin,
    order: async (id, order) => void (await ask(id, order)),
    look: async (id, runner) => (await ask(id, { do: 'look', runner })) as Look,
    open: async (id, over = {}) => {
      const identity: Identity = { ...newKeyPair(), runner: `runner-of-${id}` as RunnerId };
      await ask(id, {
        do: 'open',
        runners: [
          {
            runner: identity.runner,
            publicKeys: [identity.publicKey],
            standing: 'confirmed',
            origin,
            subject: id,
            ...over,
          },
        ],
      });
      return identity;
    },
    evict: (id, webSockets) => evict(worker, 'LinkHost', `session/${id}`, webSockets),
    kill: () => {
      if (back !== null) return back.promise;
      back = Promise.withResolvers<void>();
      killWorkerd();
      return back.promise;
    },
    deploy: async () => {
      await back?.promise;
      await worker.deploy();
    },
    close: () => worker.close(),
  };
}

/** What an upgrade was answered with. */
export interface Refused {
  readonly status: number;
  readonly body: unknown;
  readonly date: string | undefined;
}

/** A runner's socket by hand. */
export class Client {
  readonly ws: WebSocket;
  readonly closed: Promise<number>;
  readonly #frames: Frame[] = [];
  #wake: (() => void) | null = null;

  private constructor(ws: WebSocket) {
    this.ws = ws;
    ws.on('message', (data: Buffer) => {
      const text = data.toString();
      this.#frames.push(text === 'pong' ? { t: 'state', body: 'pong' } : (JSON.parse(text) as Frame));
      this.#wake?.();
    });
    ws.on('error', () => {});
    this.closed = new Promise((resolve) => {
      ws.on('close', (code) => {
        resolve(code);
        this.#wake?.();
      });
    });
  }

  static async open(
    url: string,
    token: string | null,
    protocol: string | undefined = SUBPROTOCOL,
  ): Promise<Client | Refused> {
    const headers = token === null ? {} : { Authorization: `Bearer ${token}` };
    const ws = new WebSocket(url.replace(/^http/, 'ws'), protocol === undefined ? [] : [protocol], {
      headers,
    });
    const client = new Client(ws);
    return new Promise((resolve, reject) => {
      ws.on('open', () => resolve(client));
      ws.on('error', reject);
      ws.on('unexpected-response', async (_request, response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        await once(response, 'end');
        const text = Buffer.concat(chunks).toString();
        resolve({ status: response.statusCode ?? 0, body: tryJson(text), date: response.headers.date });
        ws.terminate();
      });
    });
  }

  static async connect(workerd: Workerd, id: string, identity: Identity): Promise<Client> {
    const token = signToken(identity, { origin: workerd.origin, subject: id, nowMs: Date.now() });
    const client = await Client.open(`${workerd.origin}/runner/session/${id}`, token);
    if (!(client instanceof Client)) throw new Error(`refused: ${client.status}`);
    return client;
  }

  send(frame: Frame | string): void {
    this.ws.send(typeof frame === 'string' ? frame : JSON.stringify(frame));
  }

  /** The next frame; a closed socket has none. */
  async next(): Promise<Frame | null> {
    while (this.#frames.length === 0) {
      if (this.ws.readyState === WebSocket.CLOSED) return null;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    return this.#frames.shift() ?? null;
  }
}

function tryJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
