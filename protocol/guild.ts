/** What a Guild object and a runner say to each other: two level-triggered wholes, and how a runner is paired. */
import * as v from 'valibot';
import { CatalogueOffers, CommandOffers } from './configure.ts';
import type { ClaudeSessionId, GuildId, ProjectName, RunnerId, ThreadId, UserId } from './ids.ts';
import { CONVERSATION_TITLE_MAX, CONVERSATIONS_MAX } from './limits.ts';

const short = v.pipe(v.string(), v.maxLength(200));
const snowflake = v.pipe(v.string(), v.regex(/^\d{1,20}$/));

/** Guild -> runner: the sessions that have work. The runner opens links to these and closes idle others; an older `rev` is ignored. */
export const Wanted = v.object({
  kind: v.literal('wanted'),
  rev: v.pipe(v.number(), v.integer(), v.minValue(0)),
  sessions: v.array(
    v.pipe(
      snowflake,
      v.transform((value) => value as ThreadId),
    ),
  ),
});
export type Wanted = v.InferOutput<typeof Wanted>;

/** Runner -> Guild: what it offers this guild. Sent after each welcome and on each change. */
export const Catalogue = v.object({
  kind: v.literal('catalogue'),
  /** Heddle's version on the runner. */
  version: short,
  host: short,
  platform: short,
  claude: v.variant('ok', [
    v.object({ ok: v.literal(true), version: short }),
    v.object({ ok: v.literal(false), words: v.pipe(v.string(), v.maxLength(1000)) }),
  ]),
  /** Only those that this pairing exposes. */
  projects: v.pipe(
    v.array(
      v.object({
        name: v.pipe(
          v.string(),
          v.minLength(1),
          v.maxLength(100),
          v.transform((value) => value as ProjectName),
        ),
        /** Claude's slash commands in it, its own and the project's. */
        commands: v.optional(CommandOffers),
        /** What Claude itself keeps of it, begun in a terminal; the newest first. Nothing of sessions that Heddle holds. */
        conversations: v.optional(
          v.pipe(
            v.array(
              v.object({
                id: v.pipe(
                  v.string(),
                  v.uuid(),
                  v.transform((value) => value as ClaudeSessionId),
                ),
                /** Its title, or how its first prompt begins. Untrusted text. */
                title: v.pipe(v.string(), v.maxLength(CONVERSATION_TITLE_MAX)),
                atMs: v.pipe(v.number(), v.integer(), v.minValue(0)),
              }),
            ),
            v.maxLength(CONVERSATIONS_MAX),
          ),
        ),
      }),
    ),
    v.maxLength(200),
  ),
  /** Live CLI processes now, of all guilds. */
  processes: v.pipe(v.number(), v.integer(), v.minValue(0)),
  /** How many of them it lets live at once. */
  places: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1))),
  /** As the CLI reported when a process last started; absent before the first one did. */
  offers: v.optional(CatalogueOffers),
});
export type Catalogue = v.InferOutput<typeof Catalogue>;

/** `POST /runner/pair`, once, with the code of the link. */
export const PairRequest = v.object({
  guild: v.pipe(
    snowflake,
    v.transform((value) => value as GuildId),
  ),
  /** 128 bits, base64url. */
  code: v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{22}$/)),
  /** Ed25519 public key, raw 32 bytes, base64url. */
  publicKey: v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{43}$/)),
  /** What the runner calls itself; Discord shows it. Untrusted text. */
  name: v.pipe(v.string(), v.trim(), v.minLength(1), v.maxLength(32)),
});
export type PairRequest = v.InferOutput<typeof PairRequest>;

export const PairResponse = v.object({
  runner: v.pipe(
    short,
    v.transform((value) => value as RunnerId),
  ),
  /** Who will own it: the member that made the code. */
  owner: v.pipe(
    snowflake,
    v.transform((value) => value as UserId),
  ),
  ownerName: short,
  guildName: short,
});
export type PairResponse = v.InferOutput<typeof PairResponse>;

/** Answers to an upgrade that is refused: 401 (sign again; correct the clock by `Date`), 403 with one of these, 404. */
export const UpgradeRefusal = v.object({
  error: v.picklist(['unauthorized', 'unconfirmed', 'removed', 'unknown', 'version', 'upgrade']),
});
export type UpgradeRefusal = v.InferOutput<typeof UpgradeRefusal>;

/**
 * `POST /runner/rotate`: a runner replaces its key. The old key signs for it: `Authorization: Bearer` with a token as for a link, but with
 * `rotateSubject` as its subject, so that a token seen elsewhere is of no use here. The same request again gets the same answer.
 */
export const RotateRequest = v.object({
  guild: PairRequest.entries.guild,
  publicKey: PairRequest.entries.publicKey,
});
export type RotateRequest = v.InferOutput<typeof RotateRequest>;

/** The key that is now in force: what else answers on the way (a hotspot's page) does not know it. */
export const RotateResponse = v.object({ publicKey: PairRequest.entries.publicKey });

export function rotateSubject({ guild, publicKey }: RotateRequest): string {
  return `${guild}/rotate/${publicKey}`;
}
