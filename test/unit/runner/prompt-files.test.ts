/** Files of prompts: fetched before the prompt is given, from Discord alone, and never more than the limit. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Command } from '../../../protocol/commands.ts';
import { fileAddress, PROMPT_FILE_MAX_BYTES, type PromptFile } from '../../../protocol/files.ts';
import { type Fetching, fetchFiles } from '../../../runner/session/prompt-files.ts';
import { begin, end, gen, interrupt, last, promptId, Stage, temporaryFolder } from './stage.ts';

const PNG = Uint8Array.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 1, 2, 3]);
const CDN = 'https://cdn.discordapp.com/attachments/1/2';
const file = (name: string, more: Partial<PromptFile> = {}): PromptFile => ({
  url: `${CDN}/${encodeURIComponent(name)}?ex=1&hm=2`,
  name,
  type: 'text/plain',
  bytes: 5,
  ...more,
});
/** Answers by the end of the path; counts what was asked. */
function cdn(files: Record<string, () => Response>) {
  const asked: string[] = [];
  const send: typeof fetch = async (url, init) => {
    const { pathname } = new URL(String(url));
    asked.push(pathname.split('/').at(-1) ?? '');
    expect(init?.redirect, 'nothing may lead elsewhere').toBe('manual');
    return (
      files[decodeURIComponent(pathname.split('/').at(-1) ?? '')] ?? (() => new Response('', { status: 404 }))
    )();
  };
  return { asked, send };
}
const words = (text: string) => () => new Response(text);
function options(send: typeof fetch, more: Partial<Fetching> = {}): Fetching {
  return {
    folder: path.join(temporaryFolder(), 'files'),
    local: false,
    fetch: send,
    wait: async () => {},
    ...more,
  };
}

describe('an address', () => {
  it.each([
    ['https://cdn.discordapp.com/attachments/1/2/a.png?ex=1', false, true],
    ['https://media.discordapp.net/attachments/1/2/a.png', false, true],
    ['http://cdn.discordapp.com/a.png', false, false],
    ['https://cdn.discordapp.com:8443/a.png', false, false],
    ['https://user@cdn.discordapp.com/a.png', false, false],
    ['https://cdn.discordapp.com.evil.test/a.png', false, false],
    ['https://evil.test/cdn.discordapp.com/a.png', false, false],
    ['file:///etc/passwd', true, false],
    ['http://127.0.0.1:9/a.png', false, false],
    ['http://127.0.0.1:9/a.png', true, true],
    ['http://169.254.169.254/latest', true, false],
    ['nonsense', true, false],
  ])('%s (this machine: %s) may be fetched: %s', (url, local, may) => {
    expect(fileAddress(url, local) !== null).toBe(may);
  });
});

