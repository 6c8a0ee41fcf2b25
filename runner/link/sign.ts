/** Signing in: the runner's Ed25519 key and the short-lived tokens that it signs (RFC 7519, RFC 8037). */
import { createPrivateKey, generateKeyPairSync, sign } from 'node:crypto';
import type { RunnerId } from '../../protocol/ids.ts';
import { TOKEN_LIFETIME_S } from '../../protocol/limits.ts';

/** Ed25519, both raw 32 bytes in base64url. */
export interface KeyPair {
  readonly publicKey: string;
  readonly privateKey: string;
}

export interface Identity extends KeyPair {
  readonly runner: RunnerId;
}

export function newKeyPair(): KeyPair {
  const { x, d } = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' });
  if (x === undefined || d === undefined) throw new Error('an Ed25519 key has no x or d');
  return { publicKey: x, privateKey: d };
}

/**
 * A token for one upgrade. It lives half of what the Worker accepts, so that a clock that is off by less than the other half,
 * either way, works at the first try. No `iat`: hono refuses one from a clock that is a second ahead.
 */
export function signToken(
  identity: Identity,
  claims: { readonly origin: string; readonly subject: string; readonly nowMs: number },
): string {
  const head = part({ alg: 'EdDSA', typ: 'JWT' });
  const body = part({
    iss: identity.runner,
    aud: claims.origin,
    sub: claims.subject,
    exp: Math.floor(claims.nowMs / 1000) + TOKEN_LIFETIME_S / 2,
  });
  const key = createPrivateKey({
    key: { kty: 'OKP', crv: 'Ed25519', x: identity.publicKey, d: identity.privateKey },
    format: 'jwk',
  });
  return `${head}.${body}.${sign(null, Buffer.from(`${head}.${body}`), key).toString('base64url')}`;
}

const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** The Worker's clock as this machine knows it; one for each origin. `Date` has whole seconds, and that is enough. */
export class ServerClock {
  readonly #now: () => number;
  #offsetMs = 0;

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  nowMs(): number {
    return this.#now() + this.#offsetMs;
  }

  /** Sets it by the `Date` of a refusal. True if that changed it enough for another try to be worth it. */
  correct(dateHeader: string | null): boolean {
    const serverMs = Date.parse(dateHeader ?? '');
    if (!Number.isFinite(serverMs)) return false;
    const offByMs = serverMs - this.nowMs();
    if (Math.abs(offByMs) < CLOCK_TOLERANCE_MS) return false;
    this.#offsetMs += offByMs;
    return true;
  }
}

/** `Date` is cut to seconds and as old as the answer's way here; less than this is not a wrong clock. */
const CLOCK_TOLERANCE_MS = 5_000;
