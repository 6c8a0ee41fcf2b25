import type { Command, CommandOf } from '../../protocol/commands.ts';
import type { Event, EventOf } from '../../protocol/events.ts';
import type { Gen, ProcessId } from '../../protocol/ids.ts';
import { assertNever } from '../../protocol/never.ts';
import type { ClaudeEvent } from '../claude/line/types.ts';
import type { Conversation, Facts, Outcome, ThreadState, Write } from '../journal/session-state.ts';
import { notRun, promptEnded } from './session-endings.ts';

const NOTHING: Outcome = { writes: [], events: [], effects: [] };

export function onCommand(state: ThreadState, command: Command, facts: Facts): Outcome {
  const current = state.conversation;
  if (current !== null && command.gen < current.gen) return NOTHING;
  switch (command.kind) {
    case 'begin':
      return onBegin(state, command, facts);
    case 'prompt':
      return onPrompt(state, command, facts);
    case 'interrupt':
      return onInterrupt(state, command);
    case 'decide':
      return { ...NOTHING, effects: [{ effect: 'decide', command }] };
    case 'configure':
      if (current === null || current.ended || command.gen > current.gen) return NOTHING;
      return onConfigure(command);
    case 'end':
      if (current === null || current.ended || command.gen > current.gen) return NOTHING;
      return merge(over(state, current.gen), { ...NOTHING, effects: [{ effect: 'endOld' }] });
    case 'worktree':
      return onWorktree(state, command);
    case 'rewind':
      if (current === null || current.ended || command.gen > current.gen) return NOTHING;
      return { ...NOTHING, effects: [{ effect: 'rewind', command }] };
    default:
      return assertNever(command);
  }
}

function onBegin(state: ThreadState, command: CommandOf<'begin'>, facts: Facts): Outcome {
  const current = state.conversation;
  if (current !== null && command.gen <= current.gen) return NOTHING;
  const taken = facts.takenElsewhere(command.claudeSession);
  const { from } = command;
  const before = facts.before(command.claudeSession);
  const conversation: Conversation = {
    gen: command.gen,
    project: command.project,
    claudeSession: command.claudeSession,
    starter: command.starter,
    // One that began elsewhere, in a terminal, has a transcript, or Claude says that there is none.
    ran: before?.ran ?? (from?.fork === false ? 'kept' : 'never'),
    forkOf: from?.fork === true ? from.claudeSession : (before?.forkOf ?? null),
    forkAt: from?.fork === true ? (from.at ?? null) : (before?.forkAt ?? null),
    worktree:
      command.worktree === undefined ? null : { name: command.worktree.name, goesOn: from !== undefined },
    ended: false,
    // Claude: two processes on one conversation fork it silently, and one branch is lost.
    refused: taken ? 'Another thread on this runner has this Claude conversation. End it there first.' : null,
  };
  const begin: Outcome = { ...NOTHING, writes: [{ write: 'conversation', conversation }] };
  if (current === null || current.ended) return begin;
  return merge(over(state, current.gen), begin, { ...NOTHING, effects: [{ effect: 'endOld' }] });
}

function onWorktree({ conversation: c }: ThreadState, command: CommandOf<'worktree'>): Outcome {
  if (c !== null && c.gen === command.gen && c.ended)
    return { ...NOTHING, effects: [{ effect: 'worktree', command }] };
  const words =
    c === null || c.gen < command.gen
      ? 'This runner no longer has the conversation.'
      : 'The session goes on, so its worktree stays.';
  const outcome = { as: 'failed', words } as const;
  return { ...NOTHING, events: [{ kind: 'worktree', gen: command.gen, outcome }] };
}

function onPrompt(state: ThreadState, command: CommandOf<'prompt'>, facts: Facts): Outcome {
  if (facts.seen(command.prompt)) return NOTHING;
  const { gen, prompt: id } = command;
  const slash = command.slash === true ? ({ slash: true } as const) : {};
  const { text, files } = command;
  const attached = files === undefined || files.length === 0 ? {} : { files };
  const accepted: Write = { write: 'promptAccepted', gen, id, text, ...slash, ...attached };
  const current = state.conversation;
  if (current === null || command.gen > current.gen)
    return refuse(
      accepted,
      notRun(gen, id, 'transcript', 'This runner no longer has the conversation. Begin a new one with /new.'),
    );
  if (current.ended)
    return refuse(accepted, notRun(gen, id, 'other', 'The conversation is over on this runner.'));
  if (current.refused !== null) return refuse(accepted, notRun(gen, id, 'other', current.refused));
  return { ...NOTHING, writes: [accepted], effects: [{ effect: 'pump' }] };
}

