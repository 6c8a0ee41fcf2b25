/** Interactions as Discord sends them: signed with a key of this test's own. */
import { createExecutionContext, runInDurableObject, waitOnExecutionContext } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import type { GuildId } from '../../protocol/ids.ts';
import { snowflakeAt } from '../../worker/discord/snowflake.ts';
import worker, { type Guild } from '../../worker/index.ts';

export const ORIGIN = 'https://heddle.example';
export const CHANNEL = '500000000000000001';
/** Manage Server, and nothing else. */
export const MANAGE_GUILD = '32';
/** What the invite link asks for. */
export const ALL_PERMISSIONS = '309237746688';

const pair = (await crypto.subtle.generateKey('Ed25519', true, ['sign', 'verify'])) as CryptoKeyPair;
const raw = new Uint8Array((await crypto.subtle.exportKey('raw', pair.publicKey)) as ArrayBuffer);

export const SECRETS = {
  DISCORD_APPLICATION_ID: '420000000000000000',
  DISCORD_PUBLIC_KEY: [...raw].map((byte) => byte.toString(16).padStart(2, '0')).join(''),
  DISCORD_BOT_TOKEN: 'a-bot-token',
};

let serial = 0n;

/** A snowflake of now; each is another. */
export function newId(): string {
  serial += 1n;
  return String(BigInt(snowflakeAt(Date.now())) + serial);
}

export interface Given {
  readonly id?: string;
  readonly token?: string;
  readonly guild?: string;
  readonly channel?: string;
  readonly channelType?: number;
  readonly parent?: string;
  readonly user?: string;
  readonly name?: string;
  readonly roles?: readonly string[];
  readonly permissions?: string;
  readonly appPermissions?: string;
  /** Replaces or removes (undefined) fields of the payload. */
  readonly over?: Record<string, unknown>;
}

function base(given: Given): Record<string, unknown> {
  const guild = given.guild ?? '100000000000000001';
  return {
    id: given.id ?? newId(),
    application_id: SECRETS.DISCORD_APPLICATION_ID,
    token: given.token ?? 'interaction-token',
    version: 1,
    guild_id: guild,
    channel_id: given.channel ?? CHANNEL,
    channel: {
      id: given.channel ?? CHANNEL,
      type: given.channelType ?? 0,
      ...(given.parent === undefined ? {} : { parent_id: given.parent }),
    },
    member: {
      user: { id: given.user ?? '200000000000000001', username: given.name ?? 'ada' },
      roles: given.roles ?? [],
      permissions: given.permissions ?? '0',
    },
    app_permissions: given.appPermissions ?? ALL_PERMISSIONS,
    context: 0,
    authorizing_integration_owners: { 0: guild },
    ...given.over,
  };
}

export function command(name: string, options: unknown[] = [], given: Given = {}): Record<string, unknown> {
  return { ...base(given), type: 2, data: { id: '1', type: 1, name, options } };
}

export function typing(name: string, options: unknown[], given: Given = {}): Record<string, unknown> {
  return { ...base(given), type: 4, data: { id: '1', type: 1, name, options } };
}

export function click(customId: string, message: string, given: Given = {}): Record<string, unknown> {
  return {
    ...base(given),
    type: 3,
    data: { custom_id: customId, component_type: 2 },
    message: { id: message },
  };
}

export async function signed(payload: unknown, atMs = Date.now()): Promise<Request> {
  const body = JSON.stringify(payload);
  const timestamp = String(Math.floor(atMs / 1000));
  const bytes = new TextEncoder().encode(timestamp + body);
  const signature = new Uint8Array(await crypto.subtle.sign('Ed25519', pair.privateKey, bytes));
  return new Request(`${ORIGIN}/interactions`, {
    method: 'POST',
    headers: {
      'x-signature-ed25519': [...signature].map((byte) => byte.toString(16).padStart(2, '0')).join(''),
      'x-signature-timestamp': timestamp,
      'content-type': 'application/json',
    },
    body,
  });
}

/** The Worker as a deployment has it, with the secrets that tests have. `settle` ends what it left running. */
export async function serve(
  request: Request,
  over: object = {},
): Promise<{ response: Response; settle: () => Promise<void> }> {
  const context = createExecutionContext();
  const response = await worker.fetch(request, { ...env, ...SECRETS, ...over }, context);
  return { response, settle: () => waitOnExecutionContext(context) };
}

export interface Reply {
  readonly type: number;
  readonly text: string;
  readonly flags: number;
  readonly ids: readonly string[];
  readonly choices: readonly string[];
  /** What the choices are called. */
  readonly names: readonly string[];
  readonly settle: () => Promise<void>;
}

/** As `send`, and everything that is not answered at once is late. */
export function sendLate(payload: unknown): Promise<Reply> {
  return send(payload, {
    // Durations can be shortened only where Discord is on this machine.
    DISCORD_API_URL: 'http://127.0.0.1/api/v10',
    HEDDLE_DURATIONS: '{"answerRaceMs":0}',
  });
}

export async function send(payload: unknown, over: object = {}): Promise<Reply> {
  const { response, settle } = await serve(await signed(payload), over);
  if (response.status !== 200) throw new Error(`answered ${response.status}`);
  const json = (await response.json()) as {
    type: number;
    data?: {
      content?: string;
      flags?: number;
      components?: unknown;
      choices?: { name: string; value: string }[];
    };
  };
  const ids = [...JSON.stringify(json.data?.components ?? []).matchAll(/"custom_id":"([^"]+)"/g)];
  return {
    type: json.type,
    text: json.data?.content ?? '',
    flags: json.data?.flags ?? 0,
    ids: ids.map((match) => match[1] ?? ''),
    choices: (json.data?.choices ?? []).map((choice) => choice.value),
    names: (json.data?.choices ?? []).map((choice) => choice.name),
    settle,
  };
}

/** A Guild object of its own, with the secrets that a deployment gives it. */
export async function guildOf(id: string): Promise<DurableObjectStub<Guild>> {
  const stub = env.GUILD.getByName(id as GuildId);
  await runInDurableObject(stub, (guild) => {
    Object.assign((guild as unknown as { env: Env }).env, SECRETS);
  });
  return stub;
}
