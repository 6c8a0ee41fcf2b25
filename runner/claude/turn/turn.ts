/** One turn while it runs: its segments, its tool calls, the files it changed. */
import type { PromptId, TurnId } from '../../../protocol/ids.ts';
import { SEGMENT_MAX_BYTES } from '../../../protocol/limits.ts';
import { assertNever } from '../../../protocol/never.ts';
import { clip, splitBytes } from '../line/clip.ts';
import { string } from '../line/json.ts';
import type { ClaudeEvent, ClaudeEventOf } from '../line/types.ts';
import type { Block, Line, StreamStep } from '../line/wire.ts';
import { type EditDiff, editDiff } from '../tools/diffs.ts';
import { asksOf } from '../tools/requests.ts';
import { isPlanFile, pathOf, shortPath, toolClass, toolSummary } from '../tools/tools.ts';
import type { LiveText } from './live.ts';
import type { TodoList } from './todos.ts';
import { TurnFiles, type TurnFilesDeps } from './turn-files.ts';

const TOOL_ID_MAX = 200;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
type ToolUse = Extract<Block, { type: 'toolUse' }>;
type Ended = ClaudeEventOf<'turnEnded'>;
type ToolResults = Extract<Line, { type: 'toolResults' }>;

export interface TurnDeps {
  readonly cwd: string;
  readonly emit: (event: ClaudeEvent) => void;
  readonly live: LiveText;
  readonly todos: TodoList;
  readonly readFile: TurnFilesDeps['readFile'];
  /** It is in plan mode now. */
  readonly planning: () => boolean;
  /** What has to be added to `beganMs` for Unix milliseconds. */
  readonly epochMs: number;
}

export class Turn {
  readonly id: TurnId;
  readonly prompt: PromptId | null;
  readonly beganMs: number;
  /** Claude's short name of an API failure that was told as a message. */
  apiError: string | null = null;
  /** Tokens of the newest message, its whole context included. */
  contextTokens = 0;
  readonly #deps: TurnDeps;
  /** What each open call is about, whether a subagent made it, and whether it keeps Claude's own plan file. */
  readonly #openTools = new Map<
    string,
    { readonly summary: string; readonly main: boolean; readonly plan: boolean }
  >();
  readonly #toThread: TurnFiles;
  /** Calls that a person was asked about. */
  readonly #asked = new Set<string>();
  readonly #files = new Map<string, { added: number; removed: number }>();
  /** The next finished piece of text gets this number; what streams now has it already. */
  #segment = 0;
  /** The model ran into its output limit: the next text goes on where the last one stopped. */
  #cut = false;
  /** The newest message of the main thread, by its id in the transcript. */
  #message: string | null = null;

  constructor(id: TurnId, prompt: PromptId | null, beganMs: number, deps: TurnDeps) {
    this.id = id;
    this.prompt = prompt;
    this.beganMs = beganMs;
    this.#deps = deps;
    const { emit, readFile, cwd, epochMs } = deps;
    const short = (path: string) => shortPath(path, cwd);
    this.#toThread = new TurnFiles(id, { emit, readFile, short, beganAtMs: epochMs + beganMs });
  }

  asked(tool: string): void {
    this.#asked.add(clip(tool, TOOL_ID_MAX));
  }

  /** `send_file`: null when it is on its way, else why not. */
  handFile(path: string, caption: string): string | null {
    return this.#toThread.hand(path, caption);
  }

