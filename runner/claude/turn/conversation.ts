/**
 * The CLI's lines in, Heddle's events out. No I/O; the clock and new ids are given. Events come in the order in which the
 * thread shows them; each prompt gets exactly one `turnEnded`.
 */
import type { ClaudeSessionId, ProcessId, PromptId, TurnId } from '../../../protocol/ids.ts';
import { TITLE_MAX, WORDS_MAX } from '../../../protocol/limits.ts';
import { assertNever } from '../../../protocol/never.ts';
import { clip, oneLine } from '../line/clip.ts';
import type { ClaudeEvent, ClaudeEventOf, SettingsSources } from '../line/types.ts';
import type { LimitLine, Line, ResultLine } from '../line/wire.ts';
import type { OpenRequests } from '../tools/requests.ts';
import type { LiveText } from './live.ts';
import { CLEARED, COMPACTED, limitNearWords, retryWords } from './notices.ts';
import { type Outcome, outcomeOf } from './outcome.ts';
import { TodoList } from './todos.ts';
import { Turn, type TurnDeps } from './turn.ts';
import { CostMeter, contextFraction, type TurnCost } from './usage.ts';

export interface ConversationDeps {
  readonly process: ProcessId;
  readonly cwd: string;
  readonly settings: SettingsSources;
  readonly resumed: boolean;
  readonly emit: (event: ClaudeEvent) => void;
  readonly live: LiveText;
  readonly requests: OpenRequests;
  readonly newTurn: () => TurnId;
  readonly nowMs: () => number;
  /** The mode has changed by itself. */
  readonly modeChanged: () => void;
  /** What has to be added to `nowMs()` for Unix milliseconds. */
  readonly epochMs: number;
  /** The git branch that the project is on. */
  readonly branch: () => string | undefined;
  /** A file of the project, or why it is none for the thread. */
  readonly readFile: TurnDeps['readFile'];
}

const NAME_MAX = 100;
const MODE_MAX = 50;
const NO_COST: TurnCost = { costUsd: 0, usage: {} };
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

export class Conversation {
  readonly #deps: ConversationDeps;
  readonly #cost: CostMeter;
  readonly #agentKinds = new Map<string, string>();
  readonly #todos = new TodoList();
  #session: ClaudeSessionId;
  #version = '';
  #model: string | null = null;
  #mode: string;
  #turn: Turn | null = null;
  /** Given to the CLI; its turn has not begun. */
  #waiting: { readonly prompt: PromptId; readonly sinceMs: number } | null = null;
  /** What the CLI said last that it starts: a prompt, or what no prompt of ours is. */
  #started: string | null = null;
  /** It says whose each turn is, so one of which it says nothing is no prompt's. */
  #tells = false;
  /** The conversation was cleared; the turn that did it has not begun. */
  #reset = false;
  #backgroundTasks = 0;
  #backgroundEnded = false;
  #limit: LimitLine | null = null;

  constructor(deps: ConversationDeps, session: ClaudeSessionId, mode: string) {
    this.#deps = deps;
    this.#session = session;
    this.#mode = mode;
    this.#cost = new CostMeter(deps.resumed);
  }

  get turn(): TurnId | null {
    return this.#turn?.id ?? null;
  }
  get waiting(): PromptId | null {
    return this.#waiting?.prompt ?? null;
  }
  get busy(): boolean {
    return this.#turn !== null || this.#waiting !== null;
  }
  get backgroundTasks(): number {
    return this.#backgroundTasks;
  }
  get mode(): string {
    return this.#mode;
  }
  get model(): string | null {
    return this.#model;
  }
  get version(): string {
    return this.#version;
  }

  /** The process was told to change it, and did. The turn that runs shows it. */
  tuned({ model, mode }: { readonly model?: string | null; readonly mode?: string }): void {
    if (model !== undefined) this.#model = model === null ? null : clip(model, NAME_MAX);
    if (mode !== undefined) this.#mode = clip(mode, MODE_MAX);
  }

  started(version: string, mode: string, model: string | null): void {
    this.#version = version;
    this.#mode = clip(mode, MODE_MAX);
    this.#model = model;
    this.#processStarted();
  }