describe('fetching', () => {
  const ask = (files: PromptFile[]) => ({ id: promptId(), text: 'look', files });

  it('gives pictures as pictures, by what they begin with, and puts the rest where Claude can read it', async () => {
    const { send } = cdn({
      'a.png': () => new Response(PNG),
      'not.png': words('no picture'),
      '../../.bashrc': words('first'),
      'notes.txt': words('notes'),
      'Notes.txt': words('again'),
    });
    const to = options(send);
    const prompt = ask(
      ['a.png', 'not.png', 'notes.txt', 'Notes.txt', '../../.bashrc'].map((name) => file(name)),
    );
    const got = await fetchFiles(
      {
        ...prompt,
        files: prompt.files.map((one) =>
          one.name.includes('..') ? { ...one, url: `${CDN}/..%2F..%2F.bashrc` } : one,
        ),
      },
      to,
    );
    if (!got.ok) throw new Error(got.words);
    expect(got.pictures).toEqual([{ type: 'image/png', base64: Buffer.from(PNG).toString('base64') }]);
    const paths = [...got.text.matchAll(/^- (.*) \(\d+ bytes\)$/gm)].map(([, at = '']) => at);
    expect(paths.map((at) => path.basename(at))).toEqual([
      'not.png',
      'notes.txt',
      '2-Notes.txt',
      '_.._.bashrc',
    ]);
    for (const at of paths) expect(at.startsWith(path.join(to.folder, prompt.id) + path.sep)).toBe(true);
    expect(paths.map((at) => readFileSync(at, 'utf8'))).toEqual(['no picture', 'notes', 'again', 'first']);
  });

  it('takes a name of any length and script', async () => {
    const names = [`${'語'.repeat(250)}.txt`, `a${'.b'.repeat(50)}`, `${'𝒳'.repeat(120)}.md`];
    const got = await fetchFiles(
      ask(names.map((name) => file(name, { url: `${CDN}/a` }))),
      options(cdn({ a: words('x') }).send),
    );
    if (!got.ok) throw new Error(got.words);
    const saved = [...got.text.matchAll(/^- (.*) \(1 bytes\)$/gm)].map(([, at = '']) => path.basename(at));
    expect(saved).toHaveLength(3);
    for (const name of saved) {
      expect(name).toMatch(/^[^. -].*\.(txt|b|md)$/u);
      expect(name.isWellFormed?.() ?? true).toBe(true);
    }
  });

  it('asks nobody but Discord', async () => {
    const { asked, send } = cdn({});
    const got = await fetchFiles(ask([file('a', { url: 'https://evil.test/a' })]), options(send));
    expect(got).toMatchObject({ ok: false, words: expect.stringContaining('not a file of Discord') });
    expect(asked).toEqual([]);
  });

  it.each([
    ['an address that expired', () => new Response('gone', { status: 404 }), /about a day/, 1],
    [
      'a redirect',
      () => new Response(null, { status: 302, headers: { location: 'https://evil.test' } }),
      /status 302/,
      1,
    ],
    ['a Discord that is down', () => new Response('', { status: 503 }), /status 503/, 3],
    [
      'a body that breaks off',
      () => new Response('abc', { headers: { 'content-length': '10' } }),
      /broke off/,
      3,
    ],
    ['more than the limit', () => new Response(new Uint8Array(PROMPT_FILE_MAX_BYTES + 1)), /larger than/, 1],
  ])('of %s says so', async (_what, response, reason, times) => {
    const { asked, send } = cdn({ 'a.txt': response });
    const got = await fetchFiles(ask([file('a.txt')]), options(send));
    expect(got).toMatchObject({ ok: false, words: expect.stringMatching(reason) });
    expect(asked).toHaveLength(times);
  });

  it('reads no more than the limit of a body without an end', async () => {
    let read = 0;
    const endless = () =>
      new Response(
        new ReadableStream({
          pull(controller) {
            read += 1;
            controller.enqueue(new Uint8Array(1024 * 1024));
          },
        }),
      );
    const got = await fetchFiles(ask([file('a.txt')]), options(cdn({ 'a.txt': endless }).send));
    expect(got.ok).toBe(false);
    expect(read).toBeLessThan(16);
  });

  it('goes on after a moment without network', async () => {
    let attempt = 0;
    const got = await fetchFiles(
      ask([file('a.txt')]),
      options(async () => {
        attempt += 1;
        if (attempt < 3) throw new TypeError('fetch failed');
        return new Response('here');
      }),
    );
    expect(got.ok).toBe(true);
  });

  it('a picture that is too large for the API is a file', async () => {
    const large = new Uint8Array(3_800_000);
    large.set(PNG);
    const got = await fetchFiles(
      ask([file('a.png')]),
      options(cdn({ 'a.png': () => new Response(large) }).send),
    );
    expect(got).toMatchObject({
      ok: true,
      pictures: [],
      text: expect.stringContaining('a.png (3800000 bytes)'),
    });
  });
});

