/** The smallest owner of an `ObjectLink`: it keeps what comes, and does over HTTP what a test tells it. */
import { DurableObject } from 'cloudflare:workers';
import type { RunnerId } from '../../../protocol/ids.ts';
import type { LinkAuth } from '../../../worker/link/auth.ts';
import { type LinkPresence, ObjectLink } from '../../../worker/link/object-link.ts';

interface HostEnv {
  readonly HOST: DurableObjectNamespace<LinkHost>;
}

/** What a test may tell an object to do. */
export type Order =
  | { readonly do: 'open'; readonly runners: readonly LinkAuth[] }
  | { readonly do: 'send'; readonly runner: RunnerId; readonly bodies: readonly unknown[] }
  /** As `send`, of numbers from `from` on; what an earlier call with the same `from` did is not done again. */
  | {
      readonly do: 'sendOnce';
      readonly runner: RunnerId;
      readonly from: number;
      readonly bodies: readonly unknown[];
    }
  /** Stores a message in a transaction that is then rolled back. */
  | { readonly do: 'sendAndThrow'; readonly runner: RunnerId }
  | { readonly do: 'state'; readonly runner: RunnerId; readonly body: unknown }
  | { readonly do: 'close'; readonly runner: RunnerId; readonly code: number }
  | { readonly do: 'forget'; readonly runner: RunnerId }
  /** The next `apply` throws after it wrote. */
  | { readonly do: 'poison'; readonly times: number }
  | { readonly do: 'look'; readonly runner: RunnerId }
  /** Goes back in time: what the link stores is that of the last `backup`. */
  | { readonly do: 'backup' | 'restore' }
  | { readonly do: 'abort' };

/** What a test sees of an object. */
export interface Look {
  readonly presence: LinkPresence;
  readonly lastHeardMs: number | null;
  readonly waiting: number;
  readonly sockets: number;
  readonly applied: readonly unknown[];
  readonly states: readonly unknown[];
  readonly lives: readonly unknown[];
  /** Times the runner was met and lost, in order. */
  readonly events: readonly string[];
  readonly logs: readonly string[];
  readonly tables: readonly string[];
  readonly constructed: number;
}

const TABLES = ['link', 'link_out', 'got'];

export class LinkHost extends DurableObject<HostEnv> {
  readonly #sql: SqlStorage;
  readonly #link: ObjectLink;
  readonly #logs: string[] = [];

