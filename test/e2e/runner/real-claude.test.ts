/** The runner as a process with the real Claude CLI; the model is scripted. */
import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { modelEnvironment } from '../../../playground/model/environment.ts';
import { type Model, startModel } from '../../../playground/model/server.ts';
import type { ClaudeSessionId, Gen, ProjectName, PromptId, ThreadId, TurnId } from '../../../protocol/ids.ts';
import { processInfo } from '../../../runner/claude/process/tree.ts';
import { temporaryFolder } from '../../unit/runner/stage.ts';
import { RunnerProcess } from './runner-process.ts';
import { OWNER, StandIn, type StandInSession } from './stand-in.ts';

const GEN = 1 as Gen;
const THREAD = '50' as ThreadId;

let worker: StandIn;
let model: Model;
let folder: string;
let project: string;
let session: StandInSession;
let runner: RunnerProcess;

function start(...args: string[]): RunnerProcess {
  return new RunnerProcess(
    path.join(folder, 'home'),
    args,
    modelEnvironment(model.url, path.join(folder, 'user')),
  );
}
function ask(text: string): PromptId {
  const prompt = randomUUID() as string as PromptId;
  session.send({ kind: 'prompt', gen: GEN, prompt, text });
  return prompt;
}
const ended = (prompt: PromptId) => session.event('turnEnded', (event) => event.prompt === prompt);

beforeAll(async () => {
  [worker, model] = await Promise.all([StandIn.start(), startModel()]);
  worker.standing = 'confirmed';
  folder = temporaryFolder();
  project = path.join(folder, 'api');
  mkdirSync(project);
  mkdirSync(path.join(folder, 'user'));
  runner = start(worker.pairingLink, '--yes', '--project', `api=${project}`);
  await runner.said('Online in Loom');
  session = worker.session(THREAD);
  session.send({
    kind: 'begin',
    gen: GEN,
    project: 'api' as ProjectName,
    claudeSession: randomUUID() as string as ClaudeSessionId,
    starter: OWNER,
  });
  worker.want(THREAD);
});
afterAll(async () => {
  if (runner.running) await runner.signal('SIGTERM');
  await Promise.all([worker.close(), model.close()]);
});

test('an answer, a denied and an allowed command, an interrupt, a killed runner, and the conversation goes on', async () => {
  const first = ask('hello');
  expect((await ended(first)).outcome).toEqual({ as: 'done' });
  expect(session.events.some((event) => event.kind === 'text')).toBe(true);

  const file = path.join(project, 'made-by-claude.txt');
  for (const behavior of ['deny', 'allow'] as const) {
    const prompt = ask('run: touch made-by-claude.txt');
    const opened = await session.event('requestOpened', (event) => event.turn === (prompt as string));
    expect(existsSync(file)).toBe(false);
    session.send({
      kind: 'decide',
      gen: GEN,
      process: opened.process,
      request: opened.request,
      inputHash: opened.inputHash,
      verdict: behavior === 'deny' ? { behavior, message: 'no' } : { behavior },
    });
    await ended(prompt);
    expect(existsSync(file)).toBe(behavior === 'allow');
  }

  const slow = ask('stream 600x8@50');
  await session.event('turnBegan', (event) => event.prompt === slow);
  session.send({ kind: 'interrupt', gen: GEN, turn: slow as string as TurnId });
  expect((await ended(slow)).outcome).toEqual({ as: 'interrupted' });

  const cut = ask('stream 600x8@50');
  await session.event('turnBegan', (event) => event.prompt === cut);
  await runner.signal('SIGKILL');
  runner = start();
  expect((await ended(cut)).outcome).toMatchObject({ as: 'failed', code: 'restarted' });

  const next = ask('hello again');
  expect((await ended(next)).outcome).toEqual({ as: 'done' });
  const started = session.events.filter((event) => event.kind === 'processStarted');
  expect(new Set(started.map((event) => event.claudeSession)).size).toBe(1);
  expect(await runner.signal('SIGTERM')).toBe(0);
  expect(await processInfo(runner.pid)).toBeNull();
});
