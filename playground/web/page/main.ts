/** The page: a Discord on this machine. Everything that is shown comes from the server; this file ties the parts together. */

import { Connection } from './base/connection.ts';
import { byId, el, fill, icon } from './base/dom.ts';
import type { Names, Notice, Page } from './base/page.ts';
import { apply, begin, markSeen, personOf, placeOf, type State, slashCommandsOf } from './base/state.ts';
import { drawSide } from './channels.ts';
import { Composer } from './composer/composer.ts';
import { openForm } from './form-dialog.ts';
import { tickTimes } from './markdown/draw.ts';
import { MessageList } from './message/list.ts';
import { drawPushesButton, openPushes } from './pushes.ts';
import { Side } from './side.ts';

/** Relative times show seconds at first. */
const TICK_MS = 1_000;

let state: State | null = null;
let connected = false;
let noticeId = 0;
const notices: Notice[] = [];
const list = new MessageList(page);
const composer = new Composer(page);
const side = new Side();

const connection = new Connection({
  open: () => {
    connected = true;
    // The server begins anew with the first member: go on as the one that was chosen.
    if (state !== null) connection.be(state.viewer);
  },
  lost: () => {
    connected = false;
    drawTroubles();
  },
  message: (message) => {
    if (message.type === 'reload') return location.reload();
    if (message.type === 'all') {
      // Another run of the playground: nothing of the old one is there any more.
      if (state?.around.guild.id !== message.around.guild.id) state = null;
      // The greeting of a new connection, before the member was chosen again.
      else if (message.viewer !== state.viewer && message.viewer !== wanted) return;
      state = begin(message, state);
    } else if (state !== null) apply(state, message);
    drawSoon();
  },
});
let wanted = '';

const names: Names = {
  user: (id) => (state === null ? undefined : personOf(state, id)?.name),
  role: (id) => state?.around.roles.find((role) => role.id === id)?.name.replace(/^@/, ''),
  channel: (id) => {
    const found = state === null ? undefined : placeOf(state, id);
    return found === undefined ? undefined : { name: found.name, thread: found.parent !== null };
  },
  open,
};

function page(): Page {
  if (state === null) throw new Error('nothing is there yet');
  return {
    state,
    names,
    notices,
    ask: (action) => connection.act(action),
    act: async (action, at) => {
      const result = await connection.act(action);
      if (at.message !== undefined) clearNotices(({ message }) => message === at.message);
      if (result.failed !== undefined) notice(at.place, at.message ?? null, result.failed);
      const { form } = result;
      if (form !== undefined)
        openForm(page(), form, (values) => connection.act({ type: 'submit', form: form.id, values }));
      return result;
    },
    open,
    dismissNotice: (id) => clearNotices((notice) => notice.id === id),
    prefill: (name, options) => {
      const command = slashCommandsOf(page().state).find((found) => found.name === name);
      if (command !== undefined) composer.open(command, options);
    },
  };
}

function notice(place: string, message: string | null, words: string): void {
  notices.push({ id: ++noticeId, place, message, words });
  drawSoon();
}

function clearNotices(which: (notice: Notice) => boolean): void {
  for (let at = notices.length - 1; at >= 0; at--) {
    const found = notices[at];
    if (found !== undefined && which(found)) notices.splice(at, 1);
  }
  drawSoon();
}

function open(place: string, message?: string): void {
  if (state === null) return;
  if (placeOf(state, place) === undefined) return notice(state.place, null, 'You do not see this channel.');
  state.place = place;
  side.close();
  draw();
  if (message !== undefined) list.show(message);
}

function be(member: string): void {
  wanted = member;
  notices.length = 0;
  connection.be(member);
}

let pending = false;
function drawSoon(): void {
  if (pending) return;
  pending = true;
  requestAnimationFrame(() => {
    pending = false;
    draw();
  });
}

function draw(): void {
  drawTroubles();
  if (state === null) return;
  if (document.visibilityState === 'visible') markSeen(state, state.place);
  drawSide(page(), be);
  drawWhere(state);
  drawPushesButton(page());
  list.draw();
  composer.draw();
}

function drawWhere(now: State): void {
  const place = placeOf(now, now.place);
  const parent = place?.parent === null || place === undefined ? undefined : placeOf(now, place.parent ?? '');
  fill(
    byId('where', HTMLElement),
    parent === undefined
      ? null
      : el(
          'button',
          { type: 'button', class: 'parent', 'data-key': 'parent', onclick: () => open(parent.id) },
          icon('hash'),
          parent.name,
          el('span', { 'aria-hidden': 'true' }, ' ›'),
        ),
    el('h2', {}, icon(place?.parent === null ? 'hash' : 'thread'), el('span', {}, place?.name ?? '')),
  );
  document.title = `${place?.parent === null ? '#' : ''}${place?.name ?? 'Heddle'} · Heddle playground`;
}

function drawTroubles(): void {
  const words = connected
    ? (state?.around.troubles ?? [])
    : [
        state === null
          ? 'Connecting…'
          : 'The playground has stopped. Run npm start again; this page connects by itself.',
      ];
  const home = byId('troubles', HTMLElement);
  if (home.dataset.words === words.join('\n')) return;
  home.dataset.words = words.join('\n');
  fill(home, ...words.map((text) => el('p', {}, text)));
}

byId('pushes-open', HTMLButtonElement).addEventListener('click', () => {
  if (state === null) return;
  openPushes(page());
  drawSoon();
});
document.addEventListener('visibilitychange', drawSoon);
setInterval(() => {
  tickTimes();
  if (state !== null) composer.draw();
}, TICK_MS);
