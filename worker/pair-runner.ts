import * as v from 'valibot';
import { PairRequest, RotateRequest } from '../protocol/guild.ts';
import type { Rotated } from './guild/key-rotation.ts';
import type { PairError } from './guild/runners/pairing.ts';

/** Far above any real request, of about 200 bytes. */
const BODY_MAX_BYTES = 4096;

/** What each refusal is in HTTP. `slow`: wrong codes are counted. */
const STATUS: Record<PairError, number> = { unknown: 404, used: 409, expired: 410, slow: 429 };
const RETRY_AFTER_S = 600;

/** `POST /runner/pair`: a runner redeems the code of a pairing link. Refusals are `{error}`. */
export async function pairRunner(env: Env, request: Request): Promise<Response> {
  const body = await readCapped(request);
  if (body === null) return Response.json({ error: 'tooLarge' }, { status: 413 });
  const parsed = v.safeParse(PairRequest, parseJson(body));
  if (!parsed.success) return Response.json({ error: 'invalid' }, { status: 400 });
  const answer = await env.GUILD.getByName(parsed.output.guild).pair(parsed.output);
  if (!('error' in answer)) return Response.json(answer);
  const headers: HeadersInit = answer.error === 'slow' ? { 'retry-after': String(RETRY_AFTER_S) } : {};
  return Response.json({ error: answer.error }, { status: STATUS[answer.error], headers });
}

const ROTATED: Record<Rotated, number> = {
  ok: 200,
  unauthorized: 401,
  refused: 403,
  unknown: 404,
  used: 409,
};

/** `POST /runner/rotate`: a runner replaces its key. 200 with `RotateResponse`, or `{error}`. */
export async function rotateRunner(env: Env, request: Request): Promise<Response> {
  const body = await readCapped(request);
  if (body === null) return Response.json({ error: 'tooLarge' }, { status: 413 });
  const parsed = v.safeParse(RotateRequest, parseJson(body));
  if (!parsed.success) return Response.json({ error: 'invalid' }, { status: 400 });
  const { guild, publicKey } = parsed.output;
  const rotated = await env.GUILD.getByName(guild).rotate(
    parsed.output,
    request.headers.get('Authorization'),
  );
  return Response.json(rotated === 'ok' ? { publicKey } : { error: rotated }, { status: ROTATED[rotated] });
}

/** Null: too large. No more than the cap is kept. */
async function readCapped(request: Request): Promise<string | null> {
  let size = 0;
  let text = '';
  const decoder = new TextDecoder();
  for await (const chunk of request.body ?? []) {
    size += chunk.byteLength;
    if (size > BODY_MAX_BYTES) return null;
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
