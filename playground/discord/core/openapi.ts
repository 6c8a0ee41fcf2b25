/**
 * Checks requests against Discord's OpenAPI document. The document is a preview with quirks: unions that accept
 * anything, a content length of 4000, ids and permission bits of the wrong type. Those are worked round here, each
 * with its reason; what the document cannot say at all, `validate/` checks.
 */
import { readFile } from 'node:fs/promises';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { CODE, DiscordError } from '../world/errors.ts';
import { isObject, type JsonObject } from '../world/json.ts';

const DOCUMENT_KEYS = [
  'x-discord-union',
  'openapi',
  'info',
  'externalDocs',
  'servers',
  'paths',
  'components',
];
const BASE = 'discord:/openapi';
const MAX_NONCE_CHARS = 25;
/** One compiled document for a file, however many emulators a test run starts. */
const loaded = new Map<string, Promise<OpenApi>>();

interface Operation {
  readonly parameters?: readonly { name: string; in: string; required?: boolean; schema: JsonObject }[];
  readonly requestBody?: { readonly required?: boolean; readonly content: Record<string, unknown> };
  readonly responses: Record<string, { content?: Record<string, unknown> }>;
}

/** One of Discord's, as its document names it. */
export interface Endpoint {
  readonly method: string;
  readonly path: string;
}

export class OpenApi {
  private readonly ajv: Ajv2020;
  private readonly paths: Record<string, Record<string, Operation>>;
  private readonly compiled = new Map<string, ValidateFunction>();

  static load(file: string): Promise<OpenApi> {
    const known = loaded.get(file);
    if (known !== undefined) return known;
    const fresh = readFile(file, 'utf8').then((text) => new OpenApi(JSON.parse(text) as JsonObject));
    loaded.set(file, fresh);
    return fresh;
  }

  constructor(document: JsonObject) {
    this.paths = document.paths as Record<string, Record<string, Operation>>;
    this.ajv = new Ajv2020({ strict: true, strictTypes: false, strictRequired: false, allErrors: true });
    formats.default(this.ajv);
    this.ajv.addFormat(
      'snowflake',
      (value: string) => /^(0|[1-9]\d{0,19})$/.test(value) && BigInt(value) < 1n << 64n,
    );
    this.ajv.addFormat('nonce', (value: string) => value.length <= MAX_NONCE_CHARS);
    // In strict mode ajv compiles the root of the document too.
    this.ajv.addVocabulary(DOCUMENT_KEYS);
    this.ajv.addSchema(document, BASE);
  }

  /** Throws DiscordError 400 when the document does not allow this request. */
  check(
    route: Endpoint,
    json: unknown,
    query: URLSearchParams,
    params: Readonly<Record<string, string>>,
    parentType?: number,
  ): void {
    const problems = this.problems(route, json, query, params, parentType);
    if (problems.length === 0) return;
    throw new DiscordError(
      400,
      CODE.formBody,
      `Discord's OpenAPI document does not allow this: ${problems.join('; ')}`,
    );
  }

  /** What is wrong with a request, in words. `parentType` is the type of the channel that a thread is made in. */
  problems(
    route: Endpoint,
    json: unknown,
    query: URLSearchParams,
    params: Readonly<Record<string, string>>,
    parentType?: number,
  ): string[] {
    const item = this.paths[route.path];
    const operation = item?.[route.method.toLowerCase()];
    if (item === undefined || operation === undefined)
      return [`${route.method} ${route.path} is not in the document`];
    const common = (item.parameters ?? []) as unknown as NonNullable<Operation['parameters']>;
    const found: string[] = [];
    for (const parameter of [...common, ...(operation.parameters ?? [])]) {
      const raw = parameter.in === 'path' ? params[parameter.name] : query.get(parameter.name);
      if (raw === null || raw === undefined) continue;
      const coerced = coerce(raw, parameter.schema);
      found.push(...this.errors(this.inline(parameter.schema), coerced, parameter.name));
    }
    for (const name of query.keys())
      if (
        !(operation.parameters ?? []).some((parameter) => parameter.name === name && parameter.in === 'query')
      )
        found.push(`the query has an unknown "${name}"`);
    if (operation.requestBody === undefined) {
      if (json !== undefined && json !== null && Object.keys(json).length > 0)
        found.push('this request has no body');
      return found;
    }
    if (json === undefined)
      return operation.requestBody.required === true ? [...found, 'a body is required'] : found;
    const pointer = bodyPointer(route, parentType);
    return [
      ...found,
      ...this.errors(this.byPointer(pointer), forDocument(json), 'body'),
      ...contentLength(json),
    ];
  }

