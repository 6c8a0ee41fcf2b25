import { NotEmulated } from '../world/errors.ts';
import { isObject, type JsonObject } from '../world/json.ts';
import { checkName, checkNumbers, checkOptions, type OptionDefinition } from './command-options.ts';
import { at, Problems, refuse } from './problems.ts';

/** Discord: limits of application commands (interactions/application-commands). */
const MAX_CHAT_INPUT = 100;
const MAX_CONTEXT_MENU = 15;
const _MAX_OPTIONS = 25;
const _MAX_CHOICES = 25;
const NAME_CHARS = 32;
const DESCRIPTION_CHARS = 100;
const _CHOICE_CHARS = 100;
const _MAX_STRING_LENGTH = 6000;
/** Names, descriptions and choices of one command together; the longest localisation counts. */
const COMMAND_CHARS = 8000;
const _CHAT_INPUT_NAME = /^[-_'\p{L}\p{N}\p{sc=Deva}\p{sc=Thai}]{1,32}$/u;
const _LARGEST_INTEGER = Number.MAX_SAFE_INTEGER;

export interface CommandDefinition {
  /** 1 slash command, 2 user menu, 3 message menu. */
  readonly type: number;
  readonly name: string;
  readonly description: string;
  readonly options: readonly OptionDefinition[];
  readonly defaultMemberPermissions: bigint | undefined;
  readonly contexts: readonly number[] | undefined;
  readonly raw: JsonObject;
}

const FIELDS = [
  'id',
  'type',
  'name',
  'name_localizations',
  'description',
  'description_localizations',
  'options',
  'default_member_permissions',
  'contexts',
  'integration_types',
  'nsfw',
];

/** Checks the body of a bulk overwrite. Throws DiscordError 400 50035. */
export function checkCommands(raw: unknown): CommandDefinition[] {
  if (!Array.isArray(raw)) refuse('', 'LIST_TYPE_CONVERT', 'Only iterables may be used in a ListType');
  const problems = new Problems();
  const commands = raw.flatMap((command: unknown, index) => {
    if (isObject(command)) return [checkCommand(command, String(index), problems)];
    problems.add(String(index), 'MODEL_TYPE_CONVERT', 'Only dictionaries may be used in a ModelType');
    return [];
  });
  for (const [type, max] of [
    [1, MAX_CHAT_INPUT],
    [2, MAX_CONTEXT_MENU],
    [3, MAX_CONTEXT_MENU],
  ] as const)
    if (commands.filter((command) => command.type === type).length > max)
      problems.add(
        '',
        'APPLICATION_COMMANDS_TOO_MANY',
        `Maximum number of application commands of type ${type} reached (${max}).`,
      );
  const seen = new Set<string>();
  commands.forEach((command, index) => {
    const key = `${command.type} ${command.name}`;
    if (seen.has(key))
      problems.add(
        String(index),
        'APPLICATION_COMMANDS_DUPLICATE_NAME',
        'Application command names must be unique',
      );
    seen.add(key);
  });
  problems.throwIfAny();
  return commands;
}

function checkCommand(raw: JsonObject, path: string, problems: Problems): CommandDefinition {
  for (const key of Object.keys(raw))
    if (!FIELDS.includes(key)) throw new NotEmulated(`the field "${key}" of a command`);
  const type = problems.integer(raw, 'type', path, 1, 3) ?? 1;
  const name =
    type === 1
      ? checkName(raw, path, problems)
      : (problems.text(raw, 'name', path, 1, NAME_CHARS, true) ?? '');
  const description =
    problems.text(
      raw,
      'description',
      path,
      type === 1 ? 1 : 0,
      type === 1 ? DESCRIPTION_CHARS : 0,
      type === 1,
    ) ?? '';
  const options = checkOptions(raw, path, 0, problems);
  if (type !== 1 && options.length > 0)
    problems.add(at(path, 'options'), 'CONTEXT_MENU_OPTIONS', 'Context menu commands have no options');
  const chars = countChars(raw);
  if (chars > COMMAND_CHARS)
    problems.add(path, 'APPLICATION_COMMAND_TOO_LARGE', `Command exceeds maximum size (${COMMAND_CHARS})`);
  return {
    type,
    name,
    description,
    options,
    defaultMemberPermissions: checkPermissions(raw, path, problems),
    contexts: checkNumbers(raw, 'contexts', path, 2, problems),
    raw,
  };
}

function checkPermissions(raw: JsonObject, path: string, problems: Problems): bigint | undefined {
  const value = raw.default_member_permissions;
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'string' && /^\d+$/.test(value)) return BigInt(value);
  problems.add(
    at(path, 'default_member_permissions'),
    'BITSET_TYPE_CONVERT',
    'Must be a string with a bit set.',
  );
  return undefined;
}

/** Discord: the sum over the command, its options and choices of name, description and value. */
function countChars(raw: JsonObject): number {
  const longest = (key: string) => {
    const localized = raw[`${key}_localizations`];
    const all = [raw[key], ...(isObject(localized) ? Object.values(localized) : [])];
    return Math.max(0, ...all.map((text) => (typeof text === 'string' ? text.length : 0)));
  };
  const value = typeof raw.value === 'string' ? raw.value.length : 0;
  const inner = [raw.options, raw.choices].flatMap((list): unknown[] => (Array.isArray(list) ? list : []));
  return (
    longest('name') +
    longest('description') +
    value +
    inner.filter(isObject).reduce((sum, item) => sum + countChars(item), 0)
  );
}
