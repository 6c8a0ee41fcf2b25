import { NotEmulated } from '../world/errors.ts';
import { isObject, type JsonObject } from '../world/json.ts';
import type { ModalForm } from '../world/modal-form.ts';
import type { Component } from '../world/model.ts';
import { COMPONENT } from './components.ts';
import { checkCustomId, checkSelect, isSelectType } from './controls.ts';
import { at, Problems } from './problems.ts';

/** Discord: limits of modals (receiving-and-responding "Modal", components/reference). */
const CUSTOM_ID_CHARS = 100;
const TITLE_CHARS = 45;
const MAX_COMPONENTS = 5;
const LABEL_CHARS = 45;
const DESCRIPTION_CHARS = 100;
const INPUT_CHARS = 4000;
const PLACEHOLDER_CHARS = 100;
const MAX_UPLOADS = 10;

/** Throws DiscordError 400 50035. */
export function checkModal(data: JsonObject): ModalForm {
  const problems = new Problems();
  const customId = problems.text(data, 'custom_id', 'data', 1, CUSTOM_ID_CHARS, true) ?? '';
  const title = problems.text(data, 'title', 'data', 1, TITLE_CHARS, true) ?? '';
  const list = problems.array(data, 'components', 'data', MAX_COMPONENTS) ?? [];
  if (list.length === 0) problems.add('data.components', 'BASE_TYPE_REQUIRED', 'This field is required');
  const seen = { customIds: new Set<string>() };
  list.forEach((raw, index) => {
    checkTop(raw, at('data.components', index), seen, problems);
  });
  problems.throwIfAny();
  return { customId, title, components: list as Component[] };
}

function checkTop(raw: unknown, path: string, seen: { customIds: Set<string> }, problems: Problems): void {
  const type = isObject(raw) ? raw.type : undefined;
  if (!isObject(raw) || (type !== COMPONENT.row && type !== COMPONENT.text && type !== COMPONENT.label)) {
    problems.add(at(path, 'type'), 'UNION_TYPE_CHOICES', 'Value of field "type" must be one of (1, 10, 18).');
    return;
  }
  if (type === COMPONENT.text) {
    problems.text(raw, 'content', path, 1, INPUT_CHARS, true);
    return;
  }
  if (type === COMPONENT.label) {
    problems.text(raw, 'label', path, 1, LABEL_CHARS, true);
    problems.text(raw, 'description', path, 0, DESCRIPTION_CHARS);
    return checkField(raw.component, at(path, 'component'), true, seen, problems);
  }
  const inner = problems.array(raw, 'components', path, 1) ?? [];
  if (inner.length !== 1)
    problems.add(at(path, 'components'), 'BASE_TYPE_BAD_LENGTH', 'Must be between 1 and 1 in length.');
  checkField(inner[0], at(at(path, 'components'), 0), false, seen, problems);
}

function checkField(
  raw: unknown,
  path: string,
  inLabel: boolean,
  seen: { customIds: Set<string> },
  problems: Problems,
): void {
  if (!isObject(raw)) return problems.add(path, 'BASE_TYPE_REQUIRED', 'This field is required');
  const type = raw.type;
  problems.boolean(raw, 'required', path);
  if (inLabel && isSelectType(type)) {
    if (raw.disabled !== undefined)
      problems.add(at(path, 'disabled'), 'MODAL_SELECT_DISABLED', 'Selects in modals cannot be disabled');
    return checkSelect(raw, path, seen, problems);
  }
  if (inLabel && type === COMPONENT.fileUpload) {
    checkCustomId(raw, path, seen, problems);
    problems.integer(raw, 'min_values', path, 0, MAX_UPLOADS);
    problems.integer(raw, 'max_values', path, 1, MAX_UPLOADS);
    return;
  }
  if (inLabel && typeof type === 'number' && type >= 21 && type <= 23)
    throw new NotEmulated(`component type ${type} in a modal`);
  if (type !== COMPONENT.textInput)
    return problems.add(at(path, 'type'), 'UNION_TYPE_CHOICES', 'Not a component of a modal.');
  checkCustomId(raw, path, seen, problems);
  problems.text(raw, 'placeholder', path, 0, PLACEHOLDER_CHARS);
  problems.text(raw, 'value', path, 0, INPUT_CHARS);
  const min = problems.integer(raw, 'min_length', path, 0, INPUT_CHARS) ?? 0;
  const max = problems.integer(raw, 'max_length', path, 1, INPUT_CHARS) ?? INPUT_CHARS;
  if (min > max)
    problems.add(at(path, 'min_length'), 'TEXT_INPUT_MIN_EXCEEDS_MAX', 'min_length is above max_length');
  if (raw.style !== 1 && raw.style !== 2)
    problems.add(at(path, 'style'), 'BASE_TYPE_CHOICES', 'Value must be one of (1, 2).');
  if (inLabel && raw.label !== undefined)
    problems.add(at(path, 'label'), 'LABEL_IN_LABEL', 'A text input inside a Label has no label');
  if (!inLabel) problems.text(raw, 'label', path, 1, LABEL_CHARS, true);
}
