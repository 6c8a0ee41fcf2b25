/** Where a person writes: a plain message, or a slash command. */
import type { Command } from '../../wire.ts';
import { byId, el, icon } from '../base/dom.ts';
import type { Page } from '../base/page.ts';
import { personOf, placeOf, slashCommandsOf } from '../base/state.ts';
import { commandForm } from './command-form.ts';
import { grow } from './field.ts';
import { Suggestions } from './suggestions.ts';

/** Discord: characters of one message. */
const MESSAGE_MAX = 2000;

export class Composer {
  readonly #page: () => Page;
  readonly #home = byId('composer', HTMLElement);
  readonly #typing = byId('typing', HTMLElement);
  readonly #suggestions = new Suggestions();
  readonly #input = el('textarea', {
    id: 'say',
    rows: 1,
    maxlength: MESSAGE_MAX,
    autocomplete: 'off',
    enterkeyhint: 'send',
    oninput: () => this.#onInput(),
    onblur: () => this.#suggestions.hide(),
    onkeydown: (event) => {
      if (event instanceof KeyboardEvent) this.#onKey(event);
    },
  });
  readonly #note = el('p', { class: 'note' });
  readonly #plain: HTMLFormElement;
  readonly #sending = new Set<string>();

  constructor(page: () => Page) {
    this.#page = page;
    this.#plain = el(
      'form',
      {
        class: 'plain',
        onsubmit: (event) => {
          event.preventDefault();
          this.#send();
        },
      },
      this.#note,
      el(
        'div',
        { class: 'plain-row' },
        el(
          'button',
          {
            type: 'button',
            class: 'icon-button slash',
            'aria-label': 'Slash commands',
            onclick: () => this.#slash(),
          },
          '/',
        ),
        this.#input,
        el('button', { type: 'submit', class: 'icon-button', 'aria-label': 'Send' }, icon('send')),
      ),
    );
    this.#home.append(this.#plain);
  }

  /** Follows the state: where one writes, as whom, and who is typing. */
  draw(): void {
    const { state } = this.#page();
    const place = placeOf(state, state.place);
    const name = personOf(state, state.viewer)?.name ?? '';
    // A thread's name is long, and stands in the heading.
    const label = `Message ${place?.parent === null ? `#${place.name}` : 'this thread'} as ${name}`;
    this.#input.placeholder = label;
    this.#input.setAttribute('aria-label', label);
    this.#note.textContent = place?.locked
      ? 'This thread is locked.'
      : place?.archived
        ? 'This thread is archived. A message brings it back.'
        : '';
    this.#note.hidden = this.#note.textContent === '';
    const typing = place !== undefined && place.typingUntilMs > Date.now() ? ['Heddle is typing…'] : [];
    const words = [...[...this.#sending].map((sent) => `Sending ${sent}…`), ...typing].join(' ');
    if (this.#typing.textContent !== words) this.#typing.textContent = words;
  }

  open(command: Command, given: Readonly<Record<string, string>>): void {
    this.#suggestions.hide();
    this.#input.value = '';
    const form = commandForm(command, given, this.#page(), this.#suggestions, {
      run: (options) => {
        this.#close(false);
        const channel = this.#page().state.place;
        const sent = `/${command.name}`;
        this.#sending.add(sent);
        this.draw();
        void this.#page()
          .act({ type: 'command', channel, name: command.name, options: { ...options } }, { place: channel })
          .finally(() => {
            this.#sending.delete(sent);
            this.draw();
          });
      },
      cancel: () => this.#close(true),
    });
    this.#home.replaceChildren(form.element);
    form.focus();
  }

  /** Back to a plain message. On a touch screen the keyboard stays down unless the person goes on writing. */
  #close(goesOn: boolean): void {
    this.#suggestions.hide();
    this.#home.replaceChildren(this.#plain);
    if (goesOn || !matchMedia('(pointer: coarse)').matches) this.#input.focus();
  }

  #slash(): void {
    this.#input.value = '/';
    this.#input.focus();
    this.#onInput();
  }

  #onInput(): void {
    grow(this.#input);
    const text = this.#input.value;
    if (!text.startsWith('/')) return this.#suggestions.hide();
    const commands = slashCommandsOf(this.#page().state);
    // A whole name and a space chooses it; what was pasted behind it is its first option.
    const whole = commands
      .filter(({ name }) => text.toLowerCase().startsWith(`/${name} `))
      .sort((a, b) => b.name.length - a.name.length)[0];
    if (whole !== undefined) {
      const rest = text.slice(whole.name.length + 2);
      const [first] = whole.options;
      return this.open(whole, first === undefined || rest === '' ? {} : { [first.name]: rest });
    }
    const typed = text.slice(1).toLowerCase();
    const starts = commands.filter(({ name }) => name.startsWith(typed));
    const others = commands.filter(
      ({ name, description }) =>
        !name.startsWith(typed) && typed !== '' && `${name} ${description}`.toLowerCase().includes(typed),
    );
    this.#suggestions.show(
      this.#input,
      [...starts, ...others].map((command) => ({
        label: `/${command.name}`,
        detail: command.description,
        choose: () => this.open(command, {}),
      })),
      true,
    );
  }

  #onKey(event: KeyboardEvent): void {
    if (event.isComposing) return;
    if (this.#suggestions.key(event)) return event.preventDefault();
    if (event.key !== 'Enter' || event.shiftKey) return;
    event.preventDefault();
    this.#send();
  }

  #send(): void {
    const text = this.#input.value.trim();
    if (text === '') return;
    this.#suggestions.hide();
    this.#input.value = '';
    grow(this.#input);
    const channel = this.#page().state.place;
    void this.#page()
      .act({ type: 'send', channel, text }, { place: channel })
      .then(({ failed }) => {
        // What could not be sent is not lost.
        if (failed !== undefined && this.#input.value === '') this.#input.value = text;
      });
  }
}
