/**
 * Plain messages in the thread, without a Gateway: when the thread is read for new ones, and which of them become prompts. Pure.
 * Discord: without the Message Content toggle only replies to the bot and messages that mention it can be read.
 */

import type { MessageId } from '../../../../protocol/ids.ts';
import { LOOK } from '../../../discord/prompt-files.ts';
import { may } from '../../../domain/access.ts';
import type { Durations } from '../../../platform/durations.ts';
import { escapeText } from '../../../render/text/escape.ts';
import type { OpenConversation } from '../../state/conversation.ts';
import type { Draft } from '../../state/draft.ts';
import type { Context, Said } from '../../state/input.ts';
import { addNote } from '../../state/notes.ts';
import type { State } from '../../state/state.ts';
import { enqueue } from './asking.ts';

/**
 * How long after the last activity which gap holds, both in units of `listenMs`. A person who reads an answer and goes on is heard
 * soon; one who comes back in the evening is heard within minutes, and after `listenForMs` at the next command.
 */
const RHYTHM: readonly { readonly until: number; readonly gap: number }[] = [
  { until: 12, gap: 1 },
  { until: 60, gap: 3 },
  { until: 360, gap: 12 },
  { until: Number.POSITIVE_INFINITY, gap: 60 },
];
/** While a turn runs the thread is read at least this often, in units of `listenMs`. */
const RUNNING_GAP = 6;

/** How long after the last look the thread is read again, in milliseconds; null: not before something happens. */
export function listenGapMs(state: State, nowMs: number, durations: Durations): number | null {
  const c = listening(state);
  if (c === null) return null;
  const { listenMs, listenForMs } = durations;
  if (listenForMs === 0) return null;
  const thinks = [...state.requests.values()].some((request) => request.decidedMs === null);
  if (state.turns.size > 0 && !thinks) return RUNNING_GAP * listenMs;
  const quietMs = nowMs - c.activeMs;
  if (quietMs > listenForMs) return null;
  const step = RHYTHM.find(({ until }) => quietMs < until * listenMs);
  return step === undefined ? null : step.gap * listenMs;
}

/** The conversation that plain messages are for; null: it is over, its thread is closed to Heddle, or they are switched off. */
export function listening({ thread, conversation: c }: State): OpenConversation | null {
  return thread?.listens === true && thread.parked === null && c?.ended === null ? c : null;
}

/**
 * Takes the messages of those who may ask, each once, in order. Others talk among themselves. `upTo`: the newest message that was
 * looked at.
 */
export function hear(d: Draft, said: readonly Said[], upTo: MessageId, ctx: Context): void {
  const c = listening(d.state);
  if (c === null) return;
  const after = BigInt(c.open.heardTo);
  if (BigInt(upTo) <= after) return;
  d.patchOpen({ heardTo: upTo });
  for (const message of said.filter(({ id }) => BigInt(id) > after)) {
    const facts = { runner: c.access, starter: c.starter.id };
    if (!may(message.author, 'ask', facts).ok) continue;
    if (message.refused !== null)
      addNote(d, `heard.${message.id}`, null, `💬 ${escapeText(message.author.name)}: ${message.refused}`);
    else if (message.text === '' && message.files.length === 0) sayUnreadable(d, c);
    else take(d, message, ctx);
  }
}

function take(d: Draft, { id, text, author, files }: Said, ctx: Context): void {
  const queued = d.state.queue.get(enqueue(d, text === '' ? LOOK : text, author, ctx, { files }));
  if (queued !== undefined) d.putQueued({ ...queued, said: id });
}

/** Which of these messages are prompts now. */
export function takenOf(state: State, said: readonly Said[]): MessageId[] {
  const taken = new Set<MessageId | undefined>([...state.queue.values()].map((queued) => queued.said));
  for (const entry of state.entries.values()) if (entry.kind === 'prompt') taken.add(entry.said);
  return said.map(({ id }) => id).filter((id) => taken.has(id));
}

/** Once a conversation: the note has a name of its own. */
function sayUnreadable(d: Draft, c: OpenConversation): void {
  const id = `unread.${c.gen}`;
  if ([...d.state.entries.values()].some((entry) => entry.kind === 'note' && entry.id === id)) return;
  addNote(
    d,
    id,
    null,
    '💬 Someone wrote here, but Discord does not show me what. Use `/ask` or **Reply**, mention me in the message, or turn on *Message Content Intent* on the application’s *Bot* page.',
  );
}
