/**
 * A small Discord in virtual time, of one channel: messages, nonces that are known for a while, buckets as fixed windows, and faults.
 * It is written without looking at how delivery works, so that it can tell when delivery is wrong.
 */
import type {
  RESTPatchAPIChannelMessageJSONBody,
  RESTPostAPIChannelMessageJSONBody,
} from 'discord-api-types/v10';
import type { ChannelId, MessageId, UserId } from '../../../protocol/ids.ts';
import type { BucketInfo } from '../../../worker/discord/buckets.ts';
import type { DiscordError } from '../../../worker/discord/errors.ts';
import type { RestFile, RestMessage, RestResult } from '../../../worker/discord/rest-types.ts';
import type { VirtualClock } from './virtual-clock.ts';

export type Fault =
  /** Lost on the way there. */
  | 'lost'
  /** Applied, and the answer is lost. */
  | 'unanswered'
  /** Applied after 10 s, long after the caller gave up. */
  | 'late'
  | 'error500'
  | 'error500applied'
  | 'global429';

export interface ModelMessage {
  readonly id: MessageId;
  readonly nonce: string;
  content: string;
  components: string;
  readonly files: readonly string[];
  readonly createdMs: number;
  deleted: boolean;
}

export interface Shown {
  readonly atMs: number;
  readonly message: MessageId;
  readonly content: string;
}

interface Window {
  left: number;
  endMs: number;
}

const LIMIT = 5;
const WINDOW_MS = 5000;
const EPOCH_MS = 1_420_070_400_000;
export const ME = '900' as UserId;

export class ModelDiscord {
  readonly clock: VirtualClock;
  readonly messages: ModelMessage[] = [];
  readonly shown: Shown[] = [];
  readonly log: string[] = [];
  /** What is left of the window after each request that was let through, and how long it still runs. */
  readonly spent: {
    readonly route: string;
    readonly content: string;
    readonly left: number;
    readonly leftMs: number;
  }[] = [];
  limited = 0;
  latencyMs = 100;
  nonceKnownMs = 180_000;
  archived = false;
  locked = false;
  /** The list of messages gives their nonces. */
  listsNonces = true;
  refuse: (content: string, files: number) => DiscordError | null = () => null;
  faults: Fault[] = [];
  readonly #shared: boolean;
  readonly #windows = new Map<string, Window>();
  #serial = 0;

  constructor(clock: VirtualClock, shared: boolean) {
    this.clock = clock;
    this.#shared = shared;
  }

  get requests(): number {
    return this.log.length;
  }

  readonly me = ME;

