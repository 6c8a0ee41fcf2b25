/**
 * Discord, seen from its HTTP side: channels with messages, nonces that are known for a while, rate limits as fixed windows, faults.
 * Written without looking at how delivery works.
 */

import { type Clock, lives } from '../platform/clock.ts';
import { PlainForm, PlainResponse } from '../platform/globals.ts';
import type { Random } from '../random.ts';

export interface Message {
  readonly id: string;
  readonly nonce: string;
  readonly bot: boolean;
  readonly files: number;
  readonly createdMs: number;
  /** When the request that created it was sent. */
  readonly sentMs: number;
  content: string;
  components: readonly Row[];
  deleted: boolean;
}

export interface Row {
  readonly components: readonly { readonly custom_id?: string; readonly label?: string }[];
}

export interface Channel {
  readonly id: string;
  readonly messages: Message[];
  archived: boolean;
  locked: boolean;
  forbidden: boolean;
  gone: boolean;
}

/** What goes wrong, how often each. */
export interface DiscordFaults {
  /** Lost on the way there. */
  lost: number;
  /** Applied, and the answer is lost. */
  unanswered: number;
  error500: number;
  error500applied: number;
  global429: number;
  /** Cloudflare's page instead of an answer. */
  page: number;
  /** Applied long after the caller gave up. Only creates: an old edit that overtakes cannot be told from a good one. */
  late: number;
  /** Down until then: every request is a 503. */
  downUntilMs: number;
}

export const NO_FAULTS: DiscordFaults = {
  lost: 0,
  unanswered: 0,
  error500: 0,
  error500applied: 0,
  global429: 0,
  page: 0,
  late: 0,
  downUntilMs: 0,
};

type Answer = { readonly status: number; readonly body: unknown };
type Kind = Exclude<keyof DiscordFaults, 'downUntilMs'> | 'none';

const BOT = '900';
const LIMIT = 5;
const WINDOW_MS = 5_000;
const NONCE_KNOWN_MS = 180_000;
const EPOCH_MS = 1_420_070_400_000;

export interface DiscordOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly trace: (line: string) => void;
  readonly onRequest: (body: string) => void;
  readonly onCreate: (channel: Channel, message: Message) => void;
}

export class Discord {
  readonly channels = new Map<string, Channel>();
  faults: DiscordFaults = { ...NO_FAULTS };
  requests = 0;
  readonly #options: DiscordOptions;
  readonly #windows = new Map<string, { left: number; endMs: number }>();
  #serial = 0;

  constructor(options: DiscordOptions) {
    this.#options = options;
  }

  channel(id: string): Channel {
    let channel = this.channels.get(id);
    if (channel === undefined) {
      channel = { id, messages: [], archived: false, locked: false, forbidden: false, gone: false };
      this.channels.set(id, channel);
    }
    return channel;
  }

