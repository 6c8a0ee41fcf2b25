/**
 * The MCP server that Heddle offers to the CLI, with one tool: `send_file`. Claude: it is named in `initialize`, and its messages come
 * and go as control requests, so that it needs no process of its own. Each call is a permission request like any other.
 */
import type { Json } from '../line/json.ts';
import { number, record, string } from '../line/json.ts';

export const FILE_SERVER = 'heddle';
const VERSION = '2025-06-18';
const METHOD_UNKNOWN = -32601;

const SEND_FILE = {
  name: 'send_file',
  description:
    'Sends a file of the project to the person, into the Discord thread of this conversation: a picture shows as a picture, others can be downloaded. Use it when they want a file itself (a screenshot, a chart, a report, a build). At most 8 MiB.',
  inputSchema: {
    type: 'object',
    properties: {
      path: {
        type: 'string',
        description: 'The file, relative to the project or absolute; only in the project.',
      },
      caption: { type: 'string', description: 'One line about it.' },
    },
    required: ['path'],
    additionalProperties: false,
  },
  annotations: { title: 'Send a file', readOnlyHint: true, openWorldHint: true },
  // Claude: tools of MCP servers are only named to the model, which has to guess that it wants one; this comes whole.
  _meta: { 'anthropic/alwaysLoad': true },
} as const;

/** `send`: null when the file is on its way, else why not. */
export function fileServerReply(message: Json, send: (path: string, caption: string) => string | null): Json {
  // JSON-RPC: a string or a number; a notification has none.
  const id = string(message, 'id') ?? number(message, 'id') ?? 0;
  const reply = (result: Json): Json => ({ jsonrpc: '2.0', id, result });
  switch (string(message, 'method')) {
    case 'initialize':
      return reply({
        protocolVersion: string(record(message, 'params'), 'protocolVersion') ?? VERSION,
        capabilities: { tools: {} },
        serverInfo: { name: FILE_SERVER, version: '1' },
      });
    case 'tools/list':
      return reply({ tools: [SEND_FILE] });
    case 'tools/call': {
      const params = record(message, 'params');
      const given = record(params, 'arguments');
      const path = string(given, 'path');
      if (string(params, 'name') !== SEND_FILE.name || path === null || path === '')
        return reply(said('send_file needs a path.', true));
      const why = send(path, string(given, 'caption') ?? '');
      return reply(why === null ? said('Sent.', false) : said(`Not sent. ${why}`, true));
    }
    case 'notifications/initialized':
    case 'notifications/cancelled':
    case 'ping':
      return reply({});
    default:
      return { jsonrpc: '2.0', id, error: { code: METHOD_UNKNOWN, message: 'Not supported here.' } };
  }
}

function said(text: string, isError: boolean): Json {
  return { content: [{ type: 'text', text }], isError };
}
