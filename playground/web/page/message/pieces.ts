/** Discord's components as elements. */

import type { FileShown, Piece } from '../../wire.ts';
import { el } from '../base/dom.ts';
import type { Page } from '../base/page.ts';
import { drawMarkdown } from '../markdown/draw.ts';
import { drawFile } from './files.ts';
import { drawMenu } from './menu.ts';
import type { Place } from './place.ts';

/** Discord: components reference "Component Types". */
const TYPE = {
  row: 1,
  button: 2,
  section: 9,
  text: 10,
  thumbnail: 11,
  gallery: 12,
  file: 13,
  separator: 14,
  container: 17,
} as const;
const BUTTON_CLASS = ['', 'primary', 'secondary', 'success', 'danger', 'link'] as const;
const LINK_STYLE = 5;
const LARGE_SPACING = 2;

export function drawPiece(piece: Piece, at: Place): Node | null {
  const inside = (): (Node | null)[] => (piece.components ?? []).map((child) => drawPiece(child, at));
  switch (piece.type) {
    case TYPE.row:
      return el('div', { class: 'row' }, ...inside());
    case TYPE.button:
      return drawButton(piece, at);
    case TYPE.section:
      return el(
        'div',
        { class: 'section' },
        el('div', { class: 'section-text' }, ...inside()),
        piece.accessory === undefined ? null : drawPiece(piece.accessory, at),
      );
    case TYPE.text:
      return el('div', { class: 'md' }, drawMarkdown(piece.content ?? '', at.page.names, at.spoilers));
    case TYPE.thumbnail:
      return drawImage(piece, at.message.files);
    case TYPE.gallery:
      return el(
        'div',
        { class: 'gallery' },
        ...(piece.items ?? []).map((item) => drawImage(item, at.message.files)),
      );
    case TYPE.file: {
      const file = at.message.files.find(({ name }) => name === piece.attachment);
      return file === undefined ? null : drawFile(file);
    }
    case TYPE.separator:
      return el('hr', {
        class: `separator${piece.divider === false ? ' bare' : ''}${piece.spacing === LARGE_SPACING ? ' large' : ''}`,
      });
    case TYPE.container:
      return drawContainer(piece, inside());
    default:
      // 3 and 5 to 8 are menus; what a message cannot have is not drawn.
      return piece.type >= 3 && piece.type <= 8 && piece.type !== 4 ? drawMenu(piece, at) : null;
  }
}

function drawContainer(piece: Piece, children: readonly (Node | null)[]): HTMLElement {
  const container = el('div', { class: 'container' }, ...children);
  if (typeof piece.accent_color === 'number')
    container.style.setProperty('--accent', `#${piece.accent_color.toString(16).padStart(6, '0')}`);
  return container;
}

/** Files that a component shows are not listed a second time below the message. */
export function shownFiles(pieces: readonly Piece[]): Set<string> {
  const names = new Set<string>();
  const look = (piece: Piece): void => {
    if (piece.attachment !== undefined) names.add(piece.attachment);
    for (const child of [...(piece.components ?? []), ...(piece.items ?? [])]) look(child);
    if (piece.accessory !== undefined) look(piece.accessory);
  };
  pieces.forEach(look);
  return names;
}

function drawImage(piece: Piece, files: readonly FileShown[]): HTMLElement | null {
  const file = files.find(({ name }) => name === piece.attachment);
  // Pictures from elsewhere are not loaded: the page makes no request outside this machine.
  if (file === undefined) return el('span', { class: 'no-image' }, piece.description ?? 'picture');
  return el('img', { src: file.path, alt: piece.description ?? file.name, loading: 'lazy' });
}

function drawButton(piece: Piece, { page, message }: Place): HTMLElement {
  const label = [piece.emoji?.name, piece.label].filter((part) => part !== undefined).join(' ');
  const style = BUTTON_CLASS[piece.style ?? 2] ?? 'secondary';
  if (piece.style === LINK_STYLE) return drawLinkButton(piece.url ?? '', label, page);
  const id = piece.custom_id ?? '';
  const button = el(
    'button',
    {
      type: 'button',
      class: `button ${style}`,
      disabled: piece.disabled === true,
      'data-key': id,
      onclick: () => {
        if (button.getAttribute('aria-busy') === 'true') return;
        button.setAttribute('aria-busy', 'true');
        void page
          .act(
            { type: 'click', message: message.id, customId: id },
            { place: message.place, message: message.id },
          )
          .finally(() => button.removeAttribute('aria-busy'));
      },
    },
    label,
  );
  return button;
}

const MESSAGE_LINK = /^https:\/\/discord\.com\/channels\/\d+\/(\d{1,20})(?:\/(\d{1,20}))?$/;

function drawLinkButton(url: string, label: string, page: Page): HTMLElement {
  const [, place, message] = MESSAGE_LINK.exec(url) ?? [];
  if (place !== undefined && page.names.channel(place) !== undefined)
    return el(
      'button',
      {
        type: 'button',
        class: 'button secondary',
        'data-key': url,
        onclick: () => page.open(place, message),
      },
      label,
    );
  const safe = /^https?:\/\//.test(url) ? url : undefined;
  return el(
    'a',
    { class: 'button secondary', href: safe, target: '_blank', rel: 'noopener noreferrer nofollow' },
    `${label} ↗`,
  );
}
