/**
 * Discord's REST API, as much of it as Heddle uses. Every method resolves; what goes wrong is a value. Nothing is retried
 * here but `editOriginal`: pacing and retries belong to whoever knows what the request is for.
 *
 * An instance may outlive a request: it keeps no timer and no socket, so a hibernating object may hold one.
 */
import type {
  APIApplicationCommand,
  RESTPatchAPIChannelMessageJSONBody,
  RESTPatchAPIInteractionOriginalResponseJSONBody,
  RESTPostAPIChannelMessageJSONBody,
  RESTPutAPIApplicationCommandsJSONBody,
} from 'discord-api-types/v10';
import type {
  ChannelId,
  GuildId,
  MessageId,
  RoleId,
  Snowflake,
  ThreadId,
  UserId,
} from '../../protocol/ids.ts';
import type { BucketInfo } from './buckets.ts';
import { classify, type DiscordError } from './errors.ts';
import { readChannel, readMessage, readMessages } from './read.ts';
import type { RestChannel, RestFile, RestMessage, RestResult } from './rest-types.ts';
import { readRoles, readSaid, type SaidMessage } from './said.ts';

export interface RestOptions {
  /** With version, without a slash at the end: `https://discord.com/api/v10`. */
  readonly apiUrl: string;
  readonly token: string;
  readonly applicationId: string;
  readonly fetch?: typeof fetch;
  readonly timeoutMs?: number;
}

/** Discord answers within a second or not at all; one drain waits for nothing else meanwhile. */
const TIMEOUT_MS = 10_000;
/** A file of up to 8 MiB goes with it. */
const UPLOAD_TIMEOUT_MS = 30_000;
/** A larger answer is cut: nothing that Heddle reads comes near it. */
const ANSWER_MAX_CHARS = 4_000_000;
/** Right after a deferred answer Discord may not know the webhook yet and answers 404 10015. */
const ORIGINAL_RETRY_MS: readonly number[] = [250, 500, 1000, 2000];
/** Discord: message flags. */
const EPHEMERAL = 64;
const SUPPRESS_EMBEDS = 4;
/** Discord: one page of messages. */
export const MESSAGES_PAGE = 100;

interface Call {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly json?: unknown;
  readonly files?: readonly RestFile[];
  /** The path holds the credential: an interaction's webhook. */
  readonly open?: boolean;
}

export class DiscordRest {
  readonly #options: RestOptions;
  readonly #fetch: typeof fetch;

  constructor(options: RestOptions) {
    this.#options = options;
    // Called as a plain function: workerd refuses a `fetch` whose `this` is something else.
    const given = options.fetch;
    this.#fetch =
      given === undefined ? (input, init) => fetch(input, init) : (input, init) => given(input, init);
  }

  /** The bot's own user. Discord gives a bot its application's id. */
  get me(): UserId {
    return this.#options.applicationId as UserId;
  }

