/** What a person compares on two screens before a runner's key is trusted. */

/** No 0/O, 1/I/L, U: they are misread or spell words. 32 letters, 5 bits each (Crockford's base 32). */
const LETTERS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
/** 16 letters are 80 bits: nobody finds a second key with the same ones while a code lives. */
const LETTER_COUNT = 16;
const GROUP = 4;

/**
 * The fingerprint of an Ed25519 public key: the first 80 bits of the SHA-256 of its raw 32 bytes, such as
 * `7K3M-Q2ZD-0F9X-VB41`. Worker and runner both show this one.
 * @param publicKey the raw key, base64url. Anything else than 32 bytes throws a TypeError.
 */
export async function fingerprint(publicKey: string): Promise<string> {
  const raw = base64url(publicKey);
  if (raw.length !== 32) throw new TypeError('an Ed25519 public key has 32 bytes');
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', raw));
  let bits = 0n;
  for (const byte of digest.slice(0, (LETTER_COUNT * 5) / 8)) bits = (bits << 8n) | BigInt(byte);
  let letters = '';
  for (let at = LETTER_COUNT - 1; at >= 0; at--) {
    letters += LETTERS[Number((bits >> BigInt(at * 5)) & 31n)] ?? '';
    if (at % GROUP === 0 && at > 0) letters += '-';
  }
  return letters;
}

function base64url(text: string): Uint8Array<ArrayBuffer> {
  if (!/^[A-Za-z0-9_-]*$/.test(text)) throw new TypeError('not base64url');
  const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
  const bytes = new Uint8Array(binary.length);
  for (let at = 0; at < binary.length; at++) bytes[at] = binary.charCodeAt(at);
  return bytes;
}
