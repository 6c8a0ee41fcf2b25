/** One turn while it runs: its segments, its tool calls, the files it changed. */
import type { PromptId, TurnId } from '../../protocol/ids.ts';
import { SEGMENT_MAX_BYTES } from '../../protocol/limits.ts';
import { assertNever } from '../../protocol/never.ts';
import { clip, splitBytes } from './clip.ts';
import type { LiveText } from './live.ts';
import { type EditCounts, editCounts, toolClass, toolSummary } from './tools.ts';
import type { ClaudeEvent, ClaudeEventOf } from './types.ts';
import type { Block, Line, StreamStep } from './wire.ts';

const TOOL_ID_MAX = 200;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
type ToolUse = Extract<Block, { type: 'toolUse' }>;
type Ended = ClaudeEventOf<'turnEnded'>;
type ToolResults = Extract<Line, { type: 'toolResults' }>;

export interface TurnDeps {
  readonly cwd: string;
  readonly emit: (event: ClaudeEvent) => void;
  readonly live: LiveText;
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
  readonly #openTools = new Set<string>();
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
  }

  #toolBegan(use: ToolUse, parent: string | null): void {
    const tool = clip(use.id, TOOL_ID_MAX);
    if (this.#openTools.has(tool)) return;
    this.#openTools.add(tool);
    this.#deps.emit({
      kind: 'toolBegan',
      turn: this.id,
      tool,
      parent: parent === null ? null : clip(parent, TOOL_ID_MAX),
      name: clip(use.name, TOOL_ID_MAX),
      class: toolClass(use.name),
      summary: toolSummary(use.name, use.input, this.#deps.cwd),
    });
  }

  toolResults(line: ToolResults): void {
    const edit = editCounts(line.detail);
    for (const result of line.results) {
      const outcome = result.denied ? 'denied' : result.failed ? 'failed' : 'done';
      this.#toolEnded(clip(result.tool, TOOL_ID_MAX), outcome, outcome === 'done' ? edit : null);
    }
  }

  #toolEnded(
    tool: string,
    outcome: ClaudeEventOf<'toolEnded'>['outcome'],
    edit: EditCounts | null = null,
  ): void {
    // A call that this turn did not make: a background agent's, from before it.
    if (!this.#openTools.delete(tool)) return;
    if (edit === null) {
      this.#deps.emit({ kind: 'toolEnded', turn: this.id, tool, outcome });
      return;
    }
    const { added, removed } = edit;
    const file = this.#files.get(edit.path) ?? { added: 0, removed: 0 };
    this.#files.set(edit.path, { added: file.added + added, removed: file.removed + removed });
    this.#deps.emit({ kind: 'toolEnded', turn: this.id, tool, outcome, added, removed });
  }

  /** Each call that began has an end: one that is left is a background agent's, or was cut off with the turn. */
  #closeTools(outcome: 'done' | 'failed'): void {
    for (const tool of [...this.#openTools]) this.#toolEnded(tool, outcome);
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
