/** The REST side: reads a request, lets the faults at it, checks who asks and how often, runs the route, answers. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { serveAttachment } from './cdn.ts';
import type { Core } from './core.ts';
import { CODE, DiscordError, isViolation, NotEmulated } from './errors.ts';
import type { ActiveFault } from './faults.ts';
import { objectBody, parseBody, readBytes } from './request.ts';
import { type Matched, matchRoute } from './router.ts';
import { applicationRoutes } from './routes/application.ts';
import { channelRoutes } from './routes/channels.ts';
import { messageRoutes, RateLimited } from './routes/messages.ts';
import { webhookRoutes } from './routes/webhooks.ts';
import type { TrafficEntry } from './traffic.ts';

const API = '/api/v10';
const ROUTES = [...applicationRoutes, ...channelRoutes, ...messageRoutes, ...webhookRoutes];
/** Discord: what a bot's User-Agent looks like; others may be blocked by Cloudflare (reference "User Agent"). */
const USER_AGENT = /^DiscordBot \(\S+, ?\S+\)/;
const CLOUDFLARE_PAGE =
  '<!DOCTYPE html><html><head><title>discord.com | 502: Bad gateway</title></head><body>error code: 502</body></html>';

interface Answer {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body?: unknown;
}

export async function listen(core: Core, port: number): Promise<{ server: Server; port: number }> {
  const server = createServer((request, response) => {
    serve(core, request, response).catch((error: unknown) => {
      if (request.destroyed && !request.complete) return;
      core.violations.push(`the emulator itself failed: ${String(error)}`);
      response.destroy();
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return { server, port: address.port };
}

async function serve(core: Core, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://discord.invalid');
  const method = request.method ?? 'GET';
  if (url.pathname.startsWith('/attachments/')) return serveAttachment(core, url, response);
  const path = url.pathname.startsWith(`${API}/`) ? url.pathname.slice(API.length) : url.pathname;
  let bytes: Uint8Array = new Uint8Array();
  let tooLarge: DiscordError | undefined;
  try {
    bytes = await readBytes(request);
  } catch (error) {
    if (!(error instanceof DiscordError)) throw error;
    tooLarge = error;
  }
  const headers = headersOf(request);
  const entry = core.traffic.begin('in', method, url.pathname + url.search, headers, logBody(bytes, headers));
  const fault = core.faults.take(method, path);
  if (fault?.fault.delayMs !== undefined) await sleep(fault.fault.delayMs);
  if (fault !== undefined && fault.fault.afterApply !== true && (await spoil(core, fault, entry, response)))
    return;
  const answer = await answerTo(core, { method, path, url, headers, bytes, tooLarge });
  if (fault?.fault.afterApply === true && (await spoil(core, fault, entry, response))) return;
  send(core, entry, response, answer);
}

interface Incoming {
  readonly method: string;
  readonly path: string;
  readonly url: URL;
  readonly headers: Record<string, string>;
  readonly bytes: Uint8Array;
  readonly tooLarge: DiscordError | undefined;
}

/** Half of the latency passes before a request takes effect, half after. Limits are counted as it arrives. */
async function answerTo(core: Core, incoming: Incoming): Promise<Answer> {
  const { method, path, url, headers } = incoming;
  let rateHeaders = (): Record<string, string> => ({});
  let answer: Answer;
  try {
    if (incoming.tooLarge !== undefined) throw incoming.tooLarge;
    if (!url.pathname.startsWith(`${API}/`)) throw new NotEmulated(`paths outside ${API}`);
    if (!USER_AGENT.test(headers['user-agent'] ?? ''))
      throw new DiscordError(403, CODE.cloudflare, 'internal network error');
    const matched = matchRoute(ROUTES, method, path);
    if (matched === undefined) throw new NotEmulated(`the route ${method} ${path}`);
    if (matched.route.auth === 'bot') authorize(core, headers);
    const limited = takeLimits(core, matched, (more) => {
      rateHeaders = more;
    });
    if (core.latencyMs > 0) await sleep(core.latencyMs / 2);
    answer = limited ?? (await run(core, matched, incoming));
  } catch (error) {
    if (!(error instanceof DiscordError)) throw error;
    answer = refusal(core, error, `${method} ${path}`);
  }
  if (core.latencyMs > 0) await sleep(core.latencyMs / 2);
  return { ...answer, headers: { ...rateHeaders(), ...answer.headers } };
}

async function run(core: Core, matched: Matched, { url, headers, bytes }: Incoming): Promise<Answer> {
  const { route, params } = matched;
  const body = await parseBody(bytes, headers['content-type'] ?? '');
  core.openapi?.check(core, route, body.json, url.searchParams, params);
  const json = body.json;
  const call = {
    core,
    params,
    query: url.searchParams,
    json,
    body: Array.isArray(json) ? {} : objectBody(json),
    files: body.files,
  };
  const reply = route.handle(call);
  return { status: reply.status, headers: {}, body: reply.body };
}

function authorize(core: Core, headers: Record<string, string>): void {
  if (headers.authorization !== `Bot ${core.botToken}`)
    throw new DiscordError(401, CODE.general, '401: Unauthorized');
}

function takeLimits(
  core: Core,
  matched: Matched,
  setHeaders: (headers: () => Record<string, string>) => void,
): Answer | undefined {
  const { route, major } = matched;
  if (route.auth === 'bot') {
    const waitMs = core.buckets.takeGlobal();
    if (waitMs > 0) return rateLimited(core, waitMs, 'global', `${route.method} ${route.path}`);
  }
  const taken = core.buckets.take(route.bucket, major);
  setHeaders(taken.headers);
  return taken.ok
    ? undefined
    : rateLimited(core, taken.retryAfterMs, 'user', `${route.method} ${route.path} ${major.trim()}`);
}

function rateLimited(
  core: Core,
  waitMs: number,
  scope: 'user' | 'global',
  what: string,
  code?: number,
  message?: string,
): Answer {
  core.refusals.push(`${what}: 429 ${scope}`);
  const seconds = Math.ceil(waitMs) / 1000;
  return {
    status: 429,
    headers: {
      'Retry-After': String(Math.ceil(seconds)),
      'X-RateLimit-Scope': scope,
      ...(scope === 'global' ? { 'X-RateLimit-Global': 'true' } : {}),
    },
    body: {
      message: message ?? 'You are being rate limited.',
      retry_after: seconds,
      global: scope === 'global',
      ...(code === undefined || code === 0 ? {} : { code }),
    },
  };
}

function refusal(core: Core, error: DiscordError, what: string): Answer {
  if (error instanceof RateLimited)
    return rateLimited(core, error.retryAfterMs, 'user', what, error.code, error.message);
  const line = `${what}: ${error.status} ${error.code} ${error.message}`;
  core.refusals.push(line);
  if (isViolation(error)) core.violations.push(line);
  return { status: error.status, headers: {}, body: error.body() };
}

/** Answers as the fault says. Returns whether the request is finished by that. */
async function spoil(
  core: Core,
  active: ActiveFault,
  entry: TrafficEntry,
  response: ServerResponse,
): Promise<boolean> {
  const { fault } = active;
  if (fault.hang === true) {
    await active.untilReleased();
    return false;
  }
  if (fault.drop === true) {
    core.traffic.end(entry, 0);
    response.destroy();
    return true;
  }
  if (fault.retryAfter !== undefined) {
    const scope = fault.global === true ? 'global' : 'user';
    send(
      core,
      entry,
      response,
      rateLimited(core, fault.retryAfter * 1000, scope, `${entry.method} ${entry.path} (fault)`),
    );
    return true;
  }
  if (fault.html === true) {
    core.traffic.end(entry, fault.status ?? 502, 'an HTML page');
    response.writeHead(fault.status ?? 502, {
      'content-type': 'text/html; charset=UTF-8',
      server: 'cloudflare',
      ...fault.headers,
    });
    response.end(CLOUDFLARE_PAGE);
    return true;
  }
  if (fault.status === undefined && fault.body === undefined) return false;
  const status = fault.status ?? 500;
  const body = fault.body ?? {
    message: status >= 500 ? `${status}: Internal Server Error` : 'fault',
    code: 0,
  };
  send(core, entry, response, { status, headers: { ...fault.headers }, body });
  return true;
}

function send(
  core: Core,
  entry: TrafficEntry,
  response: ServerResponse,
  { status, headers, body }: Answer,
): void {
  core.traffic.end(entry, status, body);
  if (response.destroyed) return;
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  if (body === undefined) {
    response.writeHead(status).end();
    return;
  }
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

function headersOf(request: IncomingMessage): Record<string, string> {
  return Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(', ') : (value ?? ''),
    ]),
  );
}

/** A body as the log shows it: JSON parsed, anything else as text of bounded length. */
function logBody(bytes: Uint8Array, headers: Record<string, string>): unknown {
  if (bytes.byteLength === 0) return undefined;
  const text = Buffer.from(bytes).toString('utf8');
  if ((headers['content-type'] ?? '').startsWith('application/json')) {
    try {
      return JSON.parse(text) as unknown;
    } catch {
      return text;
    }
  }
  const payload = /name="payload_json"[\s\S]*?\r\n\r\n([\s\S]*?)\r\n--/.exec(text)?.[1];
  const files = [...text.matchAll(/name="(files\[\d\])"; filename="([^"]*)"/g)].map((match) => ({
    part: match[1],
    filename: match[2],
  }));
  try {
    return { payload_json: payload === undefined ? undefined : (JSON.parse(payload) as unknown), files };
  } catch {
    return { payload_json: payload, files };
  }
}
