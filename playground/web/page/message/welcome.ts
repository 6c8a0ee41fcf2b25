/** What stands above the first message of a channel: what it is, and what to try. */
import type { Place } from '../../wire.ts';
import { el, icon } from '../base/dom.ts';
import type { Page } from '../base/page.ts';

export function welcome(page: Page, place: Place): HTMLElement {
  if (place.parent !== null)
    return el(
      'li',
      { class: 'welcome' },
      el('span', { class: 'welcome-icon' }, icon('thread')),
      el('h2', {}, place.name),
      el('p', {}, 'A thread. When a session lives here, ', el('code', {}, '/ask'), ' is its next turn.'),
    );
  const { hints, live } = page.state.around;
  return el(
    'li',
    { class: 'welcome' },
    el('span', { class: 'welcome-icon' }, icon('hash')),
    el('h2', {}, `Welcome to #${place.name}`),
    el(
      'p',
      {},
      live
        ? 'A Discord on this machine, with your own Claude behind it. '
        : 'A Discord on this machine. The Claude CLI behind it is real; the model is a script that plays what words in your prompt ask for. ',
      'Type ',
      el('code', {}, '/'),
      ' for the commands, or try:',
    ),
    el(
      'ul',
      { class: 'hints' },
      ...hints.map((prompt) =>
        el(
          'li',
          {},
          el(
            'button',
            { type: 'button', class: 'hint', onclick: () => page.prefill('new', { prompt }) },
            el('span', { class: 'command-name' }, '/new'),
            ` ${prompt}`,
          ),
        ),
      ),
    ),
  );
}
