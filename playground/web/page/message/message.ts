/** One message as an element. */
import type { MessageShown } from '../../wire.ts';
import { type Child, el, icon } from '../base/dom.ts';
import type { Page } from '../base/page.ts';
import { findMessage, menuCommandsOf, placeOf } from '../base/state.ts';
import { drawMarkdown, type Spoilers } from '../markdown/draw.ts';
import { clockWords } from '../markdown/time.ts';
import { drawFile } from './files.ts';
import { drawPiece, shownFiles } from './pieces.ts';

const SNIPPET_MAX = 80;
/** As many as the style sheet has colours for people. */
const COLOURS = 6;

export function drawMessage(
  page: Page,
  message: MessageShown,
  how: { readonly head: boolean; readonly spoilers: Spoilers },
): HTMLLIElement {
  const classes = ['message'];
  if (how.head) classes.push('head');
  if (message.onlyYou) classes.push('only-you');
  if (message.mentionsYou) classes.push('for-you');
  const attributes = { class: classes.join(' '), id: `message-${message.id}` };
  if (message.system)
    return el(
      'li',
      { ...attributes, class: 'message system' },
      icon(/thread/.test(message.text) ? 'thread' : 'send'),
      el('span', {}, message.text),
      el('time', {}, clockWords(message.createdMs)),
    );
  const listed = shownFiles(message.pieces);
  const place = { page, message, spoilers: how.spoilers };
  return el(
    'li',
    attributes,
    replyLine(page, message),
    how.head ? avatar(message.author.name, message.author.bot) : null,
    how.head ? header(message) : el('time', { class: 'aside' }, clockWords(message.createdMs)),
    el(
      'div',
      { class: 'content' },
      message.loading ? el('p', { class: 'thinking' }, `${message.author.name} is thinking…`) : null,
      message.text === ''
        ? null
        : el(
            'div',
            { class: 'md' },
            drawMarkdown(message.text, page.names, how.spoilers),
            message.edited && !message.author.bot ? el('span', { class: 'edited' }, ' (edited)') : null,
          ),
      ...message.files.filter(({ name }) => !listed.has(name)).map(drawFile),
      ...message.pieces.map((piece) => drawPiece(piece, place)),
      message.reactions.length === 0
        ? null
        : el('p', { class: 'reactions' }, ...message.reactions.map((name) => el('span', {}, name))),
      threadBox(page, message),
      message.onlyYou ? onlyYou(page, message) : null,
      bell(message),
      ...page.notices
        .filter((notice) => notice.message === message.id)
        .map(({ words }) => el('p', { class: 'failed', role: 'alert' }, words)),
    ),
    menuButton(page, message),
  );
}

export function avatar(name: string, bot: boolean): HTMLElement {
  if (bot) return el('img', { class: 'avatar', src: '/icon.svg', alt: '' });
  const colour = [...name].reduce((sum, char) => sum + (char.codePointAt(0) ?? 0), 0) % COLOURS;
  return el(
    'span',
    { class: `avatar colour-${colour}`, 'aria-hidden': 'true' },
    name.charAt(0).toUpperCase(),
  );
}

function header(message: MessageShown): HTMLElement {
  const { name, bot } = message.author;
  return el(
    'div',
    { class: 'header' },
    el('span', { class: 'author' }, name),
    bot ? el('span', { class: 'tag' }, 'APP') : null,
    el('time', { datetime: new Date(message.createdMs).toISOString() }, clockWords(message.createdMs)),
  );
}

function replyLine(page: Page, { replyTo, place }: MessageShown): Child {
  if (replyTo === null) return null;
  const replied = findMessage(page.state, replyTo);
  const text = replied === undefined ? 'Original message was deleted' : snippet(replied);
  return el(
    'button',
    { type: 'button', class: 'reply', onclick: () => page.open(place, replyTo) },
    replied === undefined ? null : el('strong', {}, replied.author.name),
    ` ${text}`,
  );
}

export function snippet(message: MessageShown): string {
  const text = message.text === '' ? 'a message' : message.text.replace(/\s+/g, ' ');
  return text.length > SNIPPET_MAX ? `${text.slice(0, SNIPPET_MAX)}…` : text;
}

/** Discord: a thread that began at a message has its id. */
function threadBox(page: Page, message: MessageShown): Child {
  const thread = placeOf(page.state, message.id);
  if (thread === undefined || thread.id === message.place) return null;
  const count = (page.state.messages.get(thread.id) ?? []).filter(({ system }) => !system).length;
  return el(
    'button',
    {
      type: 'button',
      class: 'thread-box',
      'data-key': `thread-${thread.id}`,
      onclick: () => page.open(thread.id),
    },
    icon('thread'),
    el('strong', {}, thread.name),
    el('span', { class: 'count' }, `${count} message${count === 1 ? '' : 's'} ›`),
  );
}

function onlyYou(page: Page, message: MessageShown): HTMLElement {
  return el(
    'p',
    { class: 'private' },
    icon('eye'),
    'Only you can see this · ',
    el(
      'button',
      {
        type: 'button',
        class: 'text-button',
        'data-key': 'dismiss',
        onclick: () => void page.act({ type: 'dismiss', message: message.id }, { place: message.place }),
      },
      'Dismiss',
    ),
  );
}

function bell({ notified }: MessageShown): Child {
  if (notified.length === 0) return null;
  return el('p', { class: 'bell' }, icon('bell'), `notified ${notified.join(', ')}`);
}

/** The message menu, when there are commands for it. */
function menuButton(page: Page, message: MessageShown): Child {
  const commands = menuCommandsOf(page.state);
  if (commands.length === 0 || message.onlyYou) return null;
  return el(
    'details',
    { class: 'apps' },
    el('summary', { 'aria-label': 'Apps' }, icon('more')),
    ...commands.map(({ name }) =>
      el(
        'button',
        {
          type: 'button',
          onclick: () =>
            void page.act(
              { type: 'menu', message: message.id, name },
              { place: message.place, message: message.id },
            ),
        },
        name,
      ),
    ),
  );
}
