/**
 * Replacing the key of a pairing. The new key is on disk before it is sent, so whatever is lost on the way, asking again ends in one key
 * that both sides have. Name, owner, shares and sessions stay: only the key changes.
 */
import * as v from 'valibot';
import { fingerprint } from '../../protocol/fingerprint.ts';
import { type RotateRequest, RotateResponse, rotateSubject } from '../../protocol/guild.ts';
import type { GuildId } from '../../protocol/ids.ts';
import { errorName, Failure } from '../base/failure.ts';
import { type Home, lockHome } from '../home/home.ts';
import { type Pairing, readPairings, savePairing } from '../home/pairings.ts';
import { type KeyPair, newKeyPair, ServerClock, signToken } from '../link/sign.ts';

export interface RotateOptions {
  readonly home: Home;
  /** Only this server's; else all. */
  readonly guild?: string;
  readonly print: (line: string) => void;
  readonly fetch?: typeof fetch;
}

/** As pairing: a phone's hotspot takes a while. */
const REQUEST_TIMEOUT_MS = 20_000;
/** RFC 9110: an invalid answer from a server on the way. */
const NOT_OURS = 502;
const UNFINISHED =
  'Until it is done the old key goes on. Run the same command again; the next start of the runner tries it as well.';

/** `rotate`: the runner must not run, because it holds the old keys. Gives the exit code. Throws a `Failure`. */
export async function rotate({ home, guild, print, fetch: send = fetch }: RotateOptions): Promise<number> {
  const lock = lockHome(home);
  try {
    const pairings = readPairings(home).filter((one) => guild === undefined || one.guild === guild);
    if (pairings.length === 0)
      throw new Failure(
        'unpaired',
        guild === undefined
          ? 'This runner is not paired with any server yet, so it has no key to replace.'
          : `This runner is not paired with the server ${guild}. Nothing was changed.`,
      );
    let code = 0;
    for (const pairing of pairings) if (!(await tryOne(home, pairing, send, print))) code = 1;
    return code;
  } finally {
    lock.release();
  }
}

/** What an earlier `rotate` began and did not end. Says what went wrong, and never throws for it: the old key may still do. */
export async function finishRotations({ home, print, fetch: send = fetch }: RotateOptions): Promise<void> {
  for (const pairing of readPairings(home, () => {}))
    if (pairing.next !== undefined) await tryOne(home, pairing, send, print);
}

async function tryOne(
  home: Home,
  pairing: Pairing,
  send: typeof fetch,
  print: (line: string) => void,
): Promise<boolean> {
  try {
    const { publicKey } = await replaceKey(home, pairing, send);
    print(
      `${name(pairing.guild)}: this machine has a new key. Its fingerprint: ${await fingerprint(publicKey)}`,
    );
    return true;
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    print(`${name(pairing.guild)}: ${error.message}`);
    return false;
  }
}

async function replaceKey(home: Home, pairing: Pairing, send: typeof fetch): Promise<KeyPair> {
  const { next: begun, ...old } = pairing;
  const next = begun ?? newKeyPair();
  if (begun === undefined) savePairing(home, { ...pairing, next });
  // If the answer to an earlier try was lost, the old key may be over by now; the new one then signs for itself.
  const status = await ask(pairing, next, old, send);
  const accepted = status === 401 ? await ask(pairing, next, next, send) : status;
  if (accepted !== 200) throw refused(pairing, accepted);
  savePairing(home, { ...old, ...next });
  return next;
}

/** The HTTP status; 502 when what answered is not the Worker. A clock that is off is set right once by the refusal. */
async function ask(pairing: Pairing, next: KeyPair, signer: KeyPair, send: typeof fetch): Promise<number> {
  const clock = new ServerClock();
  const body: RotateRequest = { guild: pairing.guild, publicKey: next.publicKey };
  for (let isFirst = true; ; isFirst = false) {
    const token = signToken(
      { ...signer, runner: pairing.runner },
      { origin: pairing.origin, subject: rotateSubject(body), nowMs: clock.nowMs() },
    );
    const { status, date, answer } = await post(send, pairing.origin, token, body);
    if (status === 200) return answer === next.publicKey ? status : NOT_OURS;
    if (status !== 401 || !isFirst || !clock.correct(date)) return status;
  }
}

async function post(
  send: typeof fetch,
  origin: string,
  token: string,
  body: RotateRequest,
): Promise<{ status: number; date: string | null; answer: string | null }> {
  try {
    const response = await send(`${origin}/runner/rotate`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify(body),
      // A redirect would carry the token to somebody else.
      redirect: 'error',
      signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
    });
    const answer = v.safeParse(RotateResponse, json(await response.text()));
    const { status, headers } = response;
    return { status, date: headers.get('date'), answer: answer.success ? answer.output.publicKey : null };
  } catch (error) {
    const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
    throw new Failure(
      'offline',
      `${new URL(origin).host} cannot be reached (${errorName(cause)}). ${UNFINISHED}`,
      { cause: error },
    );
  }
}

function refused({ origin }: Pairing, status: number): Failure {
  const { host } = new URL(origin);
  switch (status) {
    case 401:
      return new Failure(
        'refused',
        `${host} does not accept this machine's key. Pair again with /runner pair.`,
      );
    case 403:
      return new Failure(
        'refused',
        'this runner was removed there, or is not confirmed yet. Its key was not replaced.',
      );
    case 404:
      return new Failure(
        'refused',
        `${host} does not know this runner, or is older than this runner. Its key was not replaced.`,
      );
    default:
      return new Failure('answer', `${host} answered ${status}. ${UNFINISHED}`);
  }
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function name(guild: GuildId): string {
  return `Discord server ${guild}`;
}
