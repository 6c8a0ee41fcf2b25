/** What `/queue` shows, to one who asks: the prompts that wait, and the buttons of one of them. */
import { encodeCustomId } from '../../domain/buttons.ts';
import type { ButtonRow } from '../../domain/slot.ts';
import { ellipsis, escapeTo } from '../text/escape.ts';
import { ordinal } from '../text/format.ts';
import { waitingButtons } from './prompt.ts';

const NAME_MAX_CHARS = 40;
const PROMPT_MAX_CHARS = 120;
/** Of the one whose buttons are shown. */
const PICKED_MAX_CHARS = 600;
const LABEL_MAX_CHARS = 90;
/** More are counted. Discord: 25 options of a menu. */
const LINES_MAX = 8;
const OPTIONS_MAX = 25;

/** Untrusted texts. */
export interface Waiting {
  readonly prompt: string;
  readonly author: string;
  readonly text: string;
  /** It is not in the line until someone sends it. */
  readonly held: boolean;
}

/** `picked`: its prompt; else the first. */
export function queueList(
  waiting: readonly Waiting[],
  gen: number,
  picked: string | null,
): { readonly text: string; readonly rows: readonly ButtonRow[] } {
  const chosen = waiting.find(({ prompt }) => prompt === picked) ?? waiting[0];
  if (chosen === undefined) return { text: 'Nothing waits here.', rows: [] };
  const lines = waiting.slice(0, LINES_MAX).map((each, index) => {
    const max = each === chosen ? PICKED_MAX_CHARS : PROMPT_MAX_CHARS;
    const mark = each === chosen && waiting.length > 1 ? '▸ ' : '';
    return `${mark}${place(each, index)} **${escapeTo(each.author, NAME_MAX_CHARS)}** ${escapeTo(each.text, max)}`;
  });
  if (waiting.length > LINES_MAX) lines.push(`-# ${waiting.length - LINES_MAX} more`);
  const options = waiting.slice(0, OPTIONS_MAX).map((each, index) => ({
    label: ellipsis(
      `${place(each, index)} ${each.text.slice(0, 4 * LABEL_MAX_CHARS).replace(/\s+/g, ' ')}`,
      LABEL_MAX_CHARS,
    ),
    value: each.prompt,
    ...(each === chosen ? { chosen: true } : {}),
  }));
  const id = encodeCustomId({ verb: 'pickqueued', gen, ref: 0, tag: '' });
  const menu: ButtonRow[] = waiting.length < 2 ? [] : [[{ id, options }]];
  return { text: lines.join('\n'), rows: [...menu, waitingButtons(chosen.prompt, gen)] };
}

function place({ held }: Waiting, index: number): string {
  return held ? '⏸ not sent:' : `⏳ ${ordinal(index + 1)}:`;
}
