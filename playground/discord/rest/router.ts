import type { BucketName } from '../core/buckets.ts';
import type { Core } from '../core/core.ts';
import type { UploadedFile } from '../validate/message.ts';
import type { JsonObject } from '../world/json.ts';

/** One REST request, ready for its route. */
export interface Call {
  readonly core: Core;
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly body: JsonObject;
  /** The body as it came: an array for the commands, `undefined` for none. */
  readonly json: unknown;
  readonly files: readonly UploadedFile[];
}

export interface Reply {
  readonly status: number;
  readonly body?: unknown;
}

export interface Route {
  readonly method: string;
  /** As in Discord's OpenAPI document, for example `/channels/{channel_id}/messages`. */
  readonly path: string;
  readonly bucket: BucketName;
  /** Interaction endpoints need no bot token: the token in the path is the credential. */
  readonly auth: 'bot' | 'token';
  readonly handle: (call: Call) => Reply;
}

export interface Matched {
  readonly route: Route;
  readonly params: Record<string, string>;
  /** What the bucket is counted for: the channel, the guild, or the webhook with its token. */
  readonly major: string;
}

const MAJOR = ['channel_id', 'guild_id', 'webhook_token'];

/** Finds the route; literal parts of a path win over parameters. */
export function matchRoute(routes: readonly Route[], method: string, path: string): Matched | undefined {
  const parts = path.split('/');
  let best: { route: Route; params: Record<string, string>; literals: number } | undefined;
  for (const route of routes) {
    if (route.method !== method) continue;
    const pattern = route.path.split('/');
    if (pattern.length !== parts.length) continue;
    const params: Record<string, string> = {};
    let literals = 0;
    const fits = pattern.every((want, index) => {
      const part = parts[index] ?? '';
      if (want.startsWith('{')) {
        params[want.slice(1, -1)] = decode(part);
        return part !== '';
      }
      literals++;
      return want === part;
    });
    if (fits && literals > (best?.literals ?? -1)) best = { route, params, literals };
  }
  if (best === undefined) return undefined;
  const { route, params } = best;
  return { route, params, major: MAJOR.map((name) => params[name] ?? '').join(' ') };
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** A parameter that the path pattern certainly has. */
export function param(call: Call, name: string): string {
  const value = call.params[name];
  if (value === undefined) throw new Error(`the route has no {${name}}`);
  return value;
}
