/** A prompt while it waits, and as the first message of its turn. */

import type { Gen } from '../../../protocol/ids.ts';
import { encodeCustomId } from '../../domain/buttons.ts';
import type { Button, PlainSlot } from '../../domain/slot.ts';
import type { PromptEntry, QueuedEntry } from '../../domain/transcript.ts';
import { escapeText, escapeTo, safeCut } from '../text/escape.ts';
import { modelName, ordinal, timestamp } from '../text/format.ts';
import { outageWords } from './failure.ts';
import { keyOf } from './keys.ts';

const NAME_MAX_CHARS = 40;
const FILES_NAMED = 3;
const FACT_MAX_CHARS = 60;
/** Of the escaped text. Leaves room for name, facts and what is said about the rest. */
const PROMPT_MAX_CHARS = 1300;
const QUEUED_MAX_CHARS = 600;
/** A line that is so much longer than what is shown has no chance to fit, unless it is white space. */
const LOOK_FACTOR = 4;

const UNTRUSTED =
  '\n-# ⚠️ The folder’s own settings, hooks and rules are not read: run `claude` in it once to trust it';

const PLAIN = { kind: 'plain', rows: [], files: [], notify: null } as const;

export function promptSlot(entry: PromptEntry): PlainSlot {
  const author = entry.author === null ? 'Claude' : escapeTo(entry.author.name, NAME_MAX_CHARS);
  const text =
    entry.author === null && entry.text.trim() === ''
      ? 'goes on by itself'
      : promptText(entry.text, PROMPT_MAX_CHARS);
  const facts = [
    entry.project,
    entry.runner,
    entry.branch,
    entry.model === null ? null : modelName(entry.model),
    entry.mode,
  ]
    .filter((fact) => fact !== null && fact !== '')
    .map((fact) => escapeTo(fact ?? '', FACT_MAX_CHARS));
  if (entry.state === 'starting') facts.push('⏳ starting');
  if (entry.state === 'stopping') facts.push('⏹ stopping');
  return {
    ...PLAIN,
    key: keyOf(entry),
    phase: 'final',
    whenDeleted: 'gone',
    content: `${entry.said === undefined ? `**${author}** ${text}\n-# ` : `-# ↳ ${author} · `}${facts.join(' · ')}${attached(entry.files)}${entry.untrusted ? UNTRUSTED : ''}`,
  };
}

/** `runner`: its name for a line of ours. */
export function queuedSlot(entry: QueuedEntry, gen: Gen, runner: string): PlainSlot {
  const author = escapeTo(entry.author.name, NAME_MAX_CHARS);
  const text = promptText(entry.text, QUEUED_MAX_CHARS);
  const base = { ...PLAIN, key: keyOf(entry), whenDeleted: 'gone' } as const;
  const said = `**${author}** ${text}${attached(entry.files)}`;
  switch (entry.state) {
    case 'started':
      return { ...base, phase: 'card', deleted: true, content: said };
    case 'cancelled':
      return { ...base, phase: 'card', content: `${said}\n-# ⊘ Cancelled; it was not run.` };
    case 'expired':
      return {
        ...base,
        phase: 'final',
        content:
          entry.held === undefined
            ? `${said}\n-# ⌛ Expired: it could not be started in time. It was not run.`
            : `${said}\n-# ⌛ Expired: nobody sent it. It was not run.`,
      };
    case 'waiting': {
      const rows = [waitingButtons(entry.prompt, gen)];
      if (entry.held !== undefined)
        return { ...base, phase: 'card', content: `${said}\n-# ⏸ Not run: ${entry.held}`, rows };
      const place = `⏳ ${entry.place === 1 ? 'next' : ordinal(entry.place)} in line`;
      const offline =
        entry.offlineSinceMs === null
          ? ''
          : ` · ${runner} went offline ${timestamp(entry.offlineSinceMs, 'R')}; kept until it is back`;
      const outage =
        entry.outage === undefined ? '' : ` · ${outageWords(entry.outage.code, entry.outage.untilMs)}`;
      return {
        ...base,
        phase: 'card',
        content: `${said}\n-# ${place}${entry.edited === true ? ' · edited' : ''}${offline}${outage}`,
        rows,
      };
    }
  }
}

/** The names of what is attached; a few, and how many more. */
function attached(files: readonly string[] = []): string {
  if (files.length === 0) return '';
  const names = files.slice(0, FILES_NAMED).map((name) => escapeTo(name, NAME_MAX_CHARS));
  if (files.length > FILES_NAMED) names.push(`${files.length - FILES_NAMED} more`);
  return `\n-# 📎 ${names.join(' · ')}`;
}

/** Of a prompt that waits, in its message and in `/queue`. */
export function waitingButtons(prompt: string, gen: number): Button[] {
  const about = { gen, ref: 0, tag: prompt };
  return [
    { label: 'Edit', style: 'secondary', id: encodeCustomId({ verb: 'editqueued', ...about }) },
    { label: 'Remove', style: 'secondary', id: encodeCustomId({ verb: 'unqueue', ...about }) },
    { label: 'Send now', style: 'secondary', id: encodeCustomId({ verb: 'sendnow', ...about }) },
  ];
}

/** The person's words with their line breaks, as data. What does not fit is counted. */
function promptText(text: string, max: number): string {
  const words = text.trim();
  // Each line takes its break at least, so those beyond it are not shown.
  const lines = words.split(/\r?\n/, max + 1);
  let shown = '';
  let taken = 0;
  for (const [index, line] of lines.entries()) {
    const isLong = line.length > LOOK_FACTOR * max;
    const next = (index === 0 ? '' : '\n') + (isLong ? '' : escapeText(line));
    if (isLong || shown.length + next.length > max) {
      const room = max - shown.length;
      if (room > 40) shown += (index === 0 ? '' : '\n') + escapeTo(line, room - 1);
      const rest = words.length - taken - Math.max(0, safeCut(line, room - 1));
      return `${shown.trimEnd()}\n-# … and about ${Math.max(1, rest)} more characters`;
    }
    shown += next;
    taken += line.length + 1;
  }
  return shown.replace(/\n{3,}/g, '\n\n').trimEnd();
}
