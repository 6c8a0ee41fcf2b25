/** JSON text of one line -> `Line`. Total: anything unknown or malformed is `ignored`. */
import { boolean, isRecord, type Json, list, number, record, records, string, strings } from './json.ts';
import { pictureBlocks } from './pictures.ts';
import type { Block, LimitLine, Line, ModelUsage, ResultLine, StreamStep, ToolResult } from './wire.ts';

const IGNORED: Line = { type: 'ignored' };

export function decodeLine(text: string): Line {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return IGNORED;
  }
  return isRecord(value) ? decode(value) : IGNORED;
}

function decode(line: Json): Line {
  switch (string(line, 'type')) {
    case 'control_response':
      return controlResponse(record(line, 'response'));
    case 'control_request':
      return controlRequest(string(line, 'request_id'), record(line, 'request'));
    case 'control_cancel_request': {
      const request = string(line, 'request_id');
      return request === null ? IGNORED : { type: 'cancelRequest', request };
    }
    case 'command_lifecycle':
      return {
        type: 'lifecycle',
        prompt: string(line, 'command_uuid') ?? '',
        state: string(line, 'state') ?? '',
      };
    case 'stream_event':
      // Claude: subagents produce none; if they ever do, their text is not the answer's.
      return string(line, 'parent_tool_use_id') === null
        ? { type: 'stream', step: streamStep(line, record(line, 'event')) }
        : IGNORED;
    case 'assistant':
      return {
        type: 'assistant',
        parent: string(line, 'parent_tool_use_id'),
        agent: string(line, 'agent_id'),
        agentKind: string(line, 'subagent_type'),
        id: string(line, 'uuid'),
        error: string(line, 'error'),
        blocks: records(record(line, 'message'), 'content').map(block),
      };
    case 'user':
      return toolResults(line);
    case 'system':
      return system(line);
    case 'conversation_reset':
      return { type: 'reset' };
    case 'rate_limit_event':
      return limit(record(line, 'rate_limit_info'));
    case 'result':
      return result(line);
    default:
      return IGNORED;
  }
}

function controlResponse(response: Json): Line {
  const request = string(response, 'request_id');
  if (request === null) return IGNORED;
  return {
    type: 'controlResponse',
    request,
    ok: string(response, 'subtype') === 'success',
    response: record(response, 'response'),
    error: string(response, 'error') ?? '',
  };
}

function controlRequest(request: string | null, body: Json): Line {
  if (request === null) return IGNORED;
  const subtype = string(body, 'subtype') ?? '';
  if (subtype === 'mcp_message') {
    const server = string(body, 'server_name') ?? '';
    return { type: 'mcpMessage', request, server, message: record(body, 'message') };
  }
  const name = string(body, 'tool_name');
  if (subtype !== 'can_use_tool' || name === null) return { type: 'otherControlRequest', request, subtype };
  return {
    type: 'canUseTool',
    request,
    tool: string(body, 'tool_use_id'),
    name,
    input: record(body, 'input'),
    description: string(body, 'description') ?? '',
    suggestions: records(body, 'permission_suggestions'),
    agent: string(body, 'agent_id'),
    blockedPath: string(body, 'blocked_path'),
    reason: string(body, 'decision_reason'),
  };
}

function streamStep(line: Json, event: Json): StreamStep {
  switch (string(event, 'type')) {
    case 'message_start':
      return { type: 'messageStart', message: string(record(event, 'message'), 'id') ?? '' };
    case 'content_block_start': {
      const content = record(event, 'content_block');
      return {
        type: 'blockStart',
        text: string(content, 'type') === 'text',
        initial: string(content, 'text') ?? '',
      };
    }
    case 'content_block_delta': {
      const delta = record(event, 'delta');
      return string(delta, 'type') === 'text_delta'
        ? { type: 'delta', text: string(delta, 'text') ?? '' }
        : { type: 'other' };
    }
    case 'message_delta': {
      const usage = record(event, 'usage');
      const tokens =
        (number(usage, 'input_tokens') ?? 0) +
        (number(usage, 'cache_read_input_tokens') ?? 0) +
        (number(usage, 'cache_creation_input_tokens') ?? 0) +
        (number(usage, 'output_tokens') ?? 0);
      return {
        type: 'messageUsage',
        contextTokens: tokens,
        cut: string(record(event, 'delta'), 'stop_reason') === 'max_tokens',
      };
    }
    case 'message_stop':
      return {
        type: 'messageStop',
        abandoned: isRecord(line.abandoned_blocks) || isRecord(event.abandoned_blocks),
      };
    default:
      return { type: 'other' };
  }
}

function block(content: Json): Block {
  const type = string(content, 'type');
  if (type === 'text') return { type: 'text', text: string(content, 'text') ?? '' };
  const id = string(content, 'id');
  const name = string(content, 'name');
  if (type === 'tool_use' && id !== null && name !== null)
    return { type: 'toolUse', id, name, input: record(content, 'input') };
  return { type: 'other' };
}