  /** A person posts something. */
  chatter(channel: Channel): void {
    channel.messages.push(
      this.#message({
        content: 'hm',
        nonce: '',
        bot: false,
        files: 0,
        sentMs: this.#options.clock.nowMs,
        components: [],
      }),
    );
  }

  fetch(url: string, init: RequestInit): Promise<unknown> {
    const life = lives.getStore() ?? null;
    const { clock, random } = this.#options;
    this.requests += 1;
    return new Promise((resolve, reject) => {
      if (life !== null) life.pending += 1;
      const answer = (ms: number, finish: () => void) => {
        clock.after(
          ms,
          () => {
            if (life?.dead === true) return;
            if (life !== null) life.pending -= 1;
            clock.enter(life, finish);
          },
          null,
        );
      };
      const method = init.method ?? 'GET';
      const path = url.replace(/^https?:\/\/[^/]+/, '');
      const body =
        init.body instanceof PlainForm ? init.body.text('payload_json') : String(init.body ?? '{}');
      const files = init.body instanceof PlainForm ? init.body.fields.length - 1 : 0;
      this.#options.onRequest(body);
      const fault = this.#draw(method);
      const thereMs = random.spread(10, 600);
      const backMs = random.spread(10, 600);
      const sentMs = clock.nowMs;
      const apply = () => this.#take(method, path, body, { files, sentMs });
      const give = ({ status, body: said, headers }: Answer & { headers?: Record<string, string> }) =>
        answer(backMs, () =>
          resolve(new PlainResponse(JSON.stringify(said), { status, headers: headers ?? {} })),
        );
      const timeout = () =>
        init.signal?.addEventListener('abort', () => {
          if (life !== null && !life.dead) life.pending -= 1;
          const error = new Error('aborted');
          error.name = 'AbortError';
          reject(error);
        });
      if (fault !== 'none') this.#options.trace(`discord ${method} ${path.slice(0, 60)}: ${fault}`);
      switch (fault) {
        case 'lost':
          return timeout();
        case 'late':
          clock.after(thereMs + 15_000, () => void apply(), null);
          return timeout();
        case 'unanswered':
          clock.after(thereMs, () => void apply(), null);
          return timeout();
        case 'error500':
          return give({ status: 502, body: { message: 'bad gateway', code: 0 } });
        case 'error500applied':
          clock.after(thereMs, () => void apply(), null);
          return answer(thereMs + backMs, () =>
            resolve(new PlainResponse('{"message":"oops","code":0}', { status: 500 })),
          );
        case 'page':
          return answer(backMs, () => resolve(new PlainResponse('<html>1015</html>', { status: 429 })));
        case 'global429':
          return give({
            status: 429,
            body: { message: 'limited', retry_after: 0.7, global: true },
            headers: { 'x-ratelimit-global': 'true' },
          });
        case 'none':
          clock.after(thereMs, () => give(apply()), null);
      }
    });
  }

  #draw(method: string): Kind {
    const { random, clock } = this.#options;
    if (clock.nowMs < this.faults.downUntilMs) return random.chance(0.5) ? 'error500' : 'lost';
    const { downUntilMs: _, ...chances } = this.faults;
    let left = random.next();
    for (const [kind, chance] of Object.entries(chances) as [Kind, number][]) {
      left -= chance;
      if (left < 0) return kind === 'late' && method !== 'POST' ? 'lost' : kind;
    }
    return 'none';
  }

  #take(
    method: string,
    path: string,
    text: string,
    sent: Sent,
  ): Answer & { headers: Record<string, string> } {
    // "Is typing" changes nothing that stays.
    if (method === 'POST' && path.endsWith('/typing')) return { status: 204, body: null, headers: {} };
    const match = /\/channels\/(\d+)(?:\/messages(?:\/(\d+))?)?(?:\?(.*))?$/.exec(path);
    if (match?.[1] === undefined) throw new Error(`no such route: ${method} ${path}`);
    const channel = this.channel(match[1]);
    const limited = this.#spend(`${channel.id} ${method}`);
    if (limited.waitMs > 0) {
      const body = { message: 'limited', retry_after: limited.waitMs / 1000, global: false };
      return { status: 429, body, headers: limited.headers };
    }
    const body: Body = JSON.parse(text);
    return {
      ...this.#apply(method, channel, match[2] ?? null, match[3] ?? '', body, sent),
      headers: limited.headers,
    };
  }

  #apply(method: string, channel: Channel, id: string | null, query: string, body: Body, sent: Sent): Answer {
    if (channel.gone) return { status: 404, body: { code: 10003, message: 'Unknown Channel' } };
    if (channel.forbidden) return { status: 403, body: { code: 50001, message: 'Missing Access' } };
    if (method === 'POST') return this.#create(channel, body, sent);
    if (method === 'GET') return this.#list(channel, query);
    if (method === 'PATCH' && id === null) {
      if (channel.locked) return { status: 403, body: { code: 50013, message: 'Missing Permissions' } };
      channel.archived = body.archived ?? channel.archived;
      return { status: 200, body: { id: channel.id, type: 11 } };
    }
    const message = channel.messages.find((one) => one.id === id && !one.deleted);
    if (message === undefined) return { status: 404, body: { code: 10008, message: 'Unknown Message' } };
    if (channel.archived) return { status: 400, body: { code: 50083, message: 'Thread is archived' } };
    if (method === 'DELETE') {
      message.deleted = true;
      return { status: 204, body: null };
    }
    message.content = body.content ?? message.content;
    message.components = body.components ?? message.components;
    return { status: 200, body: seen(message) };
  }

  #create(channel: Channel, body: Body, sent: Sent): Answer {
    if (channel.locked) return { status: 400, body: { code: 160005, message: 'Thread is locked' } };
    channel.archived = false;
    const nonce = String(body.nonce ?? '');
    const nowMs = this.#options.clock.nowMs;
    const known = channel.messages.find(
      (one) => one.nonce === nonce && nowMs - one.createdMs < NONCE_KNOWN_MS,
    );
    if (known !== undefined) return { status: 200, body: seen(known) };
    const message = this.#message({
      content: body.content ?? '',
      nonce,
      bot: true,
      ...sent,
      components: body.components ?? [],
    });
    channel.messages.push(message);
    this.#options.onCreate(channel, message);
    return { status: 200, body: seen(message) };
  }

  #list(channel: Channel, query: string): Answer {
    const after = BigInt(/after=(\d+)/.exec(query)?.[1] ?? '0');
    const found = channel.messages.filter((one) => !one.deleted && BigInt(one.id) > after).slice(0, 100);
    return { status: 200, body: found.map(seen).reverse() };
  }

  #message(parts: Pick<Message, 'content' | 'nonce' | 'bot' | 'files' | 'sentMs' | 'components'>): Message {
    this.#serial += 1;
    const { nowMs } = this.#options.clock;
    const id = ((BigInt(Math.floor(nowMs) - EPOCH_MS) << 22n) + BigInt(this.#serial)).toString();
    return { ...parts, id, createdMs: nowMs, deleted: false };
  }

  #spend(bucket: string): { waitMs: number; headers: Record<string, string> } {
    const { nowMs } = this.#options.clock;
    let window = this.#windows.get(bucket);
    if (window === undefined || nowMs >= window.endMs) {
      window = { left: LIMIT, endMs: nowMs + WINDOW_MS };
      this.#windows.set(bucket, window);
    }
    const waitMs = window.left > 0 ? 0 : window.endMs - nowMs;
    if (waitMs === 0) window.left -= 1;
    const headers = {
      'x-ratelimit-bucket': bucket.replace(/\W/g, ''),
      'x-ratelimit-limit': String(LIMIT),
      'x-ratelimit-remaining': String(window.left),
      'x-ratelimit-reset-after': String((window.endMs - nowMs) / 1000),
    };
    return { waitMs, headers };
  }
}

/** What its body does not say of a request. */
interface Sent {
  readonly files: number;
  readonly sentMs: number;
}

interface Body {
  readonly content?: string;
  readonly nonce?: string;
  readonly components?: readonly Row[];
  readonly archived?: boolean;
}

function seen(message: Message): unknown {
  const { id, content, nonce, bot, files } = message;
  const attachments = Array.from({ length: files }, (_, n) => ({ id: String(n) }));
  return { id, content, nonce, type: 0, author: { id: bot ? BOT : '77' }, attachments };
}
