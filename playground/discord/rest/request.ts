/** Reads a REST request's body: JSON, or multipart with `payload_json` and `files[n]`. */
import type { IncomingMessage } from 'node:http';
import type { UploadedFile } from '../validate/message.ts';
import { refuse } from '../validate/problems.ts';
import { CODE, DiscordError } from '../world/errors.ts';
import { isObject, type JsonObject } from '../world/json.ts';

/** Discord: bytes of one request (reference "Uploading Files"). */
const MAX_REQUEST_BYTES = 25 * 1024 * 1024;

export interface Body {
  readonly json: unknown;
  readonly files: readonly UploadedFile[];
  readonly multipart: boolean;
}

/** Throws when the sender cuts the connection; the caller then has nobody to answer. */
export async function readBytes(request: IncomingMessage): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request) {
    const bytes = chunk as Uint8Array;
    size += bytes.byteLength;
    if (size <= MAX_REQUEST_BYTES) chunks.push(bytes);
  }
  if (size > MAX_REQUEST_BYTES) throw new DiscordError(413, CODE.tooLarge, 'Request entity too large');
  return Buffer.concat(chunks);
}

/** Throws DiscordError for a body that Discord would not read. */
export async function parseBody(bytes: Uint8Array, contentType: string): Promise<Body> {
  if (bytes.byteLength === 0) return { json: undefined, files: [], multipart: false };
  if (contentType.startsWith('application/json'))
    return { json: parseJson(Buffer.from(bytes).toString('utf8')), files: [], multipart: false };
  if (contentType.startsWith('multipart/form-data')) return parseMultipart(bytes, contentType);
  throw new DiscordError(
    400,
    CODE.formBody,
    `Invalid Form Body (Expected "Content-Type" header to be one of {'application/json', 'multipart/form-data'}, got "${contentType}")`,
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new DiscordError(400, CODE.badJson, 'The request body contains invalid JSON.');
  }
}

async function parseMultipart(bytes: Uint8Array, contentType: string): Promise<Body> {
  let form: FormData;
  try {
    form = await new Response(Buffer.from(bytes), { headers: { 'content-type': contentType } }).formData();
  } catch {
    throw new DiscordError(400, CODE.formBody, 'Invalid Form Body (the multipart body cannot be read)');
  }
  const files: UploadedFile[] = [];
  let json: unknown = {};
  for (const [name, value] of form as unknown as Iterable<[string, string | File]>) {
    if (name === 'payload_json') {
      json = parseJson(typeof value === 'string' ? value : await value.text());
      continue;
    }
    const index = /^files\[(\d)\]$/.exec(name)?.[1];
    if (index === undefined || typeof value === 'string')
      refuse(name, 'MULTIPART_PART_UNKNOWN', 'A part is payload_json or files[n], n from 0 to 9.');
    const content = new Uint8Array(await value.arrayBuffer());
    files.push({ index: Number(index), name: value.name, bytes: content, contentType: value.type });
  }
  return { json, files, multipart: true };
}

/** The body as an object; an absent one is empty. Throws 400 for anything else. */
export function objectBody(json: unknown): JsonObject {
  if (json === undefined || json === null) return {};
  if (!isObject(json)) refuse('', 'MODEL_TYPE_CONVERT', 'Only dictionaries may be used in a ModelType');
  return json;
}
