import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { modelEnvironment } from '../../../playground/model/environment.ts';
import { helpText, SCENES } from '../../../playground/model/scenes.ts';
import { type Model, startModel } from '../../../playground/model/server.ts';
import { streamWords } from '../../../playground/model/words.ts';
import {
  type Asked,
  ask,
  assistant,
  content,
  type Json,
  listed,
  reminder,
  result,
  stream,
  textOf,
  user,
} from './api.ts';

let model: Model;
beforeAll(async () => {
  model = await startModel({ pace: { size: 7, intervalMs: 0 } });
});
afterAll(() => model.close());

/** Plays a prompt to its end; each tool call gets what `returns` says. */
async function play(
  prompt: string,
  returns: (name: string) => string | Error = () => 'ok',
): Promise<Asked[]> {
  const messages: Json[] = [user(reminder, prompt)];
  const answers: Asked[] = [];
  for (let turns = 0; turns < 20; turns++) {
    const asked = await ask(model.url, messages);
    answers.push(asked);
    const calls = content(asked).filter((block) => block.type === 'tool_use');
    if (calls.length === 0) return answers;
    messages.push(assistant(...(content(asked) as unknown as Json[])));
    // Tools end in any order.
    const results = calls.map((block) => {
      const back = returns(block.name ?? '');
      const [text, failed] = back instanceof Error ? [back.message, true] : [back, false];
      return (result(block.id ?? '', text, failed).content as Json[])[0] as Json;
    });
    messages.push(
      { role: 'user', content: results.reverse() },
      { role: 'system', content: 'run: something else' },
    );
  }
  throw new Error('it loops');
}

const calls = (answers: readonly Asked[]) =>
  answers.map((asked) =>
    content(asked)
      .filter((block) => block.type === 'tool_use')
      .map((block) => block.name),
  );

describe('the words', () => {
  it('in the README are what `help` answers', async () => {
    const readme = readFileSync(join(import.meta.dirname, '../../../playground/model/README.md'), 'utf8');
    expect(readme).toContain(`\n${helpText()}\n`);
    expect(textOf(await ask(model.url, [user('help')]))).toBe(helpText());
  });

  it('each play their scene to an end, and none that is above it in the list', async () => {
    for (const scene of SCENES) {
      const word = scene.usage
        .replace('<tool> <json>', 'Bash {"command":"ls"}')
        .replace(/<command>|<text>/, 'ls')
        .replace('<N>x<C>@<MS>', '3x8@0')
        .replace('<status>', '400')
        .replace('<S>', '9')
        .replace(/ \[.*\]| \| .*/g, '');
      expect(SCENES.find((candidate) => candidate.pattern.test(word))?.name, word).toBe(scene.name);
      if (scene.failure === undefined) expect((await play(word)).at(-1)?.status).toBe(200);
    }
  });

  it('are looked for in the person’s prompt only', async () => {
    expect(textOf(await ask(model.url, [user(reminder, 'good morning')]))).toContain('good morning');
    expect(textOf(await ask(model.url, [user(reminder), user('good morning', reminder)]))).toContain(
      'good morning',
    );
  });

  it('of the newest prompt count, also when a failed one stands in the same message', async () => {
    const asked = await ask(model.url, [user('error 400', 'good evening')]);
    expect(asked.status).toBe(200);
    expect(textOf(asked)).toContain('good evening');
    const later = [
      user('plan'),
      assistant({ type: 'text', text: 'x' }),
      user('[Request interrupted by user]', 'say: hi'),
    ];
    expect(textOf(await ask(model.url, later))).toBe('hi');
  });

  it('play one after the other with `then`, but leave a shell’s `then` alone', async () => {
    const command = 'if true; then echo hi; fi';
    const answers = await play(`read a.txt then run: ${command}`);
    expect(calls(answers)).toEqual([['Read'], ['Bash'], []]);
    expect(content(answers[1] as Asked).at(-1)?.input).toMatchObject({ command });
  });
});

