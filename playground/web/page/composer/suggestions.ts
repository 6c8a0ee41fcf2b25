/** The list above the composer: commands, or the choices of an option. Chosen by keyboard or by touch. */
import { byId, el } from '../base/dom.ts';

export interface Suggestion {
  readonly label: string;
  readonly detail?: string;
  readonly choose: () => void;
}

type Input = HTMLInputElement | HTMLTextAreaElement;

export class Suggestions {
  readonly #list = byId('suggestions', HTMLElement);
  #input: Input | null = null;
  #items: readonly Suggestion[] = [];
  #active = -1;

  get open(): boolean {
    return !this.#list.hidden;
  }

  /** `first`: Enter takes the first one right away. */
  show(input: Input, items: readonly Suggestion[], first: boolean): void {
    this.hide();
    this.#input = input;
    this.#items = items;
    if (items.length === 0) return;
    this.#list.replaceChildren(
      ...items.map(({ label, detail, choose }, index) =>
        el(
          'div',
          {
            role: 'option',
            id: `suggestion-${index}`,
            'aria-selected': 'false',
            // The focus stays in the field.
            onmousedown: (event) => event.preventDefault(),
            onclick: () => {
              this.hide();
              choose();
            },
          },
          el('span', { class: 'label' }, label),
          detail === undefined || detail === '' ? null : el('span', { class: 'detail' }, detail),
        ),
      ),
    );
    this.#list.hidden = false;
    input.setAttribute('role', 'combobox');
    input.setAttribute('aria-autocomplete', 'list');
    input.setAttribute('aria-controls', 'suggestions');
    input.setAttribute('aria-expanded', 'true');
    this.#select(first ? 0 : -1);
  }

  hide(): void {
    this.#list.hidden = true;
    this.#active = -1;
    this.#input?.setAttribute('aria-expanded', 'false');
    this.#input?.removeAttribute('aria-activedescendant');
  }

  /** True: the key was for the list. */
  key(event: KeyboardEvent): boolean {
    if (!this.open) return false;
    switch (event.key) {
      case 'ArrowDown':
        this.#select((this.#active + 1) % this.#items.length);
        return true;
      case 'ArrowUp':
        this.#select((Math.max(this.#active, 0) - 1 + this.#items.length) % this.#items.length);
        return true;
      case 'Escape':
        this.hide();
        return true;
      case 'Enter':
      case 'Tab': {
        const item = this.#items[this.#active];
        if (item === undefined || event.shiftKey) return false;
        this.hide();
        item.choose();
        return true;
      }
      default:
        return false;
    }
  }

  #select(index: number): void {
    this.#active = index;
    [...this.#list.children].forEach((option, at) => {
      option.setAttribute('aria-selected', String(at === index));
      if (at === index) option.scrollIntoView({ block: 'nearest' });
    });
    if (index < 0) this.#input?.removeAttribute('aria-activedescendant');
    else this.#input?.setAttribute('aria-activedescendant', `suggestion-${index}`);
  }
}
