import type { ServerResponse } from 'node:http';
import type { Core } from '../core/core.ts';
import type { ActiveFault } from '../core/faults.ts';
import type { TrafficEntry } from '../core/traffic.ts';
import { rateLimited, send } from './respond.ts';

const CLOUDFLARE_PAGE =
  '<!DOCTYPE html><html><head><title>discord.com | 502: Bad gateway</title></head><body>error code: 502</body></html>';

/** Answers as the fault says. Returns whether the request is finished by that. */
export async function spoil(
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
