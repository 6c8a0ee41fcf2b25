/** How the emulator answers: successes, refusals, rate limits. */
import type { ServerResponse } from 'node:http';
import type { Core } from '../core/core.ts';
import type { TrafficEntry } from '../core/traffic.ts';
import { type DiscordError, isViolation, RateLimited } from '../world/errors.ts';

export interface Answer {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body?: unknown;
}

export function rateLimited(
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

export function refusal(core: Core, error: DiscordError, what: string): Answer {
  if (error instanceof RateLimited)
    return rateLimited(core, error.retryAfterMs, 'user', what, error.code, error.message);
  const line = `${what}: ${error.status} ${error.code} ${error.message}`;
  core.refusals.push(line);
  if (isViolation(error)) core.violations.push(line);
  return { status: error.status, headers: {}, body: error.body() };
}

export function send(
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
