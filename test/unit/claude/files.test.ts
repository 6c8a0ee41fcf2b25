import {
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as v from 'valibot';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Event } from '../../../protocol/events.ts';
import type { TurnId } from '../../../protocol/ids.ts';
import {
  FILE_MAX_BYTES,
  FILE_PART_BYTES,
  FILES_A_TURN_MAX,
  LONG_TEXT_CHARS,
} from '../../../protocol/limits.ts';
import { pictureBlocks, pictureEnding, pictureNames } from '../../../runner/claude/line/pictures.ts';
import type { ClaudeEvent, ClaudeEventOf } from '../../../runner/claude/line/types.ts';
import { editDiff } from '../../../runner/claude/tools/diffs.ts';
import { fileServerReply } from '../../../runner/claude/turn/file-server.ts';
import { fileName, Outbox } from '../../../runner/claude/turn/outbox.ts';
import { readProjectFile } from '../../../runner/claude/turn/project-files.ts';
import { TodoList } from '../../../runner/claude/turn/todos.ts';
import { TurnFiles } from '../../../runner/claude/turn/turn-files.ts';

const TURN = '11111111-1111-4111-8111-111111111111' as TurnId;
const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNkYAAAAAYAAjCB0C8AAAAASUVORK5CYII=',
  'base64',
);

function place() {
  const home = realpathSync(mkdtempSync(join(tmpdir(), 'heddle-files-')));
  onTestFinished(() => rmSync(home, { recursive: true, force: true }));
  const cwd = join(home, 'project');
  const heddleHome = join(cwd, '.heddle');
  mkdirSync(heddleHome, { recursive: true });
  return { home, cwd, heddleHome };
}

describe('a file of the project', () => {
  it('is read from inside the project only', () => {
    const { home, cwd, heddleHome } = place();
    const why = (path: string) => {
      const read = readProjectFile({ cwd, heddleHome }, path);
      return 'why' in read ? read.why : null;
    };
    mkdirSync(join(cwd, 'out'));
    mkdirSync(`${cwd}-two`);
    writeFileSync(join(cwd, 'out', 'a.txt'), 'inside');
    writeFileSync(join(home, 'secret.txt'), 'outside');
    writeFileSync(join(`${cwd}-two`, 'b.txt'), 'beside');
    writeFileSync(join(heddleHome, 'key'), 'the runner’s key');
    writeFileSync(join(cwd, 'empty'), '');
    symlinkSync(join(home, 'secret.txt'), join(cwd, 'link'));
    symlinkSync(home, join(cwd, 'up'));
    symlinkSync(join(cwd, 'out'), join(cwd, 'within'));

    const read = readProjectFile({ cwd, heddleHome }, 'out/a.txt');
    expect(read).toMatchObject({ file: { name: 'a.txt', path: join('out', 'a.txt') } });
    expect(why(join(cwd, 'out', 'a.txt'))).toBeNull();
    expect(why('within/a.txt')).toBeNull();
    for (const path of [
      '../secret.txt',
      join(home, 'secret.txt'),
      'link',
      'up/secret.txt',
      '../project-two/b.txt',
      '/etc/passwd',
    ])
      expect(why(path), path).toMatch(/outside of the project/);
    expect(why('.')).not.toBeNull();
    expect(why('out')).toBe('It is not a file.');
    expect(why('.heddle/key')).toMatch(/runner’s own/);
    expect(why('none')).toBe('There is no such file.');
    expect(why('empty')).toBe('It is empty.');
    expect(why('a\0b')).not.toBeNull();
    writeFileSync(join(cwd, 'large'), 'x');
    truncateSync(join(cwd, 'large'), FILE_MAX_BYTES + 1);
    expect(why('large')).toMatch(/8 MiB can be sent/);
    truncateSync(join(cwd, 'large'), FILE_MAX_BYTES);
    expect(why('large')).toBeNull();
  });
});

