/** What Claude asks and nobody has answered yet. The answer is built from this copy of the input, never from what came back. */
import { createHash } from 'node:crypto';
import type { Verdict } from '../../../protocol/commands.ts';
import type { ProcessId, RequestId, TurnId } from '../../../protocol/ids.ts';
import {
  INPUT_MAX_BYTES,
  INPUT_PART_BYTES,
  NESTING_MAX,
  TOOL_SUMMARY_MAX,
  WORDS_MAX,
} from '../../../protocol/limits.ts';
import { nestingOf } from '../../../protocol/nesting.ts';
import { clip, oneLine, splitBytes } from '../line/clip.ts';
import { type Json, records, string } from '../line/json.ts';
import type { ClaudeEvent, ClaudeEventOf, Decision, Grant } from '../line/types.ts';
import type { CanUseToolLine } from '../line/wire.ts';
import { describe, type Grantable, granted } from './granting.ts';
import { commandRisks } from './risks.ts';
import { outsidePath, pathOf, toolClass, toolSummary } from './tools.ts';

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
/** More than a person could choose from; the CLI sends three at most. */
const SUGGESTIONS_MAX = 20;

export class OpenRequests {
  readonly #process: ProcessId;
  readonly #cwd: string;
  readonly #emit: (event: ClaudeEvent) => void;
  readonly #grantable: Grantable;
  readonly #open = new Map<string, OpenRequest>();

  constructor(
    process: ProcessId,
    cwd: string,
    emit: (event: ClaudeEvent) => void,
    grantable: Grantable = { modes: [], settings: 'user' },
  ) {
    this.#process = process;
    this.#cwd = cwd;
    this.#emit = emit;
    this.#grantable = grantable;
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
    const suggestions = line.suggestions
      .filter((one) => nestingOf(one, NESTING_MAX) <= NESTING_MAX)
      .slice(0, SUGGESTIONS_MAX);
    this.#open.set(line.request, { input: line.input, inputHash, asks, readable, suggestions });
    const parts = readable ? splitBytes(json, INPUT_PART_BYTES) : [];
    // Claude: `blocked_path` is also set for paths in the project that a command would change.
    const seen = risksOf(line.name, line.input, this.#cwd);
    const outside =
      outsidePath(line.blockedPath, this.#cwd) ?? outsidePath(pathOf(line.input), this.#cwd) ?? seen.outside;
    const { modes } = this.#grantable;
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
      suggestions: suggestions.map((suggestion) => describe(suggestion, this.#grantable)),
      ...(asks === 'plan' && modes.length > 0 ? { modes: [...modes] } : {}),
      ...(agentKind === null ? {} : { agent: clip(agentKind, 100) }),
      ...(outside === null ? {} : { outside: clip(oneLine(outside), TOOL_SUMMARY_MAX) }),
      ...(seen.risks.length === 0 ? {} : { risks: [...seen.risks] }),
      ...(line.reason === null ? {} : { reason: clip(line.reason, WORDS_MAX) }),
    });
  }

  /** The CLI needs no answer any more. */
  cancelled(request: string, why: string): void {
    if (!this.#open.delete(request)) return;
    this.#emit({ kind: 'requestSettled', request: request as RequestId, outcome: { as: 'void', why } });
  }

  /** The answer to put on the CLI's stdin, or why not. Changes nothing: `delivered` does, once it is there. */
  answer({ request, inputHash, verdict }: Decision): Built {
    const open = this.#open.get(request);
    if (open === undefined) return { refused: 'This request is no longer open.' };
    if (open.inputHash !== inputHash) return { refused: 'What Claude asks for is not what was shown.' };
    return build(open, verdict, this.#grantable);
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

/** What a call of this tool asks a person for, when it asks. */
export function asksOf(tool: string): Asks {
  if (tool === 'AskUserQuestion') return 'question';
  return tool === 'ExitPlanMode' ? 'plan' : 'permission';
}

type Built =
  /** `grant`: what holds as long as the session once the answer is delivered. */
  { readonly answer: Json; readonly grant: Grant | null } | { readonly refused: string };

function build(open: OpenRequest, verdict: Verdict, grantable: Grantable): Built {
  if (verdict.behavior === 'deny') {
    // Claude: a denial without a message is malformed, and the tool then fails with words of its own.
    const message = verdict.message.trim() === '' ? 'The user denied this.' : verdict.message;
    return { answer: { behavior: 'deny', message }, grant: null };
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
  const more = granted(verdict, open, grantable);
  if ('refused' in more) return more;
  const { permissions, grant } = more;
  return {
    answer: {
      behavior: 'allow',
      updatedInput,
      ...(permissions.length === 0 ? {} : { updatedPermissions: permissions }),
    },
    grant,
  };
}

/** A web tool is its own risk; what a command seems to do is read from it. */
function risksOf(name: string, input: Json, cwd: string): ReturnType<typeof commandRisks> {
  const command = string(input, 'command');
  switch (toolClass(name)) {
    case 'web':
      return { risks: ['network'], outside: null };
    case 'command':
      return command === null ? { risks: [], outside: null } : commandRisks(command, cwd);
    default:
      return { risks: [], outside: null };
  }
}
