/**
 * Discord as far as the Guild needs it, in place of `fetch`. It takes the requests below and nothing else; what else comes is kept in
 * `strangers`, and a test that has any has failed.
 */
import { afterEach, beforeEach, expect, vi } from 'vitest';
import { snowflakeAt } from '../../worker/discord/snowflake.ts';

export interface Call {
  readonly method: string;
  readonly path: string;
  readonly body: Record<string, unknown>;
}

interface Fault {
  readonly route: string;
  readonly answer: () => Response | Promise<Response>;
}

interface Message {
  readonly id: string;
  readonly channel: string;
  readonly nonce: string;
  body: Record<string, unknown>;
}

const API = /^(https:\/\/discord\.com|http:\/\/127\.0\.0\.1)\/api\/v10\//;
const MAKE_THREAD = 'POST /channels/:id/messages/:id/threads';

export class FakeDiscord {
  readonly calls: Call[] = [];
  readonly strangers: string[] = [];
  readonly messages = new Map<string, Message>();
  readonly threads = new Map<string, Record<string, unknown>>();
  readonly members: string[] = [];
  /** The newest body of each interaction's first answer, and what followed it. */
  readonly originals = new Map<string, Record<string, unknown>>();
  readonly followUps: Record<string, unknown>[] = [];
  /** Channels that the bot cannot see. */
  readonly hidden = new Set<string>();
  readonly #faults: Fault[] = [];
  #made = 0n;

  constructor() {
    vi.spyOn(globalThis, 'fetch').mockImplementation((input, init) =>
      this.#take(String(input instanceof Request ? input.url : input), init ?? {}),
    );
  }

  /** The next request of this route is answered so. */
  fail(route: string, status: number, body: unknown = { message: 'no', code: 0 }, times = 1): void {
    for (let n = 0; n < times; n++) {
      this.#faults.push({ route, answer: () => Response.json(body, { status }) });
    }
  }

  hold(route: string): () => void {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#faults.push({ route, answer: () => promise.then(() => Response.json({}, { status: 500 })) });
    return resolve;
  }

  /** How often a route was asked. */
  count(route: string): number {
    return this.calls.filter((call) => `${call.method} ${routeOf(call.path)}` === route).length;
  }

  /** All text of a message, as JSON. */
  text(message: string): string {
    return JSON.stringify(this.messages.get(message)?.body ?? null);
  }

  async #take(url: string, init: RequestInit): Promise<Response> {
    if (!API.test(url)) throw new TypeError(`not Discord: ${url}`);
    const path = new URL(url).pathname.slice('/api/v10'.length);
    const method = init.method ?? 'GET';
    const body: Record<string, unknown> = typeof init.body === 'string' ? JSON.parse(init.body) : {};
    this.calls.push({ method, path, body });
    const route = `${method} ${routeOf(path)}`;
    const fault = this.#faults.findIndex((one) => one.route === route);
    const [taken] = fault === -1 ? [] : this.#faults.splice(fault, 1);
    if (taken !== undefined) return taken.answer();
    const ids = path.match(/\d{5,20}/g) ?? [];
    return this.#answer(route, path, ids[0] ?? '', ids[1] ?? '', body);
  }

  #answer(
    route: string,
    path: string,
    first: string,
    second: string,
    body: Record<string, unknown>,
  ): Response {
    switch (route) {
      case 'POST /channels/:id/messages':
        return this.#create(first, body);
      case 'PATCH /channels/:id/messages/:id': {
        const message = this.messages.get(second);
        if (message === undefined)
          return Response.json({ code: 10008, message: 'Unknown Message' }, { status: 404 });
        if (!mentionsNobody(body)) return this.#strange(`${route} without allowed_mentions`);
        message.body = body;
        return Response.json(shown(message));
      }
      case 'DELETE /channels/:id/messages/:id':
        this.messages.delete(second);
        return new Response(null, { status: 204 });
      case 'GET /channels/:id/messages':
        return Response.json([]);
      case 'GET /channels/:id':
        return this.hidden.has(first)
          ? Response.json({ code: 50001, message: 'Missing Access' }, { status: 403 })
          : Response.json({ id: first, type: 12, parent_id: '5000000000000000001', name: 'x' });
      case MAKE_THREAD:
        if (this.threads.has(second))
          return Response.json({ code: 160004, message: 'exists' }, { status: 400 });
        this.threads.set(second, body);
        return Response.json({ id: second, type: 11, parent_id: first, name: body.name }, { status: 201 });
      case 'PATCH /channels/:id':
        this.threads.set(first, { ...this.threads.get(first), ...body });
        return Response.json({ id: first, type: 11, name: 'x', thread_metadata: body });
      case 'PUT /channels/:id/thread-members/:id':
        this.members.push(`${first}/${second}`);
        return new Response(null, { status: 204 });
      case 'PATCH /webhooks/:id/:token/messages/@original':
        if (!mentionsNobody(body)) return this.#strange(`${route} without allowed_mentions`);
        this.originals.set(path.split('/')[3] ?? '', body);
        return Response.json({ id: '1', channel_id: '1', type: 0, content: '' });
      case 'POST /webhooks/:id/:token':
        this.followUps.push(body);
        return Response.json({ id: '1', channel_id: '1', type: 0, content: '' });
      default:
        return this.#strange(route);
    }
  }

  #create(channel: string, body: Record<string, unknown>): Response {
    const { nonce } = body;
    if (typeof nonce !== 'string' || nonce.length > 25 || body.enforce_nonce !== true) {
      return this.#strange('a create without a nonce');
    }
    if (!mentionsNobody(body)) return this.#strange('a create that may mention');
    const known = [...this.messages.values()].find((one) => one.channel === channel && one.nonce === nonce);
    if (known !== undefined) return Response.json(shown(known));
    this.#made += 1n;
    // Of the present, as Discord's: a create that is answered with an older message is not believed.
    const id = String(BigInt(snowflakeAt(Date.now())) + this.#made);
    const message = { id, channel, nonce, body };
    this.messages.set(message.id, message);
    return Response.json(shown(message));
  }

  #strange(what: string): Response {
    this.strangers.push(what);
    return Response.json({ message: what, code: 0 }, { status: 501 });
  }
}

function routeOf(path: string): string {
  return path.replace(/^\/webhooks\/[^/]+\/[^/]+/, '/webhooks/:id/:token').replace(/\/\d{5,20}/g, '/:id');
}

function mentionsNobody(body: Record<string, unknown>): boolean {
  return JSON.stringify(body.allowed_mentions) === '{"parse":[]}';
}

function shown(message: Message): Record<string, unknown> {
  return {
    id: message.id,
    channel_id: message.channel,
    nonce: message.nonce,
    type: 0,
    content: '',
    author: { id: '42' },
  };
}

/** Of the test that runs. */
export let discord: FakeDiscord;

/** Gives each test of the file a Discord of its own, which no request may have surprised. */
export function useDiscord(): void {
  beforeEach(() => {
    discord = new FakeDiscord();
  });
  afterEach(() => {
    expect(discord.strangers).toEqual([]);
  });
}
