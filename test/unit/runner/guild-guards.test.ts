/** What fails for one session, or in telling one server something, costs no other session. An error that nobody catches fails the run. */
import { afterEach, expect, test } from 'vitest';
import type { BootId, GuildId, RunnerId } from '../../../protocol/ids.ts';
import type { Located } from '../../../runner/claude/process/locate.ts';
import { GuildLink, type GuildLinkOptions } from '../../../runner/guild/guild-link.ts';
import { OfferBook } from '../../../runner/guild/offer-book.ts';
import type { Pairing } from '../../../runner/home/pairings.ts';
import { newKeyPair } from '../../../runner/link/sign.ts';
import { FakeObject } from '../link/server.ts';
import { GUILD, OWNER, Stage } from './stage.ts';

const keys = newKeyPair();
const FOUND: Located = { found: true, bin: 'claude', version: '2.1.330' };
const after: (() => unknown)[] = [];
afterEach(async () => {
  for (const undo of after.splice(0)) await undo();
});

async function linked(over: Partial<GuildLinkOptions> = {}) {
  const object = new FakeObject(() => keys.publicKey);
  const origin = await object.listen();
  const stage = new Stage();
  const { context, journal } = stage.live();
  const pairing: Pairing = {
    ...{ origin, guild: GUILD as GuildId, guildName: 'Loom', runner: 'r-1' as RunnerId },
    ...{ owner: OWNER, ownerName: 'olga', ...keys },
  };
  const guild = new GuildLink({
    ...{ context, pairing, boot: 'boot' as BootId, located: async () => FOUND, onStatus: () => {} },
    ...over,
  });
  after.push(
    () => guild.close(),
    () => object.close(),
  );
  /** The guild's own link stands; those of sessions are seen to be dialled, and come again later. */
  const welcomed = async () => {
    await object.until(() => object.states.length > 0);
    object.refusals.push(...Array.from({ length: 50 }, () => ({ status: 503 })));
    const { socket } = object;
    return (...sessions: string[]) =>
      socket?.send(JSON.stringify({ t: 'state', body: { kind: 'wanted', rev: 1, sessions } }));
  };
  const dialled = () => [
    ...new Set(object.upgrades.flatMap(({ url = '' }) => /\/session\/(\d+)$/.exec(url)?.[1] ?? [])),
  ];
  return { object, stage, journal, guild, welcomed, dialled };
}

test.each<[string, Partial<GuildLinkOptions>]>([
  ['Claude cannot be looked for', { located: () => Promise.reject(new TypeError('x')) }],
  ['its conversations cannot be read', { conversations: () => Promise.reject(new TypeError('x')) }],
])('a catalogue that cannot be made, because %s, is told later', async (_, over) => {
  let fails = true;
  const { guild, object, stage } = await linked(
    Object.fromEntries(
      Object.entries(over).map(([name, fail]) => [
        name,
        () => (fails ? (fail as () => unknown)() : Promise.resolve(name === 'located' ? FOUND : new Map())),
      ]),
    ),
  );
  await object.until(() => object.socket !== null);
  await guild.offer();
  expect(stage.failed.at(-1)).toEqual({ guild: GUILD, what: 'offer', error: 'TypeError' });
  expect(object.states).toEqual([]);
  fails = false;
  await guild.offer('changed');
  await object.until(() => object.states.length > 0);
  expect(object.states.at(-1)).toMatchObject({ kind: 'catalogue', claude: { ok: true } });
});

test('what the CLI reported, when its row is damaged, is as if it had reported nothing', async () => {
  const { journal, stage } = await linked();
  const book = new OfferBook(journal, () => {});
  book.put('api' as never, { models: [], efforts: ['low'], commands: [], known: new Set() });
  expect(book.offers(stage.settings, OWNER)?.efforts).toEqual(['low']);
  journal.sql(`UPDATE offers SET body = '{"models":['`).run();
  expect(book.offers(stage.settings, OWNER)).toBeUndefined();
  expect(book.commands(['api' as never])).toEqual([undefined]);
});

test('row 19: a session that cannot be opened keeps no other from its link', async () => {
  const { object, journal, stage, welcomed, dialled } = await linked();
  const want = await welcomed();
  journal
    .sql(
      `CREATE TRIGGER no BEFORE INSERT ON links WHEN NEW.scope = '71' BEGIN SELECT RAISE(ABORT, 'no'); END`,
    )
    .run();
  want('70', '71', '72');
  await object.until(() => dialled().length >= 2);
  expect(dialled().sort()).toEqual(['70', '72']);
  expect(stage.failed).toMatchObject([{ guild: GUILD, what: 'wanted' }]);
  journal.sql('DROP TRIGGER no').run();
  // The guild's own link stands: the next set is taken.
  want('70', '71', '72');
  await object.until(() => dialled().includes('71'));
});

test('a session that cannot say whether all is told is not waited for', async () => {
  const { guild, journal, object, stage, welcomed, dialled } = await linked();
  const want = await welcomed();
  want('70', '71');
  await object.until(() => dialled().length === 2);
  journal.sql('PRAGMA foreign_keys = OFF').run();
  journal.sql('DELETE FROM links').run();
  expect(guild.told).toBe(true);
  expect(stage.failed.filter(({ what }) => what === 'told')).toHaveLength(2);
  await guild.endProcesses();
});
