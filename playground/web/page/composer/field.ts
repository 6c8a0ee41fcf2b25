/** The field of one option of a command. */
import type { Choice, CommandOption } from '../../wire.ts';
import { el } from '../base/dom.ts';
import type { Page } from '../base/page.ts';
import type { Suggestions } from './suggestions.ts';

/** Discord: application command option types. */
const TYPE = {
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
/** Discord's client waits a moment before it asks for choices again. */
const AUTOCOMPLETE_PAUSE_MS = 150;
/** An option that may be longer than this gets room for several lines. Characters. */
const ONE_LINE_MAX = 200;

export type Value = string | number | boolean;

export interface Field {
  readonly option: CommandOption;
  readonly input: HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement;
  /** Undefined: left empty. */
  value(): Value | undefined;
  set(value: string): void;
}

/** Asks for the choices of an option with the others as they are filled in now. */
export type AskChoices = (focused: string, text: string) => Promise<readonly Choice[]>;

export function makeField(
  option: CommandOption,
  id: string,
  page: Page,
  suggestions: Suggestions,
  ask: AskChoices,
): Field {
  const shared = { id, required: option.required, 'aria-describedby': `${id}-help`, autocomplete: 'off' };
  if (option.choices.length > 0)
    return choiceField(
      option,
      shared,
      option.choices.map(({ name, value }) => ({ name, value: String(value) })),
    );
  switch (option.type) {
    case TYPE.boolean:
      return choiceField(option, shared, [
        { name: 'True', value: 'true' },
        { name: 'False', value: 'false' },
      ]);
    case TYPE.user:
    case TYPE.role:
    case TYPE.mentionable:
    case TYPE.channel:
      return choiceField(option, shared, entities(option.type, page));
    case TYPE.attachment: {
      const input = el('input', { ...shared, disabled: true, placeholder: 'Files cannot be given here yet' });
      return { option, input, value: () => undefined, set: () => {} };
    }
    case TYPE.integer:
    case TYPE.number: {
      const input = el('input', {
        ...shared,
        type: 'number',
        step: option.type === TYPE.integer ? 1 : 'any',
      });
      return textField(option, input);
    }
    default:
      return option.autocomplete
        ? searchField(option, shared, suggestions, ask)
        : stringField(option, shared);
  }
}

function stringField(option: CommandOption, shared: Record<string, string | boolean>): Field {
  const max = option.maxLength ?? undefined;
  if ((max ?? Number.POSITIVE_INFINITY) <= ONE_LINE_MAX)
    return textField(option, el('input', { ...shared, type: 'text', maxlength: max }));
  const area = el('textarea', { ...shared, rows: 1, maxlength: max, oninput: () => grow(area) });
  return {
    ...textField(option, area),
    set: (value) => {
      area.value = value;
      requestAnimationFrame(() => grow(area));
    },
  };
}

/** As high as its text, up to what the style sheet allows. */
export function grow(area: HTMLTextAreaElement): void {
  area.style.height = 'auto';
  area.style.height = `${area.scrollHeight}px`;
}

function textField(option: CommandOption, input: HTMLInputElement | HTMLTextAreaElement): Field {
  return {
    option,
    input,
    value: () => {
      const text = input.value.trim();
      if (text === '') return undefined;
      return option.type === TYPE.integer || option.type === TYPE.number ? Number(text) : text;
    },
    set: (value) => {
      input.value = value;
    },
  };
}

function choiceField(
  option: CommandOption,
  shared: Record<string, string | boolean>,
  choices: readonly { readonly name: string; readonly value: string }[],
): Field {
  const input = el(
    'select',
    shared,
    el('option', { value: '' }, option.required ? 'Choose…' : '(none)'),
    ...choices.map(({ name, value }) => el('option', { value }, name)),
  );
  const value = (): Value | undefined => {
    if (input.value === '') return undefined;
    if (option.type === TYPE.boolean) return input.value === 'true';
    return option.type === TYPE.integer || option.type === TYPE.number ? Number(input.value) : input.value;
  };
  return {
    option,
    input,
    value,
    set: (chosen) => {
      input.value = chosen;
    },
  };
}

function entities(type: number, page: Page): { name: string; value: string }[] {
  const { people, roles, places } = page.state.around;
  const members = people.map(({ id, name }) => ({ name: `@${name}`, value: id }));
  const groups = roles.map(({ id, name }) => ({ name: name.startsWith('@') ? name : `@${name}`, value: id }));
  if (type === TYPE.user) return members;
  if (type === TYPE.role) return groups;
  if (type === TYPE.mentionable) return [...members, ...groups];
  return places
    .filter(({ parent }) => parent === null)
    .map(({ id, name }) => ({ name: `#${name}`, value: id }));
}

/** Choices come from the application as one types. What is shown may differ from the value that is sent. */
function searchField(
  option: CommandOption,
  shared: Record<string, string | boolean>,
  suggestions: Suggestions,
  ask: AskChoices,
): Field {
  const input = el('input', { ...shared, type: 'text', maxlength: option.maxLength });
  let chosen: { readonly name: string; readonly value: string } | null = null;
  let timer: number | undefined;
  let asked = 0;
  const look = async (): Promise<void> => {
    const mine = ++asked;
    const choices = await ask(option.name, input.value);
    // An answer to an older text, or to a field that was left, is not shown.
    if (mine !== asked || document.activeElement !== input) return;
    const items = choices.map(({ name, value }) => ({
      label: name,
      choose: () => {
        input.value = name;
        chosen = { name, value: String(value) };
      },
    }));
    suggestions.show(input, items, false);
  };
  const later = (): void => {
    clearTimeout(timer);
    timer = window.setTimeout(() => void look(), AUTOCOMPLETE_PAUSE_MS);
  };
  input.addEventListener('input', later);
  input.addEventListener('focus', later);
  input.addEventListener('blur', () => {
    clearTimeout(timer);
    asked++;
    suggestions.hide();
  });
  return {
    ...textField(option, input),
    value: () => {
      if (chosen !== null && chosen.name === input.value) return chosen.value;
      return input.value.trim() === '' ? undefined : input.value.trim();
    },
  };
}
