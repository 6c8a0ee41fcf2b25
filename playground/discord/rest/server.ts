/** The REST side: reads a request, lets the faults at it, checks who asks and how often, runs the route, answers. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ChannelId } from '../../../protocol/ids.ts';
import type { Core } from '../core/core.ts';
import { logBody } from '../core/traffic.ts';
import { CODE, DiscordError, NotEmulated } from '../world/errors.ts';
import { applicationRoutes } from './application.ts';
import { serveAttachment } from './cdn.ts';
import { channelRoutes } from './channels.ts';
import { guildRoutes } from './guilds.ts';
import { messageRoutes } from './messages.ts';
import { objectBody, parseBody, readBytes } from './request.ts';
import { type Answer, rateLimited, refusal, send } from './respond.ts';
import { type Matched, matchRoute } from './router.ts';
import { spoil } from './spoil.ts';
import { memberRoutes } from './thread-members.ts';
import { threadRoutes } from './threads.ts';
import { webhookRoutes } from './webhooks.ts';

const API = '/api/v10';
const ROUTES = [
  ...applicationRoutes,
  ...channelRoutes,
  ...threadRoutes,
  ...memberRoutes,
  ...guildRoutes,
  ...messageRoutes,
  ...webhookRoutes,
];
/** Discord: what a bot's User-Agent looks like; others may be blocked by Cloudflare (reference "User Agent"). */
const USER_AGENT = /^DiscordBot \(\S+, ?\S+\)/;

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
  core.openapi?.check(route, body.json, url.searchParams, params, parentType(core, params));
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

function headersOf(request: IncomingMessage): Record<string, string> {
  return Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(', ') : (value ?? ''),
    ]),
  );
}

/** Of the channel that the request is about. */
function parentType(core: Core, params: Readonly<Record<string, string>>): number | undefined {
  const id = params.channel_id;
  return id === undefined ? undefined : core.world.channels.get(id as ChannelId)?.type;
}
