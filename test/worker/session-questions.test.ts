/** A question and its alarm, in workerd: it outlives the object's memory, and nothing rings while a person thinks but what is due. */
import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { expect, it, vi } from 'vitest';
import type { MessageId } from '../../protocol/ids.ts';
import type { Verb } from '../../worker/domain/buttons.ts';
import { DURATIONS } from '../../worker/platform/durations.ts';
import { SessionStore } from '../../worker/session/storage/store.ts';
import { act, Runner, type Subject, subject } from './session-stage.ts';

const HASH = 'cd'.repeat(32);
const INPUT = {
  questions: [
    {
      question: 'Which database?',
      header: 'Database',
      multiSelect: false,
      options: [
        { label: 'SQLite', description: 'One file' },
        { label: 'Postgres', description: '' },
      ],
    },
  ],
};

const state = ({ stub }: Subject) =>
  runInDurableObject(stub, (_object, { storage }) => new SessionStore(storage.sql).load());

const dueMs = ({ stub }: Subject) => runInDurableObject(stub, (_object, { storage }) => storage.getAlarm());

async function asked(): Promise<{ s: Subject; runner: Runner; message: MessageId }> {
  const s = await subject('question');
  await s.stub.open(s.open);
  const runner = await Runner.connect(s);
  const { gen, prompt } = await runner.command('prompt');
  runner.send(
    { kind: 'turnBegan', gen, turn: prompt, prompt, model: 'm', mode: 'default' },
    { kind: 'requestInput', gen, request: 'q1', part: 0, text: JSON.stringify(INPUT) },
    {
      kind: 'requestOpened',
      gen,
      request: 'q1',
      process: 'p1',
      turn: prompt,
      asks: 'question',
      tool: null,
      name: 'AskUserQuestion',
      class: 'other',
      summary: 'Which database?',
      description: '',
      inputHash: HASH,
      inputBytes: 10,
      inputParts: 1,
      suggestions: [],
    },
  );
  const message = await vi.waitFor(async () => {
    const shown = (await state(s)).requests.get(1)?.message;
    expect(shown).toBeTruthy();
    return shown as MessageId;
  });
  return { s, runner, message };
}

const press = (verb: Verb, tag: string, message: MessageId, more: object = {}) =>
  ({ do: 'press', id: { verb, gen: 1, ref: 1, tag }, message, ...more }) as const;

it('a question outlives the object’s memory; the answer goes to its process, once', async () => {
  const { s, runner, message } = await asked();
  await evictDurableObject(s.stub, { webSockets: 'hibernate' });
  const tag = HASH.slice(0, 16);
  const opened = await s.stub.act(act(s, press('answer', tag, message)));
  expect(opened).toMatchObject({ kind: 'modal', modal: { fields: [{ id: 'words0' }] } });
  const sent = act(s, press('answer', tag, message, { fields: { words0: ['MySQL'] } }));
  const first = await s.stub.act(sent);
  expect(first).toMatchObject({ kind: 'update', text: expect.stringContaining('→ MySQL (sam)') });
  await s.stub.act(sent);
  expect(await s.stub.act(act(s, press('pick', `${tag}_0`, message)))).toMatchObject({ kind: 'private' });
  expect(await runner.command('decide')).toMatchObject({
    request: 'q1',
    process: 'p1',
    inputHash: HASH,
    verdict: { behavior: 'allow', answers: { 'Which database?': 'MySQL' } },
  });
  await s.stub.act(act(s, { do: 'status' }));
  expect(runner.commands.filter((command) => command.kind === 'decide')).toHaveLength(1);
  runner.ws.close(1000);
});

it('while a person thinks, the alarm stands at the reminder, then at the end of the wait, and nowhere before', async () => {
  const { s, runner } = await asked();
  // Plain messages are read now and then, whatever Claude waits for.
  await s.stub.act(act(s, { do: 'settings', messages: 'off' }));
  const askedMs = (await state(s)).requests.get(1)?.askedMs ?? 0;
  // What was posted has to settle; then no safety alarm is left.
  await vi.waitFor(async () => {
    await runDurableObjectAlarm(s.stub);
    expect(await dueMs(s)).toBe(askedMs + DURATIONS.reminderMs);
  });
  vi.spyOn(Date, 'now').mockReturnValue(askedMs + DURATIONS.reminderMs);
  await runDurableObjectAlarm(s.stub);
  expect([...(await state(s)).entries.values()].filter((entry) => entry.kind === 'reminder')).toHaveLength(1);
  await vi.waitFor(async () => {
    await runDurableObjectAlarm(s.stub);
    expect(await dueMs(s)).toBe(askedMs + DURATIONS.questionWaitMs);
  });
  runner.ws.close(1000);
});
