/** What can be checked of a page's access by machine, in the browser. As text: this side is compiled without its types. */
export interface Findings {
  /** Text whose contrast is below 4.5 to 1. */
  readonly pale: readonly string[];
  /** Controls that a screen reader cannot name. */
  readonly nameless: readonly string[];
  /** Controls smaller than 24 by 24 pixels, apart from those in running text. */
  readonly small: readonly string[];
  /** Elements beyond the right edge. */
  readonly wide: readonly string[];
  readonly doubleIds: readonly string[];
}

export const CHECK_PAGE = `(() => {
  const visible = (e) => e.checkVisibility({ visibilityProperty: true, opacityProperty: true }) && !e.closest('.hidden-text');
  const name = (e) => (e.className || e.tagName) + ' ' + e.textContent.trim().slice(0, 40);
  const channel = (c) => (c / 255 <= 0.03928 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4);
  const light = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
  const numbers = (text) => (text.match(/[\\d.]+/g) ?? []).map(Number);
  const behind = (e) => {
    const layers = [];
    for (let at = e; at; at = at.parentElement) {
      const [r, g, b, a = 1] = numbers(getComputedStyle(at).backgroundColor);
      layers.push([[r, g, b], a]);
      if (a === 1) break;
    }
    return layers.reverse().reduce((under, [over, a]) => under.map((c, i) => c * (1 - a) + over[i] * a), [0, 0, 0]);
  };
  const pale = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const e = node.parentElement;
    if (node.data.trim() === '' || !visible(e) || e.closest('option, script, noscript, :disabled')) continue;
    const [a, b] = [light(numbers(getComputedStyle(e).color)), light(behind(e))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) pale.push(ratio.toFixed(2) + ' ' + name(e));
  }
  const controls = [...document.querySelectorAll('button, input, textarea, select, summary, a')].filter(visible);
  const ids = [...document.querySelectorAll('[id]')].map((e) => e.id);
  return {
    pale,
    nameless: controls
      .filter((e) => !(e.getAttribute('aria-label') || (e.tagName !== 'SELECT' && e.textContent.trim()) || e.labels?.length))
      .map((e) => e.outerHTML.slice(0, 120)),
    small: controls
      .filter((e) => !e.closest('.md, .file-name, input[type=checkbox], label'))
      .filter((e) => e.getBoundingClientRect().height < 24 || e.getBoundingClientRect().width < 24)
      .map(name),
    wide: [...document.querySelectorAll('body *')]
      .filter((e) => visible(e) && !e.closest('pre') && e.getBoundingClientRect().right > innerWidth + 1)
      .map(name),
    doubleIds: ids.filter((id, at) => ids.indexOf(id) !== at),
  };
})()`;
