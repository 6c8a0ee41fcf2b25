#!/usr/bin/env bash
# Claude Code 2.1.330: `env` in the person's settings.json overrides the environment that the process was started with. A host that starts
# the CLI with ANTHROPIC_BASE_URL set finds it talking to the address in the settings instead. Only `env` in `--settings` has the last word.
# Expected by most: what is set for one process is more specific than a file, and wins.
# Fails when either half of that changes. Needs node (20 or newer) and npm; no network beyond the npm registry, no login.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y >/dev/null
npm install --no-audit --no-fund --silent @anthropic-ai/claude-code@2.1.330
mkdir -p home/.claude work

cat > look.mjs <<'JS'
// Two stand-ins of the Messages API: one named by the environment, one by the settings. Which of them is asked?
import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import { writeFileSync } from 'node:fs';
const asked = { environment: 0, settings: 0 };
const serve = (name) => new Promise((resolve) => {
  const server = createServer((request, response) => {
    request.resume();
    if (request.method !== 'POST' || !request.url.startsWith('/v1/messages')) return response.writeHead(404).end('{}');
    asked[name] += 1;
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
  server.listen(0, '127.0.0.1', () => resolve(server));
});
const servers = { environment: await serve('environment'), settings: await serve('settings') };
const url = (name) => `http://127.0.0.1:${servers[name].address().port}`;
writeFileSync('home/.claude/settings.json', JSON.stringify({ env: { ANTHROPIC_BASE_URL: url('settings') } }));
const flag = process.argv[2] === 'flag' ? ['--settings', JSON.stringify({ env: { ANTHROPIC_BASE_URL: url('environment') } })] : [];
const child = spawn(`${process.cwd()}/node_modules/.bin/claude`, ['-p', 'hello', ...flag], {
  cwd: 'work', stdio: ['ignore', 'ignore', 'inherit'],
  env: { PATH: process.env.PATH, HOME: `${process.cwd()}/home`, ANTHROPIC_BASE_URL: url('environment'), ANTHROPIC_API_KEY: 'any', CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1', DISABLE_AUTOUPDATER: '1' },
});
await new Promise((resolve) => child.on('exit', resolve));
for (const server of Object.values(servers)) { server.closeAllConnections(); server.close(); }
console.log(`${process.argv[2]}: asked of the environment ${asked.environment > 0}, of the settings ${asked.settings > 0}`);
JS

plain=$(timeout 120 node look.mjs plain)
flag=$(timeout 120 node look.mjs flag)
printf '%s\n%s\n' "$plain" "$flag"
[ "$plain" = 'plain: asked of the environment false, of the settings true' ] || { echo 'CHANGED: the environment wins over the settings'; exit 1; }
[ "$flag" = 'flag: asked of the environment true, of the settings false' ] || { echo 'CHANGED: --settings does not have the last word'; exit 1; }
echo 'as stated'
