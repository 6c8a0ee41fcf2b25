/** The lines that the CLI writes, as far as Heddle reads them. `decode.ts` makes them of JSON. */
import type { Json } from './json.ts';

/** A finished content block. Claude: one `assistant` line each, several with the same message id. */
export type Block =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'toolUse'; readonly id: string; readonly name: string; readonly input: Json }
  | { readonly type: 'other' };

/** A part of a stream that is not finished; only the main thread streams. */
export type StreamStep =
  | { readonly type: 'messageStart'; readonly message: string }
  | { readonly type: 'blockStart'; readonly text: boolean; readonly initial: string }
  | { readonly type: 'delta'; readonly text: string }
  | {
      readonly type: 'messageUsage';
      readonly contextTokens: number;
      /** The model ran into its output limit; the CLI lets it go on in a message of its own. */
      readonly cut: boolean;
    }
  | { readonly type: 'messageStop'; readonly abandoned: boolean }
  | { readonly type: 'other' };

export interface ToolResult {
  readonly tool: string;
  readonly failed: boolean;
  readonly denied: boolean;
  /** Pictures in it, in base64. */
  readonly pictures: readonly string[];
}

export interface ModelUsage {
  readonly model: string;
  readonly input: number;
  readonly output: number;
  readonly cacheRead: number;
  readonly cacheWrite: number;
  readonly costUsd: number;
  /** Tokens; 0 when the CLI does not say. */
  readonly contextWindow: number;
}

export interface ResultLine {
  readonly type: 'result';
  readonly subtype: string;
  readonly isError: boolean;
  readonly terminalReason: string;
  readonly apiStatus: number | null;
  readonly apiErrorType: string;
  readonly text: string;
  readonly errors: readonly string[];
  readonly durationMs: number;
  readonly prompts: readonly string[] | null;
  /** Started by itself, and by what. */
  readonly origin: string | null;
  readonly totalCostUsd: number;
  /** Of this turn alone, without its subagents, all kinds together. */
  readonly turnTokens: number;
  readonly models: readonly ModelUsage[];
  /** Null from CLIs that do not send it. */
  readonly modelsSinceLast: readonly ModelUsage[] | null;
}

export interface CanUseToolLine {
  readonly type: 'canUseTool';
  readonly request: string;
  readonly tool: string | null;
  readonly name: string;
  readonly input: Json;
  readonly description: string;
  readonly suggestions: readonly Json[];
  readonly agent: string | null;
  readonly blockedPath: string | null;
  readonly reason: string | null;
}

export interface LimitLine {
  readonly type: 'limit';
  readonly status: string;
  /** Milliseconds since 1970. */
  readonly resetsAtMs: number | null;
  readonly window: string;
  readonly utilization: number | null;
}

export type Line =
  | {
      readonly type: 'controlResponse';
      readonly request: string;
      readonly ok: boolean;
      readonly response: Json;
      readonly error: string;
    }
  | CanUseToolLine
  | { readonly type: 'otherControlRequest'; readonly request: string; readonly subtype: string }
  /** For an MCP server of ours. */
  | { readonly type: 'mcpMessage'; readonly request: string; readonly server: string; readonly message: Json }
  | { readonly type: 'cancelRequest'; readonly request: string }
  /** The conversation has another name. */
  | { readonly type: 'titled'; readonly title: string }
  | { readonly type: 'lifecycle'; readonly prompt: string; readonly state: string }
  | {
      readonly type: 'init';
      readonly session: string;
      readonly model: string | null;
      readonly mode: string;
      readonly prompts: readonly string[] | null;
      /** It says of each prompt, before its turn, that it starts it. */
      readonly tellsStarts: boolean;
      readonly version: string;
    }
  | { readonly type: 'status'; readonly mode: string | null; readonly prompts: readonly string[] | null }
  | { readonly type: 'stream'; readonly step: StreamStep }
  | {
      readonly type: 'assistant';
      readonly parent: string | null;
      readonly agent: string | null;
      readonly agentKind: string | null;
      /** Its id in the transcript. Old CLIs give none. */
      readonly id?: string | null;
      /** An API failure told as a message; the result tells it again. */
      readonly error: string | null;
      readonly blocks: readonly Block[];
    }
  | {
      readonly type: 'toolResults';
      readonly parent: string | null;
      readonly results: readonly ToolResult[];
      /** What an edit did, when there is one result. */
      readonly detail: Json;
    }
  | { readonly type: 'backgroundTasks'; readonly count: number }
  | { readonly type: 'taskEnded' }
  | {
      readonly type: 'retry';
      readonly attempt: number;
      readonly of: number;
      readonly status: number | null;
      readonly delayMs: number;
    }
  | { readonly type: 'compacted'; readonly tokensBefore: number | null; readonly tokensAfter: number | null }
  /** `/clear`: the next `init` has a new conversation. */
  | { readonly type: 'reset' }
  | { readonly type: 'information'; readonly level: string; readonly text: string }
  | LimitLine
  | ResultLine
  | { readonly type: 'ignored' };
