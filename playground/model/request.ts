/** The JSON body of a Messages API request -> `Body`. Tolerant: what is missing is empty. */
import type { Body, Message, Part } from './play.ts';

type Json = Record<string, unknown>;
const isRecord = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const records = (value: unknown): Json[] => (Array.isArray(value) ? value.filter(isRecord) : []);
const text = (value: unknown): string => (typeof value === 'string' ? value : '');

function textOf(content: unknown): string {
  if (typeof content === 'string') return content;
  return records(content)
    .map((part) => text(part.text))
    .filter((piece) => piece !== '')
    .join('\n');
}

function part(content: Json): Part {
  if (content.type === 'text') return { type: 'text', text: text(content.text) };
  if (content.type === 'tool_use') return { type: 'call', id: text(content.id), name: text(content.name) };
  if (content.type === 'tool_result')
    return {
      type: 'result',
      id: text(content.tool_use_id),
      text: textOf(content.content),
      failed: content.is_error === true,
    };
  return { type: 'other' };
}

function message(value: Json): Message {
  const parts: readonly Part[] =
    typeof value.content === 'string'
      ? [{ type: 'text', text: value.content }]
      : records(value.content).map(part);
  return { role: text(value.role), parts };
}

/** API: a tool with `defer_loading` stands in a request for the model only from where a `tool_reference` names it. */
function offered(tools: readonly Json[], messages: readonly Json[]): Set<string> {
  const contents = messages.flatMap((message) => records(message.content));
  const references = contents.flatMap((content) => records(content.content));
  const found = new Set(references.map((reference) => text(reference.tool_name)));
  const whole = tools.filter((tool) => tool.defer_loading !== true || found.has(text(tool.name)));
  return new Set(whole.map((tool) => text(tool.name)));
}

export function parseBody(raw: string): Body | null {
  let value: unknown;
  try {
    value = JSON.parse(raw);
  } catch {
    return null;
  }
  if (!isRecord(value) || !Array.isArray(value.messages)) return null;
  return {
    messages: records(value.messages).map(message),
    system: textOf(value.system),
    tools: offered(records(value.tools), records(value.messages)),
    stream: value.stream === true,
    model: text(value.model),
  };
}
