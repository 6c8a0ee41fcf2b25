/** The to-do list of a turn: one message that changes. */
import type { Todo } from '../../../protocol/events.ts';
import type { PlainSlot } from '../../domain/slot.ts';
import type { TodoEntry } from '../../domain/transcript.ts';
import { escapeTo } from '../text/escape.ts';
import { keyOf } from './keys.ts';

/** About a phone's screen; what is done goes first when there are more, then what comes last. */
const LINES_MAX = 12;
const LINE_MAX_CHARS = 100;

/** `over`: the turn has ended, so nothing of it is being done. */
export function todoSlot(entry: TodoEntry, over: boolean): PlainSlot {
  const { todos } = entry;
  const done = todos.filter((todo) => todo.state === 'done').length;
  return {
    kind: 'plain',
    key: keyOf(entry),
    phase: 'final',
    whenDeleted: 'gone',
    content: [`📋 **${done} of ${todos.length} done**`, ...lines(todos, over)].join('\n'),
    rows: [],
    files: [],
    notify: null,
  };
}

function lines(todos: readonly Todo[], over: boolean): string[] {
  const hidden = Math.max(0, todos.length - LINES_MAX);
  const firstLeft = todos.findIndex((todo) => todo.state !== 'done');
  // One that was just done stays in sight.
  const from = Math.min(hidden, Math.max(0, (firstLeft < 0 ? todos.length : firstLeft) - 1));
  const to = todos.length - (hidden - from);
  return [
    ...(from > 0 ? [`-# ☑ ${from} more`] : []),
    ...todos.slice(from, to).map((todo) => line(todo, over)),
    ...(to < todos.length ? [`-# ☐ ${todos.length - to} more`] : []),
  ];
}

function line({ text, state }: Todo, over: boolean): string {
  const words = escapeTo(text, LINE_MAX_CHARS);
  if (state === 'done') return `-# ☑ ${words}`;
  return state === 'active' && !over ? `⏳ **${words}**` : `☐ ${words}`;
}
