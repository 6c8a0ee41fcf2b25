/** A stand-in for the CLI that misbehaves as it is told by ANTHROPIC_STUB (a variable that the allow-list lets through). */
import { spawn } from 'node:child_process';

const mode = process.env.ANTHROPIC_STUB ?? 'ok';
const session = /--(?:session-id|resume)=(\S+)/.exec(process.argv.join(' '))?.[1];
const say = (line: unknown) =>
  process.stdout.write(`${typeof line === 'string' ? line : JSON.stringify(line)}\n`);
const reply = (id: string, response: unknown) =>
  say({ type: 'control_response', response: { subtype: 'success', request_id: id, response } });

if (process.argv.includes('--version')) {
  say('2.1.330 (Claude Code)');
  process.exit(0);
}
if (mode === 'exit') {
  process.stderr.write('Claude Code could not start: something is missing\n');
  process.exit(3);
}
if (mode === 'killed') process.kill(process.pid, 'SIGKILL');
if (mode === 'missing') {
  say({
    type: 'result',
    subtype: 'error_during_execution',
    is_error: true,
    errors: ['No conversation found with session ID: x'],
  });
  process.exitCode = 1;
}
if (mode === 'deaf') process.on('SIGTERM', () => undefined);

const init = (prompt: string) =>
  say({
    type: 'system',
    subtype: 'init',
    session_id: session,
    model: 'stub',
    permissionMode: 'default',
    user_message_uuids: [prompt],
  });
const text = (words: string) =>
  say({ type: 'assistant', message: { content: [{ type: 'text', text: words }] } });
const done = (prompt: string, more = {}) =>
  say({ type: 'result', subtype: 'success', is_error: false, user_message_uuids: [prompt], ...more });

const request = (tool: string, input: unknown) =>
  say({
    type: 'control_request',
    request_id: 'request-1',
    request: { subtype: 'can_use_tool', tool_name: tool, input },
  });

// biome-ignore lint/suspicious/noExplicitAny: what the client writes is what is under test
function onLine(line: any): void {
  if (line.type === 'control_request' && line.request.subtype === 'initialize') {
    if (mode === 'hang' || mode === 'missing') return;
    if (mode === 'garbage')
      process.stdout.write('warning: not JSON\n{"half":\n\u0000\n[]\nnull\n\n{"type":"nonsense"}\n');
    if (mode === 'error') {
      say({
        type: 'control_response',
        response: { subtype: 'error', request_id: line.request_id, error: 'no such thing' },
      });
      return;
    }
    if (mode === 'job-first') {
      // A job that a folder holds is run before anything else.
      say({ type: 'command_lifecycle', command_uuid: 'a-job', state: 'started' });
      say({ type: 'system', subtype: 'init', session_id: session, model: 'stub', permissionMode: 'default' });
      text('of the job');
      request('Bash', { command: 'touch job' });
    }
    reply(line.request_id, {
      current_permission_mode: 'default',
      ...(mode === 'unversioned' ? {} : { claude_code_version: mode === 'old' ? '2.1.200' : '2.1.330' }),
    });
    return;
  }
  if (line.type === 'control_request' && line.request.subtype === 'interrupt') {
    if (mode === 'deaf') return;
    reply(line.request_id, {});
    return;
  }
  if (line.type === 'control_response' && mode === 'job-first' && prompt === '') {
    say({ type: 'result', subtype: 'success', is_error: false });
    return;
  }
  if (line.type === 'control_response') {
    text(JSON.stringify(line.response));
    done(prompt);
    return;
  }
  if (line.type === 'control_request' && line.request.subtype === 'generate_session_title') {
    reply(line.request_id, { title: 'A title' });
    return;
  }
  if (line.type === 'user') onPrompt(line.uuid);
}

let prompt = '';
function onPrompt(uuid: string): void {
  prompt = uuid;
  if (mode === 'silent') return;
  if (mode === 'own-first') {
    // A background task ended as the prompt came: its turn goes first, and waits for somebody.
    say({ type: 'system', subtype: 'task_notification' });
    say({ type: 'system', subtype: 'init', session_id: session, model: 'stub', permissionMode: 'default' });
    setTimeout(() => {
      say({ type: 'result', subtype: 'success', is_error: false, origin: { kind: 'task-notification' } });
      init(uuid);
      done(uuid);
    }, 500);
    return;
  }
  init(uuid);
  if (mode === 'dies') {
    text('half of');
    process.stderr.write('panic: out of luck\n');
    process.exitCode = 7;
    process.exit();
  }
  if (mode === 'hook') {
    say({
      type: 'control_request',
      request_id: 'hook-1',
      request: { subtype: 'hook_callback', callback_id: 'x' },
    });
    return;
  }
  if (mode === 'deep' || mode === 'deep-suggestion' || mode === 'deep-mcp') {
    // Not by JSON.stringify, which would run out of stack.
    const deep = `${'['.repeat(12_000)}${']'.repeat(12_000)}`;
    const input = mode === 'deep' ? `{"path":"a.txt","more":${deep}}` : '{"path":"a.txt"}';
    const rules = '[{"toolName":"mcp__heddle__send_file"}]';
    const suggestion = `{"type":"addRules","behavior":"allow","rules":${rules},"more":${deep}}`;
    const asks = `"tool_name":"mcp__heddle__send_file","input":${input},"permission_suggestions":[${suggestion}]`;
    const call = `{"jsonrpc":"2.0","id":${deep},"method":"tools/call","params":{"name":"send_file","arguments":{}}}`;
    const body =
      mode === 'deep-mcp'
        ? `"subtype":"mcp_message","server_name":"heddle","message":${call}`
        : `"subtype":"can_use_tool",${asks}`;
    say(`{"type":"control_request","request_id":"deep-1","request":{${body}}}`);
    return;
  }
  if (mode === 'deaf') {
    // As the CLI starts its tools: a session of its own, no pipe in common.
    const child = spawn('sleep', ['300'], { detached: true, stdio: 'ignore' });
    child.unref();
    text(String(child.pid));
    return;
  }
  if (mode === 'streams') {
    const event = (body: unknown) => say({ type: 'stream_event', event: body, parent_tool_use_id: null });
    event({ type: 'message_start', message: { id: 'm' } });
    event({ type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } });
    for (const word of ['one ', 'two ', 'three '])
      event({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: word } });
    return;
  }
  if (mode === 'echo') text(JSON.stringify(process.env));
  else text('hello');
  done(uuid);
}

let rest = '';
process.stdin.setEncoding('utf8');
process.stdin.on('data', (chunk: string) => {
  rest += chunk;
  for (let at = rest.indexOf('\n'); at !== -1; at = rest.indexOf('\n')) {
    const line = rest.slice(0, at);
    rest = rest.slice(at + 1);
    onLine(JSON.parse(line));
  }
});
process.stdin.on('end', () => {
  if (mode !== 'deaf') process.exit();
});
if (mode === 'missing') setTimeout(() => process.exit(1), 20);
if (mode === 'deaf') setInterval(() => undefined, 1000);
