import { CODE, DiscordError, NotEmulated } from '../world/errors.ts';
import { isObject, type JsonObject } from '../world/json.ts';
import type { Component } from '../world/model.ts';
import { checkButton, checkSelect, isSelectType } from './controls.ts';
import { at, type Problems } from './problems.ts';
import type { Seen } from './seen.ts';

/** Discord: without Components V2 a message has at most five action rows (components/reference). */
const MAX_ROWS = 5;
/** Discord: with Components V2 at most 40 components, nested ones counted. */
const MAX_COMPONENTS = 40;
/** Discord: all text displays of a message together, in characters. */
const MAX_TEXT_CHARS = 4000;
/** Discord answers 500 when the text displays' UTF-8 bytes plus 12 for each exceed this (observed by developers). */
const MAX_TEXT_BYTES = 10_170;
const BYTES_PER_TEXT = 12;

export const COMPONENT = {
  row: 1,
  button: 2,
  stringSelect: 3,
  textInput: 4,
  section: 9,
  text: 10,
  thumbnail: 11,
  gallery: 12,
  file: 13,
  separator: 14,
  container: 17,
  label: 18,
  fileUpload: 19,
} as const;

const V2_TOP_LEVEL: readonly number[] = [1, 9, 10, 12, 13, 14, 17];
const IN_CONTAINER: readonly number[] = [1, 9, 10, 12, 13, 14];

/**
 * Checks the components of a message and returns them, each with the `id` that Discord would give it.
 * Throws status 500 on the byte cap, as Discord does; everything else goes to `problems`.
 */
export function checkMessageComponents(
  raw: readonly unknown[],
  v2: boolean,
  files: ReadonlySet<string>,
  problems: Problems,
): Component[] {
  const seen: Seen = { count: 0, customIds: new Set(), ids: new Set(), texts: [], files };
  if (!v2 && raw.length > MAX_ROWS)
    problems.add('components', 'BASE_TYPE_MAX_LENGTH', `Must be ${MAX_ROWS} or fewer in length.`);
  raw.forEach((component, index) => {
    check(component, at('components', index), v2 ? V2_TOP_LEVEL : [1], seen, problems);
  });
  if (seen.count > MAX_COMPONENTS)
    problems.add(
      'components',
      'COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED',
      `The maximum number of components is ${MAX_COMPONENTS}.`,
    );
  const chars = seen.texts.reduce((sum, text) => sum + text.length, 0);
  if (chars > MAX_TEXT_CHARS)
    problems.add(
      'components',
      'COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED',
      `The displayable text size is above ${MAX_TEXT_CHARS}.`,
    );
  if (problems.list.length === 0) {
    const bytes = seen.texts.reduce((sum, text) => sum + Buffer.byteLength(text) + BYTES_PER_TEXT, 0);
    if (bytes > MAX_TEXT_BYTES) throw new DiscordError(500, CODE.general, '500: Internal Server Error');
  }
  return numbered(raw as readonly Component[]);
}

function check(raw: unknown, path: string, allowed: readonly number[], seen: Seen, problems: Problems): void {
  if (!isObject(raw) || typeof raw.type !== 'number') {
    problems.add(at(path, 'type'), 'BASE_TYPE_REQUIRED', 'This field is required');
    return;
  }
  const type = raw.type;
  seen.count++;
  if (!allowed.includes(type)) {
    problems.add(
      at(path, 'type'),
      'UNION_TYPE_CHOICES',
      `Value of field "type" must be one of (${allowed.join(', ')}).`,
    );
    return;
  }
  const id = problems.integer(raw, 'id', path, 0, 2 ** 31 - 1);
  if (id !== undefined && id !== 0) {
    if (seen.ids.has(id))
      problems.add(at(path, 'id'), 'COMPONENT_ID_DUPLICATED', 'Component id cannot be duplicated');
    seen.ids.add(id);
  }
  if (isSelectType(type)) return checkSelect(raw, path, seen, problems);
  switch (type) {
    case COMPONENT.row:
      return checkRow(raw, path, seen, problems);
    case COMPONENT.button:
      return checkButton(raw, path, seen, problems);
    case COMPONENT.section: {
      children(raw, path, [COMPONENT.text], 1, 3, seen, problems);
      return check(
        raw.accessory,
        at(path, 'accessory'),
        [COMPONENT.button, COMPONENT.thumbnail],
        seen,
        problems,
      );
    }
    case COMPONENT.text: {
      const content = problems.text(raw, 'content', path, 1, MAX_TEXT_CHARS, true);
      if (content !== undefined) seen.texts.push(content);
      return;
    }
    case COMPONENT.thumbnail:
      return checkMedia(raw.media, at(path, 'media'), seen, problems);
    case COMPONENT.gallery: {
      const items = problems.array(raw, 'items', path, 10) ?? [];
      if (items.length === 0) problems.add(at(path, 'items'), 'BASE_TYPE_REQUIRED', 'This field is required');
      items.forEach((item, index) => {
        checkMedia(isObject(item) ? item.media : undefined, at(at(path, 'items'), index), seen, problems);
      });
      return;
    }
    case COMPONENT.file:
      return checkMedia(raw.file, at(path, 'file'), seen, problems, true);
    case COMPONENT.separator: {
      problems.integer(raw, 'spacing', path, 1, 2);
      problems.boolean(raw, 'divider', path);
      return;
    }
    case COMPONENT.container: {
      problems.integer(raw, 'accent_color', path, 0, 0xffffff);
      problems.boolean(raw, 'spoiler', path);
      return children(raw, path, IN_CONTAINER, 1, MAX_COMPONENTS, seen, problems);
    }
    default:
      throw new NotEmulated(`component type ${type}`);
  }
}

