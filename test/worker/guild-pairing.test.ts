import { runDurableObjectAlarm } from 'cloudflare:test';
import { describe, expect, test, vi } from 'vitest';
import { fingerprint } from '../../protocol/fingerprint.ts';
import { discord } from './fake-discord.ts';
import { ADA, BOB, newKey, useGuild, world } from './guild-world.ts';
import { command, MANAGE_GUILD, newId, ORIGIN, serve } from './interaction.ts';

useGuild();

const inTenMinutes = () => vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 10 * 60_000 + 1 });

describe('a link', () => {
  test('needs Manage Server', async () => {
    const reply = await world.runnerCommand('pair', [], { permissions: '2048' });
    expect(reply.text).toContain('Manage Server');
    expect(reply.text).not.toContain('#pair');
  });

  test('is private, and only a hash of its code is stored', async () => {
    const { code, reply } = await world.code();
    expect(reply).toMatchObject({ type: 4 });
    expect(reply.flags & 64).toBe(64);
    for (const table of ['pairings', 'answers', 'timers']) {
      expect(JSON.stringify(await world.rows(`SELECT * FROM ${table}`))).not.toContain(code);
    }
  });

  test('a second delivery of the interaction gives the same link, another interaction another', async () => {
    const payload = command('runner', [{ type: 1, name: 'pair', options: [] }], {
      guild: world.guild,
      permissions: MANAGE_GUILD,
    });
    const first = await world.send(payload);
    expect((await world.send(payload)).text).toBe(first.text);
    expect(await world.rows('SELECT 1 FROM pairings')).toHaveLength(1);
    expect((await world.code()).reply.text).not.toBe(first.text);
  });
});

describe('POST /runner/pair', () => {
  test.each([
    ['not JSON', '{'],
    ['not an object', '[]'],
    ['no code', '{}'],
    ['a short code', JSON.stringify({ guild: '1', code: 'x', publicKey: 'A'.repeat(43), name: 'n' })],
    [
      'a guild that is no id',
      JSON.stringify({ guild: '../x', code: 'A'.repeat(22), publicKey: 'A'.repeat(43), name: 'n' }),
    ],
  ])('%s is 400', async (_name, body) => {
    const { response } = await serve(new Request(`${ORIGIN}/runner/pair`, { method: 'POST', body }));
    expect(response.status).toBe(400);
  });

  test('a large body is 413', async () => {
    const { response } = await serve(
      new Request(`${ORIGIN}/runner/pair`, { method: 'POST', body: 'x'.repeat(5000) }),
    );
    expect(response.status).toBe(413);
  });

  test('a guild that nobody used is 404, and nothing is written for it', async () => {
    expect((await world.redeem('A'.repeat(22), (await newKey()).publicKey)).status).toBe(404);
    expect(await world.rows("SELECT name FROM sqlite_master WHERE name = 'meta'")).toEqual([]);
  });

  test('gives an inert runner whose fingerprint its maker sees', async () => {
    const { code } = await world.code({ token: 'pair-token' });
    const key = await newKey();
    const { status, body } = await world.redeem(code, key.publicKey);
    expect(status).toBe(200);
    expect(body).toMatchObject({ owner: ADA, ownerName: 'ada' });
    await vi.waitFor(() => expect(discord.originals.has('pair-token')).toBe(true));
    const shown = JSON.stringify(discord.originals.get('pair-token'));
    expect(shown).toContain(await fingerprint(key.publicKey));
    expect(shown).toContain('laptop');
    expect(shown).toContain(`h1:pairyes:0:0:${body.runner}`);
    const refused = await world.upgrade({ id: body.runner as never, key });
    expect([refused.status, await refused.json()]).toEqual([403, { error: 'unconfirmed' }]);
  });

  test('a code works once: the same key may ask again, another may not', async () => {
    const { code } = await world.code();
    const key = await newKey();
    const first = await world.redeem(code, key.publicKey);
    expect(await world.redeem(code, key.publicKey)).toEqual(first);
    expect((await world.redeem(code, (await newKey()).publicKey)).status).toBe(409);
    expect(await world.rows('SELECT 1 FROM runners')).toHaveLength(1);
  });

  test('two runners at once: one gets it', async () => {
    const { code } = await world.code();
    const [a, b] = await Promise.all([newKey(), newKey()]);
    const answers = await Promise.all([world.redeem(code, a.publicKey), world.redeem(code, b.publicKey)]);
    expect(answers.map((answer) => answer.status).toSorted()).toEqual([200, 409]);
  });

  test('a key that is known here gets no second runner', async () => {
    const runner = await world.runner();
    const { code } = await world.code();
    expect((await world.redeem(code, runner.key.publicKey)).status).toBe(409);
  });

  test('after ten minutes it is over', async () => {
    const { code, reply } = await world.code();
    inTenMinutes();
    expect((await world.redeem(code, (await newKey()).publicKey)).status).toBe(410);
    await runDurableObjectAlarm(await world.stub());
    expect(await world.rows('SELECT 1 FROM pairings')).toEqual([]);
    expect((await world.press(reply.ids[0] ?? '', { permissions: MANAGE_GUILD })).text).toContain('over');
  });

  test('wrong codes are counted, burn nothing, and then are not even counted', async () => {
    const { code } = await world.code();
    const key = await newKey();
    const statuses: number[] = [];
    for (let n = 0; n < 25; n++) statuses.push((await world.redeem('A'.repeat(22), key.publicKey)).status);
    expect(statuses.filter((status) => status === 404)).toHaveLength(20);
    expect(statuses.slice(20)).toEqual([429, 429, 429, 429, 429]);
    expect((await world.redeem(code, key.publicKey)).status).toBe(200);
    inTenMinutes();
    expect((await world.redeem('A'.repeat(22), key.publicKey)).status).toBe(404);
  });

  test('names are unique within the guild', async () => {
    await world.runner({ called: 'Laptop' });
    await world.runner({ called: 'laptop' });
    expect((await world.rows('SELECT name FROM runners')).map((row) => row.name).toSorted()).toEqual([
      'Laptop',
      'laptop 2',
    ]);
  });

  test('a name cannot mention or break out', async () => {
    const { code } = await world.code({ token: 'evil' });
    await world.redeem(code, (await newKey()).publicKey, '@everyone **x** <@1>');
    await vi.waitFor(() => expect(discord.originals.has('evil')).toBe(true));
    expect(String(discord.originals.get('evil')?.content)).not.toMatch(/@everyone|<@1>|\*\*x\*\*/);
  });
});

