/**
 * Undo: the files as they were before the newest turn. Claude says first what would change, a person says yes, and a turn that begins
 * meanwhile takes the offer away: what it changes is not part of what was shown.
 */

import type { EventOf } from '../../../../protocol/events.ts';
import type { TurnId } from '../../../../protocol/ids.ts';
import { assertNever } from '../../../../protocol/never.ts';
import type { Person, UndoEntry } from '../../../domain/transcript.ts';
import type { Conversation } from '../../state/conversation.ts';
import type { Draft } from '../../state/draft.ts';
import type { Context, RuleAnswer } from '../../state/input.ts';
import type { State } from '../../state/state.ts';

const say = (text: string): RuleAnswer => ({ kind: 'private', text });

const BELOW =
  'See below: what would change, and the button that does it. `/undo confirm: True` does the same.';

/** The newest finished turn, while none runs. */
export function undoable(state: State): TurnId | null {
  if (state.turns.size > 0) return null;
  const ends = [...state.entries.values()].filter((entry) => entry.kind === 'end');
  return ends.at(-1)?.turn ?? null;
}

/** The offer of this turn, in whatever state; null: none was made. */
function offerOf(state: State, turn: TurnId): { seq: number; entry: UndoEntry } | null {
  for (const [seq, entry] of [...state.entries].reverse())
    if (entry.kind === 'undo' && entry.of === turn) return { seq, entry };
  return null;
}

/** Asks Claude what undoing would change. `tag`: the turn; empty: the newest. */
export function offerUndo(d: Draft, c: Conversation, tag: string, by: Person, ctx: Context): RuleAnswer {
  const turn = undoable(d.state);
  if (d.state.turns.size > 0) return say('A turn runs. Nothing was undone; `/stop` it first.');
  if (turn === null) return say('There is no finished turn here to undo.');
  if (tag !== '' && tag !== turn)
    return say('Another turn came after that one. Only the newest can be undone.');
  const open = offerOf(d.state, turn);
  if (open !== null && isOpen(open.entry)) return say(BELOW);
  if (open?.entry.state.is === 'done') return say('The changes of that turn are undone already.');
  const untilMs = ctx.nowMs + ctx.durations.undoWaitMs;
  const id = String(d.state.lastSeq + 1);
  const seq = d.add({ kind: 'undo', id, of: turn, by, state: { is: 'looking' } });
  d.hold({ is: 'undo', seq, untilMs });
  d.send({ kind: 'rewind', gen: c.gen, turn, apply: false });
  return say(BELOW);
}

/** Yes, or no, to what was shown. */
export function answerUndo(
  d: Draft,
  c: Conversation,
  answer: { readonly yes: boolean; readonly tag: string; readonly by: Person },
  ctx: Context,
): RuleAnswer {
  const turn = undoable(d.state);
  const offer = turn === null ? null : offerOf(d.state, turn);
  if (
    turn === null ||
    offer === null ||
    (answer.tag !== '' && answer.tag !== turn) ||
    offer.entry.state.is !== 'asking'
  )
    return say('That offer is over. Nothing was undone; `/undo` looks again.');
  const { files, count, insertions, deletions } = offer.entry.state;
  if (!answer.yes) {
    settle(d, offer.seq, { ...offer.entry, by: answer.by, state: { is: 'kept' } });
    return say('Nothing was undone.');
  }
  d.setEntry(offer.seq, {
    ...offer.entry,
    by: answer.by,
    state: { is: 'doing', files, count, insertions, deletions },
  });
  d.hold({ is: 'undo', seq: offer.seq, untilMs: ctx.nowMs + ctx.durations.undoWaitMs });
  d.send({ kind: 'rewind', gen: c.gen, turn, apply: true });
  return say('Undoing; the line in the thread says when it is done.');
}

/** What Claude says of it. An answer that nobody waits for any more changes nothing. */
export function rewound(d: Draft, e: EventOf<'rewound'>, ctx: Context): void {
  const offer = offerOf(d.state, e.turn);
  if (offer === null) return;
  const { entry, seq } = offer;
  const waitedFor = e.apply
    ? entry.state.is === 'doing' || entry.state.is === 'late'
    : entry.state.is === 'looking';
  if (!waitedFor) return;
  if (e.outcome.as === 'cannot')
    return settle(d, seq, { ...entry, state: { is: 'cannot', why: e.outcome.why } });
  if (e.apply) {
    const { files, count, insertions, deletions } = 'files' in entry.state ? entry.state : e.outcome;
    settle(d, seq, { ...entry, state: { is: 'done', files, count, insertions, deletions } });
    d.patchConversation({ undone: { toldIn: null } });
    return;
  }
  const { files, count, insertions, deletions } = e.outcome;
  if (count === 0) return settle(d, seq, { ...entry, state: { is: 'nothing' } });
  d.setEntry(seq, { ...entry, state: { is: 'asking', files, count, insertions, deletions } });
  d.hold({ is: 'undo', seq, untilMs: ctx.nowMs + ctx.durations.renewalMs });
}

/** Nobody answered, the runner or the person. */
export function undoLate(d: Draft): void {
  const waits = d.state.conversation?.open?.holds.undo;
  if (waits === undefined) return;
  const entry = d.state.entries.get(waits.seq);
  if (entry?.kind !== 'undo') return d.release('undo');
  switch (entry.state.is) {
    case 'looking':
      return settle(d, waits.seq, {
        ...entry,
        state: { is: 'cannot', why: 'The runner did not answer in time.' },
      });
    case 'asking':
      return settle(d, waits.seq, { ...entry, state: { is: 'kept' } });
    case 'doing':
      return settle(d, waits.seq, { ...entry, state: { ...entry.state, is: 'late' } });
    case 'late':
    case 'nothing':
    case 'kept':
    case 'done':
    case 'cannot':
      return d.release('undo');
    default:
      assertNever(entry.state);
  }
}

/** The conversation is over, and nobody waits for the rest of an offer. What was begun may still be done. */
export function closeOffer(d: Draft): void {
  const seq = d.state.conversation?.open?.holds.undo?.seq;
  const entry = seq === undefined ? undefined : d.state.entries.get(seq);
  if (seq === undefined || entry?.kind !== 'undo' || !isOpen(entry)) return;
  const state = entry.state.is === 'doing' ? ({ ...entry.state, is: 'late' } as const) : KEPT;
  settle(d, seq, { ...entry, state });
}

const KEPT = { is: 'kept' } as const;

/** The files are being changed back at this moment: a prompt waits for it, so that Claude is told with it. */
export function isUndoing({ conversation: c, entries }: State): boolean {
  const undo = c?.open?.holds.undo;
  const entry = undo === undefined ? undefined : entries.get(undo.seq);
  return entry?.kind === 'undo' && entry.state.is === 'doing';
}

function settle(d: Draft, seq: number, entry: UndoEntry): void {
  d.setEntry(seq, entry);
  d.release('undo');
}

/** Something of it is still to come. */
export function isOpen({ state }: UndoEntry): boolean {
  return state.is === 'looking' || state.is === 'asking' || state.is === 'doing';
}

/** Stands before the next prompt, because Claude does not know what happened to the files. */
export const UNDONE_WORDS =
  '[The file changes of your last turn were undone by the person. Read the files again before you edit them.]\n\n';

/** Claude has the prompt of this turn, and with it the words that it carried. */
export function undoneTold(d: Draft, turn: TurnId): void {
  if (d.state.conversation?.undone?.toldIn === turn) d.patchConversation({ undone: null });
}