  createMessage(
    _channel: ChannelId,
    body: RESTPostAPIChannelMessageJSONBody,
    files: readonly RestFile[] = [],
  ): Promise<RestResult<RestMessage>> {
    return this.#exchange('create', body.content ?? '', () => {
      const refused = this.refuse(body.content ?? '', files.length);
      if (refused !== null) return refused;
      if (this.locked) return { kind: 'locked' };
      this.archived = false;
      const nonce = String(body.nonce ?? '');
      const known = this.messages.find(
        (message) => message.nonce === nonce && this.clock.nowMs - message.createdMs < this.nonceKnownMs,
      );
      if (known !== undefined) return this.#seen(known);
      const message: ModelMessage = {
        id: this.#snowflake(),
        nonce,
        content: body.content ?? '',
        components: JSON.stringify(body.components ?? []),
        files: files.map((file) => file.name),
        createdMs: this.clock.nowMs,
        deleted: false,
      };
      this.messages.push(message);
      this.shown.push({ atMs: this.clock.nowMs, message: message.id, content: message.content });
      return this.#seen(message);
    });
  }

  editMessage(
    _channel: ChannelId,
    id: MessageId,
    body: RESTPatchAPIChannelMessageJSONBody,
  ): Promise<RestResult<RestMessage>> {
    return this.#exchange('edit', body.content ?? '', () => {
      const refused = this.refuse(body.content ?? '', 0);
      if (refused !== null) return refused;
      if (this.archived) return { kind: 'archived' };
      const message = this.messages.find((one) => one.id === id && !one.deleted);
      if (message === undefined) return { kind: 'gone', what: 'message' };
      message.content = body.content ?? '';
      message.components = JSON.stringify(body.components ?? []);
      this.shown.push({ atMs: this.clock.nowMs, message: message.id, content: message.content });
      return this.#seen(message);
    });
  }

  deleteMessage(_channel: ChannelId, id: MessageId): Promise<RestResult<null>> {
    return this.#exchange('delete', '', () => {
      const message = this.messages.find((one) => one.id === id && !one.deleted);
      if (message === undefined) return { kind: 'gone', what: 'message' };
      message.deleted = true;
      return { value: null };
    });
  }

  messagesAfter(_channel: ChannelId, after: string): Promise<RestResult<readonly RestMessage[]>> {
    return this.#exchange('read', '', () => ({
      value: this.messages
        .filter((message) => !message.deleted && BigInt(message.id) > BigInt(after))
        .map((message) => this.#seen(message, this.listsNonces).value)
        .slice(0, 100),
    }));
  }

  patchChannel(_channel: ChannelId, change: { readonly archived?: boolean }): Promise<RestResult<never>> {
    return this.#exchange('channel', '', () => {
      if (this.locked) return { kind: 'forbidden', code: 50013, text: 'Missing Permissions' };
      this.archived = change.archived ?? this.archived;
      return { value: {} as never };
    });
  }

  /** A person posts something. */
  chatter(content: string): void {
    const message = { content, components: '[]', files: [], createdMs: this.clock.nowMs, deleted: false };
    this.messages.push({ id: this.#snowflake(), nonce: `person-${this.#serial}`, ...message });
  }

  async #exchange<T>(
    route: string,
    content: string,
    apply: () => DiscordError | { readonly value: T },
  ): Promise<RestResult<T>> {
    const drawn = this.faults.shift();
    // An old edit that overtakes a newer one cannot be told from a good one; only creates come late here.
    const fault = drawn === 'late' && route !== 'create' ? 'lost' : drawn;
    this.log.push(`${this.clock.nowMs} ${route}${fault === undefined ? '' : ` (${fault})`}`);
    const there = this.latencyMs / 2;
    switch (fault) {
      case 'lost':
        await this.clock.wait(10_000);
        return { ok: false, error: { kind: 'unknown', cause: 'timeout' }, bucket: null };
      case 'error500':
        await this.clock.wait(this.latencyMs);
        return { ok: false, error: { kind: 'transient', status: 502, retryAfterMs: 1000 }, bucket: null };
      case 'global429':
        await this.clock.wait(this.latencyMs);
        return {
          ok: false,
          error: { kind: 'rateLimited', retryAfterMs: 700, global: true, scope: 'global' },
          bucket: null,
        };
      case 'late':
        this.clock.after(10_000, () => {
          this.#take(route, content);
          apply();
        });
        await this.clock.wait(9_000);
        return { ok: false, error: { kind: 'unknown', cause: 'timeout' }, bucket: null };
      case 'unanswered':
      case 'error500applied':
      case undefined:
        break;
    }
    await this.clock.wait(there);
    const { bucket, waitMs } = this.#take(route, content);
    if (waitMs > 0) {
      this.limited += 1;
      await this.clock.wait(there);
      const error = { kind: 'rateLimited', retryAfterMs: waitMs, global: false, scope: 'user' } as const;
      return { ok: false, error, bucket };
    }
    const outcome = apply();
    await this.clock.wait(fault === 'unanswered' ? 9_000 : there);
    if (fault === 'unanswered')
      return { ok: false, error: { kind: 'unknown', cause: 'timeout' }, bucket: null };
    if (fault === 'error500applied')
      return { ok: false, error: { kind: 'transient', status: 504, retryAfterMs: 1000 }, bucket: null };
    return 'value' in outcome
      ? { ok: true, value: outcome.value, bucket }
      : { ok: false, error: outcome, bucket };
  }

  #take(route: string, content: string): { bucket: BucketInfo; waitMs: number } {
    const name = this.#shared && (route === 'create' || route === 'edit') ? 'messages' : route;
    let window = this.#windows.get(name);
    if (window === undefined || this.clock.nowMs >= window.endMs) {
      window = { left: LIMIT, endMs: this.clock.nowMs + WINDOW_MS };
      this.#windows.set(name, window);
    }
    const waitMs = window.left > 0 ? 0 : window.endMs - this.clock.nowMs;
    if (waitMs === 0) {
      window.left -= 1;
      this.spent.push({ route, content, left: window.left, leftMs: window.endMs - this.clock.nowMs });
    }
    const resetAfterMs = window.endMs - this.clock.nowMs;
    return { bucket: { hash: name, limit: LIMIT, remaining: window.left, resetAfterMs }, waitMs };
  }

  #seen(message: ModelMessage, withNonce = true): { readonly value: RestMessage } {
    const { id, content, files } = message;
    const isPerson = message.nonce.startsWith('person-');
    return {
      value: {
        id,
        author: isPerson ? ('77' as UserId) : ME,
        nonce: withNonce ? message.nonce : null,
        type: 0,
        content,
        files: files.length,
      },
    };
  }

  #snowflake(): MessageId {
    this.#serial += 1;
    const since = BigInt(Math.floor(this.clock.nowMs) - EPOCH_MS);
    return ((since << 22n) + BigInt(this.#serial)).toString() as MessageId;
  }
}
