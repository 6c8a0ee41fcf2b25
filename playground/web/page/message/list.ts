/** The messages of the open channel: elements are kept while nothing in them changed, and the end stays in sight. */
import type { MessageShown, Place } from '../../wire.ts';
import { byId, el, fill, focusKey } from '../base/dom.ts';
import type { Page } from '../base/page.ts';
import { messagesHere, placeOf } from '../base/state.ts';
import type { Spoilers } from '../markdown/draw.ts';
import { drawMessage, snippet } from './message.ts';
import { welcome } from './welcome.ts';

/** Discord: messages of one author within this time share a header. */
const GROUP_MS = 7 * 60_000;
/** Closer to the end than this, the list follows new messages. Pixels. */
const NEAR_END_PX = 120;

interface Drawn {
  readonly element: HTMLElement;
  readonly signature: string;
}

export class MessageList {
  readonly #page: () => Page;
  readonly #scroller = byId('scroller', HTMLElement);
  readonly #list = byId('messages', HTMLOListElement);
  readonly #newest = byId('newest', HTMLButtonElement);
  readonly #announcer = byId('announcer', HTMLElement);
  readonly #spoilers = new Map<string, Set<number>>();
  #drawn = new Map<string, Drawn>();
  /** Who looks, and at what. */
  #where = '';
  #announced = new Set<string>();
  #following = true;

  constructor(page: () => Page) {
    this.#page = page;
    this.#scroller.addEventListener('scroll', () => {
      const { scrollHeight, scrollTop, clientHeight } = this.#scroller;
      this.#following = scrollHeight - scrollTop - clientHeight < NEAR_END_PX;
      this.#newest.hidden = this.#following;
    });
    this.#newest.addEventListener('click', () => this.toEnd());
    // A composer that grows must not hide the newest message.
    new ResizeObserver(() => {
      if (this.#following) this.toEnd();
    }).observe(this.#scroller);
  }

  toEnd(): void {
    this.#scroller.scrollTop = this.#scroller.scrollHeight;
  }

  /** Scrolls to a message and marks it for a moment. */
  show(id: string): void {
    const element = document.getElementById(`message-${id}`);
    if (element === null) return;
    element.scrollIntoView({ block: 'center' });
    element.classList.add('shown');
    element.addEventListener('animationend', () => element.classList.remove('shown'), { once: true });
  }

  draw(): void {
    const page = this.#page();
    const { state } = page;
    const where = `${state.viewer} ${state.place}`;
    const moved = where !== this.#where;
    this.#where = where;
    if (moved) this.#drawn = new Map();
    const messages = messagesHere(state);
    const names = JSON.stringify([state.viewer, state.around.places, state.around.people]);
    const drawn = new Map<string, Drawn>();
    const elements: HTMLElement[] = [];
    const here = placeOf(state, state.place);
    if (here !== undefined)
      elements.push(this.#keep('welcome', this.#welcomeSignature(here), drawn, () => welcome(page, here)));
    messages.forEach((message, index) => {
      const head = beginsGroup(message, messages[index - 1]);
      const notices = page.notices.filter((notice) => notice.message === message.id);
      const thread = state.messages.get(message.id)?.length ?? 0;
      const signature = JSON.stringify([message, head, notices, thread, names]);
      elements.push(
        this.#keep(message.id, signature, drawn, () =>
          drawMessage(page, message, { head, spoilers: this.#spoilersOf(message.id) }),
        ),
      );
    });
    for (const notice of page.notices)
      if (notice.message === null && notice.place === state.place)
        elements.push(
          this.#keep(`notice-${notice.id}`, notice.words, drawn, () =>
            drawNotice(page, notice.id, notice.words),
          ),
        );
    this.#drawn = drawn;
    this.#arrange(elements);
    if (moved || this.#following) this.toEnd();
    this.#announce(messages, moved);
  }

  #welcomeSignature(place: Place): string {
    return JSON.stringify([place, this.#page().state.around.hints]);
  }

  /** The old element when it still fits. A new one in its place keeps the focus. */
  #keep(key: string, signature: string, drawn: Map<string, Drawn>, draw: () => HTMLElement): HTMLElement {
    const before = this.#drawn.get(key);
    if (before?.signature === signature) {
      drawn.set(key, before);
      return before.element;
    }
    const element = draw();
    drawn.set(key, { element, signature });
    if (before !== undefined) {
      const focused = before.element.contains(document.activeElement)
        ? document.activeElement?.getAttribute('data-key')
        : null;
      before.element.replaceWith(element);
      if (focused !== null && focused !== undefined) focusKey(element, focused);
    }
    return element;
  }

  /** Puts the elements in order and touches only what is out of place. */
  #arrange(elements: readonly HTMLElement[]): void {
    const wanted = new Set(elements);
    for (const child of [...this.#list.children])
      if (child instanceof HTMLElement && !wanted.has(child)) child.remove();
    elements.forEach((element, index) => {
      const there = this.#list.children[index];
      if (there !== element) this.#list.insertBefore(element, there ?? null);
    });
  }

  #spoilersOf(message: string): Spoilers {
    return {
      isOpen: (index) => this.#spoilers.get(message)?.has(index) === true,
      open: (index) => {
        const open = this.#spoilers.get(message) ?? new Set();
        open.add(index);
        this.#spoilers.set(message, open);
      },
    };
  }

  /** Says each new message once to screen readers; edits of a stream would be noise. */
  #announce(messages: readonly MessageShown[], moved: boolean): void {
    const fresh = messages.filter(({ id }) => !this.#announced.has(id));
    for (const { id } of fresh) this.#announced.add(id);
    // What was said to another member is not left behind.
    if (moved) return fill(this.#announcer);
    const { viewer } = this.#page().state;
    const newest = fresh.filter(({ author }) => author.id !== viewer).at(-1);
    if (newest === undefined) return;
    fill(this.#announcer, `${newest.author.name}: ${snippet(newest)}`);
  }
}

function beginsGroup(message: MessageShown, before: MessageShown | undefined): boolean {
  return (
    before === undefined ||
    before.system ||
    before.author.id !== message.author.id ||
    before.onlyYou !== message.onlyYou ||
    message.replyTo !== null ||
    message.createdMs - before.createdMs > GROUP_MS
  );
}

function drawNotice(page: Page, id: number, words: string): HTMLElement {
  return el(
    'li',
    { class: 'message notice', role: 'alert' },
    el('p', {}, words),
    el(
      'p',
      { class: 'private' },
      'Only you can see this · ',
      el(
        'button',
        { type: 'button', class: 'text-button', onclick: () => page.dismissNotice(id) },
        'Dismiss',
      ),
    ),
  );
}
