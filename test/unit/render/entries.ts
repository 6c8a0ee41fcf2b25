/** Entries with everything filled in, so that a test names only what it is about. */
import type { Gen, PromptId, TurnId, UserId } from '../../../protocol/ids.ts';
import type {
  EndEntry,
  Entry,
  Person,
  PromptEntry,
  QueuedEntry,
  RequestEntry,
  TextEntry,
  ThreadView,
  ToolEntry,
} from '../../../worker/domain/transcript.ts';

export const TURN = '11111111-1111-4111-8111-111111111111' as TurnId;
export const TURN_2 = '22222222-2222-4222-8222-222222222222' as TurnId;
export const GEN = 1 as Gen;
export const ASKER: Person = { id: '200000000000000001' as UserId, name: 'asker' };
export const OWNER: Person = { id: '200000000000000002' as UserId, name: 'owner' };
/** 2026-01-02 03:04:05 UTC. */
export const NOW_MS = 1_767_323_045_000;

export const prompt = (text: string, more: Partial<PromptEntry> = {}): PromptEntry => ({
  kind: 'prompt',
  turn: TURN,
  author: ASKER,
  text,
  project: 'api',
  runner: 'laptop',
  branch: 'main',
  model: 'claude-sonnet-4-5-20250929',
  mode: 'default',
  untrusted: false,
  state: 'running',
  ...more,
});

export const text = (words: string, more: Partial<TextEntry> = {}): TextEntry => ({
  kind: 'text',
  turn: TURN,
  segment: 0,
  text: words,
  joined: false,
  live: false,
  ...more,
});

let tools = 0;
export const tool = (
  cls: ToolEntry['class'],
  name: string,
  summary: string,
  more: Partial<ToolEntry> = {},
): ToolEntry => ({
  kind: 'tool',
  turn: TURN,
  tool: `toolu_${tools++}`,
  parent: null,
  name,
  class: cls,
  summary,
  state: 'done',
  startedMs: NOW_MS,
  added: null,
  removed: null,
  ...more,
});

export const request = (input: unknown, more: Partial<RequestEntry> = {}): RequestEntry => ({
  kind: 'request',
  ref: 1,
  gen: GEN,
  turn: TURN,
  asks: 'permission',
  name: 'Bash',
  class: 'command',
  summary: 'npm test -- auth --runInBand',
  description: 'Run the auth tests',
  inputHash: 'ab'.repeat(32),
  inputBytes: 100,
  input: JSON.stringify(input),
  cut: false,
  agent: null,
  outside: null,
  asked: ASKER,
  alsoMay: [OWNER],
  untilMs: NOW_MS + 86_400_000,
  notify: true,
  state: { is: 'open' },
  ...more,
});

export const queued = (words: string, more: Partial<QueuedEntry> = {}): QueuedEntry => ({
  kind: 'queued',
  prompt: TURN_2 as string as PromptId,
  author: ASKER,
  text: words,
  state: 'waiting',
  place: 1,
  offlineSinceMs: null,
  ...more,
});

export const end = (more: Partial<EndEntry> = {}): EndEntry => ({
  kind: 'end',
  turn: TURN,
  outcome: { as: 'done' },
  durationMs: 134_000,
  costUsd: 0.21,
  usage: { input: 1, output: 2, cacheRead: 3, cacheWrite: 4 },
  context: 0.38,
  files: { changed: 3, added: 41, removed: 12 },
  notify: null,
  ...more,
});

export const view = (entries: readonly Entry[], more: Partial<ThreadView> = {}): ThreadView => ({
  gen: GEN,
  entries,
  stoppable: null,
  ...more,
});