describe('the outbox of a turn', () => {
  const outbox = () => {
    const events: ClaudeEvent[] = [];
    return { events, box: new Outbox(TURN, (event) => events.push(event)) };
  };
  const send = (box: Outbox, data: Uint8Array) =>
    box.send({ what: 'handed', name: 'a.bin', data, caption: '' });

  it('cuts a file into parts that the protocol takes, and joined they are the file', () => {
    const { events, box } = outbox();
    const data = Buffer.alloc(2 * FILE_PART_BYTES + 7, 'heddle');
    expect(send(box, data)).toBe(true);
    for (const event of events) expect(v.is(Event, { ...event, gen: 1 }), event.kind).toBe(true);
    const parts = events
      .filter((event) => event.kind === 'filePart')
      .map((event) => Buffer.from(event.base64, 'base64'));
    expect(Buffer.concat(parts).equals(data)).toBe(true);
    expect(events.at(-1)).toMatchObject({ kind: 'file', bytes: data.length, parts: 3 });
  });

  it('takes the largest file, and none that is larger, empty or one too many', () => {
    const { events, box } = outbox();
    expect(send(box, Buffer.alloc(0))).toBe(false);
    expect(send(box, Buffer.alloc(FILE_MAX_BYTES + 1))).toBe(false);
    expect(events).toEqual([]);
    expect(send(box, Buffer.alloc(FILE_MAX_BYTES, 1))).toBe(true);
    expect(v.is(Event, { ...events.at(-1), gen: 1 })).toBe(true);
    // The same again is there already.
    const before = events.length;
    expect(send(box, Buffer.alloc(FILE_MAX_BYTES, 1))).toBe(true);
    expect(events).toHaveLength(before);
    for (let n = 1; n < FILES_A_TURN_MAX; n++) expect(send(box, Buffer.from(`file ${n}`))).toBe(true);
    expect(send(box, Buffer.from('one too many'))).toBe(false);
  });

  it('gives names that Discord keeps', () => {
    expect(fileName('chart.png')).toBe('chart.png');
    expect(fileName('.env')).toBe('env');
    expect(fileName('Größe (1).png')).toBe('Gro_e_1_.png');
    expect(fileName('日本')).toBe('file');
    expect(fileName(`${'a'.repeat(300)}.png`)).toHaveLength(100);
    expect(fileName(`${'a'.repeat(300)}.png`)).toMatch(/\.png$/);
  });
});

describe('pictures', () => {
  it('are known by their bytes, not by their names', () => {
    expect(pictureEnding(PNG)).toBe('png');
    expect(pictureEnding(Buffer.from([0xff, 0xd8, 0xff, 0xe0]))).toBe('jpg');
    expect(pictureEnding(Buffer.from('<svg/>'))).toBeNull();
    expect(pictureEnding(Buffer.alloc(0))).toBeNull();
    expect(
      pictureBlocks({
        content: [{ type: 'image', source: { type: 'base64', data: 'AAAA' } }, { type: 'text' }],
      }),
    ).toEqual(['AAAA']);
    expect(pictureBlocks({ content: 'text' })).toEqual([]);
    expect(pictureBlocks({ content: [{ type: 'image', source: { type: 'url', url: 'x' } }] })).toEqual([]);
  });

  it('are found by name in what Claude says and runs', () => {
    expect(pictureNames('I wrote `out/chart.png` and **a.JPG**.')).toEqual(['out/chart.png', 'a.JPG']);
    expect(pictureNames('plot --out=x.webp; see https://example.com/a.png')).toEqual(['x.webp']);
    expect(pictureNames('a.png.gz, b.pngx')).toEqual([]);
    expect(pictureNames(`a.png ${'x'.repeat(8_000_000)}`), 'read to a point').toEqual(['a.png']);
  });
});

