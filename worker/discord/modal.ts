/** A form -> the JSON of Discord's modal. What is over a limit is cut. Discord: "Modal", "Label", "Text Input", "String Select". */
import type { APIModalInteractionResponseCallbackData } from 'discord-api-types/v10';
import { assertNever } from '../../protocol/never.ts';
import type { Modal, ModalField } from '../domain/contract.ts';
import { cutText, toOptions } from './message-body.ts';

const FIELDS_MAX = 5;
const TITLE_MAX = 45;
const LABEL_MAX = 45;
const DESCRIPTION_MAX = 100;
const PLACEHOLDER_MAX = 100;
/** Discord: characters of a text input. */
export const FIELD_TEXT_MAX = 4000;

const COMPONENT = { menu: 3, text: 4, label: 18 } as const;
const STYLE = { line: 1, paragraph: 2 } as const;

export function modalBody(modal: Modal): APIModalInteractionResponseCallbackData {
  return {
    custom_id: modal.id,
    title: cutText(modal.title, TITLE_MAX),
    components: modal.fields.slice(0, FIELDS_MAX).map((field) => ({
      type: COMPONENT.label,
      label: cutText(field.label, LABEL_MAX),
      ...(field.description === undefined || field.description === ''
        ? {}
        : { description: cutText(field.description, DESCRIPTION_MAX) }),
      component: control(field),
    })),
  };
}

function control(field: ModalField) {
  const common = { custom_id: field.id, required: field.required };
  switch (field.kind) {
    case 'text': {
      const max = Math.min(field.max ?? FIELD_TEXT_MAX, FIELD_TEXT_MAX);
      return {
        ...common,
        type: COMPONENT.text,
        style: STYLE[field.style],
        max_length: max,
        ...(field.value === undefined || field.value === '' ? {} : { value: cutText(field.value, max) }),
        ...(field.placeholder === undefined
          ? {}
          : { placeholder: cutText(field.placeholder, PLACEHOLDER_MAX) }),
      };
    }
    case 'choice': {
      const options = toOptions(field.options);
      return {
        ...common,
        type: COMPONENT.menu,
        options,
        min_values: field.required ? 1 : 0,
        max_values: Math.max(1, Math.min(field.max, options.length)),
      };
    }
    default:
      return assertNever(field);
  }
}
