/** How a turn is closed. */
import type { TurnId } from '../../../../protocol/ids.ts';
import type { EndEntry, Person } from '../../../domain/transcript.ts';
import type { Conversation } from '../../state/conversation.ts';
import type { Draft } from '../../state/draft.ts';
import type { Turn } from '../../state/state.ts';
import { sumUsage } from '../money/spending.ts';
import { voidInterrupted } from '../requests/deciding.ts';

/** Closes a turn: its tools and its prompt are not running any more, and its last entry says how it ended. */
export function finishTurn(d: Draft, turn: Turn, end: EndEntry): void {
  for (const [seq, entry] of d.state.entries) {
    if (entry.kind === 'tool' && entry.turn === turn.turn && entry.state === 'running')
      d.setEntry(seq, { ...entry, state: 'stopped' });
    // One that shows no state stands as it is: its end says that it is over.
    if (entry.kind === 'prompt' && entry.turn === turn.turn && entry.state !== 'running')
      d.setEntry(seq, { ...entry, state: 'ended' });
  }
  d.add(end);
  d.dropTurn(turn);
}

/** An end without a word from the runner: nothing is known of its cost. */
export function endWithout(
  turn: TurnId,
  outcome: EndEntry['outcome'],
  durationMs: number,
  notify: Person | null,
): EndEntry {
  return {
    kind: 'end',
    turn,
    outcome,
    durationMs,
    costUsd: 0,
    usage: sumUsage([]),
    context: null,
    files: null,
    notify,
  };
}

/** Interrupts what runs, once, and voids its open cards. The queue stays. */
export function interruptTurns(d: Draft, c: Conversation, by: Person): void {
  for (const turn of [...d.state.turns.values()]) {
    if (turn.stopping !== null) continue;
    d.putTurn({ ...turn, stopping: by });
    const entry = d.state.entries.get(turn.seq);
    if (entry?.kind === 'prompt') d.setEntry(turn.seq, { ...entry, state: 'stopping' });
    d.send({ kind: 'interrupt', gen: c.gen, turn: turn.turn });
    // What is decided is on its way to Claude; the runner says what became of it.
    voidInterrupted(
      d,
      `${by.name} stopped the turn.`,
      (r) => r.decidedMs === null && (r.turn === turn.turn || r.turn === null),
    );
  }
}
