import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { button, Harness, row, text, V2 } from './harness.ts';

let harness: Harness;
beforeEach(async () => {
  harness = await Harness.start();
});
afterEach(() => harness.close());
const HOUR_MS = 60 * 60 * 1000;

describe('an edit', () => {
  it('cannot turn a V2 message into a plain one', async () => {
    const id = await harness.sent({ flags: V2, components: [text('a')] });
    expect(await harness.edit(id, { content: 'plain', components: [] })).toMatchObject({
      status: 400,
      code: 50035,
    });
    expect(await harness.edit(id, { flags: 0, components: [row(button('a', 'b'))] })).toMatchObject({
      status: 200,
    });
    expect(harness.discord.message(id)).toMatchObject({ v2: true });
    harness.discord.takeViolations();
  });

  it('turns a plain message into a V2 one only with content null', async () => {
    const id = await harness.sent({ content: 'plain' });
    expect(await harness.edit(id, { flags: V2, components: [text('a')] })).toMatchObject({
      status: 400,
      code: 50035,
    });
    expect(
      await harness.edit(id, { flags: V2, content: null, embeds: [], components: [text('a')] }),
    ).toMatchObject({ status: 200 });
    expect(harness.discord.message(id)).toMatchObject({ v2: true, text: 'a' });
    harness.discord.takeViolations();
  });

  it('cannot leave a message empty', async () => {
    const id = await harness.sent({ content: 'plain' });
    expect(await harness.edit(id, { content: '' })).toMatchObject({ status: 400, code: 50006 });
    harness.discord.takeViolations();
  });

  it('cannot set SUPPRESS_NOTIFICATIONS, but may repeat it', async () => {
    const loud = await harness.sent({ content: 'a' });
    expect(await harness.edit(loud, { flags: 4096 })).toMatchObject({ status: 400, code: 50035 });
    const quiet = await harness.sent({ content: 'a', flags: 4096 });
    expect(await harness.edit(quiet, { content: 'b', flags: 4096 | 4 })).toMatchObject({ status: 200 });
    harness.discord.takeViolations();
  });

  it('is refused for a message of somebody else', async () => {
    const { id } = harness.discord.user(harness.alice).sendMessage(harness.channel.id, 'mine');
    expect(await harness.edit(id, { content: 'yours' })).toMatchObject({ status: 403, code: 50005 });
    harness.discord.takeViolations();
  });

  it('is refused for a message that is gone', async () => {
    const id = await harness.sent({ content: 'a' });
    harness.discord.deleteMessage(id);
    expect(await harness.edit(id, { content: 'b' })).toMatchObject({ status: 404, code: 10008 });
    expect(await harness.call('GET', `/channels/${harness.channel.id}/messages/${id}`)).toMatchObject({
      code: 10008,
    });
    harness.discord.assertClean();
  });

  it('notifies nobody, and is parsed again without allowed_mentions', async () => {
    const id = await harness.sent({ content: 'a', allowed_mentions: { parse: [] } });
    await harness.edit(id, { content: `<@${harness.alice.id}>`, allowed_mentions: { parse: [] } });
    expect(harness.discord.message(id)?.mentions).toEqual([]);
    await harness.edit(id, { components: [row(button('a', 'b'))] });
    expect(harness.discord.message(id)?.mentions).toEqual([harness.alice.id]);
    expect(harness.discord.notifications).toEqual([]);
  });

  it('of messages older than an hour are limited to three in 6 s', async () => {
    const ids = [await harness.sent({ content: 'a' }), await harness.sent({ content: 'b' })];
    harness.discord.advance(HOUR_MS + 1);
    const answers = [];
    for (const id of [...ids, ...ids]) answers.push(await harness.edit(id, { content: 'late' }));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 429]);
    expect(answers[3]).toMatchObject({ code: 30046 });
    expect(answers[3]?.body.retry_after).toBeGreaterThan(0);
    harness.discord.advance(6000);
    expect(await harness.edit(ids[0] ?? '', { content: 'later' })).toMatchObject({ status: 200 });
    harness.discord.assertClean();
  });

  it('keeps the whole history with its times', async () => {
    const id = await harness.sent({ content: 'one' });
    await harness.edit(id, { content: 'one two' });
    const history = harness.discord.message(id)?.history ?? [];
    expect(history.map(({ content }) => content)).toEqual(['one', 'one two']);
    expect(history[1]?.t_ms).toBeGreaterThan(history[0]?.t_ms ?? Number.POSITIVE_INFINITY);
  });
});

