/** The log of pushes: what reached the phone of the member that one acts as. */

import { byId, el, fill, icon } from './base/dom.ts';
import type { Page } from './base/page.ts';
import { newPushes, personOf, placeOf, pushesTo } from './base/state.ts';
import { badge } from './channels.ts';
import { drawTime } from './markdown/draw.ts';
import { timeWords } from './markdown/time.ts';

export function drawPushesButton(page: Page): void {
  const count = newPushes(page.state, page.state.viewer);
  const button = byId('pushes-open', HTMLButtonElement);
  fill(button, icon('bell'), badge(count, ''));
  button.setAttribute('aria-label', count === 0 ? 'Notifications' : `Notifications, ${count} new`);
}

export function openPushes(page: Page): void {
  const dialog = byId('pushes', HTMLDialogElement);
  const { state } = page;
  const name = personOf(state, state.viewer)?.name ?? '';
  const list = pushesTo(state, state.viewer).toReversed();
  state.pushesSeen.set(state.viewer, Date.now());
  dialog.replaceChildren(
    el(
      'div',
      { class: 'dialog-head' },
      el('h2', { id: 'pushes-title' }, `On ${name}’s lock screen`),
      el(
        'button',
        { type: 'button', class: 'icon-button', 'aria-label': 'Close', onclick: () => dialog.close() },
        icon('close'),
      ),
    ),
    list.length === 0
      ? el(
          'p',
          { class: 'detail' },
          'Nothing yet. Discord pushes only messages that mention somebody; edits are silent.',
        )
      : el(
          'ul',
          { class: 'pushes' },
          ...list.map(({ place, message, text, atMs }) =>
            el(
              'li',
              {},
              el(
                'button',
                {
                  type: 'button',
                  onclick: () => {
                    dialog.close();
                    page.open(place, message);
                  },
                },
                el(
                  'span',
                  { class: 'push-head' },
                  el('strong', {}, `Heddle · ${placeOf(state, place)?.name ?? ''}`),
                  drawTime(Math.floor(atMs / 1000), 'R'),
                ),
                el('span', { class: 'push-text' }, named(page, text)),
              ),
            ),
          ),
        ),
  );
  dialog.showModal();
}

/** A lock screen shows mentions as names and no Markdown. */
function named(page: Page, text: string): string {
  return text
    .replace(/<@!?(\d{1,20})>/g, (whole, id: string) => {
      const name = personOf(page.state, id)?.name;
      return name === undefined ? whole : `@${name}`;
    })
    .replace(/<t:(\d{1,13})(?::(\w))?>/g, (_, seconds: string, style?: string) =>
      timeWords(Number(seconds), style ?? 'f', Date.now()),
    )
    .replace(/\*\*|```\w*\n?|^-# /gm, '');
}