describe('a play', () => {
  it('gives the same answer to the same request', async () => {
    const once = await ask(model.url, [user('long')]);
    const again = await ask(model.url, [user('long')]);
    expect(textOf(again)).toBe(textOf(once));
    expect(textOf(once).length).toBeGreaterThan(6000);
    // The CLI keys what it streams by the message's id, so that differs.
    expect(again.json.id).not.toBe(once.json.id);
  });

  it('goes on from what the tools returned', async () => {
    expect(textOf((await play('run: false', () => new Error('exit 1'))).at(-1) as Asked)).toContain('exit 1');
    expect(textOf((await play('run')).at(-1) as Asked)).toContain('ok');
    expect(calls(await play('edit', () => new Error('no such file')))).toEqual([['Read'], ['Write'], []]);
    const edit = await play('edit src/a.ts', (name) => (name === 'Read' ? '1\t\n2\tconst a = 1;\n' : 'done'));
    expect(content(edit[1] as Asked).at(-1)?.input).toEqual({
      file_path: 'src/a.ts',
      old_string: 'const a = 1;',
      new_string: 'const a = 1; (edited)',
    });
    expect(calls(await play('several'))).toEqual([['Bash', 'Write', 'Bash'], []]);
    expect(calls(await play('agents'))).toEqual([['Agent', 'Agent'], []]);
    expect(calls(await play('plan'))).toEqual([['EnterPlanMode'], ['ExitPlanMode'], ['ExitPlanMode'], []]);
  });

  it('knows which of several calls worked, whatever order they ended in', async () => {
    const answers = await play('parallel', () => 'ok');
    expect(textOf(answers.at(-1) as Asked)).toBe('The first read worked, the second worked.');
    const messages = [
      user('parallel'),
      assistant({ type: 'tool_use', id: 'a' }, { type: 'tool_use', id: 'b' }),
      result('b', 'no', true),
      result('a', 'yes'),
    ];
    expect(textOf(await ask(model.url, messages))).toBe('The first read worked, the second was refused.');
  });

  it('calls exactly the tool that is named', async () => {
    const command = 'echo "{}" then say: no';
    const answers = await play(`call: Bash ${JSON.stringify({ command })}`);
    expect(calls(answers)).toEqual([['Bash'], []]);
    expect(content(answers[0] as Asked)[0]?.input).toEqual({ command });
    expect(textOf((await play('call: Bash {"command":')).at(-1) as Asked)).toContain('no JSON');
  });

  it('loads a tool that the CLI keeps back, as a model has to, and says nothing twice', async () => {
    const messages = [user('todo'), listed('TaskCreate', 'TaskUpdate')];
    const tools = [{ name: 'Bash' }, { name: 'ToolSearch' }];
    const search = await ask(model.url, messages, { tools });
    expect(content(search)).toMatchObject([{ name: 'ToolSearch', input: { query: 'select:TaskCreate' } }]);
    const [found] = content(search);
    messages.push(assistant({ ...found }), {
      role: 'user',
      content: [
        {
          type: 'tool_result',
          tool_use_id: found?.id,
          content: [{ type: 'tool_reference', tool_name: 'TaskCreate' }],
        },
        { type: 'text', text: 'Tool loaded.' },
      ],
    });
    const kept = ['TaskCreate', 'TaskUpdate'].map((name) => ({ name, defer_loading: true }));
    const more = [...tools, ...kept];
    const create = await ask(model.url, messages, { tools: more });
    expect(textOf(create)).toBe('I make a list.');
    expect(content(create).map((block) => block.name)).toEqual([undefined, ...Array(3).fill('TaskCreate')]);
    messages.push(
      assistant(...(content(create) as unknown as Json[])),
      ...content(create).flatMap(({ id }) => (id === undefined ? [] : [result(id, 'ok')])),
    );
    expect(content(await ask(model.url, messages, { tools: more }))).toMatchObject([
      { name: 'ToolSearch', input: { query: 'select:TaskUpdate' } },
    ]);
  });

  it('calls nothing that it was not offered: the request fails, and says so', async () => {
    const tools = [{ name: 'Bash' }, { name: 'ToolSearch' }];
    const refused = (tool: string) => ({
      status: 400,
      json: { error: { type: 'invalid_request_error', message: expect.stringContaining(tool) } },
    });
    expect(await ask(model.url, [user('send a.txt')], { tools })).toMatchObject(
      refused('mcp__heddle__send_file'),
    );
    // Named, but without the tool that brings it in; and named by a person only.
    const named = [user('todo'), listed('TaskCreate')];
    expect(await ask(model.url, named, { tools: [{ name: 'Bash' }] })).toMatchObject(refused('TaskCreate'));
    expect(await ask(model.url, [user('todo\nTaskCreate')], { tools })).toMatchObject(refused('TaskCreate'));
    expect(
      await ask(model.url, [user('read a.txt')], {
        tools: [...tools, { name: 'Read', defer_loading: true }],
      }),
    ).toMatchObject(refused('Read'));
  });

  it('writes the plan where the CLI says', async () => {
    const path = '/home/ada/.claude/plans/nifty-sparrow.md';
    const messages = [
      user('plan'),
      assistant({ type: 'tool_use', id: 'a' }),
      result('a', 'Entered'),
      { role: 'system', content: `create your plan at ${path} now` },
    ];
    expect(content(await ask(model.url, messages))).toMatchObject([
      { name: 'Write', input: { file_path: path } },
    ]);
  });

  it('never loops', async () => {
    const messages: Json[] = [user('run: ls')];
    for (let n = 0; n < 60; n++)
      messages.push(assistant({ type: 'tool_use', id: `t${n}` }), result(`t${n}`, 'ok'));
    expect(textOf(await ask(model.url, messages))).toBe('Done.');
  });

  it('answers what the CLI asks beside the conversation', async () => {
    const side = { tools: [], system: 'Write a title for this.' };
    const title = await ask(model.url, [user('run: ls; call it “Listing”')], side);
    expect(JSON.parse(textOf(title))).toEqual({ title: 'Listing' });
    expect(textOf(await ask(model.url, [user('run: ls')], side))).toBe('OK');
    const summary = await ask(model.url, [
      user('hi'),
      user('Your task is to create a detailed summary of the conversation'),
    ]);
    expect(textOf(summary)).toContain('<summary>');
    const notified = await ask(model.url, [
      user('background'),
      user('<system-reminder><task-notification>x</task-notification></system-reminder>'),
    ]);
    expect(textOf(notified)).toBe('The background task has ended.');
  });
});

