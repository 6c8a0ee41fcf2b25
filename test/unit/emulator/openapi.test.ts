import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { OpenApi } from '../../../playground/discord/core/openapi.ts';
import { button, Harness, row, text, V2 } from './harness.ts';

// The part of Discord's document that the emulator's routes need; the whole one is checked when it is there.
const SUBSET = join(dirname(fileURLToPath(import.meta.url)), '../../fixtures/discord/openapi-subset.json');
const DOCUMENT = process.env.HEDDLE_DISCORD_OPENAPI || SUBSET;

let harness: Harness;
beforeEach(async () => {
  harness = await Harness.start({ openapi: DOCUMENT });
});
afterEach(() => harness.close());

describe('with Discord’s OpenAPI document', () => {
  it('a request that it does not allow is refused, and is a violation', async () => {
    const answer = await harness.post({ content: 'x', allowed_mentions: { replied_user: 'no' } });
    expect(answer).toMatchObject({ status: 400, code: 50035 });
    expect(answer.body.message).toContain('replied_user');
    expect(() => harness.discord.assertClean()).toThrow(/OpenAPI/);
  });

  it('an unknown query parameter is refused', async () => {
    expect(await harness.call('GET', `/channels/${harness.channel.id}/messages?since=1`)).toMatchObject({
      status: 400,
    });
    expect(await harness.call('GET', `/channels/${harness.channel.id}/messages?limit=many`)).toMatchObject({
      status: 400,
    });
  });

  it('a body where none belongs is refused', async () => {
    expect(await harness.call('POST', `/channels/${harness.channel.id}/typing`, { for: 10 })).toMatchObject({
      status: 400,
    });
  });

  it('the unions that accept anything are told apart', async () => {
    const api = await OpenApi.load(DOCUMENT);
    const problems = (method: string, path: string, body: unknown, parent?: number) =>
      api.problems({ method, path }, body, new URLSearchParams(), {}, parent);
    expect(problems('PATCH', '/channels/{channel_id}', { auto_archive_duration: 61 })).not.toEqual([]);
    expect(problems('PATCH', '/channels/{channel_id}', { locked: 'yes' })).not.toEqual([]);
    expect(
      problems('PATCH', '/channels/{channel_id}', { auto_archive_duration: 1440, locked: true }),
    ).toEqual([]);
    const post = { name: 'P', message: { content: 5 } };
    expect(problems('POST', '/channels/{channel_id}/threads', post, 15)).not.toEqual([]);
    expect(problems('POST', '/channels/{channel_id}/messages', { content: 'x'.repeat(2001) })).not.toEqual(
      [],
    );
  });

  it('what Discord takes passes although the document is stricter', async () => {
    const form = new FormData();
    form.set('payload_json', JSON.stringify({ content: 'x', attachments: [{ id: 0, filename: 'a.txt' }] }));
    form.set('files[0]', new Blob(['a']), 'a.txt');
    const path = `/channels/${harness.channel.id}/messages`;
    expect(await harness.call('POST', path, undefined, { form })).toMatchObject({ status: 200 });
    const commands = [
      {
        name: 'admin',
        description: 'd',
        default_member_permissions: '32',
        contexts: [0],
        integration_types: [0],
      },
    ];
    expect(
      await harness.call('PUT', `/applications/${harness.discord.applicationId}/commands`, commands),
    ).toMatchObject({ status: 200 });
    harness.discord.assertClean();
  });

  it('the emulator’s own answers are as it describes them', async () => {
    const api = await OpenApi.load(DOCUMENT);
    const wrong: string[] = [];
    const check = async (method: string, template: string, path: string, body?: unknown) => {
      const answer = await harness.call(method, path, body);
      const problems = api.responseProblems({ method, path: template }, answer.status, answer.body);
      wrong.push(...problems.map((problem) => `${method} ${template}: ${problem}`));
      return answer.body;
    };
    const { discord, channel } = harness;
    const app = `/applications/${discord.applicationId}/commands`;
    await check('GET', '/applications/@me', '/applications/@me');
    await check('GET', '/users/@me', '/users/@me');
    await check('PUT', '/applications/{application_id}/commands', app, [
      { name: 'ask', description: 'd', options: [{ type: 3, name: 'prompt', description: 'd' }] },
    ]);
    await check('GET', '/applications/{application_id}/commands', app);
    await check('GET', '/channels/{channel_id}', `/channels/${channel.id}`);
    const messages = '/channels/{channel_id}/messages';
    const content = `<@${harness.alice.id}> hello`;
    const plain = await check('POST', messages, `/channels/${channel.id}/messages`, {
      content,
      components: [row(button('a', 'b'), { type: 2, style: 5, label: 'l', url: 'https://example.org' })],
      nonce: 'n',
    });
    const container = {
      type: 17,
      accent_color: 1,
      components: [
        text('a'),
        { type: 14 },
        { type: 9, components: [text('b')], accessory: button('c', 'd') },
        row(button('e', 'f')),
      ],
    };
    await check('POST', messages, `/channels/${channel.id}/messages`, { flags: V2, components: [container] });
    const select = row({ type: 3, custom_id: 's', options: [{ label: 'a', value: 'a' }] });
    await check('PATCH', `${messages}/{message_id}`, `/channels/${channel.id}/messages/${plain.id}`, {
      content: 'edited',
      components: [select],
    });
    await check(
      'POST',
      `${messages}/{message_id}/threads`,
      `/channels/${channel.id}/messages/${plain.id}/threads`,
      { name: 'T', auto_archive_duration: 1440 },
    );
    await check('PATCH', '/channels/{channel_id}', `/channels/${plain.id}`, {
      name: 'U',
      auto_archive_duration: 4320,
    });
    await check(
      'PUT',
      '/channels/{channel_id}/thread-members/{user_id}',
      `/channels/${plain.id}/thread-members/${harness.alice.id}`,
    );
    await check('POST', '/channels/{channel_id}/typing', `/channels/${plain.id}/typing`);
    const reply = await check('POST', messages, `/channels/${channel.id}/messages`, {
      content: 'r',
      message_reference: { message_id: plain.id },
    });
    await check(
      'PUT',
      `${messages}/{message_id}/reactions/{emoji_name}/@me`,
      `/channels/${channel.id}/messages/${reply.id}/reactions/${encodeURIComponent('👀')}/@me`,
    );
    await check('GET', `${messages}/{message_id}`, `/channels/${channel.id}/messages/${reply.id}`);
    await check('GET', messages, `/channels/${channel.id}/messages`);
    await check('GET', messages, `/channels/${plain.id}/messages`);
    harness.answer = () => ({ type: 4, data: { content: 'ok', flags: 64 } });
    const outcome = await discord.user(harness.alice).command(channel.id, 'ask');
    const webhook = `/webhooks/${discord.applicationId}/${outcome.token}`;
    const original = '/webhooks/{webhook_id}/{webhook_token}/messages/@original';
    await check('GET', original, `${webhook}/messages/@original`);
    await check('PATCH', original, `${webhook}/messages/@original`, { content: 'later' });
    await check('POST', '/webhooks/{webhook_id}/{webhook_token}', webhook, { content: 'more' });
    await check('DELETE', original, `${webhook}/messages/@original`);
    await check('DELETE', `${messages}/{message_id}`, `/channels/${channel.id}/messages/${reply.id}`);
    expect(wrong).toEqual([]);
    discord.assertClean();
  });
});
