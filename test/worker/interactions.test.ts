import { runInDurableObject } from 'cloudflare:test';
import { describe, expect, test, vi } from 'vitest';
import { Guild } from '../../worker/index.ts';
import { discord, useDiscord } from './fake-discord.ts';
import { click, command, guildOf, newId, send, sendLate, serve, signed, typing } from './interaction.ts';

useDiscord();

const realAct = Guild.prototype.act;

const ask = (text: string) => [{ name: 'prompt', type: 3, value: text }];

describe('who is let in', () => {
  test('PING is answered', async () => {
    expect(await send({ id: newId(), type: 1, application_id: '1', token: 't', version: 1 })).toMatchObject({
      type: 1,
    });
  });

  test('a wrong signature, none, and a changed body are 401', async () => {
    const good = await signed(command('status'));
    const changed = new Request(good.url, {
      method: 'POST',
      headers: good.headers,
      body: JSON.stringify(command('end')),
    });
    const none = new Request(good.url, { method: 'POST', body: '{}' });
    for (const request of [changed, none]) {
      const { response } = await serve(request);
      expect(response.status).toBe(401);
      expect(await response.text()).toBe('');
    }
  });

  test('an old one is 401: it is replayed', async () => {
    const { response } = await serve(await signed(command('status'), Date.now() - 10 * 60_000));
    expect(response.status).toBe(401);
  });

  test('what is not a route is 404, and says nothing', async () => {
    for (const [method, path] of [
      ['GET', '/interactions'],
      ['POST', '/'],
      ['GET', '/runner/guild/abc'],
      ['GET', '/runner/session/0'],
      ['GET', '/.env'],
    ] as const) {
      const { response } = await serve(new Request(`https://heddle.example${path}`, { method }));
      expect([path, response.status]).toEqual([path, 404]);
    }
  });

  test('the front page keeps the code of a pairing link in the browser', async () => {
    const { response } = await serve(new Request('https://heddle.example/'));
    expect(response.status).toBe(200);
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(response.headers.get('referrer-policy')).toBe('no-referrer');
    expect(await response.text()).toContain('npm run runner');
  });
});

describe('where it works', () => {
  test.each([
    ['a direct message', { over: { guild_id: undefined, member: undefined, context: 1 } }, 'direct messages'],
    ['a context that lies', { over: { context: 1 } }, 'direct messages'],
    [
      'installed elsewhere',
      { over: { authorizing_integration_owners: { 0: '999999999999999999' } } },
      'not installed',
    ],
    [
      'installed to a user',
      { over: { authorizing_integration_owners: { 1: '200000000000000001' } } },
      'not installed',
    ],
    ['voice', { channelType: 2 }, 'voice or stage'],
    ['stage', { channelType: 13 }, 'voice or stage'],
    ['forum root', { channelType: 15 }, 'Create a post'],
    ['a category', { channelType: 4 }, 'kind of channel'],
  ])('%s is refused with words, and nothing is stored', async (_name, given, words) => {
    const guild = newId();
    const reply = await send(command('ask', ask('hi'), { guild, ...given }));
    expect(reply).toMatchObject({ type: 4 });
    expect(reply.flags & 64).toBe(64);
    expect(reply.text).toContain(words);
    expect(await isUntouched(guild)).toBe(true);
    expect(discord.calls).toEqual([]);
  });

  test('missing permissions are named before anything is written', async () => {
    const guild = newId();
    // View Channel and Read Message History alone.
    const reply = await send(command('new', [], { guild, appPermissions: String((1 << 10) | (1 << 16)) }));
    expect(reply.text).toContain('Send Messages');
    expect(reply.text).toContain('Create Public Threads');
    expect(reply.text).toContain('Send Messages in Threads');
    expect(reply.text).not.toContain('View Channel');
    expect(await isUntouched(guild)).toBe(true);
  });

  test.each(['stop', 'end'])('/%s in a channel says where it belongs', async (name) => {
    expect((await send(command(name))).text).toContain('thread');
  });
});

