import { symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Session, scene } from './session.ts';

describe('two keys, two places: what the CLI must not get or do', () => {
  it('has none of Heddle’s or Discord’s secrets in the environment of its tools', async () => {
    const from = await scene();
    const session = new Session(from);
    await session.claude.start();
    const prompt = session.prompt('run: env');
    session.decide(await session.request(), { behavior: 'allow' });
    await session.ended(prompt);
    // The model got the whole output back.
    const output = from.model.requests.at(-1)?.raw ?? '';
    expect(output).toContain('CLAUDE_CODE_SESSION_ID=');
    expect(output).not.toMatch(/discord-secret|heddle-secret|parent-session|HEDDLE_KEY|DISCORD_BOT_TOKEN/);
  });

  it('does not read a file that a prompt names with @', async () => {
    const from = await scene();
    writeFileSync(join(from.cwd, 'private.txt'), 'the-content-of-the-file');
    const session = new Session(from);
    await session.claude.start();
    await session.ended(session.prompt('say: look at @private.txt and @/etc/hostname'));
    const sent = from.model.requests.map((request) => request.raw).join('\n');
    expect(sent).toContain('@private.txt');
    expect(sent).not.toContain('the-content-of-the-file');
  });

  it('cli: /clear and other slash commands: does not run one that a prompt begins with', async () => {
    const from = await scene();
    const session = new Session(from);
    await session.claude.start();
    expect(await session.ended(session.prompt('/clear'))).toMatchObject({ outcome: { as: 'done' } });
    expect(from.model.requests.map((request) => request.prompt)).toContain('/clear');
    expect(session.of('processStarted')).toHaveLength(1);
  });

  it('does not read or write Heddle’s own folder', async () => {
    const from = await scene();
    const key = join(from.heddleHome, 'key.json');
    writeFileSync(key, 'the-private-key');
    const session = new Session(from, { mode: 'acceptEdits' });
    await session.claude.start();
    await session.ended(session.prompt(`read ${key}`));
    await session.ended(session.prompt(`write ${key}`));
    expect(session.of('toolEnded').map((event) => event.outcome)).toEqual(['denied', 'denied']);
    expect(session.said).not.toContain('the-private-key');
    expect(session.of('requestOpened')).toEqual([]);
  });

  it('does not get there by another name, either', async () => {
    const from = await scene();
    writeFileSync(join(from.heddleHome, 'key.json'), 'the-private-key');
    symlinkSync(from.heddleHome, join(from.cwd, 'link'));
    const session = new Session(from);
    await session.claude.start();
    await session.ended(session.prompt(`read ${join(from.cwd, 'link', 'key.json')}`));
    expect(session.of('toolEnded').map((event) => event.outcome)).toEqual(['denied']);
    await session.ended(session.prompt(`run: cat ${join(from.heddleHome, 'key.json')}`));
    expect(from.model.requests.map((request) => request.raw).join()).not.toContain('the-private-key');
  });
});
