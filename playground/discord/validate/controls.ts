import { NotEmulated } from '../world/errors.ts';
import { isObject, type JsonObject } from '../world/json.ts';
import { at, type Problems } from './problems.ts';
import type { Seen } from './seen.ts';

/** Discord: lengths of what a button or select carries (components/reference). */
const CUSTOM_ID_CHARS = 100;
const BUTTON_LABEL_CHARS = 80;
const URL_CHARS = 512;
const SELECT_OPTIONS = 25;
const OPTION_CHARS = 100;
const PLACEHOLDER_CHARS = 150;

const SELECT_TYPES: readonly unknown[] = [3, 5, 6, 7, 8];
export const isSelectType = (type: unknown): boolean => SELECT_TYPES.includes(type);

/** A `custom_id` of 1 to 100 characters that no other component of the message has. */
export function checkCustomId(
  raw: JsonObject,
  path: string,
  seen: Pick<Seen, 'customIds'>,
  problems: Problems,
): void {
  const customId = problems.text(raw, 'custom_id', path, 1, CUSTOM_ID_CHARS, true);
  if (customId === undefined) return;
  if (seen.customIds.has(customId))
    problems.add(
      at(path, 'custom_id'),
      'COMPONENT_CUSTOM_ID_DUPLICATED',
      'Component custom id cannot be duplicated',
    );
  seen.customIds.add(customId);
}

/** Styles 1 to 4 have a custom_id and no url, style 5 a url and no custom_id. */
export function checkButton(raw: JsonObject, path: string, seen: Seen, problems: Problems): void {
  const style = raw.style;
  if (style === 6) throw new NotEmulated('premium buttons');
  if (typeof style !== 'number' || ![1, 2, 3, 4, 5].includes(style)) {
    problems.add(at(path, 'style'), 'BASE_TYPE_CHOICES', 'Value must be one of (1, 2, 3, 4, 5, 6).');
    return;
  }
  problems.boolean(raw, 'disabled', path);
  const label = problems.text(raw, 'label', path, 0, BUTTON_LABEL_CHARS);
  if ((label === undefined || label === '') && !isObject(raw.emoji))
    problems.add(
      at(path, 'label'),
      'BUTTON_COMPONENT_LABEL_OR_EMOJI_REQUIRED',
      'A label or an emoji is required',
    );
  if (style === 5) {
    const url = problems.text(raw, 'url', path, 1, URL_CHARS, true);
    if (url !== undefined && !/^(https?|discord):\/\//.test(url))
      problems.add(at(path, 'url'), 'URL_TYPE_INVALID_SCHEME', 'Scheme must be one of http, https, discord.');
    if (raw.custom_id !== undefined)
      problems.add(
        at(path, 'custom_id'),
        'BUTTON_COMPONENT_CUSTOM_ID_URL_MUTUALLY_EXCLUSIVE',
        'A custom id and url cannot both be specified',
      );
    return;
  }
  if (raw.url !== undefined)
    problems.add(
      at(path, 'url'),
      'BUTTON_COMPONENT_CUSTOM_ID_URL_MUTUALLY_EXCLUSIVE',
      'A custom id and url cannot both be specified',
    );
  checkCustomId(raw, path, seen, problems);
}

export function checkSelect(
  raw: JsonObject,
  path: string,
  seen: Pick<Seen, 'customIds'>,
  problems: Problems,
): void {
  checkCustomId(raw, path, seen, problems);
  problems.text(raw, 'placeholder', path, 0, PLACEHOLDER_CHARS);
  problems.boolean(raw, 'disabled', path);
  const min = problems.integer(raw, 'min_values', path, 0, SELECT_OPTIONS) ?? 1;
  const max = problems.integer(raw, 'max_values', path, 1, SELECT_OPTIONS) ?? 1;
  if (min > max)
    problems.add(
      at(path, 'min_values'),
      'SELECT_COMPONENT_MIN_VALUES_EXCEED_MAX',
      'min_values is above max_values',
    );
  if (raw.type !== 3) return;
  const options = problems.array(raw, 'options', path, SELECT_OPTIONS) ?? [];
  if (options.length === 0) problems.add(at(path, 'options'), 'BASE_TYPE_REQUIRED', 'This field is required');
  if (max > options.length && options.length > 0)
    problems.add(
      at(path, 'max_values'),
      'SELECT_COMPONENT_MAX_VALUES_EXCEED_OPTIONS',
      'max_values is above the number of options',
    );
  const values = new Set<string>();
  let defaults = 0;
  options.forEach((raw, index) => {
    const where = at(at(path, 'options'), index);
    const option = problems.object(raw, where);
    if (option === undefined) return;
    problems.text(option, 'label', where, 1, OPTION_CHARS, true);
    problems.text(option, 'description', where, 0, OPTION_CHARS);
    if (option.default === true) defaults++;
    const value = problems.text(option, 'value', where, 1, OPTION_CHARS, true);
    if (value === undefined) return;
    if (values.has(value))
      problems.add(
        at(where, 'value'),
        'SELECT_COMPONENT_OPTION_VALUE_DUPLICATED',
        'The specified option value is already used',
      );
    values.add(value);
  });
  if (defaults > max)
    problems.add(
      at(path, 'options'),
      'SELECT_COMPONENT_TOO_MANY_DEFAULT_VALUES',
      'More options are default than max_values',
    );
}
