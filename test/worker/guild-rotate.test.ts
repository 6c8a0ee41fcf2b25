import { sign } from 'hono/jwt';
import { describe, expect, test, vi } from 'vitest';
import { fingerprint } from '../../protocol/fingerprint.ts';
import { rotateSubject } from '../../protocol/guild.ts';
import type { GuildId } from '../../protocol/ids.ts';
import { BOB, type FakeRunner, type Key, newKey, useGuild, world } from './guild-world.ts';
import { newId, ORIGIN, serve } from './interaction.ts';

useGuild();

interface Asked {
  /** Who signs; default: the runner's own key. */
  readonly by?: Key;
  readonly claims?: Record<string, unknown>;
  readonly guild?: string;
  readonly body?: string;
}

async function rotate({ id, key }: FakeRunner, next: Key, { by = key, claims, guild, body }: Asked = {}) {
  await world.stub();
  const request = { guild: (guild ?? world.guild) as GuildId, publicKey: next.publicKey };
  const exp = Math.floor(Date.now() / 1000) + 30;
  const all = { iss: id, aud: ORIGIN, sub: rotateSubject(request), exp, ...claims };
  const token = await sign(all, by.privateKey as unknown as string, 'EdDSA');
  const { response, settle } = await serve(
    new Request(`${ORIGIN}/runner/rotate`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${token}` },
      body: body ?? JSON.stringify(request),
    }),
  );
  await settle();
  return { status: response.status, body: await response.json() };
}

const keys = (runner: FakeRunner) =>
  world.rows('SELECT public_key, previous_key, fingerprint FROM runners WHERE id = ?', runner.id);

describe('a key is replaced', () => {
  test('row 27: both keys open the link for a while; then the old one opens nothing', async () => {
    const old = await world.runner();
    const next = { id: old.id, key: await newKey() };
    expect(await rotate(old, next.key)).toEqual({ status: 200, body: { publicKey: next.key.publicKey } });
    const [row] = await keys(old);
    expect(row?.fingerprint).toBe(await fingerprint(next.key.publicKey));
    for (const runner of [old, next]) expect((await world.upgrade(runner)).status).toBe(101);
    await world.alarm();
    expect((await world.upgrade(old)).status).toBe(401);
    expect((await world.upgrade(next)).status).toBe(101);
  });

  test('row 27: a socket of the old key is closed 4003 when its time is over; one of the new key stays', async () => {
    const old = await world.runner();
    const next = { id: old.id, key: await newKey() };
    const before = await world.connect(old);
    await rotate(old, next.key);
    expect(before.closed).toBeNull();
    await world.alarm();
    await before.until((socket) => socket.closed !== null);
    expect(before.closed).toBe(4003);
    const after = await world.connect(next);
    await world.alarm();
    expect((await world.upgrade(next)).status).toBe(101);
    expect(after.closed).not.toBe(4003);
  });

  test('row 27: name, owner and shares stay, and its sessions hear of both keys, then of the one', async () => {
    const old = await world.runner();
    await world.runnerCommand('share', [{ type: 6, name: 'member', value: BOB }]);
    const thread = newId();
    await world.report(thread, 1, { runner: old.id });
    const next = await newKey();
    const before = await world.rows('SELECT name, owner FROM runners');
    await rotate(old, next);
    expect(await world.rows('SELECT name, owner FROM runners')).toEqual(before);
    await vi.waitFor(() =>
      expect(world.facts.at(-1)).toMatchObject({ thread, members: [BOB], removed: false }),
    );
    expect(world.facts.at(-1)?.keys).toEqual([next.publicKey, old.key.publicKey]);
    expect((await world.report(thread, 2, { runner: old.id })).access.keys).toHaveLength(2);
    await world.alarm();
    await vi.waitFor(() => expect(world.facts.at(-1)?.keys).toEqual([next.publicKey]));
  });

  test('asked again, with either key, because the answer was lost: the same answer', async () => {
    const old = await world.runner();
    const next = await newKey();
    for (const by of [old.key, old.key, next]) expect((await rotate(old, next, { by })).status).toBe(200);
    const [row] = await keys(old);
    expect([row?.public_key, row?.previous_key]).toEqual([next.publicKey, old.key.publicKey]);
    await world.alarm();
    expect((await rotate(old, next)).status, 'the old key is over').toBe(401);
    expect((await rotate(old, next, { by: next })).status).toBe(200);
  });

  test('the key that was replaced replaces no other, also while it still opens links', async () => {
    const old = await world.runner();
    const next = await newKey();
    await rotate(old, next);
    expect((await rotate(old, await newKey())).status).toBe(401);
    const [row] = await keys(old);
    expect(row?.public_key).toBe(next.publicKey);
  });
});

describe('refused, and nothing changes', () => {
  test.each<[string, number, Asked]>([
    ['a token for a link', 401, { claims: { sub: 'guild' } }],
    ['a token for another key', 401, { claims: { sub: 'guild/rotate/other' } }],
    ['a token for another Worker', 401, { claims: { aud: 'https://elsewhere.example' } }],
    ['a token that lives too long', 401, { claims: { exp: Math.floor(Date.now() / 1000) + 3600 } }],
    ['a token that is over', 401, { claims: { exp: 1000 } }],
    ['a runner that nobody knows', 404, { claims: { iss: 'nobody' } }],
    ['a guild that nobody used', 404, { guild: newId() }],
    ['no guild', 400, { body: '{}' }],
    ['junk', 400, { body: '{' }],
    ['too much', 413, { body: 'x'.repeat(5000) }],
  ])('%s', async (_, status, asked) => {
    const runner = await world.runner();
    const sub = asked.claims?.sub === 'guild' ? { claims: { sub: world.guild } } : {};
    expect((await rotate(runner, await newKey(), { ...asked, ...sub })).status).toBe(status);
    expect(await keys(runner)).toMatchObject([{ public_key: runner.key.publicKey, previous_key: null }]);
  });

  test('another key than the runner’s', async () => {
    const runner = await world.runner();
    expect((await rotate(runner, await newKey(), { by: await newKey() })).status).toBe(401);
  });

  test('a key that is another runner’s', async () => {
    const [one, two] = [await world.runner({ called: 'one' }), await world.runner({ called: 'two' })];
    expect((await rotate(one, two.key)).status).toBe(409);
  });

  test('a runner that was removed', async () => {
    const runner = await world.runner();
    await world.runnerCommand('remove', [{ type: 3, name: 'name', value: 'laptop' }]);
    expect((await rotate(runner, await newKey())).status).toBe(403);
  });

  test('a runner that nobody confirmed', async () => {
    const { code } = await world.code();
    const key = await newKey();
    const { body } = await world.redeem(code, key.publicKey);
    const runner = { id: body.runner ?? ('' as FakeRunner['id']), key };
    expect((await rotate(runner, await newKey())).status).toBe(403);
  });
});
