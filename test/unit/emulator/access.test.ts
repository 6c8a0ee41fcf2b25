import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Harness, USER_AGENT } from './harness.ts';

let harness: Harness;
beforeEach(async () => {
  harness = await Harness.start();
});
afterEach(() => harness.close());

describe('a request', () => {
  it('without the bot token is refused', async () => {
    const path = `/channels/${harness.channel.id}`;
    for (const authorization of [
      '',
      'Bot wrong',
      harness.discord.botToken,
      `Bearer ${harness.discord.botToken}`,
    ])
      expect(await harness.call('GET', path, undefined, { headers: { authorization } })).toMatchObject({
        status: 401,
      });
    expect(harness.discord.takeViolations()).toHaveLength(4);
  });

  it('without a User-Agent as Discord wants it is refused', async () => {
    for (const agent of ['node', 'DiscordBot', 'DiscordBot (https://example.org)'])
      expect(
        await harness.call('GET', '/users/@me', undefined, { headers: { 'user-agent': agent } }),
      ).toMatchObject({
        status: 403,
        code: 40333,
      });
    expect(harness.discord.takeViolations()).toHaveLength(3);
    expect(USER_AGENT).toMatch(/^DiscordBot/);
  });

  it('for a route that the emulator does not have is answered 501', async () => {
    expect(await harness.call('POST', '/guilds', { name: 'x' })).toMatchObject({ status: 501 });
    expect(await harness.call('POST', '/interactions/1/token/callback', { type: 4 })).toMatchObject({
      status: 501,
    });
    expect(() => harness.discord.assertClean()).toThrow(/501/);
    harness.discord.takeViolations();
  });

  it('with broken JSON is refused', async () => {
    const path = `/channels/${harness.channel.id}/messages`;
    const headers = { 'content-type': 'application/json' };
    expect(await harness.call('POST', path, undefined, { raw: '{"content":', headers })).toMatchObject({
      code: 50109,
    });
    expect(await harness.call('POST', path, undefined, { raw: '[]', headers })).toMatchObject({
      status: 400,
    });
    expect(
      await harness.call('POST', path, undefined, { raw: 'x', headers: { 'content-type': 'text/plain' } }),
    ).toMatchObject({ status: 400 });
    harness.discord.takeViolations();
  });

  it('knows who it is', async () => {
    const { applicationId, publicKey } = harness.discord;
    expect(await harness.call('GET', '/applications/@me')).toMatchObject({
      body: { id: applicationId, verify_key: publicKey },
    });
    expect(await harness.call('GET', '/users/@me')).toMatchObject({
      body: { id: harness.discord.botId, bot: true },
    });
  });
});

