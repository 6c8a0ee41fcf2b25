/** How a turn is closed. */
import type { TurnId } from '../../../../protocol/ids.ts';
import type { EndEntry, Person } from '../../../domain/transcript.ts';
import type { Draft } from '../../state/draft.ts';
import type { Turn } from '../../state/state.ts';
import { sumUsage } from './spending.ts';

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