function toolResults(line: Json): Line {
  const denied = new Set<string>();
  for (const meta of records(line, 'tool_result_meta')) {
    const id = string(meta, 'id');
    if (id !== null && string(record(meta, 'permission_decision'), 'decision') === 'reject') denied.add(id);
  }
  const results: ToolResult[] = [];
  for (const content of records(record(line, 'message'), 'content')) {
    const tool = string(content, 'tool_use_id');
    if (string(content, 'type') !== 'tool_result' || tool === null) continue;
    results.push({
      tool,
      failed: boolean(content, 'is_error'),
      denied: denied.has(tool),
      pictures: pictureBlocks(content),
    });
  }
  if (results.length === 0) return IGNORED;
  return {
    type: 'toolResults',
    parent: string(line, 'parent_tool_use_id'),
    results,
    detail: results.length === 1 ? record(line, 'tool_use_result') : {},
  };
}

function system(line: Json): Line {
  switch (string(line, 'subtype')) {
    case 'init':
      return {
        type: 'init',
        session: string(line, 'session_id') ?? '',
        model: string(line, 'model'),
        mode: string(line, 'permissionMode') ?? 'default',
        prompts: strings(line, 'user_message_uuids'),
        tellsStarts: strings(line, 'capabilities')?.includes('msg_lifecycle_v1') === true,
        version: string(line, 'claude_code_version') ?? '',
      };
    case 'status':
      return {
        type: 'status',
        mode: string(line, 'permissionMode'),
        prompts: strings(line, 'user_message_uuids'),
      };
    case 'background_tasks_changed':
      return { type: 'backgroundTasks', count: list(line, 'tasks').length };
    case 'task_notification':
      return { type: 'taskEnded' };
    case 'api_retry':
      return {
        type: 'retry',
        attempt: number(line, 'attempt') ?? 0,
        of: number(line, 'max_retries') ?? 0,
        status: number(line, 'error_status'),
        delayMs: number(line, 'retry_delay_ms') ?? 0,
      };
    case 'compact_boundary': {
      const metadata = record(line, 'compact_metadata');
      return {
        type: 'compacted',
        tokensBefore: number(metadata, 'pre_tokens'),
        tokensAfter: number(metadata, 'post_tokens'),
      };
    }
    case 'session_title_changed':
      return { type: 'titled', title: string(line, 'title') ?? '' };
    case 'informational':
      return {
        type: 'information',
        level: string(line, 'level') ?? '',
        text: string(line, 'content') ?? '',
      };
    default:
      return IGNORED;
  }
}

function limit(info: Json): LimitLine {
  const resetsAtS = number(info, 'resetsAt');
  return {
    type: 'limit',
    status: string(info, 'status') ?? '',
    resetsAtMs: resetsAtS === null || resetsAtS < 0 ? null : Math.round(resetsAtS * 1000),
    window: string(info, 'rateLimitType') ?? '',
    utilization: number(info, 'utilization'),
  };
}

function result(line: Json): ResultLine {
  return {
    type: 'result',
    subtype: string(line, 'subtype') ?? '',
    isError: boolean(line, 'is_error'),
    terminalReason: string(line, 'terminal_reason') ?? '',
    apiStatus: number(line, 'api_error_status'),
    apiErrorType: string(line, 'api_error_type') ?? '',
    text: string(line, 'result') ?? '',
    errors: strings(line, 'errors') ?? [],
    durationMs: whole(number(line, 'duration_ms')),
    prompts: promptsOf(line),
    origin: string(record(line, 'origin'), 'kind'),
    totalCostUsd: Math.max(0, number(line, 'total_cost_usd') ?? 0),
    turnTokens: turnTokens(record(line, 'usage')),
    models: models(record(line, 'modelUsage')),
    modelsSinceLast: isRecord(line.model_usage_since_last_result)
      ? models(line.model_usage_since_last_result)
      : null,
  };
}

/** Claude: older CLIs name the last one only. */
function promptsOf(line: Json): readonly string[] | null {
  const last = string(line, 'user_message_uuid');
  return strings(line, 'user_message_uuids') ?? (last === null ? null : [last]);
}

function turnTokens(usage: Json): number {
  const kinds = ['input_tokens', 'output_tokens', 'cache_read_input_tokens', 'cache_creation_input_tokens'];
  return kinds.reduce((sum, kind) => sum + whole(number(usage, kind)), 0);
}

function models(byModel: Json): ModelUsage[] {
  return Object.keys(byModel).map((model) => {
    const usage = record(byModel, model);
    return {
      model,
      input: whole(number(usage, 'inputTokens')),
      output: whole(number(usage, 'outputTokens')),
      cacheRead: whole(number(usage, 'cacheReadInputTokens')),
      cacheWrite: whole(number(usage, 'cacheCreationInputTokens')),
      costUsd: Math.max(0, number(usage, 'costUSD') ?? 0),
      contextWindow: whole(number(usage, 'contextWindow')),
    };
  });
}

/** A count that the protocol takes: an integer of 0 or more. */
function whole(value: number | null): number {
  return value === null || value < 0 ? 0 : Math.min(Math.round(value), Number.MAX_SAFE_INTEGER);
}
