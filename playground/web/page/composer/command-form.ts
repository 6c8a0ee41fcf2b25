/** A chosen slash command with the fields of its options. Enter runs it, Escape puts it away. */
import type { Command } from '../../wire.ts';
import { el, icon } from '../base/dom.ts';
import type { Page } from '../base/page.ts';
import { type AskChoices, type Field, makeField, type Value } from './field.ts';
import type { Suggestions } from './suggestions.ts';

export interface CommandFormEvents {
  readonly run: (options: Readonly<Record<string, Value>>) => void;
  readonly cancel: () => void;
}

export function commandForm(
  command: Command,
  given: Readonly<Record<string, string>>,
  page: Page,
  suggestions: Suggestions,
  events: CommandFormEvents,
): { readonly element: HTMLFormElement; focus(): void } {
  const fields: Field[] = [];
  const filled = (): Record<string, Value> => {
    const options: Record<string, Value> = {};
    for (const { option, value } of fields) {
      const found = value();
      if (found !== undefined) options[option.name] = found;
    }
    return options;
  };
  const ask: AskChoices = async (focused, text) => {
    const options = { ...filled(), [focused]: text };
    const { choices } = await page.ask({
      type: 'autocomplete',
      channel: page.state.place,
      name: command.name,
      focused,
      options,
    });
    return choices ?? [];
  };
  command.options.forEach((option, index) => {
    const field = makeField(option, `option-${index}`, page, suggestions, ask);
    const value = given[option.name];
    if (value !== undefined) field.set(value);
    fields.push(field);
  });
  const element = el(
    'form',
    {
      class: 'command',
      'aria-label': `Command ${command.name}`,
      onsubmit: (event) => {
        event.preventDefault();
        suggestions.hide();
        events.run(filled());
      },
      onkeydown: (event) => {
        if (event instanceof KeyboardEvent) onKey(event);
      },
    },
    el(
      'div',
      { class: 'command-head' },
      el('span', { class: 'command-name' }, `/${command.name}`),
      el('span', { class: 'detail' }, command.description),
      el(
        'button',
        {
          type: 'button',
          class: 'icon-button',
          'aria-label': 'Put the command away',
          onclick: events.cancel,
        },
        icon('close'),
      ),
    ),
    ...fields.map(drawField),
    el(
      'div',
      { class: 'command-foot' },
      el('span', { class: 'keys' }, 'Enter runs · Esc cancels'),
      el('button', { type: 'submit', class: 'button primary' }, 'Run'),
    ),
  );

  function onKey(event: KeyboardEvent): void {
    // Enter that ends a composition of CJK text is not meant for us.
    if (event.isComposing) return;
    if (suggestions.key(event)) return event.preventDefault();
    const { target } = event;
    if (event.key === 'Escape') {
      event.preventDefault();
      events.cancel();
    } else if (event.key === 'Enter' && !event.shiftKey && target instanceof HTMLTextAreaElement) {
      event.preventDefault();
      element.requestSubmit();
    } else if (
      event.key === 'Backspace' &&
      target === fields[0]?.input &&
      fields.every((field) => field.input.value === '')
    ) {
      event.preventDefault();
      events.cancel();
    }
  }

  return {
    element,
    focus: () => {
      const empty = fields.find(({ option, input }) => option.required && input.value === '');
      const first = (empty ?? fields[0])?.input ?? element.querySelector<HTMLElement>('[type=submit]');
      first?.focus();
      if (first instanceof HTMLTextAreaElement)
        first.setSelectionRange(first.value.length, first.value.length);
    },
  };
}

function drawField({ option, input }: Field): HTMLElement {
  return el(
    'div',
    { class: 'option' },
    el(
      'label',
      { for: input.id },
      option.name,
      option.required ? el('span', { class: 'required' }, ' *') : null,
    ),
    el(
      'div',
      { class: 'option-input' },
      input,
      el('span', { id: `${input.id}-help`, class: 'detail' }, option.description),
    ),
  );
}