  /** Text that is not finished. Claude: what streams is provisional; the `assistant` line has the truth. */
  stream(step: StreamStep): void {
    const { live } = this.#deps;
    switch (step.type) {
      case 'messageStart':
        return live.abandon();
      case 'blockStart':
        return step.text ? live.open(this.id, this.#segment, step.initial) : undefined;
      case 'delta':
        return live.append(step.text);
      case 'messageUsage':
        this.#cut = step.cut;
        if (step.contextTokens > 0) this.contextTokens = step.contextTokens;
        return;
      case 'messageStop':
        return step.abandoned ? live.abandon() : undefined;
      case 'other':
        return;
      default:
        assertNever(step);
    }
  }

  assistant(line: Extract<Line, { type: 'assistant' }>): void {
    if (line.error !== null) {
      if (line.parent === null) this.apiError = line.error;
      return;
    }
    if (line.parent === null) this.#message = line.id ?? null;
    for (const block of line.blocks) {
      if (block.type === 'toolUse') this.#toolBegan(block, line.parent);
      // What a subagent says is for Claude, not for the thread.
      if (block.type !== 'text' || line.parent !== null) continue;
      if (block.text.trim() === '') {
        this.#deps.live.abandon();
        continue;
      }
      this.#deps.live.close();
      this.#text(block.text);
    }
  }

  #text(text: string): void {
    const goesOn = this.#cut;
    this.#cut = false;
    splitBytes(text, SEGMENT_MAX_BYTES).forEach((piece, at) => {
      const joined = (at > 0 || goesOn) && this.#segment > 0;
      this.#deps.emit({
        kind: 'text',
        turn: this.id,
        segment: this.#segment,
        text: piece,
        ...(joined ? { joined } : {}),
      });
      this.#segment += 1;
    });
    this.#toThread.said(text);
  }

  #toolBegan(use: ToolUse, parent: string | null): void {
    const tool = clip(use.id, TOOL_ID_MAX);
    if (this.#openTools.has(tool)) return;
    // Its card says all that a line could.
    if (asksOf(use.name) !== 'permission') return;
    const plan = this.#deps.planning() && isPlanFile(use.name, use.input, this.#deps.cwd);
    const summary = plan ? 'the plan' : toolSummary(use.name, use.input, this.#deps.cwd);
    this.#openTools.set(tool, { summary, main: parent === null, plan });
    if (parent === null)
      this.#toThread.mentioned(pathOf(use.input) ?? string(use.input, 'command') ?? summary);
    const todos = parent === null ? this.#deps.todos.written(use.name, use.input, tool) : null;
    this.#deps.emit({
      kind: 'toolBegan',
      turn: this.id,
      tool,
      parent: parent === null ? null : clip(parent, TOOL_ID_MAX),
      name: clip(use.name, TOOL_ID_MAX),
      class: toolClass(use.name),
      summary,
      ...(todos === null ? {} : { todos: [...todos] }),
    });
  }

  toolResults(line: ToolResults): void {
    const edit = editDiff(line.detail);
    for (const result of line.results) {
      const outcome = result.denied ? 'denied' : result.failed ? 'failed' : 'done';
      const tool = clip(result.tool, TOOL_ID_MAX);
      const call = this.#openTools.get(tool);
      this.#deps.todos.returned(tool, line.detail);
      this.#toolEnded(tool, outcome, outcome === 'done' ? edit : null);
      if (call?.main === true) this.#toThread.seen(result.pictures, call.summary);
    }
  }

  #toolEnded(
    tool: string,
    outcome: ClaudeEventOf<'toolEnded'>['outcome'],
    edit: EditDiff | null = null,
  ): void {
    const call = this.#openTools.get(tool);
    // A call that this turn did not make: a background agent's, from before it.
    if (call === undefined) return;
    this.#openTools.delete(tool);
    // The plan is shown above its card; the file that Claude keeps it in is none of the project's.
    if (edit === null || call.plan) {
      this.#deps.emit({ kind: 'toolEnded', turn: this.id, tool, outcome });
      return;
    }
    const { added, removed } = edit;
    const file = this.#files.get(edit.path) ?? { added: 0, removed: 0 };
    this.#files.set(edit.path, { added: file.added + added, removed: file.removed + removed });
    const diff = call.main && edit.head.lines > 0 ? { diff: edit.head } : {};
    this.#deps.emit({ kind: 'toolEnded', turn: this.id, tool, outcome, added, removed, ...diff });
    // A card showed the whole of what was asked for.
    if (call.main && !this.#asked.has(tool)) this.#toThread.edited(edit);
  }

  /** Each call that began has an end: one that is left is a background agent's, or was cut off with the turn. */
  #closeTools(outcome: 'done' | 'failed'): void {
    for (const tool of [...this.#openTools.keys()]) this.#toolEnded(tool, outcome);
  }

  get #changes(): Ended['files'] {
    if (this.#files.size === 0) return undefined;
    let added = 0;
    let removed = 0;
    for (const file of this.#files.values()) {
      added += file.added;
      removed += file.removed;
    }
    return { changed: this.#files.size, added, removed };
  }

  end(outcome: Ended['outcome'], told: Pick<Ended, 'durationMs' | 'costUsd' | 'usage' | 'context'>): void {
    this.#deps.live.abandon();
    this.#closeTools(outcome.as === 'done' ? 'done' : 'failed');
    this.#toThread.end();
    const files = this.#changes;
    this.#deps.emit({
      kind: 'turnEnded',
      turn: this.id,
      prompt: this.prompt,
      outcome,
      ...told,
      ...(files === undefined ? {} : { files }),
      ...(outcome.as === 'done' && this.#message !== null && UUID.test(this.#message)
        ? { at: this.#message }
        : {}),
    });
  }
}
