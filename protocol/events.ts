/**
 * Events: what a runner tells a Session object, and live text. All carry the conversation's `gen`; a Session that has moved on answers
 * to an older one with nothing.
 */
import * as v from 'valibot';
import { GrantScope } from './commands.ts';
import { Configured, Offers, PermissionMode } from './configure.ts';
import type { ClaudeSessionId, ProcessId, PromptId, RequestId, TurnId } from './ids.ts';
import {
  DIFF_HEAD_MAX,
  FILE_MAX_BYTES,
  FILE_PART_BASE64_MAX,
  FILE_PARTS_MAX,
  REWOUND_FILES_MAX,
  SEGMENT_MAX_BYTES,
  TITLE_MAX,
  TODO_MAX,
  TODOS_MAX,
  TOOL_SUMMARY_MAX,
  WORDS_MAX,
} from './limits.ts';
import { amount, branded, count, gen, hash, text, uuid } from './shapes.ts';

/** A CLI process is ready to take prompts. */
export const ProcessStarted = v.object({
  kind: v.literal('processStarted'),
  gen,
  process: branded<ProcessId>(),
  claudeVersion: text(50),
  model: v.nullable(text(100)),
  mode: text(50),
  /** Claude's id of the conversation, which `/clear` changes. */
  claudeSession: uuid<ClaudeSessionId>(),
  /** `user`: the owner has not trusted this folder in Claude, so its own settings and hooks are not read. */
  settings: v.picklist(['all', 'user']),
});

/** The process is gone, and with it each request that it had open. */
export const ProcessEnded = v.object({
  kind: v.literal('processEnded'),
  gen,
  process: branded<ProcessId>(),
  why: v.picklist(['idle', 'ended', 'crashed']),
  /** For `crashed`: exit code or signal, and what it said last. */
  words: v.optional(text(WORDS_MAX)),
});

/** The prompt is with the CLI, or a turn started by itself (`prompt` null: a background task ended). */
export const TurnBegan = v.object({
  kind: v.literal('turnBegan'),
  gen,
  turn: uuid<TurnId>(),
  prompt: v.nullable(uuid<PromptId>()),
  model: v.nullable(text(100)),
  mode: text(50),
  branch: v.optional(text(200)),
});

/** A finished piece of what Claude says. Items of a turn (segments, tools, requests) are shown in the order of their events. */
export const Text = v.object({
  kind: v.literal('text'),
  gen,
  turn: uuid<TurnId>(),
  /** 0, 1, … within the turn. */
  segment: count,
  text: v.pipe(v.string(), v.maxBytes(SEGMENT_MAX_BYTES)),
  /** It goes on where the segment before it stopped, without a break. */
  joined: v.optional(v.literal(true)),
});

/** What sort of thing a tool call is, for the line that shows it. */
export const ToolClass = v.picklist(['read', 'search', 'edit', 'command', 'web', 'agent', 'todo', 'other']);
export type ToolClass = v.InferOutput<typeof ToolClass>;

export const Todo = v.object({ text: text(TODO_MAX), state: v.picklist(['open', 'active', 'done']) });
export type Todo = v.InferOutput<typeof Todo>;

export const ToolBegan = v.object({
  kind: v.literal('toolBegan'),
  gen,
  turn: uuid<TurnId>(),
  tool: text(200),
  /** The tool call of the subagent that made this one; null in the main thread. */
  parent: v.nullable(text(200)),
  name: text(200),
  class: ToolClass,
  /** What matters of it, in one line: a command, a file relative to the project. Untrusted text. */
  summary: text(TOOL_SUMMARY_MAX),
  /** The whole to-do list as this call leaves it. Untrusted texts. */
  todos: v.optional(v.pipe(v.array(Todo), v.maxLength(TODOS_MAX))),
});

export const ToolEnded = v.object({
  kind: v.literal('toolEnded'),
  gen,
  turn: uuid<TurnId>(),
  tool: text(200),
  outcome: v.picklist(['done', 'failed', 'denied']),
  /** Lines that an edit added and removed. */
  added: v.optional(count),
  removed: v.optional(count),
  /** The head of what an edit changed: lines that begin with `+`, `-`, a space or `@@`. Untrusted text. */
  diff: v.optional(v.object({ text: text(DIFF_HEAD_MAX), lines: count })),
});

/** A part of a file, before the `file` event of the same `file`: raw bytes in base64. */
export const FilePart = v.object({
  kind: v.literal('filePart'),
  gen,
  /** Names the file within the gen. */
  file: v.pipe(v.string(), v.regex(/^[\w-]{1,60}$/)),
  part: v.pipe(count, v.maxValue(FILE_PARTS_MAX - 1)),
  base64: v.pipe(v.string(), v.maxLength(FILE_PART_BASE64_MAX), v.base64()),
});