describe('files', () => {
  const form = (payload: unknown, ...files: [string, string, string][]) => {
    const data = new FormData();
    data.set('payload_json', JSON.stringify(payload));
    for (const [part, name, content] of files)
      data.set(part, new Blob([content], { type: 'text/plain' }), name);
    return data;
  };
  const upload = (data: FormData) =>
    harness.call('POST', `/channels/${harness.channel.id}/messages`, undefined, { form: data });

  it('are stored and served at a signed URL that expires', async () => {
    const { body, status } = await upload(
      form({ content: 'x', attachments: [{ id: 0, filename: 'ä b.txt', description: 'd' }] }, [
        'files[0]',
        'input.txt',
        'hällo',
      ]),
    );
    expect(status).toBe(200);
    expect(body.attachments).toMatchObject([{ filename: 'ä b.txt', size: 6, description: 'd' }]);
    const url = body.attachments[0].url as string;
    expect(await (await fetch(url)).text()).toBe('hällo');
    expect((await fetch(url.replace(/hm=\w\w/, 'hm=00'))).status).toBe(404);
    harness.discord.advance(25 * HOUR_MS);
    expect((await fetch(url)).status).toBe(404);
    const again = await harness.call('GET', `/channels/${harness.channel.id}/messages/${body.id}`);
    expect((await fetch(again.body.attachments[0].url)).status).toBe(200);
  });

  it('that are not listed in attachments are refused', async () => {
    const data = form(
      { content: 'x', attachments: [{ id: 0 }] },
      ['files[0]', 'a', 'a'],
      ['files[1]', 'b', 'b'],
    );
    expect(await upload(data)).toMatchObject({ status: 400, code: 50035 });
    harness.discord.takeViolations();
  });

  it('in a part of another name are refused', async () => {
    expect(await upload(form({ content: 'x' }, ['file', 'a', 'a']))).toMatchObject({
      status: 400,
      code: 50035,
    });
    harness.discord.takeViolations();
  });

  it('over 10 MiB are refused', async () => {
    const big = 'x'.repeat(10 * 1024 * 1024 + 1);
    expect(await upload(form({ content: 'x' }, ['files[0]', 'a', big]))).toMatchObject({
      status: 400,
      code: 50045,
    });
    harness.discord.takeViolations();
  });

  it('without ATTACH_FILES are refused', async () => {
    harness.channel.setBotPermissions(['VIEW_CHANNEL', 'SEND_MESSAGES']);
    expect(await upload(form({ content: 'x' }, ['files[0]', 'a', 'a']))).toMatchObject({
      status: 403,
      code: 50013,
    });
  });

  it('are kept by an edit that lists them, dropped by one that does not', async () => {
    const { body } = await upload(
      form({ content: 'x' }, ['files[0]', 'a.txt', 'a'], ['files[1]', 'b.txt', 'b']),
    );
    const path = `/channels/${harness.channel.id}/messages/${body.id}`;
    await harness.call('PATCH', path, { content: 'y' });
    expect(harness.discord.message(body.id)?.attachments.map(({ name }) => name)).toEqual(['a.txt', 'b.txt']);
    const keep = { attachments: [{ id: body.attachments[1].id }, { id: 0, filename: 'c.txt' }] };
    const edited = await harness.call('PATCH', path, undefined, { form: form(keep, ['files[0]', 'c', 'c']) });
    expect(edited.status).toBe(200);
    expect(harness.discord.message(body.id)?.attachments.map(({ name }) => name)).toEqual(['b.txt', 'c.txt']);
    await harness.call('PATCH', path, { attachments: [] });
    expect(harness.discord.message(body.id)?.attachments).toEqual([]);
  });

  it('may be shown by a V2 file component', async () => {
    const payload = {
      flags: V2,
      components: [{ type: 13, file: { url: 'attachment://a.txt' } }],
      attachments: [{ id: 0 }],
    };
    const { status, body } = await upload(form(payload, ['files[0]', 'a.txt', 'a']));
    expect(status).toBe(200);
    expect(body.components[0].file.url).toMatch(/^http:/);
  });
});

