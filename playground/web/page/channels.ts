/** The side: the server, its channels with their threads, who one is, and the runners. */
import type { Place } from '../wire.ts';
import { byId, type Child, el, fill, icon } from './base/dom.ts';
import type { Page } from './base/page.ts';
import { isUnread, newPushes } from './base/state.ts';
import { avatar } from './message/message.ts';

/** Discord's channel type of an announcement channel. */
const ANNOUNCEMENT = 5;
const BADGE_MAX = 9;

export function drawSide(page: Page, be: (member: string) => void): void {
  const { around } = page.state;
  byId('guild-name', HTMLElement).textContent = around.guild.name;
  const top = around.places.filter(({ parent }) => parent === null);
  fill(
    byId('channels', HTMLUListElement),
    ...top.map((place) => {
      const threads = around.places.filter(({ parent }) => parent === place.id);
      return el(
        'li',
        {},
        placeButton(page, place),
        threads.length === 0
          ? null
          : el(
              'ul',
              { class: 'threads' },
              ...threads.map((thread) => el('li', {}, placeButton(page, thread))),
            ),
      );
    }),
  );
  fill(
    byId('members', HTMLElement),
    ...around.members.map(({ id, name }) => memberButton(page, id, name, be)),
  );
  fill(
    byId('runners', HTMLElement),
    ...around.runners.map(({ name, running }) => runnerLine(page, name, running)),
  );
}

function placeButton(page: Page, place: Place): HTMLElement {
  const { state } = page;
  const current = place.id === state.place;
  const unread = !current && isUnread(state, place.id);
  const kind = place.parent === null ? (place.type === ANNOUNCEMENT ? 'megaphone' : 'hash') : 'thread';
  const marks = [
    unread ? 'unread' : null,
    place.archived ? 'archived' : null,
    place.locked ? 'locked' : null,
  ];
  return el(
    'button',
    {
      type: 'button',
      class: [
        'place',
        current ? 'current' : null,
        unread ? 'unread' : null,
        place.archived ? 'archived' : null,
      ]
        .filter(Boolean)
        .join(' '),
      'aria-current': current ? 'page' : undefined,
      'data-key': `place-${place.id}`,
      onclick: () => page.open(place.id),
    },
    icon(kind),
    el('span', { class: 'place-name' }, place.name),
    place.locked ? icon('lock') : null,
    el('span', { class: 'hidden-text' }, marks.filter(Boolean).join(', ')),
  );
}

function memberButton(page: Page, id: string, name: string, be: (member: string) => void): HTMLElement {
  const count = id === page.state.viewer ? 0 : newPushes(page.state, id);
  return el(
    'button',
    {
      type: 'button',
      class: 'member',
      'aria-pressed': String(id === page.state.viewer),
      'data-key': `member-${id}`,
      onclick: () => be(id),
    },
    avatar(name, false),
    name,
    badge(count, `${count} new for ${name}`),
  );
}

export function badge(count: number, words: string): Child {
  if (count === 0) return null;
  return el(
    'span',
    { class: 'badge' },
    el('span', { 'aria-hidden': 'true' }, count > BADGE_MAX ? `${BADGE_MAX}+` : String(count)),
    el('span', { class: 'hidden-text' }, words),
  );
}

function runnerLine(page: Page, name: string, running: boolean): HTMLElement {
  const button = el(
    'button',
    {
      type: 'button',
      class: 'text-button',
      'data-key': `runner-${name}`,
      onclick: () => {
        button.disabled = true;
        void page.act({ type: 'runner', name, on: !running }, { place: page.state.place }).finally(() => {
          button.disabled = false;
        });
      },
    },
    running ? 'Stop' : 'Start',
    el('span', { class: 'hidden-text' }, ` the runner ${name}`),
  );
  return el(
    'p',
    { class: `runner ${running ? 'on' : 'off'}` },
    el('span', { class: 'dot', 'aria-hidden': 'true' }),
    el('span', { class: 'place-name' }, `${name}: ${running ? 'running' : 'stopped'}`),
    button,
  );
}
