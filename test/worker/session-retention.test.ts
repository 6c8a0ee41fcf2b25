/** A Session with a long past, in workerd: what it drops when its window moves on, and that it goes on. */
import { evictDurableObject, runInDurableObject } from 'cloudflare:test';
import { expect, it, vi } from 'vitest';
import { CAPS } from '../../worker/session/storage/retention.ts';
import { act, Runner, type Subject, subject } from './session-stage.ts';

const PAST = CAPS.everyEntries * 4 - 4;

/** As if so many entries and messages were before what is there. */
const age = (s: Subject) =>
  runInDurableObject(s.stub, (_object, { storage }) => {
    const { sql } = storage;
    sql.exec('UPDATE entry SET seq = -seq');
    sql.exec('UPDATE entry SET seq = ? - seq', PAST);
    sql.exec("UPDATE doc SET body = json_set(body, '$.thread.windowSeq', ?) WHERE key = 'head'", PAST + 1);
    for (let n = 1; n <= 400; n += 1) {
      const kind = n % 2 === 0 ? 'tool' : 'text';
      sql.exec('INSERT INTO entry (seq, body) VALUES (?, ?)', n, JSON.stringify({ kind, turn: `old-${n}` }));
      sql.exec(
        "INSERT INTO delivery (channel, slot, state, message, hash, incarnation, sent_ms) VALUES (?, ?, 'posted', ?, 'h', 0, 0)",
        s.thread,
        `t.old-${n}.m0`,
        String(n),
      );
    }
  });

const count = (s: Subject, from: string) =>
  runInDurableObject(s.stub, (_object, { storage }) =>
    storage.sql.exec<{ n: number }>(`SELECT count(*) AS n FROM ${from}`).one(),
  ).then(({ n }) => n);

it('drops old tool calls and messages, keeps texts and what is drawn, and runs the next turn', async () => {
  const s = await subject('first');
  await s.stub.open(s.open);
  const runner = await Runner.connect(s);
  const { gen, prompt } = await runner.command('prompt');
  const turn = prompt;
  runner.send(
    { kind: 'turnBegan', gen, turn, prompt, model: 'm', mode: 'default' },
    { kind: 'text', gen, turn, segment: 0, text: 'said' },
    {
      kind: 'turnEnded',
      gen,
      turn,
      prompt,
      outcome: { as: 'done' },
      durationMs: 1,
      costUsd: 0,
      usage: {},
    },
  );
  await vi.waitFor(async () => expect(await count(s, `delivery WHERE slot = 't.${turn}.m0'`)).toBe(1), {
    timeout: 10_000,
  });
  await evictDurableObject(s.stub);
  await age(s);
  await evictDurableObject(s.stub);
  const again = await Runner.connect(s, 3, runner, 3);
  // The window moves with the first turn that begins when all before it is shown.
  for (const words of ['second', 'third', 'fourth']) {
    await s.stub.act(act(s, { do: 'ask', text: words }));
    const next = await again.until(() =>
      again.commands.find((one) => one.kind === 'prompt' && one.text === words),
    );
    const id = next.kind === 'prompt' ? next.prompt : '';
    again.send({
      kind: 'turnEnded',
      gen,
      turn: id,
      prompt: id,
      outcome: { as: 'done' },
      durationMs: 1,
      costUsd: 0,
      usage: {},
    });
    await vi.waitFor(async () => expect(await count(s, `delivery WHERE slot = 't.${id}.e'`)).toBe(1), {
      timeout: 15_000,
    });
  }
  expect(await count(s, "entry WHERE json_extract(body, '$.kind') = 'tool'")).toBe(0);
  expect(await count(s, "entry WHERE json_extract(body, '$.turn') LIKE 'old-%'")).toBe(200);
  expect(await count(s, "delivery WHERE slot LIKE 't.old-%'")).toBeLessThanOrEqual(CAPS.messages);
  expect(await count(s, "delivery WHERE slot LIKE 't.old-%'")).toBeGreaterThan(CAPS.messages - 30);
  expect(await count(s, `delivery WHERE slot = 't.old-1.m0'`)).toBe(0);
  again.ws.close(1000);
});
