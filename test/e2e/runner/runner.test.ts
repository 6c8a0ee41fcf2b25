/** The runner as a process, with a stub CLI and a stand-in for the Worker. */
import { randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import type { EventOf } from '../../../protocol/events.ts';
import { fingerprint } from '../../../protocol/fingerprint.ts';
import type { ClaudeSessionId, Gen, ProjectName, PromptId, ThreadId, TurnId } from '../../../protocol/ids.ts';
import { type StubClaude, stubClaude } from '../../stub-claude-script.ts';
import { temporaryFolder } from '../../unit/runner/stage.ts';
import { alive, RunnerProcess } from './runner-process.ts';
import { OWNER, StandIn, type StandInSession } from './stand-in.ts';

const GEN = 1 as Gen;
const promptId = () => randomUUID() as string as PromptId;

let worker: StandIn;
let folder: string;
let stub: StubClaude;
let runners: RunnerProcess[];

beforeEach(async () => {
  worker = await StandIn.start();
  folder = temporaryFolder();
  mkdirSync(path.join(folder, 'api'));
  stub = stubClaude(folder);
  runners = [];
});
afterEach(async () => {
  for (const runner of runners) if (runner.running) await runner.signal('SIGKILL');
  await worker.close();
});

const home = () => path.join(folder, 'home');
function start(...args: string[]): RunnerProcess {
  const runner = new RunnerProcess(home(), args);
  runners.push(runner);
  return runner;
}
async function paired(): Promise<RunnerProcess> {
  worker.standing = 'confirmed';
  const runner = start(
    worker.pairingLink,
    '--yes',
    '--claude',
    stub.bin,
    '--project',
    `api=${path.join(folder, 'api')}`,
  );
  await runner.said('Online in Loom');
  return runner;
}
const again = () => start('--claude', stub.bin);

function begin(thread: string, at = worker): StandInSession {
  const session = at.session(thread as ThreadId);
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
  const prompt = promptId();
  session.send({ kind: 'prompt', gen: GEN, prompt, text });
  return prompt;
}
const ended = (session: StandInSession, prompt: PromptId) =>
  session.event('turnEnded', (event) => event.prompt === prompt);
const stubPids = () => [...new Set(stub.read().map((entry) => entry.pid))];

describe('pairing', () => {
  test('shows the fingerprint, waits for the confirmation, then is online; keys are private', async () => {
    const runner = start(
      worker.pairingLink,
      '--yes',
      '--claude',
      stub.bin,
      '--project',
      `api=${path.join(folder, 'api')}`,
    );
    await runner.said('waiting for the Confirm button');
    expect(runner.output).toContain(await fingerprint(worker.publicKey));
    expect(runner.output).not.toContain(worker.code);
    worker.standing = 'confirmed';
    await runner.said('Online in Loom');
    const catalogue = await worker.until('a catalogue', () => worker.catalogues.at(-1));
    expect(catalogue.projects).toEqual([{ name: 'api' }]);
    expect(catalogue.claude).toEqual({ ok: true, version: '2.1.330' });
    const [file = ''] = readdirSync(path.join(home(), 'pairings'));
    expect(statSync(path.join(home(), 'pairings', file)).mode & 0o077).toBe(0);
    expect(statSync(home()).mode & 0o077).toBe(0);
    expect(await runner.signal('SIGINT')).toBe(0);
  });

  test('a used code is refused with words, and nothing is kept of it', async () => {
    const runner = await paired();
    await runner.signal('SIGTERM');
    const second = new RunnerProcess(path.join(folder, 'other'), [
      worker.pairingLink,
      '--yes',
      '--claude',
      stub.bin,
      '--project',
      `api=${folder}`,
    ]);
    runners.push(second);
    expect(await second.exited).toBe(1);
    expect(second.output).toContain('was used already');
    expect(readdirSync(path.join(folder, 'other', 'pairings'))).toEqual([]);
  });

  test('a missing or too old Claude is told before the code is used up', async () => {
    const missing = start(worker.pairingLink, '--yes', '--claude', path.join(folder, 'nothing'));
    expect(await missing.exited).toBe(1);
    expect(missing.output).toContain('nothing');
    const old = path.join(folder, 'old.mjs');
    writeFileSync(old, "console.log('2.0.76 (Claude Code)')");
    const tooOld = start(worker.pairingLink, '--yes', '--claude', old);
    expect(await tooOld.exited).toBe(1);
    expect(tooOld.output).toContain('too old');
    expect(worker.publicKey).toBe('');
  });

  test('without a terminal and without --yes nothing is sent', async () => {
    const runner = start(worker.pairingLink, '--claude', stub.bin);
    expect(await runner.exited).toBe(1);
    expect(runner.output).toContain('--yes');
    expect(worker.publicKey).toBe('');
  });

  test('a second runner on the same folder is refused; a removed one ends', async () => {
    const runner = await paired();
    const second = again();
    expect(await second.exited).toBe(1);
    expect(second.output).toContain(`process ${runner.pid}`);
    worker.standing = 'removed';
    worker.drop();
    expect(await runner.exited).toBe(1);
    expect(runner.output).toContain('was removed');
  });
});

describe('a runner of two servers', () => {
  test('that one of them removes ends its sessions there at once, and serves the other', async () => {
    const first = await paired();
    await first.signal('SIGTERM');
    const other = await StandIn.start();
    onTestFinished(() => other.close());
    other.standing = 'confirmed';
    const runner = start(other.pairingLink, '--yes', '--claude', stub.bin);
    await runner.said(/Online in Loom.*Online in Loom/s);
    const removed = begin('50');
    ask(removed, 'hang');
    worker.want('50' as ThreadId);
    await removed.event('turnBegan');
    const waiting = ask(removed, 'I wait');
    await removed.until('the ack of the second prompt', () =>
      removed.object.store.load().acked === 3 ? true : undefined,
    );
    worker.remove();
    await runner.said('was removed there');
    await runner.said('process-gone');
    expect(await alive(stubPids())).toEqual([]);
    // What waited is not run when it starts again.
    await runner.signal('SIGTERM');
    const next = again();
    await next.said('was removed there');
    const session = begin('51', other);
    const prompt = ask(session, 'hello');
    other.want('51' as ThreadId);
    expect((await ended(session, prompt)).outcome).toEqual({ as: 'done' });
    expect(stub.read().some((entry) => entry.event === 'prompt' && entry.prompt === waiting)).toBe(false);
  });
});

describe('a session', () => {
  test('prompt, answer, permission, decision', async () => {
    await paired();
    const session = begin('10');
    const first = ask(session, 'hello there');
    worker.want('10' as ThreadId);
    expect((await ended(session, first)).outcome).toEqual({ as: 'done' });
    expect(session.events.find((event) => event.kind === 'text')).toMatchObject({
      text: 'Echo: hello there',
    });
    const second = ask(session, 'ask:2');
    const opened = await session.event('requestOpened');
    session.send({
      kind: 'decide',
      gen: GEN,
      process: opened.process,
      request: opened.request,
      inputHash: opened.inputHash,
      verdict: { behavior: 'deny', message: 'no' },
    });
    await session.event('requestSettled', (event) => event.request === opened.request);
    const other = await session.event('requestOpened', (event) => event.request !== opened.request);
    session.send({
      kind: 'decide',
      gen: GEN,
      process: other.process,
      request: other.request,
      inputHash: other.inputHash,
      verdict: { behavior: 'allow' },
    });
    expect((await ended(session, second)).outcome).toEqual({ as: 'done' });
    const decisions = stub
      .read()
      .flatMap((entry) => (entry.event === 'decision' ? [[entry.request, entry.behavior]] : []));
    expect(decisions).toEqual([
      [opened.request, 'deny'],
      [other.request, 'allow'],
    ]);
  });

  test('connections that break in a turn lose nothing and repeat nothing', async () => {
    await paired();
    const session = begin('11');
    const prompt = ask(session, 'tools:3 stream:60:5 tools:3 wait:50 stream:5:1');
    worker.want('11' as ThreadId);
    await session.until('live text', () => session.live.at(0));
    worker.drop();
    await session.until('live text again', () => (session.object.linked ? true : undefined));
    worker.drop();
    expect((await ended(session, prompt)).outcome).toEqual({ as: 'done' });
    expect(session.events.filter((event) => event.kind === 'toolBegan')).toHaveLength(6);
    expect(session.events.filter((event) => event.kind === 'text').map((event) => event.segment)).toEqual([
      0, 1,
    ]);
    expect(stub.read().filter((entry) => entry.event === 'prompt')).toHaveLength(1);
  });

  test('many at once: one that hangs delays no other', async () => {
    await paired();
    const hanging = begin('20');
    ask(hanging, 'hang');
    const others = ['21', '22', '23'].map((thread) => {
      const session = begin(thread);
      return { session, prompt: ask(session, `hello ${thread}`) };
    });
    worker.want('20' as ThreadId, '21' as ThreadId, '22' as ThreadId, '23' as ThreadId);
    for (const { session, prompt } of others) await ended(session, prompt);
    expect(hanging.events.some((event) => event.kind === 'turnEnded')).toBe(false);
  });

  test('interrupt ends the turn, a dead process fails it, and the next prompt goes on', async () => {
    await paired();
    const session = begin('30');
    const hanging = ask(session, 'hang');
    worker.want('30' as ThreadId);
    await session.event('turnBegan');
    session.send({ kind: 'interrupt', gen: GEN, turn: hanging as string as TurnId });
    expect((await ended(session, hanging)).outcome).toEqual({ as: 'interrupted' });
    const dying = ask(session, 'die');
    expect((await ended(session, dying)).outcome).toMatchObject({ as: 'failed', code: 'crashed' });
    const ok = ask(session, 'still here');
    expect((await ended(session, ok)).outcome).toEqual({ as: 'done' });
    expect(stub.read().flatMap((entry) => (entry.event === 'start' ? [entry.resume] : []))).toEqual([
      false,
      true,
    ]);
  });
});

describe('what the guild says and hears', () => {
  test('a change of the projects is told at once; settings that do not fit change nothing', async () => {
    const runner = await paired();
    const changed = new RunnerProcess(home(), ['projects', 'add', `web=${folder}`]);
    expect(await changed.exited).toBe(0);
    await worker.until('the new project', () => worker.catalogues.find((one) => one.projects.length === 2));
    writeFileSync(path.join(home(), 'settings.json'), '{');
    await runner.said('settings-refused');
    const fixed = new RunnerProcess(home(), ['status']);
    expect(await fixed.exited).toBe(1);
    expect(fixed.output).toContain('settings.json cannot be used');
    expect(worker.catalogues.at(-1)?.projects).toEqual([{ name: 'api' }, { name: 'web' }]);
  });

  test('an older set of wanted sessions is ignored, and an empty one ends nobody', async () => {
    await paired();
    const session = begin('60');
    const prompt = ask(session, 'wait:300 hello');
    worker.guild.setState({ kind: 'wanted', rev: 5, sessions: ['60'] });
    await session.event('turnBegan');
    worker.guild.setState({ kind: 'wanted', rev: 4, sessions: ['61'] });
    worker.guild.setState({ kind: 'wanted', rev: 6, sessions: [] });
    expect((await ended(session, prompt)).outcome).toEqual({ as: 'done' });
    expect(worker.session('61' as ThreadId).object.linked).toBe(false);
  });

  test('what is no state at all is ignored', async () => {
    await paired();
    worker.guild.setState({ kind: 'wanted', rev: -1, sessions: 'all' });
    const session = begin('62');
    session.object.send({ kind: 'launch', gen: 1 });
    const prompt = ask(session, 'hello');
    worker.want('62' as ThreadId);
    expect((await ended(session, prompt)).outcome).toEqual({ as: 'done' });
  });
});

describe('the runner dies', () => {
  test('SIGTERM: nothing is left running, and the turn is told as stopped', async () => {
    const runner = await paired();
    const session = begin('40');
    const prompt = ask(session, 'hang');
    worker.want('40' as ThreadId);
    await session.event('turnBegan');
    expect(await runner.signal('SIGTERM')).toBe(0);
    expect(await alive(stubPids())).toEqual([]);
    expect((await ended(session, prompt)).outcome).toMatchObject({ as: 'failed', code: 'restarted' });
  });

  test('SIGHUP: a terminal that was closed is an end in order, too', async () => {
    const runner = await paired();
    const session = begin('43');
    const prompt = ask(session, 'hang');
    worker.want('43' as ThreadId);
    await session.event('turnBegan');
    runner.deafen();
    expect(await runner.signal('SIGHUP')).toBe(0);
    expect(await alive(stubPids())).toEqual([]);
    expect((await ended(session, prompt)).outcome).toMatchObject({ as: 'failed', code: 'restarted' });
  });

  test('row 9: SIGKILL: the orphan is ended, the turn is told once, the prompt that waited runs once', async () => {
    const runner = await paired();
    const session = begin('41');
    const prompt = ask(session, 'hang');
    worker.want('41' as ThreadId);
    await session.event('turnBegan');
    const waiting = ask(session, 'I wait');
    await session.until('the ack of the second prompt', () =>
      session.object.store.load().acked === 3 ? true : undefined,
    );
    await runner.signal('SIGKILL');
    const next = again();
    await next.said('Online in Loom');
    expect((await ended(session, prompt)).outcome).toMatchObject({
      as: 'failed',
      code: 'restarted',
      started: true,
    });
    expect((await ended(session, waiting)).outcome).toEqual({ as: 'done' });
    const starts = stub.read().filter((entry) => entry.event === 'start');
    expect(starts.map((entry) => entry.event === 'start' && entry.resume)).toEqual([false, true]);
    expect(await alive([starts[0]?.pid ?? 0])).toEqual([]);
    expect(
      session.events
        .filter((event): event is EventOf<'turnEnded'> => event.kind === 'turnEnded')
        .map((event) => event.prompt),
    ).toEqual([prompt, waiting]);
    const processes = session.events.flatMap((event) => (event.kind === 'processEnded' ? [event.why] : []));
    expect(processes).toEqual(['ended']);
  });

  test('the log holds no prompt, no answer and no key', async () => {
    const runner = await paired();
    const session = begin('42');
    const prompt = ask(session, 'the-secret-of-the-prompt');
    worker.want('42' as ThreadId);
    await ended(session, prompt);
    await runner.signal('SIGTERM');
    const [file = ''] = readdirSync(path.join(home(), 'pairings'));
    const { privateKey } = JSON.parse(readFileSync(path.join(home(), 'pairings', file), 'utf8'));
    for (const secret of ['the-secret-of-the-prompt', privateKey, worker.code])
      expect(runner.output).not.toContain(secret);
  });
});
