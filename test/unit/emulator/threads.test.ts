import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { button, Harness, row } from './harness.ts';

let harness: Harness;
beforeEach(async () => {
  harness = await Harness.start({ maxActiveThreads: 3 });
});
afterEach(() => harness.close());
const DAY_MS = 24 * 60 * 60 * 1000;
const start = (path: string, body: unknown) => harness.call('POST', path, body);

describe('a thread', () => {
  it('from a message has its id, and there is only one of it', async () => {
    const id = await harness.sent({ content: 'card' });
    const path = `/channels/${harness.channel.id}/messages/${id}/threads`;
    const first = await start(path, { name: 'T', auto_archive_duration: 1440 });
    expect(first).toMatchObject({ status: 201, body: { id, type: 11, parent_id: harness.channel.id } });
    expect(await start(path, { name: 'T' })).toMatchObject({ status: 400, code: 160004 });
    const got = await harness.call('GET', `/channels/${harness.channel.id}/messages/${id}`);
    expect(got.body).toMatchObject({ thread: { id }, flags: 1 << 5 });
    harness.discord.assertClean();
  });

  it('from a message that is gone is refused', async () => {
    const path = `/channels/${harness.channel.id}/messages/123456789012345678/threads`;
    expect(await start(path, { name: 'T' })).toMatchObject({ status: 404, code: 10008 });
  });

  it('in an announcement channel has type 10', async () => {
    const news = harness.guild.createChannel({ name: 'news', type: 'announcement' });
    const id = await harness.sent({ content: 'card' }, news.id);
    const made = await start(`/channels/${news.id}/messages/${id}/threads`, { name: 'T' });
    expect(made).toMatchObject({ status: 201, body: { type: 10 } });
    expect(await start(`/channels/${news.id}/threads`, { name: 'T', type: 11 })).toMatchObject({
      code: 50024,
    });
    harness.discord.takeViolations();
  });

  it('in a voice channel is refused', async () => {
    const voice = harness.guild.createChannel({ name: 'v', type: 'voice' });
    const id = await harness.sent({ content: 'card' }, voice.id);
    expect(await start(`/channels/${voice.id}/messages/${id}/threads`, { name: 'T' })).toMatchObject({
      code: 50024,
    });
    harness.discord.takeViolations();
  });

  it('without a message is private unless it says so', async () => {
    harness.channel.setBotPermissions(2n ** 53n - 1n);
    expect(await start(`/channels/${harness.channel.id}/threads`, { name: 'T' })).toMatchObject({
      body: { type: 12 },
    });
    expect(await start(`/channels/${harness.channel.id}/threads`, { name: 'T', type: 11 })).toMatchObject({
      body: { type: 11 },
    });
  });

  it('in a forum begins with a message of its id, and may need a tag', async () => {
    const forum = harness.guild.createChannel({ name: 'f', type: 'forum', tags: ['bug'], requireTag: true });
    const path = `/channels/${forum.id}/threads`;
    const message = { content: 'first' };
    expect(await start(path, { name: 'P', message })).toMatchObject({ status: 400, code: 40067 });
    const tag = forum.record.availableTags[0]?.id;
    const made = await start(path, { name: 'P', message, applied_tags: [tag] });
    expect(made.status).toBe(201);
    expect(made.body.message.id).toBe(made.body.id);
    expect(await start(path, { name: 'P', applied_tags: [tag] })).toMatchObject({ status: 400, code: 50035 });
    harness.discord.takeViolations();
  });

  it('with a name over 100 characters, or an unknown archive time, is refused', async () => {
    const id = await harness.sent({ content: 'card' });
    const path = `/channels/${harness.channel.id}/messages/${id}/threads`;
    expect(await start(path, { name: 'n'.repeat(101) })).toMatchObject({ status: 400, code: 50035 });
    expect(await start(path, { name: '' })).toMatchObject({ status: 400, code: 50035 });
    expect(await start(path, { name: 'T', auto_archive_duration: 61 })).toMatchObject({
      status: 400,
      code: 50035,
    });
    harness.discord.takeViolations();
  });

  it('over the active ones of a guild is refused', async () => {
    for (const name of ['a', 'b', 'c']) harness.channel.startThread({ name, owner: harness.alice });
    const id = await harness.sent({ content: 'card' });
    const path = `/channels/${harness.channel.id}/messages/${id}/threads`;
    expect(await start(path, { name: 'T' })).toMatchObject({ status: 400, code: 160006 });
    harness.channel.threads[0]?.archive();
    expect(await start(path, { name: 'T' })).toMatchObject({ status: 201 });
  });

  it('takes members, and says so', async () => {
    const thread = await harness.thread();
    const path = `/channels/${thread.id}/thread-members`;
    expect(await harness.call('PUT', `${path}/${harness.alice.id}`)).toMatchObject({ status: 204 });
    expect(await harness.call('PUT', `${path}/${harness.alice.id}`)).toMatchObject({ status: 204 });
    expect(thread.members).toContain(harness.alice.id);
    expect(thread.show()).toContain('* Heddle added alice to the thread');
    expect(thread.messages).toHaveLength(2);
    expect(await harness.call('PUT', `${path}/123456789012345678`)).toMatchObject({
      status: 404,
      code: 10013,
    });
    expect(await harness.call('DELETE', `${path}/${harness.alice.id}`)).toMatchObject({ status: 204 });
    expect(await harness.call('DELETE', `${path}/${harness.alice.id}`)).toMatchObject({
      status: 404,
      code: 10007,
    });
  });
});

