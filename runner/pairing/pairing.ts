/** Pairing: a link from Discord, a question to the person here, one request, and a fingerprint to compare. */
import * as v from 'valibot';
import { fingerprint } from '../../protocol/fingerprint.ts';
import { PairRequest, PairResponse } from '../../protocol/guild.ts';
import type { GuildId } from '../../protocol/ids.ts';
import { errorName, Failure } from '../base/failure.ts';
import type { Home } from '../home/home.ts';
import { type Pairing, savePairing } from '../home/pairings.ts';
import { newKeyPair } from '../link/sign.ts';
import { allowedOrigin } from '../link/target.ts';

export interface PairingLink {
  readonly origin: string;
  readonly guild: GuildId;
  readonly code: string;
}

/** The Worker answers in a few hundred milliseconds; a phone's hotspot takes longer. */
const REQUEST_TIMEOUT_MS = 20_000;

/**
 * Reads `<origin>/#pair=<guild>.<code>`. The code stands in the fragment, so that no proxy and no log on the way sees
 * it. Throws a `Failure` that never repeats the code.
 */
export function parsePairingLink(text: string): PairingLink {
  let url: URL;
  try {
    // Discord's clients copy a link with the brackets that keep it from unfurling.
    url = new URL(text.trim().replace(/^<(.*)>$/, '$1'));
  } catch {
    throw new Failure('link', notALink('It is not a link.'));
  }
  if (allowedOrigin(url.origin) === null)
    throw new Failure(
      'link',
      `${url.protocol}//${url.host} is refused: a runner talks only https, or http on this machine itself. Nothing was sent.`,
    );
  if (url.username !== '' || url.password !== '' || url.pathname !== '/' || url.search !== '')
    throw new Failure('link', notALink('There is more in it than there should be.'));
  const parts = /^#pair=(?<guild>\d{1,20})\.(?<code>[A-Za-z0-9_-]{22})$/.exec(url.hash)?.groups;
  if (parts?.guild === undefined || parts.code === undefined)
    throw new Failure('link', notALink('The part after # is missing or cut off.'));
  return { origin: url.origin, guild: parts.guild as GuildId, code: parts.code };
}

export interface PairOptions {
  readonly home: Home;
  readonly link: PairingLink;
  /** What the runner calls itself. */
  readonly name: string;
  readonly fetch?: typeof fetch;
}

export interface Paired {
  readonly pairing: Pairing;
  /** To compare with the one in Discord. */
  readonly fingerprint: string;
}

/** Hands a new key's public half to the Worker with the code, and keeps what was agreed. Throws a `Failure`. */
export async function pair(options: PairOptions): Promise<Paired> {
  const { home, link } = options;
  const keys = newKeyPair();
  const request: PairRequest = v.parse(PairRequest, {
    guild: link.guild,
    code: link.code,
    publicKey: keys.publicKey,
    name: options.name,
  });
  const answer = await post(options.fetch ?? fetch, `${link.origin}/runner/pair`, request);
  const pairing: Pairing = {
    origin: link.origin,
    guild: link.guild,
    // An interaction does not tell a server's name, so the Worker may not know it.
    guildName: answer.guildName === '' ? `Discord server ${link.guild}` : answer.guildName,
    runner: answer.runner,
    owner: answer.owner,
    ownerName: answer.ownerName,
    ...keys,
  };
  savePairing(home, pairing);
  return { pairing, fingerprint: await fingerprint(keys.publicKey) };
}

async function post(send: typeof fetch, url: string, body: PairRequest): Promise<PairResponse> {
  let response: Response;
  let text: string;
  try {
    response = await send(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
      // A redirect would carry the code to somebody else.
      redirect: 'error',
      signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
    });
    text = await response.text();
  } catch (error) {
    throw new Failure(
      'offline',
      `${new URL(url).host} cannot be reached (${causeName(error)}). Nothing was paired. ` +
        'Check the network and run the same command again: a link lives for 10 minutes.',
      { cause: error },
    );
  }
  if (response.ok) {
    const parsed = v.safeParse(PairResponse, json(text));
    if (parsed.success) return parsed.output;
    throw new Failure(
      'answer',
      `${new URL(url).host} answered something that is not Heddle's. Nothing was paired.`,
    );
  }
  if (response.status >= 500 || response.status === 429)
    throw new Failure(
      'answer',
      `${new URL(url).host} answered ${response.status}. Nothing was paired. Run the same command again in a minute.`,
    );
  throw new Failure(
    'code',
    `The Worker refused this link (${response.status}): its code was used already, has expired, or was never given. ` +
      'Nothing was paired. Get a new link with /runner pair; it is good for 10 minutes and one use.',
  );
}

function notALink(why: string): string {
  return `This is not a pairing link. ${why} It looks like https://heddle.example.workers.dev/#pair=… and comes from /runner pair in Discord; put it in quotes.`;
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** `fetch` hides what happened in the cause. */
function causeName(error: unknown): string {
  return errorName(error instanceof Error && error.cause !== undefined ? error.cause : error);
}
