/** What Claude keeps of a folder: its own files, with what is not a terminal's, not this folder's or not readable left out. */
import { mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { keptConversations } from '../../../runner/claude/transcripts.ts';
import { temporaryFolder } from '../runner/stage.ts';

const CWD = '/home/dev/my.project';
const idOf = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
const said = (text: unknown, over: object = {}) =>
  JSON.stringify({
    type: 'user',
    message: { role: 'user', content: text },
    cwd: CWD,
    entrypoint: 'cli',
    isSidechain: false,
    ...over,
  });

class Config {
  readonly path = temporaryFolder();
  readonly folder = join(this.path, 'projects', '-home-dev-my-project');
  constructor() {
    mkdirSync(this.folder, { recursive: true });
  }
  put(n: number, lines: readonly string[], atS = n): void {
    const file = join(this.folder, `${idOf(n)}.jsonl`);
    writeFileSync(file, `${lines.join('\n')}\n`);
    utimesSync(file, atS, atS);
  }
  read(over: { without?: (id: string) => boolean; max?: number; titleMax?: number } = {}) {
    const env = { CLAUDE_CONFIG_DIR: this.path };
    return keptConversations({ cwd: CWD, env, without: () => false, max: 25, titleMax: 80, ...over });
  }
}

describe('the conversations that Claude keeps of a folder', () => {
  it('come newest first, with how the first prompt begins as title', async () => {
    const config = new Config();
    config.put(1, ['{"type":"mode","mode":"default"}', said('fix   the\nlogin'), said('and then?')]);
    config.put(2, [said([{ type: 'image' }, { type: 'text', text: 'look at this' }])]);
    expect(await config.read()).toEqual([
      { id: idOf(2), title: 'look at this', atMs: 2000 },
      { id: idOf(1), title: 'fix the login', atMs: 1000 },
    ]);
  });

  it('have the title that Claude or a person gave them, also when that stands at the end of a long file', async () => {
    const config = new Config();
    const long = Array.from({ length: 400 }, () =>
      JSON.stringify({ type: 'assistant', text: 'x'.repeat(1000) }),
    );
    config.put(1, [said('hello'), '{"type":"ai-title","aiTitle":"The blue door"}']);
    config.put(2, [
      said('hello'),
      ...long,
      '{"type":"ai-title","aiTitle":"One"}',
      '{"type":"custom-title","customTitle":"Mine"}',
    ]);
    config.put(3, [said('hello'), '{"type":"custom-title","customTitle":"  "}']);
    expect((await config.read()).map(({ title }) => title)).toEqual(['hello', 'Mine', 'The blue door']);
  });

  it.each([
    ['a program’s, as Heddle’s are', [said('hi', { entrypoint: 'sdk-cli' })]],
    ['another folder’s of the same name', [said('hi', { cwd: '/home/dev/my/project' })]],
    [
      'without a prompt',
      ['{"type":"mode"}', said('<command-name>/clear</command-name>'), said('hi', { isMeta: true })],
    ],
    ['a subagent’s', [said('hi', { isSidechain: true })]],
    ['no JSON at all', ['garbage', '{"half":', '[]']],
    ['empty', []],
    ['with its first prompt out of reach', [JSON.stringify({ pad: 'x'.repeat(70_000) }), said('hi')]],
  ])('leave out one that is %s', async (_what, lines) => {
    const config = new Config();
    config.put(1, lines);
    expect(await config.read()).toEqual([]);
  });

  it('leave out those that are held, files of another name, folders; and no more come than are wanted', async () => {
    const config = new Config();
    for (let n = 1; n <= 40; n++) config.put(n, [said(`prompt ${n}`)]);
    mkdirSync(join(config.folder, `${idOf(90)}.jsonl`));
    writeFileSync(join(config.folder, 'agent-12.jsonl'), said('hi'));
    const found = await config.read({ without: (id) => id === idOf(40), max: 25 });
    expect(found).toHaveLength(25);
    expect(found[0]?.title).toBe('prompt 39');
  });

  it('have short titles, and cost a bounded read each', async () => {
    const config = new Config();
    config.put(1, [said('word '.repeat(2000))]);
    expect((await config.read({ titleMax: 20 }))[0]?.title).toHaveLength(20);
  });

  it('a folder that Claude never saw has none', async () => {
    const env = { CLAUDE_CONFIG_DIR: '/nowhere' };
    expect(await keptConversations({ cwd: CWD, env, without: () => false, max: 5, titleMax: 9 })).toEqual([]);
  });
});