  /** What is wrong with an answer of the emulator itself: its own tests ask. */
  responseProblems(route: Endpoint, status: number, body: unknown): string[] {
    const operation = this.paths[route.path]?.[route.method.toLowerCase()];
    const answer = operation?.responses[String(status)];
    if (answer === undefined)
      return [`${route.method} ${route.path} has no answer ${status} in the document`];
    if (answer.content === undefined) return body === undefined ? [] : ['this answer has no body'];
    const pointer = `${pathPointer(route)}/responses/${status}/content/application~1json/schema`;
    return this.errors(this.byPointer(pointer), forDocument(body), 'answer');
  }

  private errors(validate: ValidateFunction, value: unknown, what: string): string[] {
    if (validate(value) === true) return [];
    // The branches of a union that do not fit are noise when another error tells what is wrong.
    const isNoise = ({ keyword }: { keyword: string }) =>
      ['anyOf', 'oneOf', 'enum', 'const', 'type', 'if'].includes(keyword);
    const depth = ({ instancePath }: { instancePath: string }) => instancePath.split('/').length;
    const errors = (validate.errors ?? []).toSorted(
      (a, b) => Number(isNoise(a)) - Number(isNoise(b)) || depth(b) - depth(a),
    );
    return errors.slice(0, 3).map((error) => `${what}${error.instancePath} ${error.message ?? 'is wrong'}`);
  }

  private byPointer(pointer: string): ValidateFunction {
    return this.compile(pointer, { $ref: `${BASE}#${pointer}` });
  }

  private inline(schema: JsonObject): ValidateFunction {
    const absolute = JSON.stringify(schema).replaceAll('"#/', `"${BASE}#/`);
    return this.compile(absolute, JSON.parse(absolute) as JsonObject);
  }

  private compile(key: string, schema: JsonObject): ValidateFunction {
    let validate = this.compiled.get(key);
    if (validate === undefined) {
      validate = this.ajv.compile(schema);
      this.compiled.set(key, validate);
    }
    return validate;
  }
}

function pathPointer(route: Endpoint): string {
  return `/paths/${encodeURIComponent(route.path.replaceAll('~', '~0').replaceAll('/', '~1'))}/${route.method.toLowerCase()}`;
}

/** Unions that accept anything are replaced by the one branch that is meant. */
function bodyPointer(route: Endpoint, parentType: number | undefined): string {
  const schema = (name: string) => `/components/schemas/${name}`;
  const key = `${route.method} ${route.path}`;
  if (key === 'PATCH /channels/{channel_id}') return schema('UpdateThreadRequestPartial');
  if (key === 'POST /webhooks/{webhook_id}/{webhook_token}') return schema('IncomingWebhookRequestPartial');
  if (key === 'POST /channels/{channel_id}/threads')
    return schema(
      parentType === 15 || parentType === 16
        ? 'CreateForumThreadRequest'
        : 'CreateTextThreadWithoutMessageRequest',
    );
  return `${pathPointer(route)}/requestBody/content/application~1json/schema`;
}

/** Query and path values are text; the document types some as numbers. */
function coerce(raw: string, schema: JsonObject): unknown {
  const types = [schema.type].flat();
  if ((types.includes('integer') || types.includes('number')) && /^-?\d+$/.test(raw)) return Number(raw);
  if (types.includes('boolean') && (raw === 'true' || raw === 'false')) return raw === 'true';
  return raw;
}

/** Where the document is stricter than Discord: attachment ids may be numbers, permission bits are strings. */
function forDocument(value: unknown, key = ''): unknown {
  if (Array.isArray(value)) {
    if (key === 'attachments')
      return value.map((item: unknown) => (isObject(item) ? { ...item, id: String(item.id) } : item));
    return value.map((item: unknown) => forDocument(item));
  }
  if (!isObject(value)) {
    if (key === 'default_member_permissions' && typeof value === 'string' && /^\d+$/.test(value))
      return Number(value);
    return value;
  }
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, forDocument(inner, name)]));
}

/** The document allows 4000 where the documentation says 2000. */
function contentLength(json: unknown): string[] {
  const content = isObject(json) ? json.content : undefined;
  return typeof content === 'string' && content.length > 2000
    ? ['body/content must NOT have more than 2000 characters']
    : [];
}
