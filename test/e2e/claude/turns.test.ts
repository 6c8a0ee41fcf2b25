import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { streamWords } from '../../../playground/model/words.ts';
import { Session, scene } from './session.ts';

describe('a turn of the real CLI', () => {
  it('streams text live and ends with the whole of it', async () => {
    const from = await scene();
    const session = new Session(from);
    expect(await session.claude.start()).toMatchObject({
      version: expect.stringMatching(/^2\./),
      mode: 'default',
    });
    const prompt = session.prompt('stream 60x8@5');
    const ended = await session.ended(prompt);
    expect(ended).toMatchObject({ turn: prompt, outcome: { as: 'done' }, context: expect.any(Number) });
    expect(Object.values(ended.usage)[0]?.output).toBeGreaterThan(0);
    const text = streamWords(60, 8).join('');
    expect(session.said).toBe(text);
    expect(session.lives.length).toBeGreaterThan(2);
    let shown = '';
    for (const live of session.lives) {
      expect(live.from === 0 || live.from === shown.length).toBe(true);
      shown = (live.from === 0 ? '' : shown) + live.text;
    }
    expect(text.startsWith(shown)).toBe(true);
    expect(session.events.map((event) => event.kind)).toEqual([
      'processStarted',
      'turnBegan',
      'text',
      'turnEnded',
    ]);
  });

  it('asks before it runs a command; allowed it runs, denied it does not', async () => {
    const from = await scene();
    const session = new Session(from);
    await session.claude.start();
    const first = session.prompt('run: touch allowed.txt');
    const asked = await session.request(0);
    expect(asked).toMatchObject({
      asks: 'permission',
      name: 'Bash',
      class: 'command',
      summary: 'touch allowed.txt',
    });
    expect(existsSync(join(from.cwd, 'allowed.txt'))).toBe(false);
    expect(session.claude.openRequests).toBe(1);
    expect(session.decide({ ...asked, inputHash: '0'.repeat(64) }, { behavior: 'allow' })).toHaveProperty(
      'refused',
    );
    expect(session.decide(asked, { behavior: 'allow' })).toBe('delivered');
    expect(session.decide(asked, { behavior: 'allow' })).toHaveProperty('refused');
    await session.ended(first);
    expect(existsSync(join(from.cwd, 'allowed.txt'))).toBe(true);

    const second = session.prompt('run: touch denied.txt');
    const again = await session.request(1);
    expect(session.decide(again, { behavior: 'deny', message: 'please use another name' })).toBe('delivered');
    await session.ended(second);
    expect(existsSync(join(from.cwd, 'denied.txt'))).toBe(false);
    expect(session.said).toContain('please use another name');
    expect(session.of('toolEnded').map((event) => event.outcome)).toEqual(['done', 'denied']);
  });

  it('edits a file and says how many lines changed', async () => {
    const from = await scene();
    writeFileSync(join(from.cwd, 'notes.txt'), 'one\ntwo\n');
    const session = new Session(from);
    await session.claude.start();
    const prompt = session.prompt('edit notes.txt');
    session.decide(await session.request(), { behavior: 'allow' });
    const ended = await session.ended(prompt);
    expect(readFileSync(join(from.cwd, 'notes.txt'), 'utf8')).toBe('one (edited)\ntwo\n');
    expect(ended.files).toEqual({ changed: 1, added: 1, removed: 1 });
    expect(session.of('toolBegan').map((event) => event.summary)).toEqual(['notes.txt', 'notes.txt']);
  });

  it('takes two requests that are open at once in the other order', async () => {
    const from = await scene();
    const session = new Session(from);
    await session.claude.start();
    const prompt = session.prompt('parallel');
    const first = await session.request(0);
    const second = await session.request(1);
    expect(session.claude.openRequests).toBe(2);
    session.decide(second, { behavior: 'deny', message: 'not this one' });
    session.decide(first, { behavior: 'allow' });
    await session.ended(prompt);
    expect(session.said).toContain('The first read worked, the second was refused.');
  });

  it('runs subagents, each with its own request', async () => {
    const from = await scene();
    const session = new Session(from);
    await session.claude.start();
    const prompt = session.prompt('agents');
    const requests = [await session.request(0), await session.request(1)];
    expect(requests.map((request) => request.agent)).toEqual(['general-purpose', 'general-purpose']);
    for (const request of requests.reverse()) session.decide(request, { behavior: 'allow' });
    expect(await session.ended(prompt)).toMatchObject({ outcome: { as: 'done' } });
    expect(existsSync(join(from.cwd, 'subagent-one.txt'))).toBe(true);
    expect(existsSync(join(from.cwd, 'subagent-two.txt'))).toBe(true);
    const agents = session.of('toolBegan').filter((event) => event.class === 'agent');
    const inner = session.of('toolBegan').filter((event) => event.parent !== null);
    expect(inner.map((event) => event.parent).sort()).toEqual(agents.map((event) => event.tool).sort());
  });

  it('takes answers to a question and the approval of a plan', async () => {
    const from = await scene();
    const session = new Session(from);
    await session.claude.start();
    const question = session.prompt('question');
    const asked = await session.request(0);
    expect(asked.asks).toBe('question');
    session.decide(asked, { behavior: 'allow', answers: { 'Which database for the tests?': 'SQLite' } });
    await session.ended(question);
    expect(session.said).toContain('"Which database for the tests?"="SQLite"');
    const plan = session.prompt('plan');
    const proposed = await session.request(1);
    expect(proposed).toMatchObject({ asks: 'plan', summary: '# Plan: tidy up' });
    session.decide(proposed, { behavior: 'allow' });
    await session.ended(plan);
    expect(session.said).toContain('The plan is approved');
  });

  it('cli: begins by itself when a background task ends, and is not idle until then', async () => {
    const from = await scene();
    const session = new Session(from);
    await session.claude.start();
    await session.ended(session.prompt('background'));
    expect(session.claude.backgroundTasks).toBe(1);
    const own = await session.until(() => session.of('turnEnded').find((event) => event.prompt === null));
    expect(own.outcome).toEqual({ as: 'done' });
    expect(session.said).toContain('The background task has ended.');
    expect(session.claude.backgroundTasks).toBe(0);
  });

  it('that the API fails says so, and the next one works', async () => {
    const from = await scene();
    const session = new Session(from);
    await session.claude.start();
    expect(await session.ended(session.prompt('error 400'))).toMatchObject({
      outcome: { as: 'failed', code: 'api', started: true },
    });
    expect(await session.ended(session.prompt('error 401'))).toMatchObject({ outcome: { code: 'login' } });
    expect(await session.ended(session.prompt('cut'))).toMatchObject({ outcome: { as: 'done' } });
    expect(session.said.split('was cut off once'), 'what was abandoned is not said').toHaveLength(2);
    expect(session.of('notice').map((event) => event.code)).toContain('retry');
    expect(session.said).toContain('the whole of it');
  });
});
