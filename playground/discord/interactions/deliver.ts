/** Sends a signed interaction to the program under test and reads its answer. */
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Core } from '../core/core.ts';
import type { Signed } from '../core/sign.ts';
import { nowMs } from '../core/traffic.ts';

/** Discord: an interaction without an answer for this long has failed. */
export const ANSWER_WITHIN_MS = 3000;

export interface RawAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly text: string;
  readonly tookMs: number;
}

/** Why no answer came. */
export interface NoAnswer {
  readonly status: 0;
  readonly reason: string;
  readonly tookMs: number;
}

/** POSTs one body with these signature headers. Never throws. */
export async function post(
  core: Core,
  body: string,
  signed: Partial<Signed>,
  timeoutMs = core.answerWithinMs,
): Promise<RawAnswer | NoAnswer> {
  if (core.interactionsUrl === '') return { status: 0, reason: 'no interactions URL is set', tookMs: 0 };
  const url = new URL(core.interactionsUrl);
  const headers: Record<string, string> = {
    'content-type': 'application/json',
    'content-length': String(Buffer.byteLength(body)),
    'user-agent': 'Discord-Interactions/1.0 (+https://discord.com)',
    ...(signed.signature === undefined ? {} : { 'x-signature-ed25519': signed.signature }),
    ...(signed.timestamp === undefined ? {} : { 'x-signature-timestamp': signed.timestamp }),
  };
  const entry = core.traffic.begin('out', 'POST', core.interactionsUrl, headers, parsed(body));
  const begin = nowMs();
  const answer = await new Promise<RawAnswer | NoAnswer>((resolve) => {
    const fail = (reason: string) => resolve({ status: 0, reason, tookMs: nowMs() - begin });
    const open = url.protocol === 'https:' ? httpsRequest : httpRequest;
    // A connection of its own: a kept one may be dead when the program was restarted in between.
    const request = open(url, { method: 'POST', headers, agent: false }, (response) => {
      readText(response).then(
        (text) =>
          resolve({
            status: response.statusCode ?? 0,
            contentType: response.headers['content-type'] ?? '',
            text,
            tookMs: nowMs() - begin,
          }),
        (error: unknown) => fail(String(error)),
      );
    });
    const timer = setTimeout(() => {
      fail(`no answer within ${timeoutMs} ms`);
      request.destroy();
    }, timeoutMs);
    request.on('close', () => clearTimeout(timer));
    request.on('error', (error) => fail(error.message));
    request.end(body);
  });
  core.traffic.end(entry, answer.status, 'text' in answer ? parsed(answer.text) : answer.reason);
  return answer;
}

/** Delivers one interaction with the faults that are due. `all` has the answers to its duplicates too. */
export async function deliver(
  core: Core,
  body: string,
): Promise<{ first: RawAnswer | NoAnswer; all: (RawAnswer | NoAnswer)[] }> {
  const fault = core.faults.takeDelivery();
  if (fault?.delayMs !== undefined) await sleep(fault.delayMs);
  const signed = core.signer.sign(body);
  const sends =
    fault?.duplicate === true
      ? [post(core, body, signed), post(core, body, signed)]
      : [post(core, body, signed)];
  const first = await Promise.race(sends);
  if (fault?.loseAnswer === true)
    return { first: { status: 0, reason: 'the answer was lost', tookMs: first.tookMs }, all: [first] };
  return { first, all: await Promise.all(sends) };
}

async function readText(response: IncomingMessage): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of response) chunks.push(chunk as Uint8Array);
  return Buffer.concat(chunks).toString('utf8');
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
