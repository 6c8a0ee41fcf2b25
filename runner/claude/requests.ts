/** What Claude asks and nobody has answered yet. The answer is built from this copy of the input, never from what came back. */
import { createHash } from 'node:crypto';
import type { ProcessId, RequestId, TurnId } from '../../protocol/ids.ts';
import { INPUT_MAX_BYTES, INPUT_PART_BYTES, TOOL_SUMMARY_MAX, WORDS_MAX } from '../../protocol/limits.ts';
import type { Verdict } from '../../protocol/session.ts';
import { clip, oneLine, splitBytes } from './clip.ts';
import { type Json, records, string } from './json.ts';
import { outsidePath, pathOf, suggestionLabel, toolClass, toolSummary } from './tools.ts';
import type { ClaudeEvent, ClaudeEventOf, Decision } from './types.ts';
import type { CanUseToolLine } from './wire.ts';

type Asks = ClaudeEventOf<'requestOpened'>['asks'];

interface OpenRequest {
  readonly input: Json;
  readonly inputHash: string;
  readonly asks: Asks;
  readonly readable: boolean;
  readonly suggestions: readonly Json[];
}

/** The protocol's limit on short names of the CLI's; a longer one is not one. */
const NAME_MAX = 200;
const SUGGESTION_WORD_MAX = 50;
/** More than a person could choose from; the CLI sends three at most. */
const SUGGESTIONS_MAX = 20;

export class OpenRequests {
  readonly #process: ProcessId;
  readonly #cwd: string;
  readonly #emit: (event: ClaudeEvent) => void;
  readonly #open = new Map<string, OpenRequest>();

  constructor(process: ProcessId, cwd: string, emit: (event: ClaudeEvent) => void) {
    this.#process = process;
    this.#cwd = cwd;
    this.#emit = emit;
  }

  get count(): number {
    return this.#open.size;
  }

  /** A second line with an id that is open already is dropped: it would change what a person sees and decides on. */
  opened(line: CanUseToolLine, turn: TurnId | null, agentKind: string | null): void {
    if (this.#open.has(line.request)) return;
    const request = line.request as RequestId;
    const json = JSON.stringify(line.input);
    const inputBytes = Buffer.byteLength(json);
    const readable = inputBytes <= INPUT_MAX_BYTES;
    const inputHash = createHash('sha256').update(json).digest('hex');
    const asks = asksOf(line.name);
    const suggestions = line.suggestions.slice(0, SUGGESTIONS_MAX);
    this.#open.set(line.request, { input: line.input, inputHash, asks, readable, suggestions });
    const parts = readable ? splitBytes(json, INPUT_PART_BYTES) : [];
    // Claude: `blocked_path` is also set for paths in the project that a command would change.
    const outside = outsidePath(line.blockedPath, this.#cwd) ?? outsidePath(pathOf(line.input), this.#cwd);
    parts.forEach((text, part) => {
      this.#emit({ kind: 'requestInput', request, part, text });
    });
    this.#emit({
      kind: 'requestOpened',
      request,
      process: this.#process,
      turn,
      asks,
      tool: line.tool === null ? null : clip(line.tool, NAME_MAX),
      name: clip(line.name, NAME_MAX),
      class: toolClass(line.name),
      summary: toolSummary(line.name, line.input, this.#cwd),
      description: clip(line.description, WORDS_MAX),
      inputHash,
      inputBytes,
      inputParts: parts.length,
      suggestions: suggestions.map(describe),
      ...(agentKind === null ? {} : { agent: clip(agentKind, 100) }),
      ...(outside === null ? {} : { outside: clip(oneLine(outside), TOOL_SUMMARY_MAX) }),
      ...(line.reason === null ? {} : { reason: clip(line.reason, WORDS_MAX) }),
    });
  }

  /** The CLI needs no answer any more. */
  cancelled(request: string, why: string): void {
    if (!this.#open.delete(request)) return;
    this.#emit({ kind: 'requestSettled', request: request as RequestId, outcome: { as: 'void', why } });
  }

  /** The answer to put on the CLI's stdin, or why not. Changes nothing: `delivered` does, once it is there. */
  answer({ request, inputHash, verdict }: Decision): { answer: Json } | { refused: string } {
    const open = this.#open.get(request);
    if (open === undefined) return { refused: 'This request is no longer open.' };
    if (open.inputHash !== inputHash) return { refused: 'What Claude asks for is not what was shown.' };
    return build(open, verdict);
  }

  delivered(request: RequestId): void {
    if (!this.#open.delete(request)) return;
    this.#emit({ kind: 'requestSettled', request, outcome: { as: 'delivered' } });
  }

  /** The process is gone; `processEnded` tells so. */
  clear(): void {
    this.#open.clear();
  }
}

function asksOf(tool: string): Asks {
  if (tool === 'AskUserQuestion') return 'question';
  return tool === 'ExitPlanMode' ? 'plan' : 'permission';
}

function describe(suggestion: Json): ClaudeEventOf<'requestOpened'>['suggestions'][number] {
  const destination = string(suggestion, 'destination');
  return {
    type: clip(string(suggestion, 'type') ?? '', SUGGESTION_WORD_MAX),
    label: suggestionLabel(suggestion),
    ...(destination === null ? {} : { destination: clip(destination, SUGGESTION_WORD_MAX) }),
  };
}

function build(open: OpenRequest, verdict: Verdict): { answer: Json } | { refused: string } {
  if (verdict.behavior === 'deny') {
    // Claude: a denial without a message is malformed, and the tool then fails with words of its own.
    const message = verdict.message.trim() === '' ? 'The user denied this.' : verdict.message;
    return { answer: { behavior: 'deny', message } };
  }
  if (!open.readable)
    return { refused: 'The input is too large to be shown whole, so it can only be denied.' };
  let updatedInput = open.input;
  if (open.asks === 'question') {
    const answers = verdict.answers ?? {};
    const asked = new Set(records(open.input, 'questions').map((question) => string(question, 'question')));
    if (Object.keys(answers).length === 0) return { refused: 'A question needs an answer.' };
    if (Object.keys(answers).some((question) => !asked.has(question)))
      return { refused: 'The answer is to another question.' };
    updatedInput = { ...open.input, answers };
  } else if (verdict.answers !== undefined) {
    return { refused: 'Answers are for questions only.' };
  }
  if (verdict.suggestion === undefined) return { answer: { behavior: 'allow', updatedInput } };
  const suggestion = open.suggestions[verdict.suggestion];
  if (suggestion === undefined) return { refused: 'There is no such suggestion.' };
  return { answer: { behavior: 'allow', updatedInput, updatedPermissions: [suggestion] } };
}
