/** The lines that Heddle writes to the CLI. Claude: a line that is not JSON, or a `user` of another role, ends the process. */
import type { PromptId, RequestId } from '../../../protocol/ids.ts';
import type { Json } from './json.ts';
import type { Picture } from './types.ts';

export function promptLine(
  id: PromptId,
  text: string,
  slash = false,
  pictures: readonly Picture[] = [],
): Json {
  return {
    type: 'user',
    message: { role: 'user', content: contentOf(text, pictures) },
    parent_tool_use_id: null,
    uuid: id,
    // Claude: else `@path` in the text reads that file without asking, and `/command` runs.
    ...(slash ? {} : { client_composed: true }),
  };
}

function contentOf(text: string, pictures: readonly Picture[]) {
  if (pictures.length === 0) return text;
  const blocks = pictures.map(({ type, base64 }) => ({
    type: 'image',
    source: { type: 'base64', media_type: type, data: base64 },
  }));
  return [...blocks, { type: 'text', text }];
}

export function answerLine(request: RequestId, answer: Json): Json {
  return {
    type: 'control_response',
    response: { subtype: 'success', request_id: request, response: answer },
  };
}

/** The answer of an MCP server of ours. */
export function mcpLine(request: string, message: Json): Json {
  return {
    type: 'control_response',
    response: { subtype: 'success', request_id: request, response: { mcp_response: message } },
  };
}

/** For hooks, elicitations, dialogs: nothing of ours. An error, because the CLI would wait for ever. */
export function unsupportedLine(request: string): Json {
  return {
    type: 'control_response',
    response: { subtype: 'error', request_id: request, error: 'Not supported here.' },
  };
}