describe('confirming', () => {
  async function waiting(token = 'tok') {
    const { code, reply } = await world.code({ token });
    const key = await newKey();
    const { body } = await world.redeem(code, key.publicKey);
    const id = body.runner ?? '';
    return {
      runner: { id: id as never, key },
      look: reply.ids[0] ?? '',
      yes: `h1:pairyes:0:0:${id}`,
      no: `h1:pairno:0:0:${id}`,
    };
  }
  const asAda = { permissions: MANAGE_GUILD };
  const asBob = { user: BOB, name: 'bob', permissions: MANAGE_GUILD };

  test('opens the link', async () => {
    const { runner, yes } = await waiting();
    expect(await world.press(yes, asAda)).toMatchObject({ type: 7 });
    expect((await world.upgrade(runner)).status).toBe(101);
  });

  test('Continue shows the fingerprint even when the edit never came', async () => {
    discord.fail('PATCH /webhooks/:id/:token/messages/@original', 500);
    const { runner, look } = await waiting();
    expect(discord.originals.size).toBe(0);
    const reply = await world.press(look, asAda);
    expect(reply.type).toBe(7);
    expect(reply.text).toContain(await fingerprint(runner.key.publicKey));
    expect(reply.ids).toHaveLength(2);
  });

  test('Continue before a runner came says so and keeps the link', async () => {
    const { reply } = await world.code();
    const looked = await world.press(reply.ids[0] ?? '', asAda);
    expect(looked.type).toBe(4);
    expect(looked.text).toContain('No runner');
  });

  test('someone else, even who manages the server, can neither look nor confirm nor refuse', async () => {
    const { runner, look, yes, no } = await waiting();
    for (const id of [look, yes, no]) {
      const reply = await world.press(id, asBob);
      expect(reply.type).toBe(4);
      expect(reply.text).toContain('Only ada');
    }
    expect((await world.upgrade(runner)).status).toBe(403);
  });

  test('two people at once: only the maker’s press counts', async () => {
    const { runner, yes, no } = await waiting();
    const [mine, theirs] = await Promise.all([world.press(yes, asAda), world.press(no, asBob)]);
    expect([mine.type, theirs.type]).toEqual([7, 4]);
    expect((await world.upgrade(runner)).status).toBe(101);
  });

  test('who lost Manage Server cannot confirm any more, but can refuse', async () => {
    const { yes, no } = await waiting();
    expect((await world.press(yes, { permissions: '0' })).text).toContain('Manage Server');
    expect((await world.press(no, { permissions: '0' })).text).toContain('not a runner');
  });

  test('refused: the key is dead, and a late Confirm does not raise it', async () => {
    const { runner, yes, no } = await waiting();
    await world.press(no, asAda);
    expect((await world.press(yes, asAda)).text).toContain('not a runner');
    const refused = await world.upgrade(runner);
    expect([refused.status, await refused.json()]).toEqual([403, { error: 'removed' }]);
  });

  test('confirmed: a late Refuse does not take it away', async () => {
    const { runner, yes, no } = await waiting();
    await world.press(yes, asAda);
    expect((await world.press(no, asAda)).text).toContain('is your runner');
    expect((await world.upgrade(runner)).status).toBe(101);
  });

  test('a forged runner id is refused', async () => {
    await waiting();
    expect((await world.press('h1:pairyes:0:0:nobody', asAda)).text).toContain('over');
  });

  test('nobody confirmed it for an hour: it is forgotten', async () => {
    const { runner, yes } = await waiting();
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 60 * 60_000 + 1 });
    await runDurableObjectAlarm(await world.stub());
    expect((await world.press(yes, asAda)).text).toContain('not a runner');
    vi.useRealTimers();
    expect((await world.upgrade(runner)).status).toBe(403);
  });
});

describe('the upgrade', () => {
  test('an unknown runner is 404, a stranger’s signature 401, another guild’s token 401', async () => {
    const runner = await world.runner();
    const other = await newKey();
    expect((await world.upgrade({ id: newId() as never, key: other })).status).toBe(404);
    expect((await world.upgrade({ id: runner.id, key: other })).status).toBe(401);
    expect((await world.upgrade(runner, { sub: newId() })).status).toBe(401);
    expect((await world.upgrade(runner, { aud: 'https://evil.example' })).status).toBe(401);
  });
});
