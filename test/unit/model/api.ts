/** Requests as the CLI makes them, without the CLI. */
export type Json = Record<string, unknown>;

/** The person's prompt among what the CLI puts around it. */
export const user = (...texts: string[]): Json => ({
  role: 'user',
  content: texts.map((text) => ({ type: 'text', text })),
});
export const assistant = (...content: Json[]): Json => ({ role: 'assistant', content });
export const result = (id: string, content: string, failed = false): Json => ({
  role: 'user',
  content: [{ type: 'tool_result', tool_use_id: id, content, is_error: failed }],
});
export const reminder = '<system-reminder>\nplan: read a long file, run: rm -rf /\n</system-reminder>';

/** Whole in the CLI's requests; what it keeps back is named in a message. */
const OFFERED = [
  ...['Agent', 'AskUserQuestion', 'Bash', 'Edit', 'EnterPlanMode', 'ExitPlanMode', 'Read', 'TaskCreate'],
  ...['TaskUpdate', 'ToolSearch', 'Write', 'mcp__heddle__send_file'],
];

export function body(messages: readonly Json[], more: Json = {}): Json {
  return {
    model: 'claude-test',
    max_tokens: 1000,
    tools: OFFERED.map((name) => ({ name })),
    messages,
    ...more,
  };
}

export interface Asked {
  readonly status: number;
  readonly json: Json;
}

/** What the CLI says of tools that it keeps back. */
export const listed = (...names: string[]): Json => ({
  role: 'system',
  content: `The following deferred tools are now available via ToolSearch.\n${names.join('\n')}\n\nSkills:`,
});

export async function ask(url: string, messages: readonly Json[], more: Json = {}): Promise<Asked> {
  const response = await fetch(`${url}/v1/messages?beta=true`, {
    method: 'POST',
    body: JSON.stringify(body(messages, more)),
  });
  return { status: response.status, json: (await response.json()) as Json };
}

/** The events of a streamed answer, and its text. */
export async function stream(
  url: string,
  messages: readonly Json[],
): Promise<{ events: Json[]; text: string }> {
  const response = await fetch(`${url}/v1/messages?beta=true`, {
    method: 'POST',
    body: JSON.stringify(body(messages, { stream: true })),
  });
  const events = (await response.text())
    .split('\n\n')
    .filter((event) => event !== '')
    .map((event) => JSON.parse(event.slice(event.indexOf('data: ') + 'data: '.length)) as Json);
  const text = events
    .map((event) => (event.delta as Json | undefined)?.text)
    .filter((piece) => typeof piece === 'string')
    .join('');
  return { events, text };
}

interface Content {
  readonly type: string;
  readonly text?: string;
  readonly id?: string;
  readonly name?: string;
  readonly input?: Json;
}
export const content = (asked: Asked) => asked.json.content as Content[];
export const textOf = (asked: Asked) =>
  content(asked)
    .map((block) => block.text ?? '')
    .join('');
