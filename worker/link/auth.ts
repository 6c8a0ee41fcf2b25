/** Who may open a link: verifies the token of an upgrade request. Tokens and errors' messages (hono puts the token in them) are never logged. */
import { decode, verify } from 'hono/jwt';
import type { UpgradeRefusal } from '../../protocol/guild.ts';
import type { RunnerId } from '../../protocol/ids.ts';
import { TOKEN_LIFETIME_S } from '../../protocol/limits.ts';

/** What an object knows of a runner that wants a link. */
export interface LinkAuth {
  readonly runner: RunnerId;
  /** Ed25519, raw, base64url. Several while a key is being replaced. */
  readonly publicKeys: readonly string[];
  readonly standing: 'confirmed' | 'unconfirmed' | 'removed';
  /** Scheme, host and port at which runners reach this Worker. */
  readonly origin: string;
  /** The guild's or the thread's id. */
  readonly subject: string;
}

/** Looks a runner up by the id that a token claims. `null`: no such runner here. */
export type FindRunner = (runner: string) => LinkAuth | null;

export type Authorized =
  /** `key`: the one that signed. */
  | { readonly ok: true; readonly runner: RunnerId; readonly key: string }
  | {
      readonly ok: false;
      readonly status: 401 | 403 | 404;
      readonly error: UpgradeRefusal['error'];
      readonly why: string;
    };

/** Longer than any token of ours, so that nothing large is decoded for a stranger. Characters. */
const TOKEN_MAX = 2048;

export async function authorize(header: string | null, find: FindRunner, nowMs: number): Promise<Authorized> {
  const token = /^Bearer ([\w.-]+)$/i.exec(header ?? '')?.[1];
  if (token === undefined || token.length > TOKEN_MAX) return unauthorized('NoToken');
  const claimed = claimedIssuer(token);
  if (claimed === null) return unauthorized('JwtTokenInvalid');
  const known = find(claimed);
  if (known === null) return { ok: false, status: 404, error: 'unknown', why: 'UnknownRunner' };
  let why = 'NoKey';
  let key: string | null = null;
  for (const publicKey of known.publicKeys) {
    try {
      const claims = await verify(token, { kty: 'OKP', crv: 'Ed25519', x: publicKey } as JsonWebKey, {
        alg: 'EdDSA',
        iss: known.runner,
        aud: known.origin,
      });
      why = claimsFault(claims, known, nowMs) ?? '';
      if (why === '') key = publicKey;
    } catch (error) {
      why = error instanceof Error ? error.name : 'Unknown';
    }
    if (key !== null) break;
  }
  if (key === null) return unauthorized(why);
  // Verifying took a while; what was stored may have changed meanwhile.
  const still = find(claimed);
  if (still === null) return { ok: false, status: 404, error: 'unknown', why: 'UnknownRunner' };
  if (!still.publicKeys.includes(key)) return unauthorized('KeyReplaced');
  if (still.standing !== 'confirmed') {
    return { ok: false, status: 403, error: still.standing, why: still.standing };
  }
  return { ok: true, runner: still.runner, key };
}

/** The checks that hono leaves out: each claim is required, the lifetime is short, one audience. */
function claimsFault(claims: Record<string, unknown>, known: LinkAuth, nowMs: number): string | null {
  if (claims.iss !== known.runner) return 'WrongIssuer';
  if (claims.aud !== known.origin) return 'WrongAudience';
  if (claims.sub !== known.subject) return 'WrongSubject';
  const { exp } = claims;
  if (typeof exp !== 'number' || !Number.isFinite(exp)) return 'NoExpiry';
  if (exp > nowMs / 1000 + TOKEN_LIFETIME_S) return 'ExpiryTooFar';
  return null;
}

function claimedIssuer(token: string): string | null {
  try {
    const { iss } = decode(token).payload;
    return typeof iss === 'string' && iss !== '' ? iss : null;
  } catch {
    return null;
  }
}

const unauthorized = (why: string): Authorized => ({ ok: false, status: 401, error: 'unauthorized', why });