/** A picture that Claude made or read, a file that it hands over, or what is too long to be shown as text. All parts came before. */
export const File = v.object({
  kind: v.literal('file'),
  gen,
  turn: uuid<TurnId>(),
  file: v.pipe(v.string(), v.regex(/^[\w-]{1,60}$/)),
  /** `picture`, `handed` (by `send_file`), `answer` (a long text), `changes` (the edits of the turn, as a diff). */
  what: v.picklist(['picture', 'handed', 'answer', 'changes']),
  /** For Discord: letters, digits, `-`, `_` and `.`. */
  name: v.pipe(v.string(), v.regex(/^[A-Za-z0-9][\w.-]{0,99}$/)),
  bytes: v.pipe(count, v.maxValue(FILE_MAX_BYTES)),
  parts: v.pipe(count, v.minValue(1), v.maxValue(FILE_PARTS_MAX)),
  /** One line, untrusted: what Claude says of it, or the path. */
  caption: text(TOOL_SUMMARY_MAX),
});

/** Claude's own title of the conversation. Untrusted text. */
export const Titled = v.object({
  kind: v.literal('titled'),
  gen,
  title: v.pipe(v.string(), v.minLength(1), v.maxLength(TITLE_MAX)),
});

/** A part of a request's input, before `requestOpened` of the same request. The parts joined are the input's JSON text. */
export const RequestInput = v.object({
  kind: v.literal('requestInput'),
  gen,
  request: branded<RequestId>(),
  part: count,
  text: v.string(),
});

export const Risk = v.picklist(['network', 'deletes']);
export type Risk = v.InferOutput<typeof Risk>;

/** Claude asks a person. Ends by `requestSettled` or `processEnded`, not by the end of the turn alone. */
export const RequestOpened = v.object({
  kind: v.literal('requestOpened'),
  gen,
  request: branded<RequestId>(),
  process: branded<ProcessId>(),
  turn: v.nullable(uuid<TurnId>()),
  asks: v.picklist(['permission', 'question', 'plan']),
  /** The tool call's id, so that its line stands where the card does. */
  tool: v.nullable(text(200)),
  name: text(200),
  class: ToolClass,
  /** As in `ToolBegan`. */
  summary: text(TOOL_SUMMARY_MAX),
  /** Claude's own words for it; empty when it has none. Untrusted text. */
  description: text(WORDS_MAX),
  inputHash: hash,
  /** UTF-8 size of the whole input, also when it was too large to send. */
  inputBytes: count,
  /** `RequestInput` parts sent. 0: the input was too large to send, so it can only be denied. */
  inputParts: count,
  /** The CLI's own permission suggestions, in its order; `label` is the exact rule or mode. */
  suggestions: v.array(
    v.object({
      type: text(50),
      label: text(TOOL_SUMMARY_MAX),
      destination: v.optional(text(50)),
      /** Where the runner takes it. Absent: it takes it nowhere, or `label` is not all of it. */
      scopes: v.optional(v.array(GrantScope)),
    }),
  ),
  /** Modes that the runner lets this session go on in after a plan. */
  modes: v.optional(v.array(PermissionMode)),
  /** The subagent's kind, when one asks. */
  agent: v.optional(text(100)),
  /** A path outside the project that it touches. */
  outside: v.optional(text(TOOL_SUMMARY_MAX)),
  /** What it seems to do, by its input. That none is named promises nothing. */
  risks: v.optional(v.array(Risk)),
  reason: v.optional(text(WORDS_MAX)),
});

/** The request is over on the runner's side. */
export const RequestSettled = v.object({
  kind: v.literal('requestSettled'),
  gen,
  request: branded<RequestId>(),
  outcome: v.variant('as', [
    /** The decision is on the CLI's stdin. */
    v.object({ as: v.literal('delivered') }),
    /** It needs no answer any more: cancelled by the CLI, interrupted. */
    v.object({ as: v.literal('void'), why: text(WORDS_MAX) }),
    /** A decision came that does not fit what is pending; nothing was done with it. */
    v.object({ as: v.literal('refused'), why: text(WORDS_MAX) }),
  ]),
});

export const Usage = v.object({
  input: count,
  output: count,
  cacheRead: count,
  cacheWrite: count,
  /** The model's part of the turn's cost; an older runner does not send it. */
  costUsd: v.optional(amount),
});
export type Usage = v.InferOutput<typeof Usage>;

export const FailureCode = v.picklist([
  'api', // the model's API said no; `words` has its message
  'login', // no or expired credentials
  'limit', // the plan's usage limit; `untilMs` says until when
  'overloaded',
  'tooLong', // the conversation does not fit the model any more
  'budget',
  'crashed', // the CLI process died
  'restarted', // the runner was restarted in the middle of it
  'start', // the CLI could not be started
  'project', // the project's folder is gone or not exposed
  'transcript', // Claude no longer has the conversation
  'files', // an attached file cannot be had; the prompt was not run
  'worktree', // the session's own git worktree could not be made
  'other',
]);
export type FailureCode = v.InferOutput<typeof FailureCode>;

