/** The code of a pairing link. Pure but for Web Crypto. */
import type { GuildId, InteractionId } from '../../../protocol/ids.ts';

const encoder = new TextEncoder();
const CODE_BYTES = 16;

/**
 * The code that an interaction's link carries: 128 bits, base64url. It follows from the interaction and a secret that only the
 * Worker has, so a second delivery gets the same link although nothing but the code's hash is stored.
 */
export async function pairingCode(
  secret: string,
  guild: GuildId,
  interaction: InteractionId,
): Promise<string> {
  // An unset secret would make every code predictable.
  if (!secret) throw new Error('DISCORD_BOT_TOKEN is not set');
  const key = await crypto.subtle.importKey(
    'raw',
    encoder.encode(secret),
    { name: 'HMAC', hash: 'SHA-256' },
    false,
    ['sign'],
  );
  const text = `heddle pairing code ${guild} ${interaction}`;
  const bytes = new Uint8Array(await crypto.subtle.sign('HMAC', key, encoder.encode(text))).slice(
    0,
    CODE_BYTES,
  );
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
}

/** What is stored of a code: its SHA-256 in hex. */
export async function codeHash(code: string): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', encoder.encode(code)));
  return [...digest].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** The code stands in the fragment, which browsers do not send. */
export function pairingLink(origin: string, guild: GuildId, code: string): string {
  return `${origin}/#pair=${guild}.${code}`;
}