describe('nonce', () => {
  it('with enforce_nonce gives back the earlier message, also from another channel', async () => {
    const first = await harness.post({ content: 'a', nonce: 'n1', enforce_nonce: true });
    const again = await harness.post({ content: 'b', nonce: 'n1', enforce_nonce: true });
    expect(again.body).toMatchObject({ id: first.body.id, content: 'a' });
    const other = harness.guild.createChannel({ name: 'other' });
    expect((await harness.post({ content: 'c', nonce: 'n1', enforce_nonce: true }, other.id)).body.id).toBe(
      first.body.id,
    );
    expect(harness.channel.messages).toHaveLength(1);
    expect(other.messages).toEqual([]);
  });

  it('without enforce_nonce, or after some minutes, makes a new message', async () => {
    await harness.sent({ content: 'a', nonce: 'n1', enforce_nonce: true });
    await harness.sent({ content: 'b', nonce: 'n1' });
    harness.discord.advance(6 * 60_000);
    await harness.sent({ content: 'c', nonce: 'n1', enforce_nonce: true });
    expect(harness.channel.messages).toHaveLength(3);
  });
});

describe('mentions', () => {
  it('notify whom a new message mentions and allows', async () => {
    const role = harness.guild.addRole({ name: 'team', mentionable: true });
    harness.guild.setRoles(harness.bob, [role]);
    const both = `<@${harness.alice.id}> <@&${role.id}> @everyone`;
    await harness.sent({ content: both });
    await harness.sent({ content: both, allowed_mentions: { parse: [] } });
    await harness.sent({ content: both, allowed_mentions: { users: [harness.alice.id] } });
    await harness.sent({ content: both, flags: 4096 });
    expect(harness.channel.messages.map(({ notified }) => notified)).toEqual([
      ['alice', 'bob'],
      [],
      ['alice'],
      [],
    ]);
    expect(harness.discord.notifications.map(({ to }) => to)).toEqual(['alice', 'bob', 'alice']);
  });

  it('in code, of @everyone without permission, or of who cannot see it notify nobody', async () => {
    const hidden = harness.guild.createChannel({ name: 'hidden' });
    hidden.overwrite(harness.alice, 'member', { deny: ['VIEW_CHANNEL'] });
    await harness.sent({
      content: `@everyone \`<@${harness.alice.id}>\`\n\`\`\`\n<@${harness.bob.id}>\n\`\`\``,
    });
    await harness.sent({ content: `<@${harness.alice.id}>` }, hidden.id);
    expect(harness.discord.notifications).toEqual([]);
  });

  it('of whom a reply answers are on by default, and off with allowed_mentions', async () => {
    const { id } = harness.discord.user(harness.alice).sendMessage(harness.channel.id, 'question');
    const message_reference = { message_id: id };
    await harness.sent({ content: 'a', message_reference });
    await harness.sent({ content: 'b', message_reference, allowed_mentions: { parse: [] } });
    await harness.sent({
      content: 'c',
      message_reference,
      allowed_mentions: { parse: [], replied_user: true },
    });
    expect(harness.channel.messages.map(({ notified }) => notified)).toEqual([[], ['alice'], [], ['alice']]);
  });

  it('of a V2 message push an empty text', async () => {
    await harness.sent({ flags: V2, components: [text(`<@${harness.alice.id}> hello`)] });
    expect(harness.discord.notifications).toMatchObject([{ to: 'alice', text: '' }]);
  });
});