/** The last event of a turn: exactly one for each prompt that was accepted, started or not. */
export const TurnEnded = v.object({
  kind: v.literal('turnEnded'),
  gen,
  turn: uuid<TurnId>(),
  prompt: v.nullable(uuid<PromptId>()),
  outcome: v.variant('as', [
    v.object({ as: v.literal('done') }),
    v.object({ as: v.literal('interrupted') }),
    v.object({
      as: v.literal('failed'),
      code: FailureCode,
      words: text(WORDS_MAX),
      untilMs: v.optional(count),
      /** False: the CLI never saw the prompt, so it can be sent again without running twice. */
      started: v.boolean(),
    }),
  ]),
  durationMs: count,
  costUsd: amount,
  /** By model, of this turn alone. */
  usage: v.record(v.string(), Usage),
  /** How full the context window is, 0 to 1. */
  context: v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(1))),
  files: v.optional(v.object({ changed: count, added: count, removed: count })),
  /** Claude's id of the last message of a turn that it finished: a copy of the conversation may end there. */
  at: v.optional(uuid<string>()),
});

/** Something worth one line that changes no state: an API retry, hooks that were not run. */
export const Notice = v.object({
  kind: v.literal('notice'),
  gen,
  turn: v.nullable(uuid<TurnId>()),
  code: v.picklist(['retry', 'untrusted', 'limitNear', 'compacted', 'information']),
  words: text(WORDS_MAX),
});

/** What the folder looks like, when a turn has ended and it is not as it was told before. Names are untrusted text. */
export const Workspace = v.object({
  kind: v.literal('workspace'),
  gen,
  /** Null: a detached head, or nothing committed yet. */
  branch: v.nullable(text(200)),
  /** Since the last commit; lines of untracked files are not counted. */
  changed: v.object({
    files: count,
    added: count,
    removed: count,
    names: v.pipe(v.array(text(200)), v.maxLength(20)),
  }),
  /** Of a worktree: against the branch that the project's own folder is on. */
  main: v.nullable(v.object({ name: text(200), ahead: count, behind: count })),
});

/** The answer to the command of that name. */
export const WorktreeTold = v.object({
  kind: v.literal('worktree'),
  gen,
  outcome: v.variant('as', [
    v.object({
      as: v.literal('kept'),
      /** Files that are not committed, and commits that no other branch has. Names and subjects are untrusted text. */
      uncommitted: count,
      unmerged: count,
      files: v.pipe(v.array(text(200)), v.maxLength(20)),
      commits: v.pipe(v.array(text(200)), v.maxLength(20)),
      mark: text(64),
    }),
    v.object({ as: v.literal('removed') }),
    v.object({ as: v.literal('missing') }),
    v.object({ as: v.literal('failed'), words: text(WORDS_MAX) }),
  ]),
});

/** The answer to `rewind`. */
export const Rewound = v.object({
  kind: v.literal('rewound'),
  gen,
  turn: uuid<TurnId>(),
  apply: v.boolean(),
  outcome: v.variant('as', [
    v.object({
      as: v.literal('ok'),
      /** Relative to the project where they are in it; the first of them. Untrusted text. */
      files: v.pipe(v.array(text(TOOL_SUMMARY_MAX)), v.maxLength(REWOUND_FILES_MAX)),
      count,
      insertions: count,
      deletions: count,
    }),
    v.object({ as: v.literal('cannot'), why: text(WORDS_MAX) }),
  ]),
});

export const Event = v.variant('kind', [
  Rewound,
  Workspace,
  WorktreeTold,
  ProcessStarted,
  ProcessEnded,
  TurnBegan,
  Text,
  ToolBegan,
  ToolEnded,
  RequestInput,
  RequestOpened,
  RequestSettled,
  TurnEnded,
  FilePart,
  File,
  Titled,
  Notice,
  Configured,
  Offers,
]);
export type Event = v.InferOutput<typeof Event>;
export type EventOf<K extends Event['kind']> = Extract<Event, { kind: K }>;

/**
 * Text of a segment that is not finished. `from` counts UTF-16 code units; 0 replaces the whole (after a welcome, and when the
 * CLI abandons what it streamed). A frame that does not continue what is there is dropped: the next whole one repairs it.
 */
export const Live = v.object({
  gen,
  turn: uuid<TurnId>(),
  segment: count,
  from: count,
  text: v.pipe(v.string(), v.maxBytes(SEGMENT_MAX_BYTES)),
});
export type Live = v.InferOutput<typeof Live>;
