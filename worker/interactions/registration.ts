/** Makes Discord's list of commands equal to ours, and writes only when it is not. */
import type { ALL_COMMANDS } from './commands.ts';

type Told = (typeof ALL_COMMANDS)[number];

export interface Target {
  /** Discord's API with its version, no slash at the end. */
  readonly api: string;
  readonly application: string;
  readonly token: string;
  /** Null: the commands of every guild that Heddle is in. */
  readonly guild: string | null;
}

export interface Registered {
  readonly changed: boolean;
  readonly words: string;
}

/** Discord asks for an answer within seconds; a request that hangs is an error with words, not a hung terminal. */
const REQUEST_TIMEOUT_MS = 30_000;

/** @throws Error with words for a person, when Discord refuses or cannot be reached. The token is never part of them. */
export async function registerCommands(
  target: Target,
  commands: readonly Told[],
  send: typeof fetch,
): Promise<Registered> {
  if (!/^\d{1,20}$/.test(target.application)) throw new Error('DISCORD_APPLICATION_ID should be a number.');
  if (target.guild !== null && !/^\d{1,20}$/.test(target.guild))
    throw new Error('--guild should be a number.');
  const scope = target.guild === null ? '' : `/guilds/${target.guild}`;
  const url = `${target.api}/applications/${target.application}${scope}/commands`;
  const where = target.guild === null ? 'globally' : `in guild ${target.guild}`;
  const list = commands.map((command) => inScope(command, target.guild));

  const there = await call(target, send, 'GET', url);
  if (sameCommands(list, there)) {
    return {
      changed: false,
      words: `The ${list.length} commands are registered ${where} already; nothing changed.`,
    };
  }
  await call(target, send, 'PUT', url, list);
  return {
    changed: true,
    words: `Registered ${list.length} commands ${where}: ${list.map((c) => (c.type === 1 ? `/${c.name}` : c.name)).join(' ')}`,
  };
}

/** Discord: contexts and integration types are for global commands only. */
function inScope(command: Told, guild: string | null): Partial<Told> & Pick<Told, 'type' | 'name'> {
  if (guild === null) return command;
  const { integration_types: _types, contexts: _contexts, ...rest } = command;
  return rest;
}

/** Whether what Discord has says the same as ours. It adds fields of its own (ids, versions, defaults), so only ours are compared. */
export function sameCommands(ours: readonly unknown[], theirs: unknown): boolean {
  if (!Array.isArray(theirs) || theirs.length !== ours.length) return false;
  const byName = new Map(theirs.map((command) => [nameOf(command), command]));
  return ours.every((command) => sameWhereGiven(command, byName.get(nameOf(command))));
}

function nameOf(command: unknown): string {
  return isRecord(command) ? String(command.name) : '';
}

function sameWhereGiven(ours: unknown, theirs: unknown): boolean {
  if (Array.isArray(ours)) {
    const list = Array.isArray(theirs) ? theirs : [];
    return list.length === ours.length && ours.every((item, index) => sameWhereGiven(item, list[index]));
  }
  if (isRecord(ours)) {
    const other = isRecord(theirs) ? theirs : null;
    return (
      other !== null &&
      sameOptionality(ours, other) &&
      Object.entries(ours).every(([key, value]) => sameWhereGiven(value, other[key]))
    );
  }
  return ours === theirs;
}

/** What ours leaves out must be absent or off in theirs, or an option that is no longer required would stay so. */
function sameOptionality(ours: Record<string, unknown>, theirs: Record<string, unknown>): boolean {
  return ['required', 'autocomplete', 'max_length', 'choices', 'min_value', 'max_value'].every(
    (key) => ours[key] !== undefined || !theirs[key],
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

async function call(
  target: Target,
  send: typeof fetch,
  method: 'GET' | 'PUT',
  url: string,
  body?: unknown,
): Promise<unknown> {
  let response: Response;
  try {
    response = await send(url, {
      method,
      headers: {
        authorization: `Bot ${target.token}`,
        'content-type': 'application/json',
        'user-agent': 'DiscordBot (https://github.com/heddle, 0.1.0)',
      },
      signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  } catch {
    throw new Error(`Discord could not be reached at ${target.api}.`);
  }
  const text = await response.text();
  if (response.ok) return parse(text);
  throw new Error(refusal(response.status, text, target));
}

function refusal(status: number, text: string, target: Target): string {
  switch (status) {
    case 401:
      return 'Discord does not accept DISCORD_BOT_TOKEN. Copy it again from the Bot page of your application.';
    case 403:
      return target.guild === null
        ? 'Discord says that this token may not change the commands of this application. Is DISCORD_APPLICATION_ID its own?'
        : `Heddle is not in guild ${target.guild}. Invite it first.`;
    case 404:
      return 'Discord knows no such application. Is DISCORD_APPLICATION_ID right?';
    case 429:
      return 'Discord says: too many requests. Try again in a few minutes.';
    default:
      return `Discord answered ${status}: ${text.slice(0, 1000)}`;
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error('Discord answered with something that is not JSON.');
  }
}