describe('permissions of the bot', () => {
  it('VIEW_CHANNEL is needed for everything', async () => {
    const id = await harness.sent({ content: 'a' });
    harness.channel.setBotPermissions(['SEND_MESSAGES', 'READ_MESSAGE_HISTORY']);
    const path = `/channels/${harness.channel.id}`;
    for (const [method, where, body] of [
      ['GET', path, undefined],
      ['POST', `${path}/messages`, { content: 'x' }],
      ['PATCH', `${path}/messages/${id}`, { content: 'x' }],
      ['GET', `${path}/messages`, undefined],
      ['POST', `${path}/typing`, undefined],
      ['POST', `${path}/messages/${id}/threads`, { name: 't' }],
    ] as const)
      expect(await harness.call(method, where, body), where).toMatchObject({ status: 403, code: 50001 });
    harness.discord.assertClean();
  });

  it('SEND_MESSAGES is needed in a channel, SEND_MESSAGES_IN_THREADS in a thread', async () => {
    const thread = await harness.thread();
    harness.channel.setBotPermissions(['VIEW_CHANNEL', 'SEND_MESSAGES_IN_THREADS']);
    expect(await harness.post({ content: 'x' })).toMatchObject({ status: 403, code: 50013 });
    expect(await harness.post({ content: 'x' }, thread.id)).toMatchObject({ status: 200 });
    harness.channel.setBotPermissions(['VIEW_CHANNEL', 'SEND_MESSAGES']);
    expect(await harness.post({ content: 'x' }, thread.id)).toMatchObject({ status: 403, code: 50013 });
  });

  it('CREATE_PUBLIC_THREADS and CREATE_PRIVATE_THREADS are needed for threads', async () => {
    const id = await harness.sent({ content: 'a' });
    harness.channel.setBotPermissions(['VIEW_CHANNEL', 'SEND_MESSAGES']);
    const path = `/channels/${harness.channel.id}`;
    expect(await harness.call('POST', `${path}/messages/${id}/threads`, { name: 't' })).toMatchObject({
      code: 50013,
    });
    expect(await harness.call('POST', `${path}/threads`, { name: 't', type: 11 })).toMatchObject({
      code: 50013,
    });
    expect(await harness.call('POST', `${path}/threads`, { name: 't' })).toMatchObject({ code: 50013 });
  });

  it('READ_MESSAGE_HISTORY is needed to read: else the list is empty', async () => {
    const id = await harness.sent({ content: 'a' });
    harness.channel.setBotPermissions(['VIEW_CHANNEL', 'SEND_MESSAGES']);
    expect(await harness.call('GET', `/channels/${harness.channel.id}/messages`)).toMatchObject({
      status: 200,
      body: [],
    });
    expect(await harness.call('GET', `/channels/${harness.channel.id}/messages/${id}`)).toMatchObject({
      code: 50013,
    });
    const reply = { content: 'x', message_reference: { message_id: id } };
    expect(await harness.post(reply)).toMatchObject({ code: 160002 });
  });

  it('ADD_REACTIONS is needed for a first reaction, and the emoji must exist', async () => {
    const id = await harness.sent({ content: 'a' });
    const path = `/channels/${harness.channel.id}/messages/${id}/reactions`;
    expect(await harness.call('PUT', `${path}/${encodeURIComponent('👀')}/@me`)).toMatchObject({
      status: 204,
    });
    expect(harness.discord.message(id)?.reactions).toEqual(['👀']);
    expect(await harness.call('PUT', `${path}/eyes/@me`)).toMatchObject({ status: 400, code: 10014 });
    harness.channel.setBotPermissions(['VIEW_CHANNEL', 'READ_MESSAGE_HISTORY']);
    expect(await harness.call('PUT', `${path}/${encodeURIComponent('✅')}/@me`)).toMatchObject({
      code: 50013,
    });
    expect(await harness.call('PUT', `${path}/${encodeURIComponent('👀')}/@me`)).toMatchObject({
      status: 204,
    });
    harness.discord.takeViolations();
  });

  it('a private thread is hidden from who is not in it', async () => {
    harness.guild.setBotPermissions([
      'VIEW_CHANNEL',
      'SEND_MESSAGES',
      'SEND_MESSAGES_IN_THREADS',
      'READ_MESSAGE_HISTORY',
    ]);
    const thread = harness.channel.startThread({ name: 'secret', owner: harness.alice, private: true });
    expect(await harness.post({ content: 'x' }, thread.id)).toMatchObject({ status: 403, code: 50001 });
    thread.addMember({ id: harness.discord.botId });
    expect(await harness.post({ content: 'x' }, thread.id)).toMatchObject({ status: 200 });
  });

  it('a channel that is unknown or deleted is not found', async () => {
    expect(await harness.call('GET', '/channels/123456789012345678')).toMatchObject({
      status: 404,
      code: 10003,
    });
    const channel = harness.guild.createChannel({ name: 'c' });
    channel.delete();
    expect(await harness.post({ content: 'x' }, channel.id)).toMatchObject({ status: 404, code: 10003 });
  });

  it('a forum root and a category take no messages', async () => {
    const forum = harness.guild.createChannel({ name: 'f', type: 'forum' });
    const category = harness.guild.createChannel({ name: 'k', type: 'category' });
    expect(await harness.post({ content: 'x' }, forum.id)).toMatchObject({ status: 400, code: 40058 });
    expect(await harness.post({ content: 'x' }, category.id)).toMatchObject({ status: 400, code: 50008 });
    harness.discord.takeViolations();
  });
});

describe('reading', () => {
  it('lists newest first, pages with before, after and around, and hides private answers', async () => {
    const alice = harness.discord.user(harness.alice);
    const ids = Array.from(
      { length: 7 },
      (_, index) => alice.sendMessage(harness.channel.id, `m${index}`).id,
    );
    await alice.command(harness.channel.id, 'ask');
    const list = async (query: string) => {
      const { body } = await harness.call('GET', `/channels/${harness.channel.id}/messages?${query}`);
      return (body as { content: string }[]).map(({ content }) => content).join(' ');
    };
    expect(await list('limit=3')).toBe('m6 m5 m4');
    expect(await list(`limit=2&after=${ids[1]}`)).toBe('m3 m2');
    expect(await list(`limit=2&before=${ids[4]}`)).toBe('m3 m2');
    expect(await list(`limit=3&around=${ids[3]}`)).toBe('m4 m3 m2');
    expect(await list('after=0&limit=100')).toBe('m6 m5 m4 m3 m2 m1 m0');
  });

  it('with two cursors, or a limit above 100, is refused', async () => {
    const path = `/channels/${harness.channel.id}/messages`;
    expect(await harness.call('GET', `${path}?limit=101`)).toMatchObject({ status: 400, code: 50035 });
    expect(await harness.call('GET', `${path}?after=0&before=123456789012345678`)).toMatchObject({
      status: 400,
    });
    expect(await harness.call('GET', `${path}?after=yesterday`)).toMatchObject({ status: 400 });
    harness.discord.takeViolations();
  });

  it('without the Message Content toggle gives what mentions the bot only', async () => {
    await harness.close();
    harness = await Harness.start({ messageContent: false });
    const alice = harness.discord.user(harness.alice);
    alice.sendMessage(harness.channel.id, 'between us');
    alice.sendMessage(harness.channel.id, `<@${harness.discord.botId}> hello`);
    const own = await harness.sent({ content: 'mine' });
    alice.sendMessage(harness.channel.id, 'a reply', { replyTo: own });
    const { body } = await harness.call('GET', `/channels/${harness.channel.id}/messages`);
    expect((body as { content: string }[]).map(({ content }) => content)).toEqual([
      'a reply',
      'mine',
      `<@${harness.discord.botId}> hello`,
      '',
    ]);
  });
});
