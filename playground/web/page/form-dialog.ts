/** A form (modal) that an interaction opened. */
import type { Form, Piece, Result } from '../wire.ts';
import { byId, type Child, el, icon } from './base/dom.ts';
import type { Page } from './base/page.ts';
import { drawMarkdown } from './markdown/draw.ts';
import { describe, optionsOf } from './message/menu.ts';

/** Discord: component types of a form. */
const TYPE = { row: 1, textInput: 4, text: 10, label: 18, fileUpload: 19 } as const;
const PARAGRAPH_STYLE = 2;

interface FormField {
  readonly element: HTMLElement;
  readonly customId: string;
  readonly value: () => string | string[];
}

/** Shows it until it was taken, or put away. */
export function openForm(
  page: Page,
  form: Form,
  submit: (values: Record<string, string | string[]>) => Promise<Result>,
): void {
  const dialog = byId('form', HTMLDialogElement);
  const error = el('p', { class: 'failed', role: 'alert' });
  const fields: FormField[] = [];
  const drawn = form.pieces.map((piece, index): Child => {
    if (piece.type === TYPE.text)
      return el('div', { class: 'md' }, drawMarkdown(piece.content ?? '', page.names));
    const inner = piece.type === TYPE.label ? piece.component : piece.components?.[0];
    if (inner?.custom_id === undefined) return null;
    const field = makeField(
      page,
      inner,
      index,
      (piece.type === TYPE.label ? piece.label : inner.label) ?? '',
      piece.description,
    );
    fields.push(field);
    return field.element;
  });
  const send = el('button', { type: 'submit', class: 'button primary' }, 'Submit');
  const close = (): void => dialog.close();
  dialog.replaceChildren(
    el(
      'form',
      {
        onsubmit: (event) => {
          event.preventDefault();
          send.disabled = true;
          const values = Object.fromEntries(fields.map(({ customId, value }) => [customId, value()]));
          void submit(values).then(({ failed }) => {
            send.disabled = false;
            if (failed === undefined) close();
            else error.textContent = failed;
          });
        },
      },
      el(
        'div',
        { class: 'dialog-head' },
        el('h2', { id: 'form-title' }, form.title),
        el(
          'button',
          { type: 'button', class: 'icon-button', 'aria-label': 'Close', onclick: close },
          icon('close'),
        ),
      ),
      ...drawn,
      error,
      el(
        'div',
        { class: 'dialog-foot' },
        el('button', { type: 'button', class: 'button secondary', onclick: close }, 'Cancel'),
        send,
      ),
    ),
  );
  if (!dialog.open) dialog.showModal();
  dialog.querySelector<HTMLElement>('input, textarea, select')?.focus();
}

function makeField(page: Page, piece: Piece, index: number, label: string, description?: string): FormField {
  const id = `field-${index}`;
  const required = piece.required ?? true;
  const shared = { id, required, 'aria-describedby': description === undefined ? undefined : `${id}-help` };
  const wrap = (control: HTMLElement): HTMLElement =>
    el(
      'div',
      { class: 'field' },
      el('label', { for: id }, label, required ? el('span', { class: 'required' }, ' *') : null),
      description === undefined ? null : el('span', { id: `${id}-help`, class: 'detail' }, description),
      control,
    );
  const customId = piece.custom_id ?? '';
  if (piece.type === TYPE.fileUpload)
    return { element: wrap(el('p', { id }, 'Files cannot be given here yet.')), customId, value: () => [] };
  if (piece.type !== TYPE.textInput) {
    const multiple = (piece.max_values ?? 1) > 1;
    const select = el(
      'select',
      { ...shared, multiple },
      multiple ? null : el('option', { value: '' }, piece.placeholder ?? 'Choose…'),
      ...optionsOf(piece, page).map((option) =>
        el('option', { value: option.value, selected: option.default === true }, describe(option)),
      ),
    );
    const value = (): string[] =>
      [...select.selectedOptions].map((option) => option.value).filter((chosen) => chosen !== '');
    return { element: wrap(select), customId, value };
  }
  const limits = {
    minlength: piece.min_length,
    maxlength: piece.max_length,
    placeholder: piece.placeholder,
  };
  const input =
    piece.style === PARAGRAPH_STYLE
      ? el('textarea', { ...shared, ...limits, rows: 5 })
      : el('input', { ...shared, ...limits, type: 'text' });
  input.value = piece.value ?? '';
  return { element: wrap(input), customId, value: () => input.value };
}
