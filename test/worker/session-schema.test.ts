/** A Session's storage that other code wrote: older code's is brought up to date and goes on, a newer one's is left alone. */
import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { describe, expect, it, vi } from 'vitest';
import type { ThreadId } from '../../protocol/ids.ts';
import { SCHEMA_KEY, SESSION_MIGRATIONS } from '../../worker/session/storage/schema.ts';
import old from '../fixtures/session/storage-1.json';
import { act, RUNNER, Runner, type Subject, subject, upgrade } from './session-stage.ts';

/** The stored rows as they were, under the key of the test's runner, and the time as it was. */
async function restored(): Promise<Subject> {
  const s = await subject(null, '4711' as ThreadId);
  const { now } = Date;
  const backMs = now() - old.atMs;
  vi.spyOn(Date, 'now').mockImplementation(() => now() - backMs);
  await runInDurableObject(s.stub, async (_object, { storage }) => {
    for (const table of storage.sql.exec<{ name: string }>(TABLES).toArray())
      storage.sql.exec(`DROP TABLE ${table.name}`);
    for (const { name, sql, rows } of old.tables) {
      storage.sql.exec(sql);
      for (const row of rows as Record<string, string | number | null>[]) {
        const marks = Object.keys(row).map(() => '?');
        storage.sql.exec(`INSERT INTO ${name} VALUES (${marks.join(', ')})`, ...Object.values(row));
      }
    }
    const known = /"runnerKey":"[^"]*"/;
    const head = storage.sql.exec<{ body: string }>("SELECT body FROM doc WHERE key = 'head'").one().body;
    const key = `"runnerKey":"${s.open.runner.publicKey}"`;
    storage.sql.exec("UPDATE doc SET body = ? WHERE key = 'head'", head.replace(known, key));
  });
  await evictDurableObject(s.stub);
  return s;
}

let serial = 800_000;
/** Not one that the stored session has answered. */
const fresh = () => String(++serial);

const TABLES =
  "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_%' ESCAPE '\\' AND name NOT LIKE 'sqlite%'";

const everything = (s: Subject) =>
  runInDurableObject(s.stub, (_object, { storage }) =>
    storage.sql
      .exec<{ name: string }>(TABLES)
      .toArray()
      .map(({ name }) => [name, storage.sql.exec(`SELECT * FROM ${name}`).toArray()]),
  );

const schema = (s: Subject) =>
  runInDurableObject(s.stub, (_object, { storage }) =>
    storage.sql.exec<{ body: string }>('SELECT body FROM doc WHERE key = ?', SCHEMA_KEY).toArray(),
  );

const NOW = [{ body: String(SESSION_MIGRATIONS.length) }];

describe('a session from before its migrations were numbered', () => {
  it('opens, shows what it was doing, answers its card, runs what waited, and counts on', async () => {
    const s = await restored();
    const status = await s.stub.act(act(s, { do: 'status' }, fresh()));
    expect(JSON.stringify(status)).toContain('and then the next thing');
    expect(JSON.stringify(status)).toContain('Bash');
    expect(JSON.stringify(status)).toContain('$0.25');
    expect(await schema(s)).toEqual(NOW);

    const stream = old.tables.find(({ name }) => name === 'link')?.rows[0] as {
      stream: string;
      acked: number;
    };
    const runner = await Runner.connect(
      s,
      old.runnerSent,
      {
        received: { stream: stream.stream, last: stream.acked },
      },
      old.runnerSent,
    );
    const id = { verb: 'allow', gen: 1, ref: 1, tag: 'ab'.repeat(8) } as const;
    await s.stub.act(act(s, { do: 'press', id, message: '9009' as never }, fresh()));
    const decide = await runner.command('decide');
    expect(decide).toMatchObject({ request: 'req-1', verdict: { behavior: 'allow' } });
    const turn = JSON.parse(head()).turns[0].turn;
    runner.send(
      { kind: 'requestSettled', gen: 1, request: 'req-1', outcome: { as: 'delivered' } },
      { kind: 'toolEnded', gen: 1, turn, tool: 'tool-1', outcome: 'done' },
      {
        kind: 'turnEnded',
        gen: 1,
        turn,
        prompt: turn,
        outcome: { as: 'done' },
        durationMs: 5000,
        costUsd: 0.5,
        usage: {},
      },
    );
    expect(await runner.command('prompt')).toMatchObject({ text: 'and then the next thing' });
    expect(JSON.stringify(await s.stub.act(act(s, { do: 'status' }, fresh())))).toContain('$0.75');
    runner.ws.close(1000);
  });
});

describe('a session of a newer Heddle', () => {
  it.each([
    ['tables', "UPDATE doc SET body = '999' WHERE key = 'schema'"],
    ['head', "UPDATE doc SET body = json_set(body, '$.version', 999) WHERE key = 'head'"],
  ])(
    '%s: it is refused with words, no row changes, its runner is told to come back, its alarm is kept',
    async (_, newer) => {
      const s = await subject('do it');
      await s.stub.open(s.open);
      expect(await schema(s)).toEqual(NOW);
      await runInDurableObject(s.stub, async (_object, { storage }) => {
        storage.sql.exec(newer);
        await storage.setAlarm(Date.now() + 60_000);
      });
      await evictDurableObject(s.stub);
      const before = await everything(s);
      expect(await s.stub.act(act(s, { do: 'ask', text: 'hello' }))).toMatchObject({
        kind: 'private',
        text: expect.stringContaining('newer Heddle'),
      });
      expect(await s.stub.open({ ...s.open, id: '77' as never })).toMatchObject({
        ok: false,
        why: expect.stringContaining('newer Heddle'),
      });
      await s.stub.facts({ runner: RUNNER, presence: { online: true }, access: s.open.runner.access });
      expect((await upgrade(s)).status).toBe(503);
      await runDurableObjectAlarm(s.stub);
      expect(await everything(s)).toEqual(before);
      const alarmMs = await runInDurableObject(s.stub, (_object, { storage }) => storage.getAlarm());
      expect(alarmMs).toBeGreaterThan(Date.now());
    },
  );
});

function head(): string {
  const doc = old.tables.find(({ name }) => name === 'doc')?.rows as { key: string; body: string }[];
  return doc.find(({ key }) => key === 'head')?.body ?? '';
}
