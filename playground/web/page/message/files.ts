/** A message's files: pictures as pictures, text to unfold, everything to download. */
import type { FileShown } from '../../wire.ts';
import { el, icon } from '../base/dom.ts';

/** More text than this makes the page slow; the download has all of it. Characters. */
const TEXT_SHOWN_MAX = 200_000;
const BYTES_PER_KB = 1000;

export function drawFile(file: FileShown): HTMLElement {
  if (/^image\/(png|jpeg|gif|webp)$/.test(file.contentType))
    return el('img', { class: 'picture', src: file.path, alt: file.name, loading: 'lazy' });
  const size =
    file.size < BYTES_PER_KB ? `${file.size} bytes` : `${(file.size / BYTES_PER_KB).toFixed(1)} kB`;
  const download = el('a', { href: file.path, download: file.name, class: 'file-name' }, file.name);
  const head = [icon('file'), download, el('span', { class: 'file-size' }, size)];
  if (!isText(file)) return el('div', { class: 'file' }, el('div', { class: 'file-head' }, ...head));
  const text = el('pre', { hidden: true, tabindex: 0, role: 'group', 'aria-label': file.name });
  const toggle = el(
    'button',
    {
      type: 'button',
      class: 'file-toggle',
      'aria-expanded': 'false',
      'data-key': file.path,
      onclick: () => void unfold(file, text, toggle),
    },
    icon('eye'),
    'View',
  );
  return el('div', { class: 'file' }, el('div', { class: 'file-head' }, ...head, toggle), text);
}

async function unfold(file: FileShown, text: HTMLElement, toggle: HTMLElement): Promise<void> {
  const opens = text.hidden;
  text.hidden = !opens;
  toggle.setAttribute('aria-expanded', String(opens));
  if (!opens || text.textContent !== '') return;
  try {
    const answer = await fetch(file.path);
    const whole = answer.ok ? await answer.text() : 'This file is gone.';
    text.textContent =
      whole.length > TEXT_SHOWN_MAX
        ? `${whole.slice(0, TEXT_SHOWN_MAX)}\n… (download it for the rest)`
        : whole;
  } catch {
    text.textContent = 'The playground is not running.';
  }
}

function isText({ contentType, name }: FileShown): boolean {
  return (
    /^text\/|^application\/(json|xml|javascript)/.test(contentType) ||
    /\.(txt|md|diff|patch|json|[cm]?[jt]sx?|py|sh|log|csv|ya?ml|toml|html?|css|rs|go)$/i.test(name)
  );
}
