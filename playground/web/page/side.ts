/** The side as a drawer on narrow screens: opens over the messages, closes on a choice, on Escape and beside it. */
import { byId, icon } from './base/dom.ts';

/** As in layout.css. */
const WIDE = '(min-width: 760px)';

export class Side {
  readonly #side = byId('side', HTMLElement);
  readonly #shade = byId('shade', HTMLElement);
  readonly #opener = byId('side-open', HTMLButtonElement);
  readonly #closer = byId('side-close', HTMLButtonElement);
  readonly #wide = matchMedia(WIDE);

  constructor() {
    this.#opener.append(icon('menu'));
    this.#closer.append(icon('close'));
    this.#opener.addEventListener('click', () => this.#open());
    this.#closer.addEventListener('click', () => this.#closeAndReturn());
    this.#shade.addEventListener('click', () => this.#closeAndReturn());
    this.#side.addEventListener('keydown', (event) => {
      if (event.key === 'Escape') this.#closeAndReturn();
    });
    this.#wide.addEventListener('change', () => this.#set(false));
    this.#set(false);
  }

  close(): void {
    this.#set(false);
  }

  #open(): void {
    this.#set(true);
    this.#side.querySelector<HTMLElement>('[aria-current]')?.focus();
  }

  #closeAndReturn(): void {
    if (this.#wide.matches) return;
    this.#set(false);
    this.#opener.focus();
  }

  #set(open: boolean): void {
    this.#side.classList.toggle('open', open);
    this.#shade.hidden = !open;
    // A closed drawer is out of the keyboard's way.
    this.#side.inert = !open && !this.#wide.matches;
    this.#opener.setAttribute('aria-expanded', String(open));
  }
}