function onInterrupt(state: ThreadState, command: CommandOf<'interrupt'>): Outcome {
  const waiting = state.prompts.find(
    (prompt) => (prompt.id as string) === command.turn && prompt.state === 'accepted',
  );
  if (waiting === undefined) return { ...NOTHING, effects: [{ effect: 'interrupt', turn: command.turn }] };
  return {
    writes: [{ write: 'promptEnded', id: waiting.id }],
    events: [promptEnded(waiting.gen, waiting.id, { as: 'interrupted' })],
    effects: [{ effect: 'pump' }],
  };
}

/** The rows are true at once; the process that runs follows them. */
function onConfigure(command: CommandOf<'configure'>): Outcome {
  const { gen, rev, model, mode, effort } = command;
  return {
    writes: [{ write: 'wish', gen, wish: { rev, model, mode, effort } }],
    events: [],
    effects: [{ effect: 'configure', modeNow: command.modeNow === true }],
  };
}

/** A gen is over: what it never started ends here; what runs ends with its process. */
export function over(state: ThreadState, gen: Gen): Outcome {
  const waiting = state.prompts.filter((prompt) => prompt.gen === gen && prompt.state === 'accepted');
  return {
    writes: [
      { write: 'conversationEnded', gen },
      ...waiting.map((prompt): Write => ({ write: 'promptEnded', id: prompt.id })),
    ],
    events: waiting.map((prompt) => promptEnded(gen, prompt.id, { as: 'interrupted' })),
    effects: [],
  };
}

/** What an event of a process changes, and whether it may be told: a second end of a prompt may not. */
export function onClaudeEvent(
  read: () => ThreadState,
  gen: Gen,
  process: ProcessId,
  event: ClaudeEvent,
): { readonly writes: readonly Write[]; readonly event: Event | null } {
  const told = { ...event, gen } as Event;
  switch (event.kind) {
    case 'processStarted': {
      const { conversation } = read();
      return {
        writes:
          conversation?.gen === gen && conversation.claudeSession !== event.claudeSession
            ? [{ write: 'claudeSession', gen, claudeSession: event.claudeSession }]
            : [],
        event: told,
      };
    }
    case 'processEnded':
      return { writes: [{ write: 'processGone', process }], event: told };
    case 'turnBegan':
      return {
        writes: event.prompt === null ? [{ write: 'ownTurn', process, turn: event.turn }] : [],
        event: told,
      };
    case 'turnEnded': {
      const { prompt } = event;
      const kept: Write[] = event.outcome.as === 'done' ? [{ write: 'ran', gen, ran: 'kept' }] : [];
      if (prompt === null)
        return { writes: [{ write: 'ownTurn', process, turn: null }, ...kept], event: told };
      if (!read().prompts.some((one) => one.id === prompt)) return { writes: [], event: null };
      return { writes: [{ write: 'promptEnded', id: prompt }, ...kept], event: told };
    }
    case 'text':
    case 'toolBegan':
    case 'toolEnded':
    case 'requestInput':
    case 'requestOpened':
    case 'requestSettled':
    case 'filePart':
    case 'file':
    case 'titled':
    case 'workspace':
    case 'worktree':
    case 'notice':
    case 'configured':
    case 'offers':
    case 'rewound':
      return { writes: [], event: told };
    default:
      return assertNever(event);
  }
}

function refuse(accepted: Write, event: EventOf<'turnEnded'>): Outcome {
  const ended: Write[] = event.prompt === null ? [] : [{ write: 'promptEnded', id: event.prompt }];
  return { writes: [accepted, ...ended], events: [event], effects: [] };
}

function merge(...outcomes: readonly Outcome[]): Outcome {
  return {
    writes: outcomes.flatMap((outcome) => outcome.writes),
    events: outcomes.flatMap((outcome) => outcome.events),
    effects: outcomes.flatMap((outcome) => outcome.effects),
  };
}