  createMessage(
    channel: ChannelId,
    body: RESTPostAPIChannelMessageJSONBody,
    files: readonly RestFile[] = [],
  ): Promise<RestResult<RestMessage>> {
    return this.#call(
      { method: 'POST', path: `/channels/${channel}/messages`, json: body, files },
      readMessage,
    );
  }

  editMessage(
    channel: ChannelId,
    message: MessageId,
    body: RESTPatchAPIChannelMessageJSONBody,
  ): Promise<RestResult<RestMessage>> {
    return this.#call(
      { method: 'PATCH', path: `/channels/${channel}/messages/${message}`, json: body },
      readMessage,
    );
  }

  deleteMessage(channel: ChannelId, message: MessageId): Promise<RestResult<null>> {
    return this.#call({ method: 'DELETE', path: `/channels/${channel}/messages/${message}` }, nothing);
  }

  /** The 100 messages that follow `after`, oldest first. Empty without the permission to read the history. */
  messagesAfter(channel: ChannelId, after: Snowflake): Promise<RestResult<readonly RestMessage[]>> {
    const path = `/channels/${channel}/messages?limit=${MESSAGES_PAGE}&after=${after}`;
    return this.#call({ method: 'GET', path }, readMessages);
  }

  /** What people wrote after `after`, oldest first, 100 at most. Empty without the permission to read the history. */
  saidAfter(channel: ChannelId, after: Snowflake): Promise<RestResult<readonly SaidMessage[]>> {
    const path = `/channels/${channel}/messages?limit=${MESSAGES_PAGE}&after=${after}`;
    return this.#call({ method: 'GET', path }, readSaid);
  }

  /** Needs Add Reactions. */
  react(channel: ChannelId, message: MessageId, emoji: string): Promise<RestResult<null>> {
    const path = `/channels/${channel}/messages/${message}/reactions/${encodeURIComponent(emoji)}/@me`;
    return this.#call({ method: 'PUT', path }, nothing);
  }

  /** Of one member; needs no privileged intent. `gone`: not in the server any more. */
  memberRoles(guild: GuildId, user: UserId): Promise<RestResult<readonly RoleId[]>> {
    return this.#call({ method: 'GET', path: `/guilds/${guild}/members/${user}` }, readRoles);
  }

  getChannel(channel: ChannelId): Promise<RestResult<RestChannel>> {
    return this.#call({ method: 'GET', path: `/channels/${channel}` }, readChannel);
  }

  /** The thread gets the message's id. `threadExists`: it was made before, with that id. */
  startThreadFromMessage(
    channel: ChannelId,
    message: MessageId,
    thread: { readonly name: string; readonly auto_archive_duration: 60 | 1440 | 4320 | 10080 },
  ): Promise<RestResult<RestChannel>> {
    const path = `/channels/${channel}/messages/${message}/threads`;
    return this.#call({ method: 'POST', path, json: thread }, readChannel);
  }

  addThreadMember(thread: ThreadId, user: UserId): Promise<RestResult<null>> {
    return this.#call({ method: 'PUT', path: `/channels/${thread}/thread-members/${user}` }, nothing);
  }

  /** Discord: two renames in ten minutes, whatever the headers say. */
  patchChannel(
    thread: ChannelId,
    change: { readonly archived?: boolean; readonly locked?: boolean; readonly name?: string },
  ): Promise<RestResult<RestChannel>> {
    return this.#call({ method: 'PATCH', path: `/channels/${thread}`, json: change }, readChannel);
  }

  /** Shows for ten seconds or until the next message. */
  typing(channel: ChannelId): Promise<RestResult<null>> {
    return this.#call({ method: 'POST', path: `/channels/${channel}/typing` }, nothing);
  }

  /**
   * Replaces a deferred answer. The token is good for 15 minutes (then `interactionOver`). A 404 is tried again for about four
   * seconds, because a deferral that is still on its way has no webhook yet.
   */
  async editOriginal(
    interactionToken: string,
    body: RESTPatchAPIInteractionOriginalResponseJSONBody,
  ): Promise<RestResult<RestMessage>> {
    const path = `/webhooks/${this.#options.applicationId}/${encodeURIComponent(interactionToken)}/messages/@original`;
    for (const waitMs of [...ORIGINAL_RETRY_MS, null]) {
      const result = await this.#call({ method: 'PATCH', path, json: body, open: true }, readMessage);
      if (result.ok || waitMs === null || result.error.kind !== 'gone') return result;
      await new Promise((resolve) => setTimeout(resolve, waitMs));
    }
    return { ok: false, error: { kind: 'gone', what: 'webhook' }, bucket: null };
  }

  /** Says something more to the one who acted alone. Good as long as the interaction's token is. */
  followUpPrivate(
    interactionToken: string,
    body: RESTPatchAPIInteractionOriginalResponseJSONBody,
  ): Promise<RestResult<RestMessage>> {
    const path = `/webhooks/${this.#options.applicationId}/${encodeURIComponent(interactionToken)}`;
    const json = { ...body, flags: EPHEMERAL | SUPPRESS_EMBEDS };
    return this.#call({ method: 'POST', path, json, open: true }, readMessage);
  }

  getCommands(guild: GuildId | null): Promise<RestResult<readonly APIApplicationCommand[]>> {
    return this.#call({ method: 'GET', path: this.#commandsPath(guild) }, readCommands);
  }

  /** Replaces all commands of the scope. Discord counts only new names against its 200 a day. */
  putCommands(
    guild: GuildId | null,
    commands: RESTPutAPIApplicationCommandsJSONBody,
  ): Promise<RestResult<readonly APIApplicationCommand[]>> {
    return this.#call({ method: 'PUT', path: this.#commandsPath(guild), json: commands }, readCommands);
  }

  #commandsPath(guild: GuildId | null): string {
    const scope = guild === null ? '' : `/guilds/${guild}`;
    return `/applications/${this.#options.applicationId}${scope}/commands`;
  }

  async #call<T>(call: Call, read: (body: unknown) => T | undefined): Promise<RestResult<T>> {
    let answer: Response;
    let text: string;
    // Not `AbortSignal.timeout`: its timer runs on after the answer and keeps the object from hibernating.
    const abort = new AbortController();
    const timer = setTimeout(() => abort.abort(), this.#timeoutOf(call));
    try {
      answer = await this.#fetch(this.#options.apiUrl + call.path, this.#init(call, abort.signal));
      text = (await answer.text()).slice(0, ANSWER_MAX_CHARS);
    } catch (error) {
      return { ok: false, error: unanswered(error), bucket: null };
    } finally {
      clearTimeout(timer);
    }
    const bucket = readBucket(answer.headers);
    if (!answer.ok) return { ok: false, error: classify(answer.status, answer.headers, text), bucket };
    const value = read(parse(text));
    // A 200 that is not what Discord says it is: applied perhaps, and nothing to record.
    if (value === undefined) return { ok: false, error: { kind: 'unknown', cause: 'network' }, bucket };
    return { ok: true, value, bucket };
  }

  #timeoutOf(call: Call): number {
    return this.#options.timeoutMs ?? ((call.files ?? []).length > 0 ? UPLOAD_TIMEOUT_MS : TIMEOUT_MS);
  }

  #init(call: Call, signal: AbortSignal): RequestInit {
    const files = call.files ?? [];
    const headers: Record<string, string> = {
      // Discord: without this form Cloudflare may refuse the request (40333). Workers send none by themselves.
      'user-agent': `DiscordBot (https://discord.com/application-directory/${this.#options.applicationId}, 0.1.0)`,
    };
    if (call.open !== true) headers.authorization = `Bot ${this.#options.token}`;
    if (call.json !== undefined && files.length === 0) headers['content-type'] = 'application/json';
    return {
      method: call.method,
      headers,
      // A redirect must not carry the token to another host.
      redirect: 'manual',
      signal,
      ...(call.json === undefined
        ? {}
        : { body: files.length > 0 ? multipart(call.json, files) : JSON.stringify(call.json) }),
    };
  }
}

