/** What Discord, or somebody else, sends besides what people do: PINGs, wrong signatures, replays. */
import { randomBytes } from 'node:crypto';
import type { Core } from '../core/core.ts';
import { INTERACTION } from '../core/interaction-store.ts';
import { type NoAnswer, post, type RawAnswer } from './deliver.ts';

export type Signature = 'valid' | 'wrong' | 'stranger' | 'missing' | 'garbage';

export interface RawDelivery {
  readonly body: string | object;
  readonly signature?: Signature;
  /** The time that is signed, in seconds. */
  readonly timestampS?: number | string;
  readonly timeoutMs?: number;
}

/**
 * What Discord does when the interactions URL is saved: a PING that must be answered, and one with a wrong signature
 * that must be refused with 401. Returns what is wrong; nothing when the endpoint is verified.
 */
export async function verifyEndpoint(core: Core): Promise<string[]> {
  const wrong: string[] = [];
  const good = await deliverRaw(core, { body: pingBody(core) });
  if (good.status !== 200)
    wrong.push(`a PING was answered with ${good.status}${'reason' in good ? ` (${good.reason})` : ''}`);
  if ('text' in good && !good.contentType.startsWith('application/json'))
    wrong.push(`a PING was answered as "${good.contentType}"`);
  if ('text' in good && good.status === 200 && !isPong(good.text))
    wrong.push(`a PING was answered with ${good.text.slice(0, 200)}`);
  for (const signature of ['wrong', 'stranger', 'missing'] as const) {
    const bad = await deliverRaw(core, { body: pingBody(core), signature });
    if (bad.status !== 401)
      wrong.push(`a PING with a ${signature} signature was answered with ${bad.status}`);
  }
  return wrong;
}

/** Sends any body, signed as asked. `timestampS` is the time that is signed, in seconds; the answer is not applied. */
export function deliverRaw(core: Core, fields: RawDelivery): Promise<RawAnswer | NoAnswer> {
  const { signer } = core;
  const body = typeof fields.body === 'string' ? fields.body : JSON.stringify(fields.body);
  const timestamp = String(fields.timestampS ?? Math.floor(Date.now() / 1000));
  const valid = signer.sign(body, timestamp);
  const signed = {
    valid,
    wrong: signer.sign(`${body} `, timestamp),
    stranger: signer.forge(body, timestamp),
    missing: {},
    garbage: { timestamp, signature: 'not hex at all' },
  }[fields.signature ?? 'valid'];
  return post(core, body, signed, fields.timeoutMs);
}

/** The body of a PING. */
export function pingBody(core: Core): object {
  const { world, applicationId } = core;
  return {
    version: 1,
    id: world.mint(),
    application_id: applicationId,
    type: INTERACTION.ping,
    token: randomBytes(32).toString('base64url'),
    user: core.wire.user({ id: world.mint(), name: 'discord', bot: false }),
    entitlements: [],
  };
}

function isPong(text: string): boolean {
  try {
    return (JSON.parse(text) as { type?: unknown }).type === 1;
  } catch {
    return false;
  }
}