describe('a stream', () => {
  it('is what the API sends, piece by piece', async () => {
    const { events, text } = await stream(model.url, [user('run: ls')]);
    expect(events.map((event) => event.type).filter((type) => type !== 'content_block_delta')).toEqual([
      'message_start',
      'content_block_start',
      'content_block_stop',
      'content_block_start',
      'content_block_stop',
      'message_delta',
      'message_stop',
    ]);
    expect(text).toBe('I run that now.');
    const json = events.map((event) => (event.delta as Json | undefined)?.partial_json ?? '').join('');
    expect(JSON.parse(json)).toMatchObject({ command: 'ls' });
    expect(events.at(-2)).toMatchObject({ delta: { stop_reason: 'tool_use' } });
  });

  it('has the deltas that the prompt asks for, each word once', async () => {
    const { events, text } = await stream(model.url, [user('stream 200x8@0')]);
    const deltas = events.filter((event) => event.type === 'content_block_delta');
    expect(deltas).toHaveLength(200);
    expect(deltas.every((event) => (event.delta as { text: string }).text.length === 8)).toBe(true);
    expect(text).toBe(streamWords(200, 8).join(''));
    expect(new Set(text.split(/\s/).filter((word) => word !== '')).size).toBe(200);
  });

  it('cuts no character', async () => {
    const said = `${'🙂é'.repeat(20)}`;
    const { events, text } = await stream(model.url, [user(`say: ${said}`)]);
    expect(text).toBe(said);
    for (const event of events) expect(JSON.stringify(event)).not.toMatch(/\\ud[89a-f]/i);
  });

  it('breaks once in the middle, then is whole', async () => {
    await expect(stream(model.url, [user('cut')])).rejects.toThrow();
    expect((await stream(model.url, [user('cut')])).text).toContain('the whole of it');
  });
});

describe('the API', () => {
  it('fails as it is asked to, each time or once', async () => {
    for (const status of [400, 401, 403, 404, 413, 429, 500, 529])
      for (let times = 0; times < 2; times++)
        expect(await ask(model.url, [user(`error ${status}`)])).toMatchObject({
          status,
          json: { type: 'error' },
        });
    expect((await ask(model.url, [user('error')])).status).toBe(529);
    expect((await ask(model.url, [user('fix the error in the login')])).status).toBe(200);
    expect((await ask(model.url, [user('error 500 once')])).status).toBe(500);
    expect((await ask(model.url, [user('error 500 once')])).status).toBe(200);
  });

  it('counts tokens, answers HEAD, and refuses the rest', async () => {
    const post = (path: string, raw: string) => fetch(`${model.url}${path}`, { method: 'POST', body: raw });
    expect((await fetch(model.url, { method: 'HEAD' })).status).toBe(200);
    expect(await (await post('/v1/messages/count_tokens', '{"messages":[]}')).json()).toHaveProperty(
      'input_tokens',
    );
    for (const raw of ['', 'not JSON', '[]', '{}', '{"messages":1}'])
      expect((await post('/v1/messages', raw)).status).toBe(400);
    expect(
      (
        await post(
          '/v1/messages',
          '{"messages":[1,null,{"role":"user","content":[1,{"type":"tool_result"}]}]}',
        )
      ).status,
    ).toBe(200);
    expect((await post('/v1/other', '{}')).status).toBe(404);
    expect((await fetch(`${model.url}/v1/messages`)).status).toBe(404);
  });

  it('keeps what it was asked', async () => {
    await ask(model.url, [user(reminder, 'say: keep this')]);
    expect(model.requests.at(-1)).toMatchObject({
      prompt: 'say: keep this',
      scene: 'say',
      model: 'claude-test',
    });
  });

  it('gives the CLI an environment of its own', () => {
    expect(modelEnvironment('http://127.0.0.1:1', '/tmp/x')).toMatchObject({
      ANTHROPIC_BASE_URL: 'http://127.0.0.1:1',
      HOME: '/tmp/x',
      CLAUDE_CONFIG_DIR: '/tmp/x/.claude',
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
    });
  });
});
