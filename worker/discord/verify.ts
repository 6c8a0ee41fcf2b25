/**
 * Whether a request to `/interactions` came from Discord, just now.
 *
 * Discord probes the endpoint with wrong signatures and removes the URL of an application that accepts one, so everything that
 * is not right is a 401 (or 413), and the body is parsed only after its signature was checked.
 */

import type { APIInteraction } from 'discord-api-types/v10';
import { verifyKey } from 'discord-interactions';
import { snowflakeTimeMs } from './snowflake.ts';

export type Verified =
  | { readonly ok: true; readonly interaction: APIInteraction }
  | { readonly ok: false; readonly status: 401 | 413; readonly why: string };

/** The largest real payload, a message menu on a message with ten embeds, is far below. */
export const BODY_MAX_BYTES = 512 * 1024;
/** An interaction is dead after 3 s; the rest is for clocks that differ. */
export const AGE_MAX_MS = 60_000;

/** Reads the request's body once. `publicKey` is in hexadecimal digits, as Discord's portal shows it. */
export async function verifyInteraction(
  request: Request,
  publicKey: string,
  nowMs: number,
): Promise<Verified> {
  const signature = request.headers.get('x-signature-ed25519') ?? '';
  const timestamp = request.headers.get('x-signature-timestamp') ?? '';
  if (!/^[0-9a-f]{128}$/i.test(signature)) return refuse('signature is missing or malformed');
  if (!/^\d{1,12}$/.test(timestamp)) return refuse('timestamp is missing or malformed');
  const body = await readCapped(request);
  if (body === null) return { ok: false, status: 413, why: 'body is too large' };

  const key = await importKey(publicKey);
  if (key === null) return refuse('the public key is not usable');
  if (!(await verifyKey(body, signature, timestamp, key))) return refuse('signature is wrong');

  const signedMs = Number(timestamp) * 1000;
  if (Math.abs(nowMs - signedMs) > AGE_MAX_MS) return refuse('too old, or from the future');
  const interaction = parse(body);
  if (interaction === null) return refuse('not an interaction');
  const madeMs = snowflakeTimeMs(interaction.id);
  if (madeMs === null || Math.abs(signedMs - madeMs) > AGE_MAX_MS) return refuse('id and timestamp differ');
  return { ok: true, interaction };
}

function refuse(why: string): Verified {
  return { ok: false, status: 401, why };
}

/** Null when the body is larger than the cap; no more than the cap is kept. */
async function readCapped(request: Request): Promise<Uint8Array | null> {
  if (Number(request.headers.get('content-length') ?? 0) > BODY_MAX_BYTES) return null;
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request.body ?? []) {
    size += chunk.byteLength;
    if (size > BODY_MAX_BYTES) return null;
    chunks.push(chunk);
  }
  const body = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    body.set(chunk, at);
    at += chunk.byteLength;
  }
  return body;
}

/** The key of this isolate's Worker: there is one. */
let cached: { readonly hex: string; readonly key: Key } | null = null;
type Key = Awaited<ReturnType<typeof crypto.subtle.importKey>>;

async function importKey(hex: string): Promise<Key | null> {
  if (cached?.hex === hex) return cached.key;
  if (!/^[0-9a-f]{64}$/i.test(hex)) return null;
  const raw = new Uint8Array(hex.match(/../g)?.map((byte) => Number.parseInt(byte, 16)) ?? []);
  try {
    const key = await crypto.subtle.importKey('raw', raw, { name: 'ed25519' }, false, ['verify']);
    cached = { hex, key };
    return key;
  } catch {
    return null;
  }
}

function parse(body: Uint8Array): APIInteraction | null {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(body));
    return isInteraction(value) ? value : null;
  } catch {
    return null;
  }
}

/** Discord signed it, so its shape is Discord's; only what is looked at first is checked. */
function isInteraction(value: unknown): value is APIInteraction {
  if (typeof value !== 'object' || value === null) return false;
  return 'type' in value && typeof value.type === 'number' && 'id' in value && typeof value.id === 'string';
}
