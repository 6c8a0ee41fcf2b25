/** Small helpers to build elements. Text is always text: nothing here reads HTML. */
export type Child = Node | string | null | undefined | false;
type Value = string | number | boolean | null | undefined | ((event: Event) => void);
export type Attributes = Readonly<Record<string, Value>>;

/** An element. A function is a listener (`onclick`), true an empty attribute; false, null and undefined: none. */
export function el<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, '');
    else if (value !== false && value !== null && value !== undefined)
      element.setAttribute(name, String(value));
  }
  for (const child of children)
    if (child !== null && child !== undefined && child !== false) element.append(child);
  return element;
}

/** The element that index.html has for this. */
export function byId<T extends HTMLElement>(id: string, kind: new () => T): T {
  const found = document.getElementById(id);
  if (!(found instanceof kind)) throw new Error(`the page has no ${id}`);
  return found;
}

/** Replaces the children; the focus stays on the element with the same `data-key`. */
export function fill(parent: Element, ...children: readonly Child[]): void {
  const key = parent.contains(document.activeElement)
    ? document.activeElement?.getAttribute('data-key')
    : null;
  parent.replaceChildren(
    ...children.filter((child) => child !== null && child !== undefined && child !== false),
  );
  if (key !== null && key !== undefined) focusKey(parent, key);
}

export function focusKey(parent: Element, key: string): void {
  for (const element of parent.querySelectorAll<HTMLElement>('[data-key]'))
    if (element.dataset.key === key) return element.focus({ preventScroll: true });
}

/** An icon from the page's own set, drawn as paths. */
export function icon(name: keyof typeof ICONS): SVGSVGElement {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('aria-hidden', 'true');
  svg.classList.add('icon');
  const path = document.createElementNS(SVG, 'path');
  path.setAttribute('d', ICONS[name]);
  svg.append(path);
  return svg;
}

const SVG = 'http://www.w3.org/2000/svg';
const ICONS = {
  menu: 'M4 6h16v2H4zM4 11h16v2H4zM4 16h16v2H4z',
  bell: 'M12 22a2.5 2.5 0 0 0 2.4-2h-4.8a2.5 2.5 0 0 0 2.4 2zm7-6v-5a7 7 0 0 0-5.5-6.8V3.5a1.5 1.5 0 0 0-3 0v.7A7 7 0 0 0 5 11v5l-2 2v1h18v-1z',
  hash: 'M9.4 3 8.9 7H5v2h3.7l-.7 6H4v2h3.7l-.5 4h2l.5-4h5l-.5 4h2l.5-4H20v-2h-3l.7-6H21V7h-3l.5-4h-2L16 7h-5l.5-4zm1.4 6h5l-.7 6h-5z',
  megaphone: 'M20 4v14l-8-3.2V20h-3l-1.2-5.4H6a4 4 0 0 1 0-8h6z',
  thread: 'M6 3v9a4 4 0 0 0 4 4h6.2l-2.6 2.6L15 20l5-5-5-5-1.4 1.4 2.6 2.6H10a2 2 0 0 1-2-2V3z',
  close: 'm6.4 5 5.6 5.6L17.6 5 19 6.4 13.4 12l5.6 5.6-1.4 1.4-5.6-5.6L6.4 19 5 17.6l5.6-5.6L5 6.4z',
  down: 'm6 9 6 6 6-6-1.4-1.4L12 12.2 7.4 7.6z',
  file: 'M6 2h8l5 5v15H6zm7 1.5V8h4.5zM8.500 12v1.500h7V12zm0 4v1.500h7V16z',
  lock: 'M7 10V8a5 5 0 0 1 10 0v2h2v11H5V10zm2 0h6V8a3 3 0 0 0-6 0z',
  eye: 'M12 5c5 0 9 4.500 10 7-1 2.500-5 7-10 7S3 14.500 2 12c1-2.500 5-7 10-7zm0 3a4 4 0 1 0 0 8 4 4 0 0 0 0-8z',
  send: 'M3 20V4l19 8zm2-3 11.800-5L5 7v3.500l6 1.500-6 1.500z',
  more: 'M5 10a2 2 0 1 1 0 4 2 2 0 0 1 0-4zm7 0a2 2 0 1 1 0 4 2 2 0 0 1 0-4zm7 0a2 2 0 1 1 0 4 2 2 0 0 1 0-4z',
} as const;