  prompted(prompt: PromptId): void {
    this.#waiting = { prompt, sinceMs: this.#deps.nowMs() };
  }

  /** `send_file`: null when the file is on its way to the thread, else why not, in words for Claude. */
  handFile(path: string, caption: string): string | null {
    return this.#turn === null
      ? 'Files can be sent while a turn runs only.'
      : this.#turn.handFile(path, caption);
  }

  /** The process is gone: what it was doing ends with it. */
  died(outcome: Outcome): void {
    this.#end(outcome, NO_COST);
    this.#endWaiting(outcome);
    this.#deps.live.close();
    this.#deps.requests.clear();
    this.#backgroundTasks = 0;
  }

  read(line: Line): void {
    switch (line.type) {
      case 'init':
        return this.#init(line);
      case 'status':
        if (line.mode !== null && line.mode !== this.#mode) {
          this.#mode = clip(line.mode, MODE_MAX);
          this.#deps.modeChanged();
        }
        return this.#folded(line.prompts);
      case 'lifecycle':
        return this.#lifecycle(line.prompt, line.state);
      case 'stream':
        return this.#turn?.stream(line.step);
      case 'assistant':
        if (line.agent !== null && line.agentKind !== null) this.#agentKinds.set(line.agent, line.agentKind);
        return this.#turn?.assistant(line);
      case 'toolResults':
        return this.#turn?.toolResults(line);
      case 'canUseTool': {
        if (line.tool !== null) this.#turn?.asked(line.tool);
        const kind = line.agent === null ? null : (this.#agentKinds.get(line.agent) ?? null);
        return this.#deps.requests.opened(line, this.turn, kind);
      }
      case 'cancelRequest':
        return this.#deps.requests.cancelled(line.request, 'Claude no longer needs an answer.');
      case 'backgroundTasks':
        this.#backgroundTasks = line.count;
        return;
      case 'taskEnded':
        this.#backgroundEnded = true;
        return;
      case 'retry':
        return this.#notice('retry', retryWords(line));
      case 'compacted':
        return this.#notice('compacted', COMPACTED);
      case 'reset':
        this.#reset = true;
        return;
      case 'information':
        return this.#notice('information', line.text);
      case 'limit': {
        this.#limit = line;
        const words = limitNearWords(line);
        return words === null ? undefined : this.#notice('limitNear', words);
      }
      case 'result':
        return this.#result(line);
      case 'titled':
        return this.titled(line.title);
      case 'controlResponse':
      case 'otherControlRequest':
      case 'mcpMessage':
      case 'ignored':
        return;
      default:
        assertNever(line);
    }
  }

  #processStarted(): void {
    this.#deps.emit({
      kind: 'processStarted',
      process: this.#deps.process,
      claudeVersion: clip(this.#version, 50),
      model: this.#model,
      mode: this.#mode,
      claudeSession: this.#session,
      settings: this.#deps.settings,
    });
  }

  /** Claude: comes at the start of every turn, and again when a compaction restarts one. */
  #init(line: Extract<Line, { type: 'init' }>): void {
    this.#version ||= line.version;
    this.#model = line.model === null ? null : clip(line.model, NAME_MAX);
    this.#mode = clip(line.mode, MODE_MAX);
    if (UUID.test(line.session) && line.session !== this.#session) {
      this.#session = line.session as ClaudeSessionId;
      this.#processStarted();
    }
    this.#tells ||= line.tellsStarts || line.prompts !== null;
    const waiting = this.#waiting;
    if (waiting !== null && this.#isFor(waiting.prompt, line.prompts)) {
      this.#cutOff();
      this.#begin(waiting.prompt);
    } else if (this.#turn === null) {
      this.#begin(null);
    }
    if (this.#reset) this.#notice('information', CLEARED);
    this.#reset = false;
  }

  /**
   * Claude: a turn that a job, a wake-up or a background task began is named by nothing in its `init`, and so is each turn of older CLIs;
   * but before the turn of a prompt comes `command_lifecycle`. A CLI that says neither: it is the prompt's unless something else began it.
   */
  #isFor(prompt: PromptId, prompts: readonly string[] | null): boolean {
    if (prompts !== null) return prompts.includes(prompt);
    if (this.#tells) return this.#started === prompt;
    return !this.#backgroundEnded && this.#turn === null;
  }

  /** A prompt that came while a turn had just started by itself was folded into it: from here on it is the prompt's. */
  #folded(prompts: readonly string[] | null): void {
    const waiting = this.#waiting;
    if (waiting === null || this.#turn === null || prompts?.includes(waiting.prompt) !== true) return;
    this.#cutOff();
    this.#begin(waiting.prompt);
  }

  #lifecycle(command: string, state: string): void {
    if (state === 'started') {
      this.#tells = true;
      this.#started = command;
    }
    if (command !== this.#waiting?.prompt) return;
    switch (state) {
      case 'started':
        return this.#folded([command]);
      // Claude: its last word on a prompt. One that waits still had no turn of its own, and no result of it comes.
      case 'completed':
        return this.#endWaiting({ as: 'done' });
      case 'cancelled':
      case 'discarded':
      case 'refused':
        return this.#endWaiting({ as: 'interrupted' });
    }
  }

  /** The end of a prompt whose turn never began. */
  #endWaiting(outcome: Outcome): void {
    const waiting = this.#waiting;
    if (waiting === null) return;
    this.#waiting = null;
    this.#deps.emit({
      kind: 'turnEnded',
      turn: waiting.prompt as string as TurnId,
      prompt: waiting.prompt,
      outcome,
      durationMs: Math.max(0, Math.round(this.#deps.nowMs() - waiting.sinceMs)),
      ...NO_COST,
    });
  }

  #begin(prompt: PromptId | null): void {
    const { newTurn, nowMs, emit, branch } = this.#deps;
    const id = prompt === null ? newTurn() : (prompt as string as TurnId);
    const beganMs = prompt === null ? nowMs() : (this.#waiting?.sinceMs ?? nowMs());
    if (prompt !== null) this.#waiting = null;
    this.#backgroundEnded = false;
    this.#turn = new Turn(id, prompt, beganMs, {
      ...this.#deps,
      todos: this.#todos,
      planning: () => this.#mode === 'plan',
    });
    const name = branch();
    emit({
      kind: 'turnBegan',
      turn: id,
      prompt,
      model: this.#model,
      mode: this.#mode,
      ...(name === undefined ? {} : { branch: name }),
    });
  }

  /** The running turn gives way to another before its result. */
  #cutOff(): void {
    this.#end({ as: 'done' }, NO_COST);
  }

  /** The conversation has this name. */
  titled(words: string): void {
    const title = clip(oneLine(words), TITLE_MAX);
    if (title !== '') this.#deps.emit({ kind: 'titled', title });
  }

  /** A line about something that changes no state. */
  say(words: string): void {
    this.#notice('information', words);
  }

  #notice(code: ClaudeEventOf<'notice'>['code'], words: string): void {
    if (words.trim() === '') return;
    this.#deps.emit({ kind: 'notice', turn: this.turn, code, words: clip(words, WORDS_MAX) });
  }

  #result(line: ResultLine): void {
    const cost = this.#cost.take(line);
    const waiting = this.#waiting;
    if (waiting !== null) {
      const named = line.prompts?.includes(waiting.prompt) === true;
      const alone = line.prompts === null && line.origin === null && this.#turn === null;
      if (named || (alone && this.#isFor(waiting.prompt, null))) {
        this.#cutOff();
        this.#begin(waiting.prompt);
      }
    }
    this.#end(outcomeOf(line, this.#turn?.apiError ?? null, this.#limit), cost, line);
  }

  #end(outcome: Outcome, cost: TurnCost, line?: ResultLine): void {
    const turn = this.#turn;
    if (turn === null) return;
    this.#turn = null;
    const context = line && contextFraction(line, this.#model, turn.contextTokens);
    const durationMs = line?.durationMs ?? Math.max(0, Math.round(this.#deps.nowMs() - turn.beganMs));
    turn.end(outcome, { durationMs, ...cost, ...(context === undefined ? {} : { context }) });
  }
}