describe('an archived thread', () => {
  it('archives after its time without a message; edits are no activity', async () => {
    const thread = await harness.thread();
    const id = await harness.sent({ content: 'a' }, thread.id);
    harness.discord.advance(DAY_MS - 60_000);
    expect(await harness.edit(id, { content: 'b' }, thread.id)).toMatchObject({ status: 200 });
    expect(thread.archived).toBe(false);
    harness.discord.advance(60_001);
    expect(thread.archived).toBe(true);
  });

  it('refuses edits, reactions, deletions, members and typing', async () => {
    const thread = await harness.thread();
    const id = await harness.sent({ content: 'a' }, thread.id);
    thread.archive();
    const path = `/channels/${thread.id}`;
    for (const [method, where, body] of [
      ['PATCH', `${path}/messages/${id}`, { content: 'x' }],
      ['DELETE', `${path}/messages/${id}`, undefined],
      ['PUT', `${path}/messages/${id}/reactions/${encodeURIComponent('👀')}/@me`, undefined],
      ['PUT', `${path}/thread-members/${harness.alice.id}`, undefined],
      ['POST', `${path}/typing`, undefined],
      ['PATCH', path, { name: 'other' }],
    ] as const)
      expect(await harness.call(method, where, body), `${method} ${where}`).toMatchObject({
        status: 400,
        code: 50083,
      });
    harness.discord.assertClean();
  });

  it('comes back when something is sent', async () => {
    const thread = await harness.thread();
    thread.archive();
    await harness.sent({ content: 'back' }, thread.id);
    expect(thread.archived).toBe(false);
    thread.archive();
    harness.discord.user(harness.alice).sendMessage(thread.id, 'me too');
    expect(thread.archived).toBe(false);
  });

  it('comes back when it is asked to', async () => {
    const thread = await harness.thread();
    thread.archive();
    const back = await harness.call('PATCH', `/channels/${thread.id}`, { archived: false });
    expect(back).toMatchObject({ status: 200, body: { thread_metadata: { archived: false } } });
  });

  it('keeps people from commands and buttons', async () => {
    const thread = await harness.thread();
    const id = await harness.sent({ content: 'a', components: [row(button('Go', 'go'))] }, thread.id);
    thread.archive();
    const alice = harness.discord.user(harness.alice);
    await expect(alice.command(thread.id, 'ask')).rejects.toThrow(/archived/);
    await expect(alice.click(id, 'Go')).rejects.toThrow(/archived/);
    expect(harness.seen).toEqual([]);
  });

  it('that is locked takes no message, and comes back for a moderator only', async () => {
    harness.guild.setBotPermissions([
      'VIEW_CHANNEL',
      'SEND_MESSAGES',
      'SEND_MESSAGES_IN_THREADS',
      'CREATE_PUBLIC_THREADS',
    ]);
    const thread = await harness.thread();
    thread.lock();
    expect(await harness.post({ content: 'x' }, thread.id)).toMatchObject({ status: 400, code: 160005 });
    expect(await harness.call('PATCH', `/channels/${thread.id}`, { archived: false })).toMatchObject({
      code: 50013,
    });
    expect(() => harness.discord.user(harness.alice).sendMessage(thread.id, 'x')).toThrow(/locked/);
    harness.guild.setBotPermissions(['VIEW_CHANNEL', 'SEND_MESSAGES_IN_THREADS', 'MANAGE_THREADS']);
    expect(await harness.post({ content: 'x' }, thread.id)).toMatchObject({ code: 160005 });
    const unlock = { archived: false, locked: false };
    expect(await harness.call('PATCH', `/channels/${thread.id}`, unlock)).toMatchObject({ status: 200 });
    expect(await harness.post({ content: 'x' }, thread.id)).toMatchObject({ status: 200 });
  });

  it('is archived and locked by who may', async () => {
    const thread = await harness.thread();
    expect(
      await harness.call('PATCH', `/channels/${thread.id}`, { archived: true, locked: true }),
    ).toMatchObject({ status: 200 });
    expect([thread.archived, thread.locked]).toEqual([true, true]);
    harness.guild.setBotPermissions(['VIEW_CHANNEL', 'SEND_MESSAGES', 'SEND_MESSAGES_IN_THREADS']);
    const other = harness.channel.startThread({ name: 'hers', owner: harness.alice });
    expect(await harness.call('PATCH', `/channels/${other.id}`, { archived: true })).toMatchObject({
      code: 50013,
    });
    expect(await harness.call('PATCH', `/channels/${other.id}`, { locked: true })).toMatchObject({
      code: 50013,
    });
  });

  it('is renamed twice in ten minutes only, which no header tells', async () => {
    const thread = await harness.thread();
    const rename = (name: string) => harness.call('PATCH', `/channels/${thread.id}`, { name });
    expect((await rename('one')).status).toBe(200);
    expect((await rename('two')).status).toBe(200);
    const third = await rename('three');
    expect(third.status).toBe(429);
    expect(third.body.retry_after).toBeGreaterThan(500);
    expect(Number(third.headers.get('x-ratelimit-remaining'))).toBeGreaterThan(0);
    expect(thread.name).toBe('two');
    expect((await rename('two')).status).toBe(200);
  });

  it('takes changes of threads only', async () => {
    expect(await harness.call('PATCH', `/channels/${harness.channel.id}`, { name: 'x' })).toMatchObject({
      status: 501,
    });
    const thread = await harness.thread();
    expect(await harness.call('PATCH', `/channels/${thread.id}`, { topic: 'x' })).toMatchObject({
      status: 501,
    });
    harness.discord.takeViolations();
  });
});
