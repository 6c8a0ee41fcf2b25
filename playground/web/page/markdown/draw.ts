/** Parsed Markdown as elements. */
import { el } from '../base/dom.ts';
import type { Names } from '../base/page.ts';
import { parseBlocks } from './blocks.ts';
import type { Block, Inline, List } from './nodes.ts';
import { timeWords } from './time.ts';

/** A spoiler that was opened stays open over edits: it is remembered by its place in its message. */
export interface Spoilers {
  isOpen(index: number): boolean;
  open(index: number): void;
}

const NO_SPOILERS: Spoilers = { isOpen: () => false, open: () => {} };
const MESSAGE_LINK = /^https:\/\/(?:\w+\.)?discord\.com\/channels\/(?:\d+|@me)\/(\d{1,20})(?:\/(\d{1,20}))?$/;

export function drawMarkdown(text: string, names: Names, spoilers: Spoilers = NO_SPOILERS): DocumentFragment {
  const fragment = document.createDocumentFragment();
  const draw = new Drawing(names, spoilers);
  fragment.append(...parseBlocks(text).map((block) => draw.block(block)));
  return fragment;
}

class Drawing {
  readonly #names: Names;
  readonly #spoilers: Spoilers;
  #spoiler = 0;

  constructor(names: Names, spoilers: Spoilers) {
    this.#names = names;
    this.#spoilers = spoilers;
  }

  block(block: Block): HTMLElement {
    switch (block.type) {
      case 'paragraph':
        return el('p', {}, ...this.#inline(block.children));
      case 'subtext':
        return el('p', { class: 'subtext' }, ...this.#inline(block.children));
      case 'heading': {
        // The page's own headings are h1 and h2, so a message's begin below them.
        const tag = ({ 1: 'h3', 2: 'h4', 3: 'h5' } as const)[block.level];
        return el(tag, { class: `heading-${block.level}` }, ...this.#inline(block.children));
      }
      case 'code':
        return codeBlock(block.language, block.text);
      case 'quote':
        return el('blockquote', {}, ...block.children.map((child) => this.block(child)));
      case 'list':
        return this.#list(block);
    }
  }

  #list(list: List): HTMLElement {
    const items = list.items.map(({ children, lists }) =>
      el('li', {}, ...this.#inline(children), ...lists.map((inner) => this.#list(inner))),
    );
    return list.start === null ? el('ul', {}, ...items) : el('ol', { start: list.start }, ...items);
  }

  #inline(nodes: readonly Inline[]): (Node | string)[] {
    return nodes.map((node) => this.#node(node));
  }

  #node(node: Inline): Node | string {
    switch (node.type) {
      case 'text':
        return node.text;
      case 'bold':
        return el('strong', {}, ...this.#inline(node.children));
      case 'italic':
        return el('em', {}, ...this.#inline(node.children));
      case 'underline':
        return el('u', {}, ...this.#inline(node.children));
      case 'strike':
        return el('s', {}, ...this.#inline(node.children));
      case 'spoiler':
        return this.#drawSpoiler(node.children);
      case 'code':
        return el('code', {}, node.text);
      case 'link':
        return this.#link(node.url, node.children);
      case 'mention':
        return this.#mention(node.of, node.id);
      case 'everyone':
        return el('span', { class: 'mention' }, node.text);
      case 'command':
        return el('span', { class: 'mention' }, `/${node.name}`);
      case 'emoji':
        return el('span', { class: 'emoji' }, `:${node.name}:`);
      case 'time':
        return drawTime(node.seconds, node.style);
    }
  }

  #drawSpoiler(children: readonly Inline[]): HTMLElement {
    const index = this.#spoiler++;
    const inside = el('span', {}, ...this.#inline(children));
    if (this.#spoilers.isOpen(index)) return el('span', { class: 'spoiler open' }, inside);
    inside.setAttribute('aria-hidden', 'true');
    const open = (): void => {
      this.#spoilers.open(index);
      spoiler.classList.add('open');
      inside.removeAttribute('aria-hidden');
      for (const name of ['role', 'tabindex', 'aria-label']) spoiler.removeAttribute(name);
    };
    const spoiler = el(
      'span',
      {
        class: 'spoiler',
        role: 'button',
        tabindex: 0,
        'aria-label': 'Spoiler: show it',
        onclick: open,
        onkeydown: (event) => {
          if (event instanceof KeyboardEvent && (event.key === 'Enter' || event.key === ' ')) {
            event.preventDefault();
            open();
          }
        },
      },
      inside,
    );
    return spoiler;
  }

  #link(url: string, children: readonly Inline[]): HTMLElement {
    const [, place, message] = MESSAGE_LINK.exec(url) ?? [];
    if (place !== undefined && this.#names.channel(place) !== undefined) {
      const masked = children.length !== 1 || children[0]?.type !== 'text' || children[0].text !== url;
      const label = masked
        ? this.#inline(children)
        : [this.#placeName(place), message === undefined ? '' : ' › message'];
      return el(
        'button',
        { class: 'mention', type: 'button', onclick: () => this.#names.open(place, message) },
        ...label,
      );
    }
    return el(
      'a',
      { href: url, target: '_blank', rel: 'noopener noreferrer nofollow', title: url },
      ...this.#inline(children),
    );
  }

  #mention(of: 'user' | 'role' | 'channel', id: string): HTMLElement {
    if (of === 'channel' && this.#names.channel(id) !== undefined)
      return el(
        'button',
        { class: 'mention', type: 'button', onclick: () => this.#names.open(id) },
        this.#placeName(id),
      );
    const name = of === 'channel' ? undefined : of === 'user' ? this.#names.user(id) : this.#names.role(id);
    const unknown = of === 'channel' ? '# unknown' : of === 'user' ? '@unknown-user' : '@unknown-role';
    return el('span', { class: 'mention' }, name === undefined ? unknown : `@${name}`);
  }

  #placeName(id: string): string {
    const place = this.#names.channel(id);
    return place === undefined ? '# unknown' : `${place.thread ? '🧵' : '#'} ${place.name}`;
  }
}

/** `R` times are kept up to date by `tickTimes`. */
export function drawTime(seconds: number, style: string): HTMLElement {
  const words = timeWords(seconds, style, Date.now());
  const date = new Date(seconds * 1000);
  const machine = Number.isNaN(date.getTime()) ? undefined : date.toISOString();
  return el(
    'time',
    {
      datetime: machine,
      title: timeWords(seconds, 'F', 0),
      'data-relative': style === 'R' ? seconds : undefined,
    },
    words,
  );
}

export function tickTimes(): void {
  const now = Date.now();
  for (const element of document.querySelectorAll<HTMLElement>('time[data-relative]')) {
    const words = timeWords(Number(element.dataset.relative), 'R', now);
    if (element.textContent !== words) element.textContent = words;
  }
}

/** Discord colours a diff by the first character of each line. */
function codeBlock(language: string, text: string): HTMLElement {
  const lines =
    language.toLowerCase() === 'diff'
      ? text.split('\n').flatMap((line, at) => {
          const kind = line.startsWith('+') ? 'added' : line.startsWith('-') ? 'removed' : undefined;
          return [at === 0 ? '' : '\n', kind === undefined ? line : el('span', { class: kind }, line)];
        })
      : [text];
  // A block that scrolls sideways must be reachable by keyboard.
  return el(
    'pre',
    { tabindex: 0, role: 'group', 'aria-label': language === '' ? 'Code' : `Code: ${language}` },
    el('code', {}, ...lines),
  );
}
