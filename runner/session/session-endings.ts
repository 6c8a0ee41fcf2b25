/** How prompts and turns end that the CLI does not end itself: never started, died, stopped or restarted in the middle. Pure. */

import type { Event, EventOf } from '../../protocol/events.ts';
import type { Gen, PromptId, TurnId } from '../../protocol/ids.ts';
import type { ClaudeEvent } from '../claude/line/types.ts';
import type { Outcome, ThreadState, Write } from '../journal/session-state.ts';

type TurnOutcome = EventOf<'turnEnded'>['outcome'];
export type FailedCode = Extract<TurnOutcome, { as: 'failed' }>['code'];

export function notRun(gen: Gen, id: PromptId, code: FailedCode, words: string): EventOf<'turnEnded'> {
  return promptEnded(gen, id, { as: 'failed', code, words, started: false });
}

/** A turn that a prompt starts has the prompt's id. */
export function promptEnded(gen: Gen, prompt: PromptId, outcome: TurnOutcome): EventOf<'turnEnded'> {
  return turnEnded(gen, prompt, outcome, prompt as string as TurnId);
}

function turnEnded(
  gen: Gen,
  prompt: PromptId | null,
  outcome: TurnOutcome,
  turn: TurnId,
): EventOf<'turnEnded'> {
  return { kind: 'turnEnded', gen, turn, prompt, outcome, durationMs: 0, costUsd: 0, usage: {} };
}

/** The runner died in the middle: what ran is told as interrupted by that, and no process is left. */
export function onRestart(state: ThreadState): Pick<Outcome, 'writes' | 'events'> {
  const words = 'The runner was restarted in the middle of it.';
  const failed = { as: 'failed', code: 'restarted', words, started: true } as const;
  const started = state.prompts.filter((prompt) => prompt.state === 'started');
  const own = state.processes.flatMap(({ gen, process, ownTurn }) =>
    ownTurn === null ? [] : [{ gen, process, ownTurn }],
  );
  return {
    writes: [
      ...started.map((prompt): Write => ({ write: 'promptEnded', id: prompt.id })),
      ...state.processes.map(({ process }): Write => ({ write: 'processGone', process })),
    ],
    events: [
      ...started.map((prompt) => promptEnded(prompt.gen, prompt.id, failed)),
      ...own.map(({ gen, ownTurn }) => turnEnded(gen, null, failed, ownTurn)),
      ...state.processes.map(
        ({ gen, process }): Event => ({
          kind: 'processEnded',
          gen,
          process,
          // The turn that it was in says what became of it; of one that was idle nothing is lost.
          why: 'ended',
        }),
      ),
    ],
  };
}

/** The prompts that the CLI never saw, ended with a reason. */
export function failWaiting(
  state: ThreadState,
  gen: Gen,
  code: FailedCode,
  words: string,
): Pick<Outcome, 'writes' | 'events'> {
  const waiting = state.prompts.filter((prompt) => prompt.gen === gen && prompt.state === 'accepted');
  return {
    writes: waiting.map((prompt): Write => ({ write: 'promptEnded', id: prompt.id })),
    events: waiting.map((prompt) => notRun(gen, prompt.id, code, words)),
  };
}

/** The process is gone, and with it the end of these, if it said none. */
export function failStarted(state: ThreadState, gen: Gen, words: string): Pick<Outcome, 'writes' | 'events'> {
  const started = state.prompts.filter((prompt) => prompt.gen === gen && prompt.state === 'started');
  return {
    writes: started.map((prompt): Write => ({ write: 'promptEnded', id: prompt.id })),
    events: started.map((prompt) =>
      promptEnded(gen, prompt.id, { as: 'failed', code: 'crashed', words, started: true }),
    ),
  };
}

/** While the runner stops, what ends a turn is that. */
export function stoppedByRunner(event: ClaudeEvent): ClaudeEvent {
  if (event.kind !== 'turnEnded' || event.outcome.as === 'done') return event;
  if (event.outcome.as === 'failed' && event.outcome.code !== 'crashed') return event;
  const words = 'The runner was stopped in the middle of it.';
  return { ...event, outcome: { as: 'failed', code: 'restarted', words, started: true } };
}
