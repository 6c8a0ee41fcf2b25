/**
 * A stand-in for the Claude CLI: its line protocol, no model, a start in a tenth of a second. What it plays is chosen by
 * words in the prompt (`ACTS`). Each thing that it was told goes to the file STUB_CLAUDE_LOG, one JSON line each: the
 * oracle of tests that compare what people decided with what a process got. `stub-claude-script.ts` makes one with its
 * own log, because the runner lets no such variable through.
 */
import { randomUUID } from 'node:crypto';
import { appendFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { StubEntry } from './stub-claude-script.ts';

const VERSION = '2.1.330';
const MODEL = 'stub-model';

type Json = Record<string, unknown>;

function option(name: string): string | undefined {
  const at = process.argv.findIndex((arg) => arg === `--${name}` || arg.startsWith(`--${name}=`));
  if (at < 0) return undefined;
  const found = process.argv[at] ?? '';
  return found.includes('=') ? found.slice(found.indexOf('=') + 1) : process.argv[at + 1];
}

if (process.argv.includes('--version')) {
  process.stdout.write(`${VERSION} (Claude Code)\n`);
  process.exit(0);
}

const logFile = process.env.STUB_CLAUDE_LOG ?? '';
const resumed = option('resume');
const session = resumed ?? option('session-id') ?? randomUUID();
const mode = option('permission-mode') ?? 'default';
const transcripts = `${logFile}.transcripts`;
const transcript = path.join(transcripts, session);

function log(entry: DistributiveOmit<StubEntry, 'session' | 'pid' | 'atMs'>): void {
  const atMs = performance.timeOrigin + performance.now();
  if (logFile !== '')
    appendFileSync(logFile, `${JSON.stringify({ session, pid: process.pid, atMs, ...entry })}\n`);
}
type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

function say(message: Json): void {
  process.stdout.write(`${JSON.stringify({ session_id: session, ...message })}\n`);
}

const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

if (resumed !== undefined && !existsSync(transcript)) {
  say({
    type: 'result',
    subtype: 'error_during_execution',
    is_error: true,
    num_turns: 0,
    errors: [`No conversation found with session ID: ${session}`],
  });
  process.exit(1);
}
if (resumed === undefined && existsSync(transcript)) {
  process.stderr.write(`Error: Session ID ${session} is already in use.\n`);
  process.exit(1);
}
log({ event: 'start', resume: resumed !== undefined, mode, cwd: process.cwd() });

// ---------------------------------------------------------------- what can be played

/** One turn; its methods are what an act does. */
class Turn {
  readonly uuid: string | null;
  stopped = false;
  readonly #name = randomUUID();
  #commands = 0;
  #stop: () => void = () => {};
  readonly stop = new Promise<void>((resolve) => {
    this.#stop = resolve;
  });

  constructor(uuid: string | null) {
    this.uuid = uuid;
  }

  /** One that no other request has. */
  command(): string {
    this.#commands += 1;
    return `echo ${this.uuid ?? this.#name} ${this.#commands - 1}`;
  }

  interrupt(): void {
    this.stopped = true;
    this.#stop();
  }

  init(): void {
    say({
      type: 'system',
      subtype: 'init',
      cwd: process.cwd(),
      model: MODEL,
      permissionMode: mode,
      claude_code_version: VERSION,
      tools: [],
      mcp_servers: [],
      ...(this.uuid === null ? {} : { user_message_uuids: [this.uuid] }),
    });
  }

  /** Text as the CLI streams it: deltas, then the finished block. */
  async text(deltas: readonly string[], everyMs: number): Promise<void> {
    const id = `msg_${randomUUID()}`;
    const stream = (event: Json) =>
      say({ type: 'stream_event', event, parent_tool_use_id: null, uuid: randomUUID() });
    stream({
      type: 'message_start',
      message: { id, role: 'assistant', model: MODEL, content: [], usage: {} },
    });
    stream({ type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } });
    for (const text of deltas) {
      if (everyMs > 0) await Promise.race([sleep(everyMs), this.stop]);
      if (this.stopped) return;
      stream({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } });
    }
    this.assistant(id, { type: 'text', text: deltas.join('') });
    stream({ type: 'content_block_stop', index: 0 });
    stream({ type: 'message_stop' });
  }

  assistant(id: string, block: Json): void {
    say({
      type: 'assistant',
      parent_tool_use_id: null,
      uuid: randomUUID(),
      message: { id, role: 'assistant', model: MODEL, content: [block], stop_reason: null, usage: {} },
    });
  }

  toolUse(name: string, input: Json): string {
    const id = `toolu_${randomUUID()}`;
    this.assistant(`msg_${randomUUID()}`, { type: 'tool_use', id, name, input });
    return id;
  }

  toolResult(tool: string, content: string, isError = false): void {
    say({
      type: 'user',
      parent_tool_use_id: null,
      message: {
        role: 'user',
        content: [{ type: 'tool_result', tool_use_id: tool, content, is_error: isError }],
      },
    });
  }

  /** Asks, and gives the behaviour that was decided; null when the turn was stopped first. */
  async permission(name: string, input: Json): Promise<string | null> {
    const tool = this.toolUse(name, input);
    const request = randomUUID();
    const answered = new Promise<Json>((resolve) => open.set(request, resolve));
    say({
      type: 'control_request',
      request_id: request,
      request: {
        subtype: 'can_use_tool',
        tool_name: name,
        display_name: name,
        input,
        description: 'A stub asks',
        permission_suggestions: [],
        tool_use_id: tool,
      },
    });
    log({ event: 'asked', request, prompt: this.uuid, input });
    const answer = await Promise.race([answered, this.stop.then(() => null)]);
    if (answer === null) {
      if (open.delete(request)) say({ type: 'control_cancel_request', request_id: request });
      return null;
    }
    const behavior = String(answer.behavior);
    this.toolResult(tool, behavior === 'allow' ? 'done' : String(answer.message), behavior !== 'allow');
    return behavior;
  }

  result(more: Json = {}): void {
    const aborted = this.stopped
      ? {
          subtype: 'error_during_execution',
          is_error: true,
          terminal_reason: 'aborted_streaming',
          errors: ['[ede_diagnostic] stub'],
        }
      : { subtype: 'success', is_error: false, terminal_reason: 'completed' };
    say({
      type: 'result',
      ...aborted,
      duration_ms: 1,
      duration_api_ms: 1,
      num_turns: 1,
      result: '',
      total_cost_usd: 0.01,
      usage: { input_tokens: 10, output_tokens: 20 },
      modelUsage: {},
      model_usage_since_last_result: {
        [MODEL]: {
          inputTokens: 10,
          outputTokens: 20,
          cacheReadInputTokens: 0,
          cacheCreationInputTokens: 0,
          costUSD: 0.01,
        },
      },
      permission_denials: [],
      ...(this.uuid === null
        ? { origin: { kind: 'task-notification' } }
        : { user_message_uuids: [this.uuid] }),
      ...more,
    });
    log({ event: 'result', prompt: this.uuid });
  }
}

