/** How prompts and turns end that the CLI does not end itself: never started, died, stopped or restarted in the middle. Pure. */

import type { Command } from '../../protocol/commands.ts';
import type { Event, EventOf } from '../../protocol/events.ts';
import type { Gen, PromptId, TurnId } from '../../protocol/ids.ts';
import { assertNever } from '../../protocol/never.ts';
import { errorName } from '../base/failure.ts';
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

/** What ends a turn whose process is made to go is the reason for that, not what the process says of it. */
export function endedBy(event: ClaudeEvent, code: 'restarted' | 'crashed', words: string): ClaudeEvent {
  if (event.kind !== 'turnEnded' || event.outcome.as === 'done') return event;
  if (event.outcome.as === 'failed' && event.outcome.code !== 'crashed') return event;
  return { ...event, outcome: { as: 'failed', code, words, started: true } };
}

/** For the thread, of an error that nobody foresaw. */
export function failedWords(error: unknown): string {
  return `The runner failed in this (${errorName(error)}); its log says where. Nothing else was stopped, and the conversation is kept.`;
}

/** What a command is answered with that cannot be taken: it would fail each time that it comes, and keep all that comes after it. */
export function notTaken(command: Command, words: string): Event {
  const { gen } = command;
  switch (command.kind) {
    case 'prompt':
      return notRun(gen, command.prompt, 'other', words);
    case 'decide':
      return {
        kind: 'requestSettled',
        gen,
        request: command.request,
        outcome: { as: 'refused', why: words },
      };
    case 'rewind': {
      const { turn, apply } = command;
      return { kind: 'rewound', gen, turn, apply, outcome: { as: 'cannot', why: words } };
    }
    case 'worktree':
      return { kind: 'worktree', gen, outcome: { as: 'failed', words } };
    case 'begin':
    case 'interrupt':
    case 'configure':
    case 'end':
      return { kind: 'notice', gen, turn: null, code: 'information', words };
    default:
      return assertNever(command);
  }
}