describe('the files of a turn', () => {
  const turn = (beganAtMs = 0) => {
    const { cwd, heddleHome } = place();
    const events: ClaudeEvent[] = [];
    const files = new TurnFiles(TURN, {
      emit: (event) => events.push(event),
      readFile: (path) => readProjectFile({ cwd, heddleHome }, path),
      short: (path) => path,
      beganAtMs,
    });
    const shown = () => events.filter((event): event is ClaudeEventOf<'file'> => event.kind === 'file');
    return { cwd, files, shown };
  };

  it('has a picture that was made while it ran, once, and none from before', () => {
    const { cwd, files, shown } = turn(Date.now());
    writeFileSync(join(cwd, 'chart.png'), PNG);
    writeFileSync(join(cwd, 'liar.png'), 'no picture');
    files.mentioned('python plot.py chart.png liar.png missing.png ../x.png');
    files.said('See chart.png.');
    files.end();
    expect(shown().map(({ what, name }) => [what, name])).toEqual([['picture', 'chart.png']]);

    const later = turn(Date.now() + 60_000);
    writeFileSync(join(later.cwd, 'old.png'), PNG);
    later.files.said('See old.png.');
    later.files.end();
    expect(later.shown()).toEqual([]);
  });

  it('has what a tool showed as a picture', () => {
    const { files, shown } = turn();
    files.seen([PNG.toString('base64'), 'AAAA'], 'shot.png');
    expect(shown()).toMatchObject([{ what: 'picture', name: 'picture-1.png', caption: 'shot.png' }]);
  });

  it('has a long text whole, and the long diffs together', () => {
    const { files, shown } = turn();
    files.said('x'.repeat(LONG_TEXT_CHARS - 1));
    expect(shown()).toEqual([]);
    files.said('x'.repeat(LONG_TEXT_CHARS));
    files.edited({ path: 'a.ts', added: 1, removed: 0, head: { text: '+a', lines: 1 }, whole: null });
    files.edited({
      path: 'b.ts',
      added: 99,
      removed: 0,
      head: { text: '+b', lines: 99 },
      whole: '@@ -0,0 +1 @@\n+b',
    });
    files.end();
    expect(shown().map(({ what, name }) => [what, name])).toEqual([
      ['answer', 'answer.md'],
      ['changes', 'changes.diff'],
    ]);
  });
});

describe('send_file', () => {
  const call = (args: unknown, send: (path: string, caption: string) => string | null = () => null) =>
    fileServerReply(
      { jsonrpc: '2.0', id: 7, method: 'tools/call', params: { name: 'send_file', arguments: args } },
      send,
    );

  it('is offered and called as MCP says', () => {
    const started = fileServerReply(
      { id: 0, method: 'initialize', params: { protocolVersion: '2025-11-25' } },
      () => null,
    );
    expect(started).toMatchObject({
      id: 0,
      result: { protocolVersion: '2025-11-25', capabilities: { tools: {} } },
    });
    expect(fileServerReply({ id: 1, method: 'tools/list' }, () => null)).toMatchObject({
      result: { tools: [{ name: 'send_file' }] },
    });
    expect(fileServerReply({ id: 2, method: 'resources/list' }, () => null)).toMatchObject({
      id: 2,
      error: { code: -32601 },
    });
    expect(call({ path: 'a.png' })).toMatchObject({ id: 7, result: { isError: false } });
    expect(call({ path: 'a.png' }, () => 'It is empty.')).toMatchObject({
      result: { isError: true, content: [{ text: 'Not sent. It is empty.' }] },
    });
  });

  it('refuses a call without a path, and other tools', () => {
    const never = () => {
      throw new Error('nothing may be read');
    };
    for (const args of [undefined, {}, { path: '' }, { path: 3 }, 'x'])
      expect(call(args, never), JSON.stringify(args)).toMatchObject({ result: { isError: true } });
    const other = { id: 1, method: 'tools/call', params: { name: 'rm', arguments: { path: 'a' } } };
    expect(fileServerReply(other, never)).toMatchObject({ result: { isError: true } });
  });
});

