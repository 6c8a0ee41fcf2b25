/** One turn while it runs: its segments, its tool calls, the files it changed. */
import type { PromptId, TurnId } from '../../protocol/ids.ts';
import { SEGMENT_MAX_BYTES } from '../../protocol/limits.ts';
import { clip, splitBytes } from './clip.ts';
import { type EditCounts, editCounts, toolClass, toolSummary } from './tools.ts';
import type { ClaudeEvent, ClaudeEventOf } from './types.ts';
import type { Block, Line } from './wire.ts';

const TOOL_ID_MAX = 200;
type ToolUse = Extract<Block, { type: 'toolUse' }>;
type ToolResults = Extract<Line, { type: 'toolResults' }>;

export class Turn {
  readonly id: TurnId;
  readonly prompt: PromptId | null;
  readonly beganMs: number;
  /** The next finished piece of text gets this number; what streams now has it already. */
  segment = 0;
  /** The model ran into its output limit: the next text goes on where the last one stopped. */
  cut = false;
  /** Claude's short name of an API failure that was told as a message. */
  apiError: string | null = null;
  /** Tokens of the newest message, its whole context included. */
  contextTokens = 0;
  readonly #emit: (event: ClaudeEvent) => void;
  readonly #cwd: string;
  readonly #openTools = new Set<string>();
  readonly #files = new Map<string, { added: number; removed: number }>();

  constructor(
    id: TurnId,
    prompt: PromptId | null,
    beganMs: number,
    cwd: string,
    emit: (event: ClaudeEvent) => void,
  ) {
    this.id = id;
    this.prompt = prompt;
    this.beganMs = beganMs;
    this.#cwd = cwd;
    this.#emit = emit;
  }

  text(text: string): void {
    const goesOn = this.cut;
    this.cut = false;
    splitBytes(text, SEGMENT_MAX_BYTES).forEach((piece, at) => {
      const joined = (at > 0 || goesOn) && this.segment > 0;
      this.#emit({
        kind: 'text',
        turn: this.id,
        segment: this.segment,
        text: piece,
        ...(joined ? { joined } : {}),
      });
      this.segment += 1;
    });
  }

  toolBegan(use: ToolUse, parent: string | null): void {
    const tool = clip(use.id, TOOL_ID_MAX);
    if (this.#openTools.has(tool)) return;
    this.#openTools.add(tool);
    this.#emit({
      kind: 'toolBegan',
      turn: this.id,
      tool,
      parent: parent === null ? null : clip(parent, TOOL_ID_MAX),
      name: clip(use.name, TOOL_ID_MAX),
      class: toolClass(use.name),
      summary: toolSummary(use.name, use.input, this.#cwd),
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
      this.#emit({ kind: 'toolEnded', turn: this.id, tool, outcome });
      return;
    }
    const { added, removed } = edit;
    const file = this.#files.get(edit.path) ?? { added: 0, removed: 0 };
    this.#files.set(edit.path, { added: file.added + added, removed: file.removed + removed });
    this.#emit({ kind: 'toolEnded', turn: this.id, tool, outcome, added, removed });
  }

  /** Each call that began has an end: one that is left is a background agent's, or was cut off with the turn. */
  closeTools(outcome: 'done' | 'failed'): void {
    for (const tool of [...this.#openTools]) this.#toolEnded(tool, outcome);
  }

  get files(): ClaudeEventOf<'turnEnded'>['files'] {
    if (this.#files.size === 0) return undefined;
    let added = 0;
    let removed = 0;
    for (const file of this.#files.values()) {
      added += file.added;
      removed += file.removed;
    }
    return { changed: this.#files.size, added, removed };
  }
}
