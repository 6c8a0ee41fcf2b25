/**
 * Commands: what a Session object tells a runner. All carry the conversation's `gen`; a runner that has moved on answers to an older
 * one with nothing.
 */
import * as v from 'valibot';
import { Configure, PermissionMode } from './configure.ts';
import { PromptFiles } from './files.ts';
import type { ClaudeSessionId, ProcessId, ProjectName, PromptId, RequestId, TurnId, UserId } from './ids.ts';
import { PROMPT_MAX_BYTES, WORDS_MAX } from './limits.ts';
import { branded, count, gen, hash, text, uuid } from './shapes.ts';

/** What git takes in a branch's name and any file system in a folder's. */
export const WorktreeName = v.pipe(
  v.string(),
  v.regex(/^(?!.*\.\.)(?!.*\.lock$)[A-Za-z0-9][A-Za-z0-9._-]{0,59}(?<!\.)$/),
);

/** A conversation begins. Comes once a gen, before its first prompt; starts no process yet. */
export const Begin = v.object({
  kind: v.literal('begin'),
  gen,
  project: branded<ProjectName>(100),
  claudeSession: uuid<ClaudeSessionId>(),
  /** Who began it: the runner gives its own permission mode to its owner alone. */
  starter: branded<UserId>(30),
  /**
   * It goes on from a conversation that Claude has. Without `fork` it is that one: `claudeSession` is the same. With it a copy gets
   * `claudeSession`, and the other stays as it is. `at`: the last message that is copied, as `TurnEnded` told it; without it all is.
   */
  from: v.optional(
    v.object({
      claudeSession: uuid<ClaudeSessionId>(),
      fork: v.boolean(),
      at: v.optional(uuid<string>()),
    }),
  ),
  /**
   * In a git worktree of its own, on the branch `heddle/<name>`. With `from` it is the one that conversation has; without, a name that
   * is taken is refused when the first prompt comes.
   */
  worktree: v.optional(v.object({ name: WorktreeName })),
});
export type From = NonNullable<v.InferOutput<typeof Begin>['from']>;

/** Run this, now: the Session gives out one prompt at a time and never while a turn runs. */
export const Prompt = v.object({
  kind: v.literal('prompt'),
  gen,
  prompt: uuid<PromptId>(),
  text: v.pipe(v.string(), v.minLength(1), v.maxBytes(PROMPT_MAX_BYTES)),
  /** It is one of Claude's own slash commands; without it a text that looks like one is plain text. */
  slash: v.optional(v.literal(true)),
  /** What is attached to it. It is not run without them. */
  files: v.optional(PromptFiles),
});

/** End this turn, started or not. Its open requests are void. A turn that already ended: nothing happens. */
export const Interrupt = v.object({ kind: v.literal('interrupt'), gen, turn: uuid<TurnId>() });

/** The files as they were before this turn. Without `apply` only what that would change is told. Never while a turn runs. */
export const Rewind = v.object({
  kind: v.literal('rewind'),
  gen,
  turn: uuid<TurnId>(),
  apply: v.boolean(),
});

/** How long a rule that is granted with a decision holds: as long as this session, or for this project on this runner. */
export const GrantScope = v.picklist(['session', 'localSettings']);
export type GrantScope = v.InferOutput<typeof GrantScope>;

export const Verdict = v.variant('behavior', [
  v.object({
    behavior: v.literal('allow'),
    /** Index into the request's `suggestions`: apply this one too, in one of its `scopes`. */
    suggestion: v.optional(count),
    /** For a rule. Absent: this process alone. */
    destination: v.optional(GrantScope),
    /** The mode to go on in after a plan: one of the request's `modes`. */
    mode: v.optional(PermissionMode),
    /** Answers to a question, by the question's text. Refused for anything else. */
    answers: v.optional(v.record(v.string(), v.string())),
  }),
  v.object({ behavior: v.literal('deny'), message: text(WORDS_MAX) }),
]);
export type Verdict = v.InferOutput<typeof Verdict>;

/** A person's decision. Refused when process, request or hash is not what is pending; `requestSettled` says which. */
export const Decide = v.object({
  kind: v.literal('decide'),
  gen,
  process: branded<ProcessId>(),
  request: branded<RequestId>(),
  inputHash: hash,
  verdict: Verdict,
});

/** The conversation is over: end its process, keep its transcript (Claude's own file). */
export const End = v.object({ kind: v.literal('end'), gen });

/**
 * About the worktree of a conversation that has ended. `remove` does it only when nothing would be lost, or `expect` is the mark of what
 * is; the answer is `worktree`, also when the same comes twice.
 */
export const Worktree = v.object({
  kind: v.literal('worktree'),
  gen,
  do: v.picklist(['look', 'remove']),
  expect: v.nullable(text(64)),
});

export const Command = v.variant('kind', [
  Begin,
  Prompt,
  Interrupt,
  Decide,
  End,
  Configure,
  Worktree,
  Rewind,
]);
export type Command = v.InferOutput<typeof Command>;
export type CommandOf<K extends Command['kind']> = Extract<Command, { kind: K }>;