describe('the diff of an edit', () => {
  it('shows the changed lines with one around, and counts them', () => {
    const diff = editDiff({
      filePath: '/a',
      structuredPatch: [
        {
          oldStart: 1,
          oldLines: 7,
          newStart: 1,
          newLines: 7,
          lines: [' a', ' b', '-c', '+C', ' d', ' e', ' f', ' g', '-h', '+H'],
        },
        { oldStart: 90, oldLines: 1, newStart: 90, newLines: 0, lines: ['-z'] },
      ],
    });
    expect(diff).toMatchObject({ path: '/a', added: 2, removed: 3, whole: null });
    expect(diff?.head.text.split('\n')).toEqual([' b', '-c', '+C', ' d', '⋯', ' g', '-h', '+H', '⋯', '-z']);
  });

  it('shows a new file as added, a long one by its head', () => {
    const content = Array.from({ length: 100 }, (_, at) => `line ${at}`).join('\n');
    const diff = editDiff({ type: 'create', filePath: '/a', content, structuredPatch: [] });
    expect(diff).toMatchObject({ added: 100, removed: 0, head: { lines: 100 } });
    expect(diff?.whole).toContain('+line 99');
    expect(editDiff({ type: 'create', filePath: '/a', content: '', structuredPatch: [] })).toMatchObject({
      added: 0,
      whole: null,
    });
    expect(editDiff({ stdout: 'x' })).toBeNull();
    expect(editDiff({ filePath: 3, structuredPatch: [{ lines: 'x' }] })).toBeNull();
  });
});

describe('the to-do list', () => {
  it('is the whole of TodoWrite, or what single calls make of it', () => {
    const list = new TodoList();
    expect(
      list.written(
        'TodoWrite',
        {
          todos: [
            { content: 'A', status: 'completed', activeForm: 'Doing A' },
            { content: 'B', status: 'in_progress', activeForm: 'Doing B' },
            { content: 'C', status: 'pending' },
          ],
        },
        'call',
      ),
    ).toEqual([
      { text: 'A', state: 'done' },
      { text: 'B', state: 'active' },
      { text: 'C', state: 'open' },
    ]);
    const tasks = new TodoList();
    tasks.written('TaskCreate', { subject: 'Fix bug' }, 'call');
    tasks.written('TaskCreate', { subject: 'Test it' }, 'call');
    expect(tasks.written('TaskUpdate', { taskId: '1', status: 'completed' }, 'call')).toEqual([
      { text: 'Fix bug', state: 'done' },
      { text: 'Test it', state: 'open' },
    ]);
    expect(tasks.written('TaskUpdate', { taskId: '2', status: 'deleted' }, 'call')).toHaveLength(1);
    expect(tasks.written('TaskUpdate', { taskId: '9', status: 'completed' }, 'call')).toBeNull();
    expect(tasks.written('Bash', {}, 'call')).toBeNull();
    expect(list.written('TodoWrite', { todos: 'nonsense' }, 'call')).toEqual([]);
  });

  it('takes the ids that the CLI gives', () => {
    const resumed = new TodoList();
    resumed.written('TaskCreate', { subject: 'A' }, 'one');
    resumed.returned('one', { task: { id: '7', subject: 'A' } });
    resumed.written('TaskCreate', { subject: 'B' }, 'two');
    resumed.returned('two', {});
    resumed.returned('three', { task: { id: '9' } });
    expect(resumed.written('TaskUpdate', { taskId: '7', status: 'completed' }, 'four')).toEqual([
      { text: 'A', state: 'done' },
      { text: 'B', state: 'open' },
    ]);
    expect(resumed.written('TaskUpdate', { taskId: '8', status: 'in_progress' }, 'five')?.[1]?.state).toBe(
      'active',
    );
    expect(resumed.written('TaskUpdate', { taskId: '1', status: 'completed' }, 'six')).toBeNull();
  });
});
