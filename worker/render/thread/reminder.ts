/** The one reminder of a request that nobody answers. It goes when the request is over. */

import type { PlainSlot } from '../../domain/slot.ts';
import type { ReminderEntry } from '../../domain/transcript.ts';
import { escapeTo } from '../text/escape.ts';
import { keyOf } from './keys.ts';
import { toolName } from './tools.ts';

const SUMMARY_MAX_CHARS = 120;

export function reminderSlot(entry: ReminderEntry): PlainSlot {
  const base = {
    kind: 'plain',
    key: keyOf(entry),
    phase: 'card',
    whenDeleted: 'gone',
    files: [],
  } as const;
  const content = `🔔 Claude still waits for you: ${what(entry)}`;
  if (entry.over) return { ...base, content, rows: [], notify: null, deleted: true };
  return { ...base, content, rows: [[{ label: 'Go to it', url: entry.url }]], notify: entry.asked.id };
}

function what({ asks, name, summary }: ReminderEntry): string {
  const words = escapeTo(summary, SUMMARY_MAX_CHARS);
  switch (asks) {
    case 'question':
      return `❓ ${words || 'a question'}`;
    case 'plan':
      return `📋 ${words || 'a plan'}`;
    case 'permission':
      return `🔐 **${toolName(name)}** ${words}`.trimEnd();
  }
}
