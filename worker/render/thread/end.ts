/** How a turn ended: the quiet footer, and the message that tells whoever went away. */

import type { Gen } from '../../../protocol/ids.ts';
import { assertNever } from '../../../protocol/never.ts';
import type { PlainSlot } from '../../domain/slot.ts';
import type { EndEntry } from '../../domain/transcript.ts';
import { escapeTo } from '../text/escape.ts';
import { changed, duration, money, percent, plural } from '../text/format.ts';
import { plain } from '../text/inline.ts';
import { lexBlocks } from '../text/markdown.ts';
import { failureRows, failureWords } from './failure.ts';
import { keyOf } from './keys.ts';

const NAME_MAX_CHARS = 40;
/** What a lock screen shows. */
const SENTENCE_MAX_CHARS = 150;
/** The first sentence is looked for in this much of the answer. */
const SENTENCE_WITHIN_CHARS = 1000;

/** It does not go below the turn's last message, but has one of its own: it notifies, or it says what went wrong. */
export function speaksForItself(entry: EndEntry): boolean {
  return entry.notify !== null || entry.outcome.as === 'failed';
}

/** The turn's last message. `answer`: the last text of the turn; `over`: a later turn began. */
export function endSlot(entry: EndEntry, answer: string, gen: Gen, over: boolean): PlainSlot {
  if (!speaksForItself(entry)) return footerSlot(entry);
  const { outcome } = entry;
  return {
    ...footerSlot(entry),
    content: [endWords(entry, answer), quiet(facts(entry))].filter((line) => line !== '').join('\n'),
    rows: outcome.as === 'failed' ? failureRows(entry, outcome, gen, over) : [],
    notify: entry.notify?.id ?? null,
  };
}

/** The footer as a message, when there is none to put it under. */
export function footerSlot(entry: EndEntry): PlainSlot {
  return {
    kind: 'plain',
    key: keyOf(entry),
    phase: 'final',
    whenDeleted: 'gone',
    content: footer(entry),
    rows: [],
    files: [],
    notify: null,
  };
}

/** `-# 2m 14s · 3 files +41 −12 · $0.21 · 38% context` */
export function footer(entry: EndEntry): string {
  return quiet([...outcomeWords(entry), ...facts(entry)]);
}

function quiet(parts: readonly string[]): string {
  return parts.length === 0 ? '' : `-# ${parts.join(' · ')}`;
}

function facts({ durationMs, files, costUsd, context }: EndEntry): string[] {
  // A runner that was restarted does not know it.
  const parts = durationMs === 0 ? [] : [duration(durationMs)];
  if (files !== null && files.changed > 0)
    parts.push(`${plural(files.changed, 'file')} ${changed(files.added, files.removed)}`.trimEnd());
  if (costUsd > 0) parts.push(money(costUsd));
  if (context !== null) parts.push(`${percent(context)} context`);
  return parts;
}

function outcomeWords({ outcome }: EndEntry): string[] {
  switch (outcome.as) {
    case 'done':
      return [];
    case 'interrupted':
      return [
        outcome.by === null ? '⏹ Stopped' : `⏹ ${escapeTo(outcome.by.name, NAME_MAX_CHARS)} stopped it`,
      ];
    case 'paused':
      return ['⏸ Paused'];
    case 'failed':
      return ['✗ Failed'];
    default:
      return assertNever(outcome);
  }
}

/** What leads a message of its own: `✓` and the answer's first sentence, or what went wrong. */
function endWords(entry: EndEntry, answer: string): string {
  const { outcome } = entry;
  const sentence = firstSentence(answer);
  switch (outcome.as) {
    case 'done':
      return `✓ ${sentence === '' ? 'Done' : sentence}`;
    case 'interrupted':
      return '⏹ Stopped';
    case 'paused':
      return '⏸ No answer; Claude paused';
    case 'failed':
      return failureWords(outcome, entry.after);
    default:
      return assertNever(outcome);
  }
}

/** A dot in a number, a name or an abbreviation of one letter ends nothing. */
const SENTENCE = /^.*?(?:(?<!\b[A-Za-z]|e\.g|i\.e|etc)[.!?…](?=\s|$)|[。！？])/u;

/** The first sentence of the answer as plain, escaped text: of its first paragraph, else of a heading; empty if it has neither. */
function firstSentence(answer: string): string {
  const blocks = lexBlocks(answer.slice(0, SENTENCE_WITHIN_CHARS));
  for (const type of ['paragraph', 'heading'])
    for (const block of blocks) {
      if (block.type !== type || !('tokens' in block)) continue;
      const line = plain(block.tokens).replace(/\s+/g, ' ').trim();
      if (line === '') continue;
      return escapeTo(SENTENCE.exec(line)?.[0] ?? line, SENTENCE_MAX_CHARS).replace(/(?<=\w)[.:]$/, '');
    }
  return '';
}
