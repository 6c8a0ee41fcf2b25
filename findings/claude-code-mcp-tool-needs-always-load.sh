#!/usr/bin/env bash
# Claude Code 2.1.330 does not give the model a tool of an MCP server, even when it is the server's only one: `tools` of the request to the
# Messages API lacks it, and its name alone stands in the text, for a search tool to find. A server that sets
# `_meta: {"anthropic/alwaysLoad": true}` on the tool has it in `tools` with description and schema.
# Expected by most: what `tools/list` returns is what the model is offered.
# Fails when either half of that changes. Needs node (20 or newer) and npm; no network beyond the npm registry, no login.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y >/dev/null
npm install --no-audit --no-fund --silent @anthropic-ai/claude-code@2.1.330
mkdir home work

cat > server.mjs <<'JS'
// An MCP server over stdio with one tool; the argument says whether it must always be loaded.
import { createInterface } from 'node:readline';
const tool = { name: 'weigh_wool', description: 'Weighs a ball of wool.', inputSchema: { type: 'object', properties: { ball: { type: 'string' } } } };
if (process.argv[2] === 'always') tool._meta = { 'anthropic/alwaysLoad': true };
const results = {
  initialize: ({ protocolVersion }) => ({ protocolVersion, capabilities: { tools: {} }, serverInfo: { name: 'wool', version: '1.0.0' } }),
  'tools/list': () => ({ tools: [tool] }),
};
createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, method, params } = JSON.parse(line);
  if (id === undefined) return;
  const result = results[method]?.(params);
  console.log(JSON.stringify({ jsonrpc: '2.0', id, ...(result ? { result } : { error: { code: -32601, message: 'no' } }) }));
});
JS

cat > look.mjs <<'JS'
// Runs one prompt against a stand-in of the Messages API and says whether the model was offered the tool.
import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import { writeFileSync } from 'node:fs';
const kind = process.argv[2];
const seen = [];
const api = createServer((request, response) => {
  let text = '';
  request.on('data', (part) => { text += part; }).on('end', () => {
    if (request.method !== 'POST' || !request.url.startsWith('/v1/messages')) return response.writeHead(404).end('{}');
    if (request.url.includes('count_tokens')) return response.writeHead(200, { 'content-type': 'application/json' }).end('{"input_tokens":10}');
    seen.push(JSON.parse(text));
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const send = (type, rest) => response.write(`event: ${type}\ndata: ${JSON.stringify({ type, ...rest })}\n\n`);
    send('message_start', { message: { id: 'msg_1', type: 'message', role: 'assistant', model: 'claude-sonnet-4-5', content: [], stop_reason: null, stop_sequence: null, usage: { input_tokens: 1, output_tokens: 1 } } });
    send('content_block_start', { index: 0, content_block: { type: 'text', text: '' } });
    send('content_block_delta', { index: 0, delta: { type: 'text_delta', text: 'Done.' } });
    send('content_block_stop', { index: 0 });
    send('message_delta', { delta: { stop_reason: 'end_turn', stop_sequence: null }, usage: { output_tokens: 2 } });
    send('message_stop', {});
    response.end();
  });
});
await new Promise((resolve) => api.listen(0, '127.0.0.1', resolve));
writeFileSync('mcp.json', JSON.stringify({ mcpServers: { wool: { command: process.execPath, args: [`${process.cwd()}/server.mjs`, kind] } } }));
const child = spawn(`${process.cwd()}/node_modules/.bin/claude`, ['-p', 'How heavy is it?', '--strict-mcp-config', `--mcp-config=${process.cwd()}/mcp.json`, '--output-format=stream-json', '--verbose'], {
  cwd: 'work', stdio: ['ignore', 'pipe', 'inherit'],
  env: { PATH: process.env.PATH, HOME: `${process.cwd()}/home`, ANTHROPIC_BASE_URL: `http://127.0.0.1:${api.address().port}`, ANTHROPIC_API_KEY: 'any', CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1', DISABLE_AUTOUPDATER: '1' },
});
child.stdout.resume();
await new Promise((resolve) => child.on('exit', resolve));
api.closeAllConnections();
api.close();
const turn = seen.find((body) => (body.tools ?? []).length > 0);
const offered = turn?.tools.find(({ name }) => name === 'mcp__wool__weigh_wool');
const named = JSON.stringify([turn?.system, turn?.messages]).includes('mcp__wool__weigh_wool');
console.log(`${kind}: requests ${seen.length}, tools ${turn?.tools.length ?? 0}, in tools: ${offered !== undefined}, described: ${offered?.description ?? 'no'}, name in the text: ${named}`);
JS

plain=$(timeout 120 node look.mjs plain)
always=$(timeout 120 node look.mjs always)
printf '%s\n%s\n' "$plain" "$always"
grep -q 'in tools: false.*name in the text: true' <<<"$plain" || { echo 'CHANGED: a plain MCP tool is offered as it is'; exit 1; }
grep -q 'in tools: true, described: Weighs' <<<"$always" || { echo 'CHANGED: alwaysLoad does not bring the tool in'; exit 1; }
echo 'as stated'
