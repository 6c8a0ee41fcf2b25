/** Hashes that tell bodies apart and name creates. Not secret and not collision proof against an attacker; nothing trusts them. */

const NONCE_MAX = 25;

/** 53 bits (cyrb53, public domain), base 36, 11 characters at most. */
export function shortHash(text: string, seed = 0): string {
  let a = 0xdeadbeef ^ seed;
  let b = 0x41c6ce57 ^ seed;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    a = Math.imul(a ^ unit, 2654435761);
    b = Math.imul(b ^ unit, 1597334677);
  }
  a = Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909);
  b = Math.imul(b ^ (b >>> 16), 2246822507) ^ Math.imul(a ^ (a >>> 13), 3266489909);
  return (4294967296 * (2097151 & b) + (a >>> 0)).toString(36);
}

/** Names one create for good (Discord: 25 characters at most). The same slot gives the same nonce after any crash. */
export function nonceOf(channel: string, slot: string, incarnation: number): string {
  const name = `${channel}/${slot}/${incarnation}`;
  return `h${shortHash(name)}-${shortHash(name, 1)}`.slice(0, NONCE_MAX);
}

/** In [0, 1): chance enough for channels that should not all do something at the same moment. */
export function spreadOf(name: string): number {
  return (Number.parseInt(shortHash(name).slice(-4), 36) % 1000) / 1000;
}