/** `word:1:2` -> [1, 2]. */
type Act = (turn: Turn, numbers: readonly number[], prompt: string) => Promise<void>;

const ACTS: Readonly<Record<string, Act>> = {
  /** `ask:3`: three permission requests at once. */
  async ask(turn, [count = 1]) {
    const decided = await Promise.all(
      Array.from({ length: count }, () => turn.permission('Bash', { command: turn.command() })),
    );
    if (!turn.stopped) await turn.text([`Decided: ${decided.join(', ')}.`], 0);
  },
  /** `deep:12000`: asks with an input that is nested so deep. Not by JSON.stringify, which would run out of stack. */
  async deep(turn, [levels = 12_000]) {
    const request = randomUUID();
    const answered = new Promise<Json>((resolve) => open.set(request, resolve));
    const input = `{"path":"a.txt","more":${'['.repeat(levels)}${']'.repeat(levels)}}`;
    const asks = `"subtype":"can_use_tool","tool_name":"mcp__heddle__send_file","input":${input}`;
    process.stdout.write(
      `{"type":"control_request","request_id":"${request}","request":{${asks},"permission_suggestions":[]}}\n`,
    );
    const answer = await Promise.race([answered, turn.stop.then(() => null)]);
    if (answer !== null) await turn.text([`Answered: ${answer.behavior} ${answer.message ?? ''}`], 0);
  },
  /** `stream:200:25`: 200 deltas of 8 characters, 25 ms apart. */
  async stream(turn, [count = 50, everyMs = 10]) {
    const deltas = Array.from(
      { length: count },
      (_, at) => `${String(at).padStart(6, 'w')}${at % 12 === 11 ? '\n' : ' '} `,
    );
    await turn.text(deltas, everyMs);
  },
  /** `tools:5:80`: calls that need no permission, and take 80 ms each. */
  async tools(turn, [count = 1, tookMs = 0]) {
    for (let at = 0; at < count && !turn.stopped; at++) {
      const tool = turn.toolUse('Read', { file_path: path.resolve(`file-${at}.txt`) });
      if (tookMs > 0) await Promise.race([sleep(tookMs), turn.stop]);
      turn.toolResult(tool, 'content');
    }
  },
  /** Runs until it is interrupted. */
  async hang(turn) {
    await turn.stop;
  },
  /** `wait:100`: milliseconds. */
  async wait(turn, [ms = 50]) {
    await Promise.race([sleep(ms), turn.stop]);
  },
  async die() {
    die();
  },
  /** `flood:50`: 50 MB of what tools said, which no thread shows, and 20,000 pieces of text that all become one word. */
  async flood(turn, [megabytes = 10]) {
    for (let at = 0; at < megabytes; at++) {
      const tool = turn.toolUse('Read', { file_path: path.resolve(`flood-${at}.txt`) });
      turn.toolResult(tool, 'x'.repeat(1_000_000));
      while (process.stdout.writableNeedDrain)
        await new Promise((resolve) => process.stdout.once('drain', resolve));
    }
    await turn.text([...Array.from({ length: 20_000 }, () => ''), 'Flooded.'], 0);
  },
  /** Lines that are no JSON, JSON that is no message, messages that nobody knows, half a line. */
  async garbage() {
    process.stdout.write(
      'Warning: {not json\n\u0000\u0001\ufffd\n[]\nnull\n42\n{"type":7}\n{"type":"nobody-knows"}\n',
    );
    process.stdout.write('{"type":"assistant","message":null}\n{"type":"control_request"}\n{"type":"result"');
    await sleep(20);
    process.stdout.write('\n');
  },
  /** `retries:8`: the API fails so often before it answers. */
  async retries(_turn, [count = 3]) {
    for (let attempt = 1; attempt <= count; attempt++)
      say({
        type: 'system',
        subtype: 'api_retry',
        attempt,
        max_retries: 10,
        retry_delay_ms: 10,
        error_status: 529,
        error: 'overloaded',
      });
  },
  /** `doom:30`: it dies after 30 ms, whatever it does then. */
  async doom(_turn, [ms = 30]) {
    setTimeout(die, ms);
  },
  /** A background task: after the result it starts a turn by itself, and asks in it. */
  async later() {
    say({
      type: 'system',
      subtype: 'background_tasks_changed',
      tasks: [{ task_id: 'stub', status: 'running' }],
    });
    afterResult.push(async () => {
      await sleep(20);
      say({ type: 'system', subtype: 'task_notification', task_id: 'stub', status: 'completed' });
      say({ type: 'system', subtype: 'background_tasks_changed', tasks: [] });
      await play(null, 'ask');
    });
  },
};
const afterResult: (() => Promise<void>)[] = [];