  constructor(ctx: DurableObjectState, env: HostEnv) {
    super(ctx, env);
    this.#sql = ctx.storage.sql;
    this.#link = new ObjectLink(ctx, {
      owner: {
        apply: (_runner, items) => {
          for (const item of items) this.#keep('message', item);
          const [left] = this.#sql
            .exec<{ body: string }>("SELECT body FROM got WHERE kind = 'poison'")
            .toArray();
          if (left !== undefined && Number(left.body) > 0) throw new TypeError('poisoned');
        },
        state: (_runner, body) => this.#keep('state', body),
        live: (_runner, body) => this.#keep('live', body),
        met: (runner) => {
          this.#keep('event', 'met');
          this.#link.state(runner, { hello: runner });
        },
      },
      log: (event, fields) => this.#logs.push(`${event} ${JSON.stringify(fields)}`),
    });
  }

  override async fetch(request: Request): Promise<Response> {
    return this.#link.upgrade(request, (runner) => {
      if (!this.#tables().includes('got')) return null;
      const rows = this.#sql.exec<{ body: string }>("SELECT body FROM got WHERE kind = 'runner'").toArray();
      return (
        rows.map(({ body }) => JSON.parse(body) as LinkAuth).find((one) => one.runner === runner) ?? null
      );
    });
  }

  override webSocketMessage(ws: WebSocket, data: string | ArrayBuffer): void {
    if (this.#link.onMessage(ws, data) === 'lost') this.#lost();
  }

  override webSocketClose(ws: WebSocket, code: number, reason: string): void {
    if (this.#link.onClose(ws, code, reason)) this.#keep('event', 'lost');
  }

  override webSocketError(ws: WebSocket): void {
    if (this.#link.onError(ws)) this.#keep('event', 'lost');
  }

  order(order: Order): Look | null {
    switch (order.do) {
      case 'open':
        this.ctx.storage.transactionSync(() => {
          this.#link.create();
          this.#sql.exec('CREATE TABLE IF NOT EXISTS got (n INTEGER PRIMARY KEY, kind TEXT, body TEXT)');
          this.#sql.exec("DELETE FROM got WHERE kind = 'runner'");
          for (const runner of order.runners) this.#keep('runner', runner);
        });
        return null;
      case 'send':
        this.ctx.storage.transactionSync(() => {
          for (const body of order.bodies) this.#link.send(order.runner, body);
        });
        this.#link.pump(order.runner);
        return null;
      case 'sendOnce':
        this.ctx.storage.transactionSync(() => {
          const [row] = this.#sql
            .exec<{ n: number }>("SELECT count(*) AS n FROM got WHERE kind = 'sent'")
            .toArray();
          for (const body of order.bodies.slice((row?.n ?? 0) - order.from)) {
            this.#link.send(order.runner, body);
            this.#keep('sent', body);
          }
        });
        this.#link.pump(order.runner);
        return null;
      case 'sendAndThrow':
        try {
          this.ctx.storage.transactionSync(() => {
            this.#link.send(order.runner, 'never');
            throw new Error('rolled back');
          });
        } catch {
          this.#link.pump(order.runner);
        }
        return null;
      case 'state':
        this.#link.state(order.runner, order.body);
        return null;
      case 'close':
        this.#link.close(order.runner, order.code);
        return null;
      case 'forget':
        this.#link.forget(order.runner);
        return null;
      case 'poison':
        this.#sql.exec("DELETE FROM got WHERE kind = 'poison'");
        if (order.times > 0) this.#keep('poison', order.times);
        return null;
      case 'backup':
        for (const table of TABLES) {
          this.#sql.exec(`DROP TABLE IF EXISTS old_${table}`);
          this.#sql.exec(`CREATE TABLE old_${table} AS SELECT * FROM ${table}`);
        }
        return null;
      case 'restore':
        for (const table of TABLES) {
          this.#sql.exec(`DELETE FROM ${table}`);
          this.#sql.exec(`INSERT INTO ${table} SELECT * FROM old_${table}`);
        }
        return null;
      case 'abort':
        this.ctx.abort('test');
        return null;
      case 'look':
        return this.#look(order.runner);
    }
  }

  #look(runner: RunnerId): Look {
    const tables = this.#tables();
    const opened = tables.includes('got');
    return {
      presence: opened ? this.#link.presence(runner) : { online: false, sinceMs: null },
      lastHeardMs: opened ? this.#link.lastHeardMs(runner) : null,
      waiting: opened ? this.#link.waiting(runner) : 0,
      sockets: this.ctx.getWebSockets().length,
      applied: this.#got('message'),
      states: this.#got('state'),
      lives: this.#got('live'),
      events: this.#got('event').map(String),
      logs: this.#logs,
      tables,
      constructed: this.#constructedMs,
    };
  }

  readonly #constructedMs = Date.now() + Math.random();

  #lost(): void {
    this.#keep('event', 'lost');
  }

  #keep(kind: string, body: unknown): void {
    this.#sql.exec('INSERT INTO got (kind, body) VALUES (?, ?)', kind, JSON.stringify(body));
  }

  #got(kind: string): unknown[] {
    if (!this.#tables().includes('got')) return [];
    return this.#sql
      .exec<{ body: string }>('SELECT body FROM got WHERE kind = ? ORDER BY n', kind)
      .toArray()
      .map(({ body }) => JSON.parse(body) as unknown);
  }

  #tables(): string[] {
    return this.#sql
      .exec<{ name: string }>(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_%' ESCAPE '\\'",
      )
      .toArray()
      .map(({ name }) => name);
  }
}

export default {
  async fetch(request: Request, env: HostEnv): Promise<Response> {
    const { pathname } = new URL(request.url);
    const [, room, kind, id = ''] = pathname.split('/');
    if (room === 'runner') return env.HOST.getByName(`${kind}/${id}`).fetch(request);
    if (room !== 'order') return new Response('Not found', { status: 404 });
    const order = (await request.json()) as Order;
    return Response.json(await env.HOST.getByName(`${kind}/${id}`).order(order));
  },
} satisfies ExportedHandler<HostEnv>;