describe('a prompt with files', () => {
  const prompt = (id: ReturnType<typeof promptId>, files: PromptFile[], n = 1): Command => ({
    kind: 'prompt',
    gen: gen(n),
    prompt: id,
    text: 'look',
    files,
  });
  const ended = (life: ReturnType<Stage['live']>) =>
    life.events().flatMap((event) => (event.kind === 'turnEnded' ? [event.outcome] : []));

  it('is given when they are here, to a process that may read them; they go with the conversation', async () => {
    const stage = new Stage();
    const id = promptId();
    const life = stage.live({
      fetch: cdn({ 'a.txt': words('hello'), 'b.png': () => new Response(PNG) }).send,
    });
    life.deliver([begin(1), prompt(id, [file('a.txt'), file('b.png')])]);
    await expect.poll(() => stage.world.fed.length).toBe(1);
    const claude = last(stage.world.claudes);
    const at = /^- (.*a\.txt) /m.exec(stage.world.fed[0]?.text ?? '')?.[1] ?? '';
    expect(readFileSync(at, 'utf8')).toBe('hello');
    expect(at.startsWith(`${stage.home.path}${path.sep}`), 'HEDDLE_HOME is closed to Claude').toBe(false);
    expect(at.startsWith(`${claude.options.addFolder}${path.sep}`)).toBe(true);
    expect(claude.pictures).toHaveLength(1);
    claude.finish();
    life.deliver([begin(1), prompt(id, []), end(1)]);
    await expect.poll(() => existsSync(at)).toBe(false);
  });

  it('makes a process that runs already come back with the folder', async () => {
    const stage = new Stage();
    const [one, two] = [promptId(), promptId()];
    const life = stage.live({ fetch: cdn({ 'a.txt': words('hello') }).send });
    life.deliver([begin(1), { kind: 'prompt', gen: gen(1), prompt: one, text: 'first' }]);
    await expect.poll(() => stage.world.fed.length).toBe(1);
    const first = last(stage.world.claudes);
    expect(first.options.addFolder).toBeUndefined();
    first.finish();
    life.deliver([begin(1), prompt(one, []), prompt(two, [file('a.txt')])]);
    await expect.poll(() => stage.world.fed.length).toBe(2);
    expect(first.ended).toBe('idle');
    expect(last(stage.world.claudes).options).toMatchObject({ resume: true, addFolder: expect.any(String) });
  });

  it('is not run without them, and says which', async () => {
    const stage = new Stage();
    const life = stage.live({ fetch: cdn({}).send });
    life.deliver([begin(1), prompt(promptId(), [file('lost.txt')])]);
    await expect
      .poll(() => ended(life))
      .toEqual([{ as: 'failed', code: 'files', words: expect.stringContaining('lost.txt'), started: false }]);
    expect(stage.world.fed).toEqual([]);
    expect(stage.world.claudes, 'no process for nothing').toEqual([]);
    expect(life.host.busy).toBe(false);
  });

  it('that is interrupted while they come is not run, and the next one is', async () => {
    const stage = new Stage();
    const gate = Promise.withResolvers<Response>();
    const [one, two] = [promptId(), promptId()];
    const send: typeof fetch = async (url) =>
      String(url).includes('slow') ? gate.promise : new Response('quick');
    const life = stage.live({ fetch: send });
    life.deliver([
      begin(1),
      prompt(one, [file('slow.txt')]),
      interrupt(1, one),
      prompt(two, [file('b.txt')]),
    ]);
    await expect.poll(() => stage.world.fed.map((fed) => fed.prompt)).toEqual([two]);
    gate.resolve(new Response('late'));
    await expect.poll(() => life.host.busy && stage.world.fed.length === 1).toBe(true);
    expect(ended(life)).toEqual([{ as: 'interrupted' }]);
    expect(stage.world.fed[0]?.text).toContain('b.txt');
    last(stage.world.claudes).finish();
    expect(ended(life)).toHaveLength(2);
  });

  it('is fetched again after a crash of the runner', async () => {
    const stage = new Stage();
    const id = promptId();
    const life = stage.live({ fetch: () => new Promise(() => {}) });
    life.deliver([begin(1), prompt(id, [file('a.txt')])]);
    const next = stage.live({ fetch: cdn({ 'a.txt': words('here') }).send });
    await expect.poll(() => stage.world.fed.map((fed) => fed.prompt)).toEqual([id]);
    expect(next.host.busy).toBe(true);
  });

  it('whose conversation ends while they come leaves nothing behind', async () => {
    const stage = new Stage();
    const gate = Promise.withResolvers<Response>();
    const id = promptId();
    const life = stage.live({ fetch: () => gate.promise });
    life.deliver([begin(1), prompt(id, [file('a.txt')])]);
    await expect.poll(() => life.host.busy).toBe(true);
    life.deliver([begin(1), prompt(id, []), end(1)]);
    gate.resolve(new Response('late'));
    await expect.poll(() => life.host.busy).toBe(false);
    expect(filesUnder(`${stage.home.path}-files`)).toEqual([]);
  });

  it('that a crash left of a conversation that was over go at the next start', async () => {
    const stage = new Stage();
    const life = stage.live({ fetch: cdn({ 'a.txt': words('here') }).send });
    life.deliver([begin(1), prompt(promptId(), [file('a.txt')])]);
    await expect.poll(() => stage.world.fed.length).toBe(1);
    expect(filesUnder(`${stage.home.path}-files`)).toHaveLength(1);
    life.journal.sql('UPDATE sessions SET ended = 1').run();
    life.journal.close();
    const next = stage.live();
    await expect.poll(() => next.host.busy).toBe(false);
    expect(filesUnder(`${stage.home.path}-files`)).toEqual([]);
  });
});

function filesUnder(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true }).flatMap((one) =>
    one.isFile() ? [one.name] : [],
  );
}
