/** Files and to-do lists of the real CLI. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ClaudeEventOf } from '../../../runner/claude/line/types.ts';
import { Session, scene } from './session.ts';

function bytesOf(session: Session, file: ClaudeEventOf<'file'>): Buffer {
  const parts = session.of('filePart').filter((part) => part.file === file.file);
  return Buffer.concat(parts.map((part) => Buffer.from(part.base64, 'base64')));
}

describe('send_file', () => {
  it('is offered whole, so that Claude knows what it does without looking for it', async () => {
    const from = await scene();
    const session = new Session(from);
    await session.claude.start();
    await session.ended(session.prompt('hello'));
    const [request] = from.model.requests.filter(({ prompt }) => prompt === 'hello');
    const offered: readonly { name: string; defer_loading?: boolean }[] = JSON.parse(
      request?.raw ?? '{}',
    ).tools;
    expect(offered.find(({ name }) => name === 'mcp__heddle__send_file')).toMatchObject({
      description: expect.stringContaining('Discord thread'),
      input_schema: { required: ['path'] },
    });
  });

  it('asks for a permission, and hands over the file when it is given', async () => {
    const from = await scene();
    writeFileSync(join(from.cwd, 'report.txt'), 'all is well\n');
    const session = new Session(from);
    await session.claude.start();
    const prompt = session.prompt('send report.txt');
    const request = await session.request();
    expect(request).toMatchObject({
      asks: 'permission',
      name: 'mcp__heddle__send_file',
      summary: 'report.txt',
    });
    expect(session.of('file')).toEqual([]);
    session.decide(request, { behavior: 'allow' });
    await session.ended(prompt);
    const [file] = session.of('file');
    expect(file).toMatchObject({
      what: 'handed',
      name: 'report.txt',
      caption: 'Here is report.txt',
      parts: 1,
    });
    if (file !== undefined) expect(bytesOf(session, file).toString()).toBe('all is well\n');
    expect(session.said).toContain('Sent.');
  });

  it('hands over nothing that was denied, or lies outside of the project', async () => {
    const from = await scene();
    writeFileSync(join(from.cwd, 'report.txt'), 'all is well\n');
    writeFileSync(join(from.home, 'secret.txt'), 'secret\n');
    const session = new Session(from);
    await session.claude.start();
    const denied = session.prompt('send report.txt');
    session.decide(await session.request(0), { behavior: 'deny', message: 'no' });
    await session.ended(denied);
    const outside = session.prompt('send ../secret.txt');
    session.decide(await session.request(1), { behavior: 'allow' });
    await session.ended(outside);
    expect(session.of('file')).toEqual([]);
    expect(session.said).toContain('outside of the project');
  });
});

describe('pictures', () => {
  it('that Claude makes are files of the turn', async () => {
    const from = await scene();
    const session = new Session(from);
    await session.claude.start();
    const prompt = session.prompt('picture');
    session.decide(await session.request(), { behavior: 'allow' });
    await session.ended(prompt);
    const [file] = session.of('file');
    expect(file).toMatchObject({ what: 'picture', name: 'chart.png', caption: 'chart.png' });
    if (file !== undefined)
      expect(bytesOf(session, file).equals(readFileSync(join(from.cwd, 'chart.png')))).toBe(true);

    const look = session.prompt('read chart.png');
    await session.ended(look);
    expect(session.of('file')[1]).toMatchObject({
      what: 'picture',
      name: 'picture-1.png',
      caption: 'chart.png',
    });
  });
});

describe('the to-do list', () => {
  it('is told whole with each change', async () => {
    const session = new Session(await scene());
    await session.claude.start();
    await session.ended(session.prompt('todo'));
    const lists = session
      .of('toolBegan')
      .flatMap((event) => (event.todos === undefined ? [] : [event.todos]));
    expect(lists.at(-1)).toEqual([
      { text: 'Look around', state: 'done' },
      { text: 'Write it down', state: 'active' },
      { text: 'Check it', state: 'open' },
    ]);
  });
});

describe('the title', () => {
  const LONG = 'say: fine. This is about the login test, which fails now and then; ';

  it('comes from Claude after the first turn, once', async () => {
    const session = new Session(await scene());
    await session.claude.start();
    await session.ended(session.prompt(`${LONG}call it “Flaky login test”`));
    await session.until(() => session.of('titled')[0]);
    expect(session.of('titled')[0]?.title).toBe('Flaky login test');
    const asked = session.of('titled').length;
    await session.ended(session.prompt(`${LONG}call it “Something else”`));
    await session.ended(session.prompt('say: end'));
    expect(session.of('titled').slice(asked)).toEqual([]);
  });
});

describe('long edits', () => {
  it('that nobody was asked about come whole as a file', async () => {
    const session = new Session(await scene(), { mode: 'acceptEdits' });
    await session.claude.start();
    await session.ended(session.prompt('big'));
    const [file] = session.of('file');
    expect(file).toMatchObject({ what: 'changes', name: 'changes.diff' });
    if (file !== undefined) {
      const text = bytesOf(session, file).toString();
      expect(text).toMatch(/^--- a\/big\.txt\n\+\+\+ b\/big\.txt\n@@ -0,0 \+1 @@\n\+line 1 of 2000/);
      expect(text).toContain('+line 2000 of 2000');
    }
    const ended = session.of('toolEnded').find((event) => event.diff !== undefined);
    expect(ended?.diff?.lines).toBe(2000);
  });
});
