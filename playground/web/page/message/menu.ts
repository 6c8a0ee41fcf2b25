/** Select menus: the browser's own for one choice, boxes to tick for several. */
import type { MenuOption, Piece } from '../../wire.ts';
import { el } from '../base/dom.ts';
import type { Page } from '../base/page.ts';
import type { Place } from './place.ts';

/** Discord's component types of menus that offer people, roles or channels. */
const USER = 5;
const ROLE = 6;
const MENTIONABLE = 7;

/** What can be chosen in a menu. */
export function optionsOf(piece: Piece, page: Page): readonly MenuOption[] {
  const { people, roles, places } = page.state.around;
  const members = people.map(({ id, name }) => ({ value: id, label: `@${name}` }));
  const groups = roles.map(({ id, name }) => ({
    value: id,
    label: name.startsWith('@') ? name : `@${name}`,
  }));
  switch (piece.type) {
    case 3:
      return piece.options ?? [];
    case USER:
      return members;
    case ROLE:
      return groups;
    case MENTIONABLE:
      return [...members, ...groups];
    default:
      return places.map(({ id, name }) => ({ value: id, label: `#${name}` }));
  }
}

export function drawMenu(piece: Piece, { page, message }: Place): HTMLElement {
  const options = optionsOf(piece, page);
  const customId = piece.custom_id ?? '';
  const choose = (values: readonly string[]): void => {
    void page.act(
      { type: 'select', message: message.id, customId, values: [...values] },
      { place: message.place, message: message.id },
    );
  };
  const placeholder = piece.placeholder ?? 'Make a selection';
  if ((piece.max_values ?? 1) > 1) return drawBoxes(piece, options, placeholder, choose);
  const select = el(
    'select',
    {
      class: 'menu',
      'aria-label': placeholder,
      disabled: piece.disabled === true,
      'data-key': customId,
      onchange: () => {
        if (select.value !== '') choose([select.value]);
      },
    },
    el('option', { value: '' }, placeholder),
    ...options.map((option) =>
      el('option', { value: option.value, selected: option.default === true }, describe(option)),
    ),
  );
  return select;
}

export function describe({ label, description }: MenuOption): string {
  return description === undefined || description === '' ? label : `${label} · ${description}`;
}

function drawBoxes(
  piece: Piece,
  options: readonly MenuOption[],
  placeholder: string,
  choose: (values: readonly string[]) => void,
): HTMLElement {
  const boxes = options.map((option) => ({
    option,
    box: el('input', {
      type: 'checkbox',
      checked: option.default === true,
      disabled: piece.disabled === true,
    }),
  }));
  const done = el(
    'button',
    {
      type: 'button',
      class: 'button primary',
      disabled: piece.disabled === true,
      onclick: () => choose(boxes.filter(({ box }) => box.checked).map(({ option }) => option.value)),
    },
    'Choose',
  );
  return el(
    'fieldset',
    { class: 'boxes' },
    el('legend', {}, placeholder),
    ...boxes.map(({ option, box }) => el('label', {}, box, describe(option))),
    done,
  );
}