function die(): void {
  process.stderr.write('stub: told to die\n');
  log({ event: 'end' });
  process.exit(7);
}

// ---------------------------------------------------------------- the line protocol

const open = new Map<string, (answer: Json) => void>();
const seen = new Set<string>();
let current: Turn | null = null;
let queue: Promise<void> = Promise.resolve();

async function play(uuid: string | null, text: string): Promise<void> {
  const turn = new Turn(uuid);
  current = turn;
  turn.init();
  let acted = false;
  for (const word of text.toLowerCase().split(/\s+/)) {
    const [name = '', ...numbers] = word.split(':');
    const act = Object.hasOwn(ACTS, name) ? ACTS[name] : undefined;
    if (act === undefined || turn.stopped) continue;
    acted = true;
    await act(turn, numbers.map(Number), text);
  }
  if (!acted) await turn.text([`Echo: ${text.slice(0, 200)}`], 0);
  turn.result();
  current = null;
  for (const next of afterResult.splice(0)) queue = queue.then(next);
}

function onUser(line: Json): void {
  const { uuid, message } = line as { uuid?: string; message?: { content?: unknown } };
  const content = message?.content;
  const text = typeof content === 'string' ? content : JSON.stringify(content);
  if (uuid === undefined || seen.has(uuid)) return;
  seen.add(uuid);
  mkdirSync(transcripts, { recursive: true });
  writeFileSync(transcript, '', { flag: 'a' });
  log({ event: 'prompt', prompt: uuid, text });
  queue = queue.then(() => play(uuid, text));
}

function onControl(line: Json): void {
  const { request_id: id, request } = line as { request_id: string; request: Json };
  const reply = (response: Json) =>
    say({ type: 'control_response', response: { subtype: 'success', request_id: id, response } });
  switch (request.subtype) {
    case 'initialize':
      return reply({
        commands: [],
        agents: [],
        output_style: 'default',
        models: [{ value: 'default', resolvedModel: MODEL, displayName: 'Stub' }],
        account: {},
        pid: process.pid,
        claude_code_version: VERSION,
        current_permission_mode: mode,
      });
    case 'interrupt':
      log({ event: 'interrupt' });
      reply({ still_queued: [] });
      current?.interrupt();
      return;
    default:
      return reply({});
  }
}

function onAnswer(line: Json): void {
  const { response } = line as { response: { request_id: string; response?: Json } };
  const answer = response.response ?? {};
  const pending = open.get(response.request_id);
  log({
    event: 'decision',
    request: response.request_id,
    behavior: String(answer.behavior),
    // An answer to nothing is what a test looks for.
    known: pending !== undefined,
  });
  open.delete(response.request_id);
  pending?.(answer);
}

let rest = '';
process.stdin.setEncoding('utf8');
process.stdin.on('data', (chunk: string) => {
  const lines = (rest + chunk).split('\n');
  rest = lines.pop() ?? '';
  for (const text of lines) {
    if (text.trim() === '') continue;
    const line = JSON.parse(text) as Json;
    if (line.type === 'user') onUser(line);
    else if (line.type === 'control_request') onControl(line);
    else if (line.type === 'control_response') onAnswer(line);
  }
});
process.stdin.on('end', () => {
  // Claude: a request that is open when stdin ends fails, and the turn goes on to its end.
  for (const answer of open.values()) answer({ behavior: 'deny', message: 'Tool permission stream closed' });
  open.clear();
  queue.finally(() => {
    log({ event: 'end' });
    process.exit(0);
  });
});
