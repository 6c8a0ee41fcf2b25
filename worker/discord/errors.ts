/**
 * What went wrong with a request to Discord, by what the caller can do about it. The one place that reads Discord's
 * status codes and error codes.
 */

/** `cause` texts are Discord's own or ours; they hold no token and none of what was sent. */
export type DiscordError =
  /** 429. Nothing was done. `global`: every route of this bot waits. */
  | {
      readonly kind: 'rateLimited';
      readonly retryAfterMs: number;
      readonly global: boolean;
      readonly scope: string;
    }
  /** 404: the message (10008), the channel or thread (10003), an interaction's webhook (10015) or something else is not there. */
  | { readonly kind: 'gone'; readonly what: 'message' | 'channel' | 'webhook' | 'other' }
  /** 50083: the thread is archived; edits are refused, a create would unarchive it. */
  | { readonly kind: 'archived' }
  /** 160005: the thread is locked. */
  | { readonly kind: 'locked' }
  /** 403: no access (50001) or a permission is missing (50013). */
  | { readonly kind: 'forbidden'; readonly code: number; readonly text: string }
  /** 401 for the bot's own token. */
  | { readonly kind: 'tokenInvalid' }
  /** 401 code 50027 on an interaction's webhook: its 15 minutes are over. */
  | { readonly kind: 'interactionOver' }
  /** 30046: too many edits of messages older than an hour. */
  | { readonly kind: 'tooOld'; readonly retryAfterMs: number }
  /** 160004: the message already has its thread, which has the message's id. */
  | { readonly kind: 'threadExists' }
  /** Discord refuses this very body; sending it again changes nothing. */
  | { readonly kind: 'invalid'; readonly status: number; readonly code: number; readonly text: string }
  /**
   * It may pass. `retryAfterMs`: wait at least this long; it is long when the answer did not come from Discord's API (a page of
   * Cloudflare's, a 429 without rate limit headers). A 5xx may have been applied.
   */
  | { readonly kind: 'transient'; readonly status: number; readonly retryAfterMs: number }
  /** It was sent and no answer came: timed out or the connection dropped. It may have been applied. */
  | { readonly kind: 'unknown'; readonly cause: 'timeout' | 'network' };

/** A ban by Cloudflare lasts minutes to an hour (Discord: 10,000 invalid requests in 10 minutes); asking again prolongs it. */
export const BLOCKED_BACKOFF_MS = 60_000;
/** A 5xx of Discord's is mostly over within a second. */
const SERVER_ERROR_BACKOFF_MS = 1000;
/** When a 429 says no time. */
const DEFAULT_RETRY_AFTER_MS = 5000;
const TEXT_MAX = 300;

const CODE = {
  unknownChannel: 10003,
  unknownMessage: 10008,
  unknownWebhook: 10015,
  editsOfOldMessages: 30046,
  cloudflareBlocked: 40333,
  missingAccess: 50001,
  missingPermissions: 50013,
  invalidWebhookToken: 50027,
  archivedThread: 50083,
  threadExists: 160004,
  threadLocked: 160005,
} as const;

/** Reads an answer that is not 2xx. `text` is its body, `headers` its headers. Total: any bytes give an error. */
export function classify(status: number, headers: Headers, text: string): DiscordError {
  const body = parseObject(text);
  const code = typeof body?.code === 'number' ? body.code : 0;
  const words = describe(body);

  if (code === CODE.editsOfOldMessages) return { kind: 'tooOld', retryAfterMs: retryAfter(headers, body) };
  if (status === 429) return classify429(headers, body);
  // An answer that is not JSON did not come from the API: Cloudflare's page, a proxy. It says nothing about the request.
  if (body === null && status < 500) return { kind: 'transient', status, retryAfterMs: BLOCKED_BACKOFF_MS };
  if (status >= 500) return { kind: 'transient', status, retryAfterMs: SERVER_ERROR_BACKOFF_MS };
  switch (code) {
    case CODE.unknownMessage:
      return { kind: 'gone', what: 'message' };
    case CODE.unknownChannel:
      return { kind: 'gone', what: 'channel' };
    case CODE.unknownWebhook:
      return { kind: 'gone', what: 'webhook' };
    case CODE.archivedThread:
      return { kind: 'archived' };
    case CODE.threadLocked:
      return { kind: 'locked' };
    case CODE.threadExists:
      return { kind: 'threadExists' };
    case CODE.invalidWebhookToken:
      return { kind: 'interactionOver' };
    case CODE.cloudflareBlocked:
      return { kind: 'transient', status, retryAfterMs: BLOCKED_BACKOFF_MS };
    case CODE.missingAccess:
    case CODE.missingPermissions:
      return { kind: 'forbidden', code, text: words };
  }
  if (status === 401) return { kind: 'tokenInvalid' };
  if (status === 403) return { kind: 'forbidden', code, text: words };
  if (status === 404) return { kind: 'gone', what: 'other' };
  if (status < 400) return { kind: 'transient', status, retryAfterMs: SERVER_ERROR_BACKOFF_MS };
  return { kind: 'invalid', status, code, text: words };
}

