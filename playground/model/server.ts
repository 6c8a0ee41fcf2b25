/** The scripted Messages API on loopback: the real CLI runs against it with no key and no network. */
import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import type { Failure, Pace } from './blocks.ts';
import { type Answer, answer } from './play.ts';
import { parseBody } from './request.ts';
import { DEFAULT_PACE, type Envelope, type SseStep, sseSteps, wholeMessage } from './stream.ts';

export interface ModelOptions {
  /** 0 or absent: one that is free. */
  readonly port?: number;
  /** How fast text comes where the prompt does not say. */
  readonly pace?: Pace;
  /** Called as each piece of text goes out, so that a bench knows when. */
  readonly onText?: (written: WrittenText) => void;
}

export interface WrittenText {
  /** The person's prompt that it answers. */
  readonly prompt: string;
  readonly text: string;
  /** Milliseconds since the epoch with fractions. */
  readonly atMs: number;
}

/** One request that the model was asked, newest last. */
export interface ModelRequest {
  readonly path: string;
  /** The person's prompt that it answers; empty for what the CLI asks beside the conversation. */
  readonly prompt: string;
  readonly scene: string;
  readonly model: string;
  /** The body as it came. */
  readonly raw: string;
}

export interface Model {
  readonly url: string;
  /** The newest requests; older ones are forgotten. */
  readonly requests: readonly ModelRequest[];
  close(): Promise<void>;
}

/** Bodies hold whole conversations, so only as many are kept as a test looks at. */
const REQUESTS_KEPT = 200;
/** The Messages API itself refuses a larger request. */
const BODY_MAX_BYTES = 32 * 1024 * 1024;
const CHARACTERS_PER_TOKEN = 4;

const ERROR_TYPES: Readonly<Record<number, string>> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  403: 'permission_error',
  404: 'not_found_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  500: 'api_error',
  529: 'overloaded_error',
};

export async function startModel(options: ModelOptions = {}): Promise<Model> {
  const pace = options.pace ?? DEFAULT_PACE;
  const requests: ModelRequest[] = [];
  /** How often a request of the same text came, for failures that happen once and for ids that differ. */
  const seen = new Map<string, number>();

  async function messages(raw: string, path: string, response: ServerResponse): Promise<void> {
    const body = parseBody(raw);
    if (body === null) return fail(response, 400, 'messages: Field required');
    const played = answer(body);
    requests.push({ path, prompt: played.prompt, scene: played.scene, model: body.model, raw });
    if (requests.length > REQUESTS_KEPT) requests.shift();
    const hash = createHash('sha256').update(JSON.stringify(body.messages)).digest('hex').slice(0, 20);
    const times = seen.get(hash) ?? 0;
    seen.set(hash, times + 1);
    const failure = played.failure !== undefined && times < played.failure.times ? played.failure : null;
    if (failure?.type === 'status')
      return fail(response, failure.status, `The scripted model was asked for ${failure.status}`);
    if (failure?.type === 'unoffered')
      return fail(response, 400, `${played.scene} calls what this request does not offer: ${failure.tools}`);
    const envelope: Envelope = {
      id: `msg_${hash}${times}`,
      model: body.model,
      inputTokens: Math.ceil(raw.length / CHARACTERS_PER_TOKEN),
    };
    if (failure?.type === 'limit') return limited(response, failure.seconds);
    if (body.stream) return stream(response, envelope, played, { pace, failure, onText: options.onText });
    json(response, 200, wholeMessage(envelope, played.blocks));
  }

  async function route(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = new URL(request.url ?? '/', 'http://localhost').pathname;
    if (request.method === 'HEAD' || (request.method === 'GET' && path === '/'))
      return end(response, 200, '');
    if (request.method !== 'POST') return fail(response, 404, 'Not found');
    const raw = await readBody(request);
    if (raw === null) return fail(response, 413, 'Request exceeds the maximum size');
    if (path === '/v1/messages') return messages(raw, path, response);
    if (path === '/v1/messages/count_tokens')
      return json(response, 200, { input_tokens: Math.ceil(raw.length / CHARACTERS_PER_TOKEN) });
    return fail(response, 404, 'Not found');
  }

  const server = createServer((request, response) => {
    route(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function stream(
  response: ServerResponse,
  envelope: Envelope,
  played: Answer,
  how: {
    readonly pace: Pace;
    readonly failure: Failure | null;
    readonly onText: ModelOptions['onText'];
  },
): Promise<void> {
  const { pace, failure, onText } = how;
  response.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-cache',
    'request-id': `req_${envelope.id.slice(4)}`,
  });
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  // Each step has its time, so that late timers of a busy machine do not add up.
  let dueMs = performance.now();
  for (const step of sseSteps(envelope, played.blocks, pace)) {
    dueMs += step.waitMs;
    const waitMs = dueMs - performance.now();
    if (waitMs > 0) await wait(waitMs, undefined, { signal: gone.signal }).catch(() => undefined);
    if (gone.signal.aborted) return;
    if (failure?.type === 'cut' && step.characters > failure.after) {
      response.destroy();
      return;
    }
    const text = textOf(step.event);
    if (text !== null)
      onText?.({ prompt: played.prompt, text, atMs: performance.timeOrigin + performance.now() });
    response.write(`event: ${step.event.type}\ndata: ${JSON.stringify(step.event)}\n\n`);
  }
  response.end();
}

/** The text of a delta; null for what is none. */
function textOf({ delta }: SseStep['event']): string | null {
  if (typeof delta !== 'object' || delta === null || !('text' in delta)) return null;
  return typeof delta.text === 'string' ? delta.text : null;
}

/** Null: too large. */
async function readBody(request: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes <= BODY_MAX_BYTES) chunks.push(chunk);
  }
  return bytes > BODY_MAX_BYTES ? null : Buffer.concat(chunks).toString('utf8');
}

function end(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(body);
}
function json(response: ServerResponse, status: number, body: unknown): void {
  end(response, status, JSON.stringify(body));
}
function fail(response: ServerResponse, status: number, message: string): void {
  json(response, status, { type: 'error', error: { type: ERROR_TYPES[status] ?? 'api_error', message } });
}

/** As the real API tells a plan's login that its 5 hours are used up. */
function limited(response: ServerResponse, seconds: number): void {
  const reset = String(Math.floor(Date.now() / 1000) + seconds);
  const unified = 'anthropic-ratelimit-unified';
  for (const [name, value] of [
    ['status', 'rejected'],
    ['reset', reset],
    ['representative-claim', 'five_hour'],
    ['5h-status', 'rejected'],
    ['5h-reset', reset],
    ['5h-utilization', '1'],
    ['overage-status', 'rejected'],
    ['overage-disabled-reason', 'org_level_disabled'],
  ])
    response.setHeader(`${unified}-${name}`, value ?? '');
  response.setHeader('x-should-retry', 'false');
  fail(response, 429, 'This request would exceed your account’s rate limit.');
}