const PICTURES: Readonly<Record<string, string>> = {
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  gif: 'image/gif',
  webp: 'image/webp',
};

/** Discord shows a picture when the file's name and type say that it is one. */
function contentType({ name, data }: RestFile): string {
  if (typeof data === 'string' || /\.(?:txt|md|diff)$/i.test(name)) return 'text/plain; charset=utf-8';
  const ending = name.slice(name.lastIndexOf('.') + 1).toLowerCase();
  return Object.hasOwn(PICTURES, ending) ? (PICTURES[ending] ?? '') : 'application/octet-stream';
}

/** Discord: `payload_json` and `files[n]`, whose n the body's `attachments` name as id. */
function multipart(json: unknown, files: readonly RestFile[]): FormData {
  const form = new FormData();
  form.append('payload_json', new Blob([JSON.stringify(json)], { type: 'application/json' }));
  files.forEach((file, n) => {
    const data = typeof file.data === 'string' ? file.data : new Uint8Array(file.data);
    form.append(`files[${n}]`, new Blob([data], { type: contentType(file) }), file.name);
  });
  return form;
}

function unanswered(error: unknown): DiscordError {
  const timeout = error instanceof Error && (error.name === 'TimeoutError' || error.name === 'AbortError');
  return { kind: 'unknown', cause: timeout ? 'timeout' : 'network' };
}

function readBucket(headers: Headers): BucketInfo | null {
  const limit = Number(headers.get('x-ratelimit-limit') ?? Number.NaN);
  const remaining = Number(headers.get('x-ratelimit-remaining') ?? Number.NaN);
  const resetAfterS = Number(headers.get('x-ratelimit-reset-after') ?? Number.NaN);
  if (![limit, remaining, resetAfterS].every(Number.isFinite)) return null;
  return {
    hash: headers.get('x-ratelimit-bucket'),
    limit,
    remaining,
    resetAfterMs: Math.ceil(resetAfterS * 1000),
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function nothing(): null {
  return null;
}

function readCommands(body: unknown): readonly APIApplicationCommand[] | undefined {
  return Array.isArray(body) ? body : undefined;
}
