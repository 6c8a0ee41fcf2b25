/** What a newer Heddle wrote in a Guild is left alone by this one. */
import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { expect, test } from 'vitest';
import { GUILD_MIGRATIONS } from '../../worker/guild/storage/schema.ts';
import { useGuild, world } from './guild-world.ts';
import { newId } from './interaction.ts';

useGuild();

const TABLES =
  "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_%' ESCAPE '\\' AND name NOT LIKE 'sqlite%'";

test('every way in refuses, no row changes, its runners come again, and its alarm is kept', async () => {
  const runner = await world.runner();
  const thread = newId();
  await world.report(thread, 1);
  expect(await world.rows("SELECT value FROM meta WHERE key = 'schema'")).toEqual([
    { value: GUILD_MIGRATIONS.length },
  ]);
  const stub = await world.stub();
  await runInDurableObject(stub, async (_guild, { storage }) => {
    storage.sql.exec("UPDATE meta SET value = 999 WHERE key = 'schema'");
    await storage.setAlarm(Date.now() + 60_000);
  });
  await evictDurableObject(stub);
  const everything = async () =>
    Promise.all(
      (await world.rows(TABLES)).map(async ({ name }) => [name, await world.rows(`SELECT * FROM ${name}`)]),
    );
  const before = await everything();
  for (const command of ['status', 'budget'])
    expect((await world.command(command, [{ name: 'amount', type: 10, value: 5 }])).text, command).toContain(
      'newer Heddle',
    );
  await expect(world.report(thread, 2)).rejects.toThrow();
  expect((await world.upgrade(runner)).status).toBe(503);
  await runDurableObjectAlarm(await world.stub());
  expect(await everything()).toEqual(before);
  const alarmMs = await runInDurableObject(await world.stub(), (_guild, { storage }) => storage.getAlarm());
  expect(alarmMs).toBeGreaterThan(Date.now());
});
