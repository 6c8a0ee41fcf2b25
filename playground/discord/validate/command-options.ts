import { isObject, type JsonObject } from '../world/json.ts';
import { at, type Problems } from './problems.ts';

/** Discord: limits of application commands (interactions/application-commands). */
const _MAX_CHAT_INPUT = 100;
const _MAX_CONTEXT_MENU = 15;
const MAX_OPTIONS = 25;
const MAX_CHOICES = 25;
const NAME_CHARS = 32;
const DESCRIPTION_CHARS = 100;
const CHOICE_CHARS = 100;
const MAX_STRING_LENGTH = 6000;
/** Names, descriptions and choices of one command together; the longest localisation counts. */
const _COMMAND_CHARS = 8000;
const CHAT_INPUT_NAME = /^[-_'\p{L}\p{N}\p{sc=Deva}\p{sc=Thai}]{1,32}$/u;
const LARGEST_INTEGER = Number.MAX_SAFE_INTEGER;

export const OPTION = {
  subcommand: 1,
  group: 2,
  string: 3,
  integer: 4,
  boolean: 5,
  user: 6,
  channel: 7,
  role: 8,
  mentionable: 9,
  number: 10,
  attachment: 11,
} as const;

export interface OptionDefinition {
  readonly type: number;
  readonly name: string;
  readonly required: boolean;
  readonly autocomplete: boolean;
  readonly choices: readonly { readonly name: string; readonly value: string | number }[];
  readonly options: readonly OptionDefinition[];
  readonly min: number | undefined;
  readonly max: number | undefined;
  readonly minLength: number | undefined;
  readonly maxLength: number | undefined;
  readonly channelTypes: readonly number[];
}

export function checkName(raw: JsonObject, path: string, problems: Problems): string {
  const name = problems.text(raw, 'name', path, 1, NAME_CHARS, true) ?? '';
  const names = [name, ...(isObject(raw.name_localizations) ? Object.values(raw.name_localizations) : [])];
  for (const candidate of names)
    if (
      typeof candidate !== 'string' ||
      !CHAT_INPUT_NAME.test(candidate) ||
      candidate !== candidate.toLowerCase()
    )
      problems.add(at(path, 'name'), 'APPLICATION_COMMAND_INVALID_NAME', 'Command name is invalid');
  return name;
}

export function checkNumbers(
  raw: JsonObject,
  key: string,
  path: string,
  max: number,
  problems: Problems,
): readonly number[] | undefined {
  const list = problems.array(raw, key, path, max + 1);
  list?.forEach((value, index) => {
    problems.integer({ value }, 'value', at(at(path, key), index), 0, max);
  });
  return list as number[] | undefined;
}

/** Discord: groups hold subcommands, subcommands hold values, and nothing is deeper. */
export function checkOptions(
  raw: JsonObject,
  path: string,
  depth: number,
  problems: Problems,
): OptionDefinition[] {
  const list = problems.array(raw, 'options', path, MAX_OPTIONS) ?? [];
  const where = at(path, 'options');
  const options = list.flatMap((option, index) => {
    if (isObject(option)) return [checkOption(option, at(where, index), depth, problems)];
    problems.add(at(where, index), 'MODEL_TYPE_CONVERT', 'Only dictionaries may be used in a ModelType');
    return [];
  });
  const nests = (option: OptionDefinition) => option.type <= OPTION.group;
  if (options.some(nests) && !options.every(nests))
    problems.add(
      where,
      'APPLICATION_COMMAND_OPTIONS_TYPE_INVALID',
      'Sub-command and sub-command group option types are mutually exclusive to all other types',
    );
  let optionalSeen = false;
  const names = new Set<string>();
  options.forEach((option, index) => {
    if (names.has(option.name))
      problems.add(
        at(where, index),
        'APPLICATION_COMMAND_OPTIONS_NAME_ALREADY_EXISTS',
        'Option name already exists',
      );
    names.add(option.name);
    if (option.required && optionalSeen)
      problems.add(
        at(where, index),
        'APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID',
        'Required options must be placed before non-required options',
      );
    if (!option.required) optionalSeen = true;
  });
  return options;
}

export function checkOption(
  raw: JsonObject,
  path: string,
  depth: number,
  problems: Problems,
): OptionDefinition {
  const type = problems.integer({ type: raw.type ?? 0 }, 'type', path, 1, 11) ?? 0;
  const name = checkName(raw, path, problems);
  problems.text(raw, 'description', path, 1, DESCRIPTION_CHARS, true);
  const nests = type === OPTION.subcommand || type === OPTION.group;
  const tooDeep = (type === OPTION.group && depth > 0) || (type === OPTION.subcommand && depth > 1);
  if (tooDeep)
    problems.add(
      at(path, 'type'),
      'APPLICATION_COMMAND_OPTIONS_TYPE_INVALID',
      'Groups hold subcommands, and nothing is deeper',
    );
  const options = nests ? checkOptions(raw, path, type === OPTION.group ? 1 : 2, problems) : [];
  if (!nests && raw.options !== undefined)
    problems.add(at(path, 'options'), 'APPLICATION_COMMAND_OPTIONS_TYPE_INVALID', 'This type has no options');
  if (type === OPTION.group && !options.every((option) => option.type === OPTION.subcommand))
    problems.add(
      at(path, 'options'),
      'APPLICATION_COMMAND_OPTIONS_TYPE_INVALID',
      'A group holds subcommands only',
    );
  const choices = checkChoices(raw, type, path, problems);
  const autocomplete = problems.boolean(raw, 'autocomplete', path) ?? false;
  const takesChoices = type === OPTION.string || type === OPTION.integer || type === OPTION.number;
  if (autocomplete && (!takesChoices || choices.length > 0))
    problems.add(
      at(path, 'autocomplete'),
      'APPLICATION_COMMAND_OPTIONS_AUTOCOMPLETE_INVALID',
      'Autocomplete is for strings and numbers without choices',
    );
  return {
    type,
    name,
    required: problems.boolean(raw, 'required', path) ?? false,
    autocomplete,
    choices,
    options,
    min: typeof raw.min_value === 'number' ? raw.min_value : undefined,
    max: typeof raw.max_value === 'number' ? raw.max_value : undefined,
    minLength: problems.integer(raw, 'min_length', path, 0, MAX_STRING_LENGTH),
    maxLength: problems.integer(raw, 'max_length', path, 1, MAX_STRING_LENGTH),
    channelTypes: checkNumbers(raw, 'channel_types', path, 16, problems) ?? [],
  };
}

export function checkChoices(
  raw: JsonObject,
  type: number,
  path: string,
  problems: Problems,
): OptionDefinition['choices'] {
  const list = problems.array(raw, 'choices', path, MAX_CHOICES) ?? [];
  return list.flatMap((item, index): OptionDefinition['choices'][number][] => {
    const where = at(at(path, 'choices'), index);
    const choice = problems.object(item, where);
    if (choice === undefined) return [];
    const name = problems.text(choice, 'name', where, 1, CHOICE_CHARS, true) ?? '';
    const value = choice.value;
    if (type === OPTION.string)
      return [{ name, value: problems.text(choice, 'value', where, 0, CHOICE_CHARS, true) ?? '' }];
    if (typeof value === 'number' && Math.abs(value) <= LARGEST_INTEGER) return [{ name, value }];
    problems.add(at(where, 'value'), 'NUMBER_TYPE_COERCE', `Value "${String(value)}" is not a number.`);
    return [];
  });
}
