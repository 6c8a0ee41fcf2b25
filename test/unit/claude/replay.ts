/** Plays a capture of the real CLI through the pure half of `runner/claude/`. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ClaudeSessionId, ProcessId, PromptId, RequestId, TurnId } from '../../../protocol/ids.ts';
import { decodeLine } from '../../../runner/claude/line/decode.ts';
import type { ClaudeEvent, ClaudeLive } from '../../../runner/claude/line/types.ts';
import { OpenRequests } from '../../../runner/claude/tools/requests.ts';
import { Conversation } from '../../../runner/claude/turn/conversation.ts';
import { LiveText } from '../../../runner/claude/turn/live.ts';

export const CAPTURES = join(import.meta.dirname, '..', '..', 'fixtures', 'claude');
export const captureNames = readdirSync(CAPTURES)
  .filter((name) => name.endsWith('.jsonl'))
  .map((name) => name.slice(0, -'.jsonl'.length))
  .sort();

// biome-ignore lint/suspicious/noExplicitAny: a capture holds whatever the CLI said
export type Captured = any;

export function readCapture(name: string): Captured[] {
  return readFileSync(join(CAPTURES, `${name}.jsonl`), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
}

export type Played = { readonly event: ClaudeEvent } | { readonly live: ClaudeLive };

export interface Replayed {
  readonly all: readonly Played[];
  readonly events: readonly ClaudeEvent[];
  readonly requests: OpenRequests;
  readonly conversation: Conversation;
  /** Prompts that were given. */
  readonly given: ReadonlySet<string>;
}

export function replay(lines: readonly Captured[], cwd = '/home/dev/project'): Replayed {
  const all: Played[] = [];
  let nowMs = 0;
  let turns = 0;
  const emit = (event: ClaudeEvent) => {
    all.push({ event });
  };
  const live = new LiveText(
    (frame) => all.push({ live: frame }),
    0,
    () => nowMs,
  );
  const requests = new OpenRequests('process-1' as ProcessId, cwd, emit, {
    modes: ['default', 'plan', 'acceptEdits'],
    settings: 'all',
  });
  const conversation = new Conversation(
    {
      process: 'process-1' as ProcessId,
      cwd,
      settings: 'all',
      resumed: false,
      emit,
      live,
      requests,
      newTurn: () => {
        turns += 1;
        return `00000000-0000-4000-8000-${String(turns).padStart(12, '0')}` as TurnId;
      },
      nowMs: () => nowMs,
      modeChanged: () => {},
      epochMs: 0,
      branch: () => undefined,
      readFile: () => ({ why: 'No files here.' }),
    },
    sessionOf(lines) as ClaudeSessionId,
    'default',
  );
  let exited = false;
  const prompted = new Set<string>();
  lines.forEach((line, at) => {
    if (typeof line.t_ms === 'number' && line.t_ms > nowMs) nowMs = line.t_ms;
    if (line.event === 'exit') exited = true;
    if (line.msg === undefined || exited) return;
    if (line.dir === 'in') written(line.msg, lines.slice(at), conversation, requests, prompted);
    else conversation.read(decodeLine(JSON.stringify(line.msg)));
  });
  conversation.died({ as: 'failed', code: 'crashed', words: 'The capture is over.', started: true });
  return {
    all,
    events: all.flatMap((item) => ('event' in item ? [item.event] : [])),
    requests,
    conversation,
    given: prompted,
  };
}

function sessionOf(lines: readonly Captured[]): string {
  const init = lines.find((line) => line.msg?.type === 'system' && line.msg.subtype === 'init');
  return init?.msg.session_id ?? '00000000-0000-4000-8000-000000000000';
}

function written(
  msg: Captured,
  rest: readonly Captured[],
  conversation: Conversation,
  requests: OpenRequests,
  prompted: Set<string>,
): void {
  if (msg.type === 'control_response') requests.delivered(msg.response.request_id as RequestId);
  // Heddle never gives a prompt while a turn runs; captures do.
  if (msg.type !== 'user' || msg.shouldQuery === false || (conversation.busy && !msg.forced)) return;
  const queued = rest.find((line) => line.msg?.type === 'command_lifecycle' && line.msg.state === 'queued');
  const id = msg.uuid ?? queued?.msg.command_uuid;
  if (id === undefined || prompted.has(id)) return;
  prompted.add(id);
  conversation.prompted(id as PromptId);
}
