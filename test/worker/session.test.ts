import { evictDurableObject, runInDurableObject } from 'cloudflare:test';
import { describe, expect, it, vi } from 'vitest';
import type { Gen, InteractionId, RunnerId } from '../../protocol/ids.ts';
import { SessionStore } from '../../worker/session/storage/store.ts';
import { act, freshId, RUNNER, Runner, type Subject, subject, upgrade } from './session-stage.ts';

const tablesOf = (s: Subject) =>
  runInDurableObject(s.stub, (_object, state) =>
    state.storage.sql
      .exec<{ name: string }>("SELECT name FROM sqlite_master WHERE name NOT LIKE '\\_%' ESCAPE '\\'")
      .toArray(),
  );

describe('a session that nobody opened', () => {
  it('answers, and writes nothing', async () => {
    const s = await subject();
    expect(await s.stub.act(act(s, { do: 'ask', text: 'hello' }))).toMatchObject({
      kind: 'start',
      text: 'hello',
    });
    expect(await s.stub.act(act(s, { do: 'stop' }))).toMatchObject({ kind: 'private' });
    expect((await upgrade(s)).status).toBe(404);
    await s.stub.facts({ runner: RUNNER, presence: { online: true }, access: s.open.runner.access });
    expect(await tablesOf(s)).toEqual([]);
  });
});

describe('idempotence', () => {
  it('row 16: answers a second delivery of an interaction with the first answer, and queues its prompt once', async () => {
    const s = await subject();
    await s.stub.open(s.open);
    await s.stub.open(s.open);
    const twice = act(s, { do: 'ask', text: 'once' });
    await s.stub.act(twice);
    await s.stub.act(twice);
    const runner = await Runner.connect(s);
    await runner.command('prompt');
    await s.stub.act(act(s, { do: 'status' }));
    expect(runner.commands.map((c) => c.kind)).toEqual(['begin', 'prompt']);
    runner.ws.close(1000);
  });
});

describe('the link of a session', () => {
  it('is for its own runner, its own thread and this Worker alone', async () => {
    const s = await subject();
    await s.stub.open(s.open);
    const stranger = (await crypto.subtle.generateKey('Ed25519', true, ['sign', 'verify'])) as CryptoKeyPair;
    expect((await upgrade(s, { iss: 'runner-2' })).status).toBe(404);
    expect((await upgrade(s, { key: stranger.privateKey })).status).toBe(401);
    expect((await upgrade(s, { aud: 'https://evil.example' })).status).toBe(401);
    expect((await upgrade(s, { sub: '1' })).status).toBe(401);
    await s.stub.facts({
      runner: RUNNER,
      presence: { online: true },
      access: { ...s.open.runner.access, removed: true, rev: 2 },
    });
    expect((await upgrade(s)).status).toBe(403);
  });

  it.each(['hibernate', 'close'] as const)(
    'carries a turn over an eviction (%s): nothing lost, nothing twice',
    async (webSockets) => {
      const s = await subject('do it');
      await s.stub.open(s.open);
      let runner = await Runner.connect(s);
      const { gen, prompt } = await runner.command('prompt');
      const began = { kind: 'turnBegan', gen, turn: prompt, prompt, model: 'm', mode: 'default' };
      const text = (segment: number, words: string) => ({
        kind: 'text',
        gen,
        turn: prompt,
        segment,
        text: words,
      });
      runner.send(began, text(0, 'one'));
      await vi.waitFor(async () => expect(await entries(s)).toContain('one'));
      await evictDurableObject(s.stub, { webSockets });
      if (webSockets === 'close') {
        const again = await Runner.connect(s, 3, runner);
        again.send(began, text(0, 'one'), text(1, 'two'));
        runner = again;
      } else {
        runner.send(text(1, 'two'));
      }
      await vi.waitFor(async () => expect(await entries(s)).toContain('two'));
      expect((await entries(s)).filter((words) => words === 'one')).toHaveLength(1);
      runner.ws.close(1000);
    },
  );

  it('a runner that the thread leaves hears that its conversation is over, and then that its link is', async () => {
    const s = await subject('do it');
    await s.stub.open(s.open);
    const runner = await Runner.connect(s);
    await runner.command('prompt');
    const closed = new Promise<number>((resolve) =>
      runner.ws.addEventListener('close', ({ code }) => resolve(code)),
    );
    const other = { ...s.open.runner, id: 'runner-2' as RunnerId };
    await s.stub.open({ ...s.open, id: freshId() as InteractionId, runner: other, after: 1 as Gen });
    expect(await runner.command('end')).toEqual({ kind: 'end', gen: 1 });
    expect(await closed).toBe(4010);
    expect((await upgrade(s)).status).toBe(404);
  });

  it('takes again what was rolled back, and still has an alarm', async () => {
    const s = await subject('do it');
    await s.stub.open(s.open);
    const first = await Runner.connect(s);
    const { gen, prompt } = await first.command('prompt');
    const began = { kind: 'turnBegan', gen, turn: prompt, prompt, model: 'm', mode: 'default' };
    const text = { kind: 'text', gen, turn: prompt, segment: 0, text: 'said once' };
    await runInDurableObject(s.stub, (_object, state) => state.storage.deleteAlarm());
    await evictDurableObject(s.stub, { webSockets: 'hibernate' });
    const original = SessionStore.prototype.write;
    let failed = false;
    const write = vi.spyOn(SessionStore.prototype, 'write').mockImplementation(function (
      this: SessionStore,
      changes,
    ) {
      // The first event of the frame is stored, and an alarm set with it.
      failed ||= changes.some((change) => change.table === 'entry' && change.body?.kind === 'text');
      if (failed) throw new Error('the disk is full');
      original.call(this, changes);
    });
    first.send(began, text);
    await vi.waitFor(() => expect(failed).toBe(true));
    write.mockRestore();
    const again = await Runner.connect(s);
    again.send(began, text);
    await vi.waitFor(async () => expect(await entries(s)).toEqual(['said once']));
    expect(
      await runInDurableObject(s.stub, (_object, state) => state.storage.getAlarm()),
      'everything that waits has an alarm',
    ).not.toBeNull();
    again.ws.close(1000);
  });

  it('skips what it does not know and goes on', async () => {
    const s = await subject('do it');
    await s.stub.open(s.open);
    const runner = await Runner.connect(s);
    const { gen, prompt } = await runner.command('prompt');
    runner.send(
      { kind: 'fromTheFuture' },
      { junk: true },
      {
        kind: 'turnBegan',
        gen,
        turn: prompt,
        prompt,
        model: null,
        mode: 'default',
      },
    );
    runner.send({ kind: 'text', gen, turn: prompt, segment: 0, text: 'still here' });
    await vi.waitFor(async () => expect(await entries(s)).toContain('still here'));
    runner.ws.close(1000);
  });
});

/** The texts of the transcript. */
function entries(s: Subject): Promise<string[]> {
  return runInDurableObject(s.stub, (_object, state) =>
    state.storage.sql
      .exec<{ body: string }>('SELECT body FROM entry ORDER BY seq')
      .toArray()
      .map(({ body }) => JSON.parse(body))
      .filter((entry) => entry.kind === 'text')
      .map((entry) => entry.text),
  );
}