describe('what cannot be read', () => {
  test.each(['', 'hello', 'h2:allow:1:1:x', 'h1:launch:1:1:x', 'h1:allow:1:1:x:y', 'h1:allow:-1:1:x'])(
    'a forged custom id %j is refused to the clicker alone',
    async (id) => {
      const reply = await send(click(id, newId(), { channelType: 11 }));
      expect(reply.type).toBe(4);
      expect(reply.flags & 64).toBe(64);
      expect(reply.text).toContain('nothing happened');
    },
  );

  test('a button of a session on a message that is no card does nothing', async () => {
    const reply = await send(click('h1:stop:1:0:x', newId()));
    expect(reply).toMatchObject({ type: 4 });
    expect(reply.flags & 64).toBe(64);
  });

  test('unknown commands and modals are refused privately', async () => {
    expect((await send(command('launch'))).flags & 64).toBe(64);
    expect(
      (await send({ ...command('ask'), type: 5, data: { custom_id: 'x', components: [] } })).flags & 64,
    ).toBe(64);
    expect((await send({ id: newId(), type: 99 })).flags & 64).toBe(64);
  });

  test('an empty prompt begins nothing', async () => {
    expect((await send(command('ask', ask('   ')))).text).toContain('empty');
  });
});

describe('autocomplete', () => {
  test('a guild that nobody used has nothing to offer, and stays unused', async () => {
    const guild = newId();
    const reply = await send(
      typing('new', [{ name: 'project', type: 3, value: 'a', focused: true }], { guild }),
    );
    expect(reply).toMatchObject({ type: 8, choices: [] });
    expect(await isUntouched(guild)).toBe(true);
  });
});

describe('an answer that is late', () => {
  test('row 16: a command says "thinking", and the answer replaces it', async () => {
    const release = holdActs();
    const reply = await sendLate(command('status', [], { guild: newId(), token: 'late-token' }));
    expect(reply).toMatchObject({ type: 5, flags: 64, text: '' });
    expect(discord.originals.has('late-token')).toBe(false);
    release();
    await reply.settle();
    expect(discord.originals.get('late-token')?.content).toContain('no sessions');
  });

  test('an error replaces "thinking" too', async () => {
    const { promise, reject } = Promise.withResolvers<never>();
    vi.spyOn(Guild.prototype, 'act').mockReturnValue(promise);
    const reply = await sendLate(command('status', [], { token: 'broken-token' }));
    expect(reply.type).toBe(5);
    reject(new Error('secret words'));
    await reply.settle();
    expect(discord.originals.get('broken-token')?.content).toContain('failed');
    expect(discord.originals.get('broken-token')?.content).not.toContain('secret');
  });

  test('the webhook that Discord does not know yet is asked again', async () => {
    const release = holdActs();
    const route = 'PATCH /webhooks/:id/:token/messages/@original';
    discord.fail(route, 404, { code: 10015, message: 'Unknown Webhook' }, 2);
    const reply = await sendLate(command('status', [], { guild: newId(), token: 'early-token' }));
    release();
    await reply.settle();
    expect(discord.count(route)).toBe(3);
    expect(discord.originals.get('early-token')?.content).toContain('no sessions');
  });

  test('a button changes nothing for now; a refusal follows privately and leaves the message alone', async () => {
    const release = holdActs();
    const reply = await sendLate(click('h1:pairyes:0:0:nobody', newId(), { guild: newId() }));
    expect(reply).toMatchObject({ type: 6, text: '' });
    release();
    await reply.settle();
    // There is no such pairing: an update, so it is an edit of the message.
    expect([...discord.originals.values()].map((body) => body.content)).toEqual([
      expect.stringContaining('over'),
    ]);

    const hold = holdActs();
    const status = await sendLate(click('h1:page:0:0:', newId(), { guild: newId() }));
    hold();
    await status.settle();
    expect(discord.followUps).toEqual([expect.objectContaining({ flags: 68 })]);
  });
});

async function isUntouched(guild: string): Promise<boolean> {
  const stub = await guildOf(guild);
  return runInDurableObject(
    stub,
    (_guild, state) =>
      state.storage.sql
        .exec("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_%' ESCAPE '\\'")
        .toArray().length === 0,
  );
}

/** Every Guild takes its time until the given function is called. */
function holdActs(): () => void {
  const { promise, resolve } = Promise.withResolvers<void>();
  vi.spyOn(Guild.prototype, 'act').mockImplementation(async function (this: Guild, given) {
    await promise;
    return realAct.call(this, given);
  });
  return resolve;
}