function classify429(headers: Headers, body: Record<string, unknown> | null): DiscordError {
  const global = headers.get('x-ratelimit-global') === 'true' || body?.global === true;
  const scope = headers.get('x-ratelimit-scope') ?? (global ? 'global' : 'user');
  // Discord's own 429s name a bucket or a scope; Cloudflare's do not.
  const fromDiscord = global || headers.has('x-ratelimit-bucket') || headers.has('x-ratelimit-scope');
  const retryAfterMs = retryAfter(headers, body);
  if (!fromDiscord || body === null)
    return { kind: 'transient', status: 429, retryAfterMs: Math.max(BLOCKED_BACKOFF_MS, retryAfterMs) };
  return { kind: 'rateLimited', retryAfterMs, global, scope };
}

/** Milliseconds. The body's float is finer than the header's whole seconds. */
function retryAfter(headers: Headers, body: Record<string, unknown> | null): number {
  const inBody = body?.retry_after;
  const seconds = typeof inBody === 'number' ? inBody : Number(headers.get('retry-after') ?? Number.NaN);
  return Number.isFinite(seconds) && seconds >= 0 ? Math.ceil(seconds * 1000) : DEFAULT_RETRY_AFTER_MS;
}

function parseObject(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : null;
  } catch {
    return null;
  }
}

/** Discord's message and where in the form it found fault: `Invalid Form Body (content: Must be 2000 or fewer in length.)` */
function describe(body: Record<string, unknown> | null): string {
  const message = typeof body?.message === 'string' ? body.message : 'no reason given';
  const faults: string[] = [];
  collect(body?.errors, '', faults);
  return (faults.length === 0 ? message : `${message} (${faults.join('; ')})`).slice(0, TEXT_MAX);
}

/** Discord's own go as deep as what was sent: six levels. */
const DEPTH_MAX = 20;

function collect(node: unknown, path: string, into: string[], depth = 0): void {
  if (typeof node !== 'object' || node === null || into.length >= 5 || depth > DEPTH_MAX) return;
  for (const [key, value] of Object.entries(node)) {
    if (key === '_errors' && Array.isArray(value)) {
      for (const item of value) {
        const message: unknown = item?.message;
        if (typeof message === 'string') into.push(path === '' ? message : `${path}: ${message}`);
      }
    } else collect(value, path === '' ? key : `${path}.${key}`, into, depth + 1);
  }
}

/** The same may work another time, and nobody has to do anything for it. */
export function mayWorkLater({ kind }: DiscordError): boolean {
  return kind === 'rateLimited' || kind === 'tooOld' || kind === 'transient' || kind === 'unknown';
}

/** How long Discord says to wait. Milliseconds; 0: it does not say. */
export function retryAfterMs(error: DiscordError): number {
  return 'retryAfterMs' in error ? error.retryAfterMs : 0;
}

/** One line for a log or a person. */
export function errorText(error: DiscordError): string {
  switch (error.kind) {
    case 'forbidden':
      return `forbidden ${error.code}: ${error.text}`;
    case 'invalid':
      return `refused ${error.status}/${error.code}: ${error.text}`;
    case 'gone':
      return `gone: ${error.what}`;
    case 'transient':
      return `transient ${error.status}`;
    case 'unknown':
      return `no answer: ${error.cause}`;
    default:
      return error.kind;
  }
}