function children(
  raw: JsonObject,
  path: string,
  allowed: readonly number[],
  min: number,
  max: number,
  seen: Seen,
  problems: Problems,
): void {
  const list = problems.array(raw, 'components', path, max) ?? [];
  if (list.length < min)
    problems.add(
      at(path, 'components'),
      'BASE_TYPE_BAD_LENGTH',
      `Must be between ${min} and ${max} in length.`,
    );
  list.forEach((child, index) => {
    check(child, at(at(path, 'components'), index), allowed, seen, problems);
  });
}

/** Discord: a row has one to five buttons, or exactly one select. */
function checkRow(raw: JsonObject, path: string, seen: Seen, problems: Problems): void {
  children(raw, path, [2, 3, 5, 6, 7, 8], 1, 5, seen, problems);
  const list = Array.isArray(raw.components) ? raw.components : [];
  const selects = list.filter((child) => isObject(child) && isSelectType(child.type));
  if (selects.length > 0 && list.length > 1)
    problems.add(
      at(path, 'components'),
      'COMPONENT_LAYOUT_WIDTH_EXCEEDED',
      'The specified component exceeds the maximum width',
    );
}

function checkMedia(raw: unknown, path: string, seen: Seen, problems: Problems, fileOnly = false): void {
  const url = isObject(raw) ? raw.url : undefined;
  if (typeof url !== 'string') {
    problems.add(at(path, 'url'), 'BASE_TYPE_REQUIRED', 'This field is required');
  } else if (url.startsWith('attachment://')) {
    if (!seen.files.has(url.slice('attachment://'.length)))
      problems.add(
        at(path, 'url'),
        'UNFURLED_MEDIA_ITEM_REFERENCED_ATTACHMENT_NOT_FOUND',
        `The referenced attachment "${url}" was not found`,
      );
  } else if (fileOnly || !/^https?:\/\//.test(url)) {
    problems.add(
      at(path, 'url'),
      'URL_TYPE_INVALID_SCHEME',
      'Scheme must be one of attachment, http, https.',
    );
  }
}

/** Discord numbers the components that came without an `id`, depth first, from 1. */
function numbered(components: readonly Component[]): Component[] {
  const taken = new Set<number>();
  const collect = (component: Component): void => {
    if (component.id !== undefined && component.id !== 0) taken.add(component.id);
    for (const child of childrenOf(component)) collect(child);
  };
  components.forEach(collect);
  let next = 1;
  const give = (component: Component): Component => {
    let id = component.id ?? 0;
    if (id === 0) {
      while (taken.has(next)) next++;
      id = next++;
    }
    return {
      ...component,
      id,
      ...(component.components === undefined ? {} : { components: component.components.map(give) }),
      ...(component.accessory === undefined ? {} : { accessory: give(component.accessory) }),
    };
  };
  return components.map(give);
}

/** The components directly inside one. */
export function childrenOf(component: Component): Component[] {
  const single = [component.accessory, component.component].filter((child) => child !== undefined);
  return [...(component.components ?? []), ...single];
}

/** A component and all inside it, in reading order. */
export function* walk(components: readonly Component[]): Generator<Component> {
  for (const component of components) {
    yield component;
    yield* walk(childrenOf(component));
  }
}
