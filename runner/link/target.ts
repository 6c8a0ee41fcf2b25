/** Where a link goes: an object of a Worker. */
import type { GuildId, ThreadId } from '../../protocol/ids.ts';

export type LinkTarget =
  | { readonly kind: 'guild'; readonly origin: string; readonly id: GuildId }
  | { readonly kind: 'session'; readonly origin: string; readonly id: ThreadId };

/** An origin that a runner may talk to (`https`, or anything on this machine), normalized; else `null`. */
export function allowedOrigin(text: string): string | null {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    return null;
  }
  if (url.protocol === 'https:') return url.origin;
  return url.protocol === 'http:' && isLoopback(url.hostname) ? url.origin : null;
}

const isLoopback = (hostname: string): boolean =>
  hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);

/** The Worker is on this machine, and so may be its Discord. */
export function isLocal(origin: string): boolean {
  return origin.startsWith('http:') && allowedOrigin(origin) !== null;
}

/** The WebSocket URL. Throws `RangeError` for an origin that is not allowed: settings are checked where they are read. */
export function socketUrl(target: LinkTarget): string {
  const origin = allowedOrigin(target.origin);
  if (origin === null) throw new RangeError('a link needs https, or http on this machine');
  return `${origin.replace(/^http/, 'ws')}/runner/${target.kind}/${encodeURIComponent(target.id)}`;
}
