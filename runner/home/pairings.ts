/** The pairings on disk: one file each, for its owner alone, because the key is in it. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import * as v from 'valibot';
import type { GuildId, RunnerId, UserId } from '../../protocol/ids.ts';
import { errorName, Failure } from '../base/failure.ts';
import { allowedOrigin } from '../link/target.ts';
import { type Home, writePrivate } from './home.ts';

const as = <T>() => v.transform((value: string) => value as T);
/** Ed25519, raw 32 bytes, base64url. */
const key = v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{43}$/));
const snowflake = v.pipe(v.string(), v.regex(/^\d{1,20}$/));

const Pairing = v.object({
  origin: v.pipe(
    v.string(),
    v.check((origin) => allowedOrigin(origin) === origin),
  ),
  guild: v.pipe(snowflake, as<GuildId>()),
  guildName: v.string(),
  runner: v.pipe(v.string(), v.minLength(1), as<RunnerId>()),
  owner: v.pipe(snowflake, as<UserId>()),
  ownerName: v.string(),
  publicKey: key,
  privateKey: key,
  /** The key that is to replace this one, while that is not certain to be done. */
  next: v.optional(v.object({ publicKey: key, privateKey: key })),
});
/** What this runner and one guild agreed on. */
export type Pairing = v.InferOutput<typeof Pairing>;

/** Names a pairing in files and in the journal: two Workers may serve the same guild. */
export type PairingId = string & { readonly __pairing: true };

export function pairingId(pairing: { readonly guild: GuildId; readonly origin: string }): PairingId {
  const origin = createHash('sha256').update(pairing.origin).digest('hex').slice(0, 8);
  return `${pairing.guild}-${origin}` as PairingId;
}

export function savePairing(home: Home, pairing: Pairing): void {
  writePrivate(fileOf(home, pairing), `${JSON.stringify(pairing, null, 2)}\n`);
}

export function removePairing(home: Home, pairing: Pairing): void {
  rmSync(fileOf(home, pairing), { force: true });
}

/**
 * All pairings. A file that cannot be read is told of: a runner that silently serves fewer guilds looks healthy. Whether the others do
 * without it is the caller's to say; by itself it throws.
 */
export function readPairings(
  home: Home,
  unusable: (failure: Failure) => void = (failure) => {
    throw failure;
  },
): Pairing[] {
  const names = readdirSync(home.pairings).filter((name) => name.endsWith('.json'));
  return names.sort().flatMap((name) => {
    const file = path.join(home.pairings, name);
    try {
      return [v.parse(Pairing, JSON.parse(readFileSync(file, 'utf8')))];
    } catch (error) {
      unusable(
        new Failure(
          'settings',
          `${file} cannot be used (${errorName(error)}). It was left as it is; delete it and pair again with /runner pair.`,
        ),
      );
      return [];
    }
  });
}

function fileOf(home: Home, pairing: { readonly guild: GuildId; readonly origin: string }): string {
  return path.join(home.pairings, `${pairingId(pairing)}.json`);
}
