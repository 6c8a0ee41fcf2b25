/** One session, one file, one line that is wrong costs no other session. The runner is a real process. */
import { randomUUID } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ClaudeSessionId, Gen, ProjectName, PromptId, ThreadId, TurnId } from '../../../protocol/ids.ts';
import { type StubClaude, stubClaude } from '../../stub-claude-script.ts';
import { temporaryFolder } from '../../unit/runner/stage.ts';
import { alive, RunnerProcess } from './runner-process.ts';
import { OWNER, StandIn, type StandInSession } from './stand-in.ts';

const GEN = 1 as Gen;
let worker: StandIn;
let folder: string;
let stub: StubClaude;
const runners: RunnerProcess[] = [];

beforeEach(async () => {
  worker = await StandIn.start();
  worker.standing = 'confirmed';
  folder = temporaryFolder();
  mkdirSync(path.join(folder, 'api'));
  stub = stubClaude(folder);
});
afterEach(async () => {
  for (const runner of runners.splice(0)) if (runner.running) await runner.signal('SIGKILL');
  await worker.close();
});

async function start(...args: string[]): Promise<RunnerProcess> {
  const runner = new RunnerProcess(path.join(folder, 'home'), ['--claude', stub.bin, ...args]);
  runners.push(runner);
  await runner.said('Online in Loom');
  return runner;
}
const paired = () => start(worker.pairingLink, '--yes', '--project', `api=${path.join(folder, 'api')}`);

function begin(thread: string): StandInSession {
  const session = worker.session(thread as ThreadId);
  session.send({
    kind: 'begin',
    gen: GEN,
    project: 'api' as ProjectName,
    claudeSession: randomUUID() as string as ClaudeSessionId,
    starter: OWNER,
  });
  return session;
}
function ask(session: StandInSession, text: string): PromptId {
  const prompt = randomUUID() as string as PromptId;
  session.send({ kind: 'prompt', gen: GEN, prompt, text });
  return prompt;
}
const ended = async (session: StandInSession, prompt: PromptId) =>
  (await session.event('turnEnded', (event) => event.prompt === prompt)).outcome;

describe('an input that nobody can read', () => {
  test('row 19: is denied with words, and neither its session nor another one ends', async () => {
    const runner = await paired();
    const [one, other] = [begin('10'), begin('11')];
    const long = ask(other, 'hang');
    worker.want('10' as ThreadId, '11' as ThreadId);
    await other.event('turnBegan');
    expect(await ended(one, ask(one, 'deep:12000'))).toEqual({ as: 'done' });
    expect(await one.event('text')).toMatchObject({
      text: expect.stringMatching(/^Answered: deny Denied: its input is nested deeper than 100 levels/),
    });
    expect(await one.event('notice')).toMatchObject({
      words: expect.stringContaining('mcp__heddle__send_file was denied'),
    });
    expect(await ended(one, ask(one, 'still here'))).toEqual({ as: 'done' });
    other.send({ kind: 'interrupt', gen: GEN, turn: long as string as TurnId });
    expect(await ended(other, long)).toEqual({ as: 'interrupted' });
    expect(runner.running).toBe(true);
    expect(stub.read().filter((entry) => entry.event === 'start')).toHaveLength(2);
  });

  test('up to what can be read it is a card as ever', async () => {
    await paired();
    const session = begin('12');
    const prompt = ask(session, 'deep:98');
    worker.want('12' as ThreadId);
    const opened = await session.event('requestOpened');
    const { process, request, inputHash } = opened;
    const verdict = { behavior: 'allow' } as const;
    session.send({ kind: 'decide', gen: GEN, process, request, inputHash, verdict });
    expect(await ended(session, prompt)).toEqual({ as: 'done' });
    expect(await session.event('text')).toMatchObject({ text: expect.stringMatching(/^Answered: allow/) });
  });
});

describe('what is on disk', () => {
  test('a pairing that cannot be read is told of, and the others are served', async () => {
    const first = await paired();
    await first.signal('SIGTERM');
    for (const [name, text] of [
      ['0.json', '{"origin":'],
      ['9.json', '{"origin":"http://elsewhere.example"}'],
      ['a.json', '[]'],
    ] as const)
      writeFileSync(path.join(folder, 'home', 'pairings', name), text);
    const runner = await start();
    for (const name of ['0.json', '9.json', 'a.json'])
      expect(runner.output).toMatch(new RegExp(`${name} cannot be used .* pair again with /runner pair`));
    const session = begin('20');
    const prompt = ask(session, 'hello');
    worker.want('20' as ThreadId);
    expect(await ended(session, prompt)).toEqual({ as: 'done' });
    const status = new RunnerProcess(path.join(folder, 'home'), ['status']);
    expect(await status.exited).toBe(0);
    expect(status.output).toContain('0.json cannot be used');
    expect(status.output).toContain('Paired with Loom');
  });

  test('rows of one session that are damaged cost that session’s prompt, with words', async () => {
    const first = await paired();
    const [one, other] = [begin('21'), begin('22')];
    const file = { url: 'https://cdn.discordapp.com/a', name: 'a.txt', type: 'text/plain', bytes: 1 };
    const running = ask(one, 'hang');
    worker.want('21' as ThreadId, '22' as ThreadId);
    await one.event('turnBegan');
    const prompt = randomUUID() as string as PromptId;
    one.send({ kind: 'prompt', gen: GEN, prompt, text: 'with a file', files: [file] });
    await one.until('its ack', () => (one.object.store.load().acked === 3 ? true : undefined));
    await first.signal('SIGKILL');
    const journal = new DatabaseSync(path.join(folder, 'home', 'journal.db'));
    journal.exec(`UPDATE prompts SET files = '{"half' WHERE files IS NOT NULL`);
    journal.exec(`INSERT OR REPLACE INTO offers (key, body) VALUES ('cli', '{"models":'), ('in:api', 'x')`);
    journal.close();
    const runner = await start();
    expect(await ended(one, running)).toMatchObject({ as: 'failed', code: 'restarted' });
    expect(await ended(one, prompt)).toMatchObject({ as: 'failed', code: 'files' });
    expect(await ended(other, ask(other, 'hello'))).toEqual({ as: 'done' });
    expect(await ended(one, ask(one, 'hello'))).toEqual({ as: 'done' });
    expect(runner.output).not.toContain('error of its own');
  });

  test('a journal that no longer takes anything ends the runner in order, with words', async () => {
    const runner = await paired();
    const session = begin('23');
    const prompt = ask(session, 'stream:100:5 hang');
    worker.want('23' as ThreadId);
    await session.until('live text', () => session.live.at(0));
    // Somebody else holds it for longer than a write waits.
    const other = new DatabaseSync(path.join(folder, 'home', 'journal.db'), { timeout: 5_000 });
    other.exec('BEGIN IMMEDIATE');
    expect(await runner.exited).toBe(1);
    other.exec('ROLLBACK');
    other.close();
    expect(runner.output).toMatch(/journal\.db cannot be used\. It was left as it is/);
    expect(runner.output).not.toContain('error of its own');
    expect(await alive([...new Set(stub.read().map((entry) => entry.pid))])).toEqual([]);
    // The next start puts it right.
    await start();
    expect(await ended(session, prompt)).toMatchObject({ as: 'failed', code: 'restarted' });
  });
});
