import { createPublicKey, verify } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { button, type Handler, Harness, NEVER, Raw, row, text, V2 } from './harness.ts';

let harness: Harness;
beforeEach(async () => {
  harness = await Harness.start();
});
afterEach(() => harness.close());
const MINUTE_MS = 60_000;
const command = (answer: unknown) => {
  harness.answer = () => answer;
  return harness.discord.user(harness.alice).command(harness.channel.id, 'ask', { prompt: 'hi' });
};
const webhook = (token: string) => `/webhooks/${harness.discord.applicationId}/${token}`;

function signatureFits(publicKeyHex: string, timestamp: string, body: string, signature: string): boolean {
  const der = Buffer.concat([
    Buffer.from('302a300506032b6570032100', 'hex'),
    Buffer.from(publicKeyHex, 'hex'),
  ]);
  const key = createPublicKey({ key: der, format: 'der', type: 'spki' });
  return verify(null, Buffer.from(timestamp + body), key, Buffer.from(signature, 'hex'));
}

describe('an interaction', () => {
  it('is signed, and carries what Discord sends', async () => {
    let headers: Record<string, string> = {};
    harness.answer = (_interaction, given) => {
      headers = given;
      return { type: 4, data: { content: 'ok' } };
    };
    const thread = await harness.thread();
    const role = harness.guild.addRole({ name: 'dev', permissions: ['MANAGE_MESSAGES'] });
    harness.guild.setRoles(harness.alice, [role]);
    const outcome = await harness.discord.user(harness.alice).command(thread.id, 'ask', { prompt: 'hi' });
    const fits = (body: string) =>
      signatureFits(
        harness.discord.publicKey,
        headers['x-signature-timestamp'] ?? '',
        body,
        headers['x-signature-ed25519'] ?? '',
      );
    expect(fits(outcome.sent)).toBe(true);
    expect(fits(`${outcome.sent} `)).toBe(false);
    expect(harness.seen[0]).toMatchObject({
      version: 1,
      type: 2,
      application_id: harness.discord.applicationId,
      guild_id: harness.guild.id,
      channel_id: thread.id,
      channel: { id: thread.id, type: 11, parent_id: harness.channel.id },
      member: { user: { id: harness.alice.id, username: 'alice' }, roles: [role.id] },
      context: 0,
      authorizing_integration_owners: { '0': harness.guild.id },
      attachment_size_limit: 10 * 1024 * 1024,
      data: { type: 1, name: 'ask', options: [{ name: 'prompt', type: 3, value: 'hi' }] },
    });
    expect(BigInt(harness.seen[0]?.member.permissions) & (1n << 13n)).not.toBe(0n);
    expect(harness.seen[0]?.app_permissions).toBe('326417632320');
    expect(outcome).toMatchObject({ status: 200, type: 4, ephemeral: false, text: 'ok', failed: undefined });
  });

  it('may carry a channel of id and type only', async () => {
    const thread = await harness.thread();
    await harness.discord.user(harness.alice).command(thread.id, 'ask', {}, { bareChannel: true });
    expect(harness.seen[0]?.channel).toEqual({ id: thread.id, type: 11 });
  });

  it('in a DM has a user and no guild', async () => {
    const dm = harness.discord.createDm(harness.alice);
    await harness.discord.user(harness.alice).command(dm.id, 'ask');
    expect(harness.seen[0]).toMatchObject({
      context: 1,
      user: { id: harness.alice.id },
      authorizing_integration_owners: { '0': '0' },
    });
    expect(harness.seen[0]?.guild_id).toBeUndefined();
    expect(harness.seen[0]?.member).toBeUndefined();
  });

  it('may be given another time to be answered in', async () => {
    const hasty = await Harness.start({ answerWithinMs: 20 });
    hasty.answer = () => NEVER;
    const outcome = await hasty.discord.user(hasty.alice).command(hasty.channel.id, 'ask', { prompt: 'hi' });
    expect(outcome.failed).toMatch(/no answer within 20 ms/);
    await hasty.close();
  });

  it('without an answer in 3 s has failed, and its token is dead', async () => {
    const outcome = await command(NEVER);
    expect(outcome).toMatchObject({ status: 0, type: 0 });
    expect(outcome.failed).toMatch(/did not respond/);
    expect(
      await harness.call('PATCH', `${webhook(outcome.token)}/messages/@original`, { content: 'x' }),
    ).toMatchObject({ status: 404, code: 10015 });
  });

  it('that is answered with an error has failed', async () => {
    expect((await command(new Raw(500, 'boom'))).failed).toMatch(/failed/);
    expect((await command(new Raw(401, 'no'))).failed).toMatch(/failed/);
    expect((await command(new Raw(202, ''))).failed).toMatch(/failed/);
    expect(harness.discord.takeViolations()).toHaveLength(2);
  });

  it('can be delivered twice at once', async () => {
    harness.discord.faults.duplicateDelivery();
    const outcome = await command({ type: 4, data: { content: 'ok' } });
    expect(harness.seen).toHaveLength(2);
    expect(harness.seen[0]).toEqual(harness.seen[1]);
    expect(outcome.answers).toHaveLength(2);
    expect(harness.channel.messages).toHaveLength(1);
  });

  it('can lose its answer', async () => {
    harness.discord.faults.loseAnswer();
    const outcome = await command({ type: 4, data: { content: 'ok' } });
    expect(harness.seen).toHaveLength(1);
    expect(outcome.failed).toMatch(/did not respond/);
  });
});

describe('an answer is refused', () => {
  const bad: readonly { title: string; answer: unknown }[] = [
    { title: 'that is no JSON', answer: new Raw(200, 'pong') },
    {
      title: 'of another content type',
      answer: new Raw(200, '{"type":4,"data":{"content":"x"}}', 'text/plain'),
    },
    { title: 'of a type that does not fit the interaction', answer: { type: 7, data: { content: 'x' } } },
    { title: 'that is a PONG', answer: { type: 1 } },
    { title: 'with an invalid message', answer: { type: 4, data: { content: 'x'.repeat(2001) } } },
    { title: 'with an empty message', answer: { type: 4, data: { flags: 64 } } },
    { title: 'that defers with a flag other than EPHEMERAL', answer: { type: 5, data: { flags: V2 | 64 } } },
    { title: 'that defers with content', answer: { type: 5, data: { content: 'x' } } },
    {
      title: 'with a flag that an answer cannot set',
      answer: { type: 4, data: { content: 'x', flags: 128 } },
    },
    { title: 'with a nonce', answer: { type: 4, data: { content: 'x', nonce: 'n' } } },
  ];
  for (const { title, answer } of bad)
    it(title, async () => {
      const outcome = await command(answer);
      expect(outcome.failed).toMatch(/failed/);
      expect(harness.discord.takeViolations()).toHaveLength(1);
      expect(harness.channel.messages).toEqual([]);
    });
});

describe('a deferred answer', () => {
  it('is filled in by editing @original, and stays private', async () => {
    const outcome = await command({ type: 5, data: { flags: 64 } });
    expect(outcome).toMatchObject({ type: 5, ephemeral: true, text: '' });
    expect(harness.channel.show()).toContain('is thinking…');
    const final = outcome.final();
    const done = await harness.call(
      'PATCH',
      `${webhook(outcome.token)}/messages/@original`,
      { content: 'done' },
      { headers: { authorization: '' } },
    );
    expect(done).toMatchObject({ status: 200, body: { content: 'done', flags: 64 } });
    expect(await final).toMatchObject({ text: 'done', onlyFor: 'alice', loading: false });
    expect(harness.channel.messagesFor(harness.bob)).toEqual([]);
    expect(
      await harness.call('GET', `/channels/${harness.channel.id}/messages/${done.body.id}`),
    ).toMatchObject({ code: 10008 });
  });

  it('is filled in by the first follow-up too, and then takes others', async () => {
    const outcome = await command({ type: 5 });
    const first = await harness.call('POST', webhook(outcome.token), { content: 'one' });
    expect((await outcome.final()).id).toBe(first.body.id);
    await harness.call('POST', webhook(outcome.token), { content: 'two', flags: 64 });
    expect(outcome.followUps).toMatchObject([{ text: 'two', onlyFor: 'alice' }]);
    expect(harness.channel.messagesFor(harness.bob).map((message) => message.text)).toEqual(['one']);
  });

  it('cannot be filled in before Discord saw it', async () => {
    const early: Promise<{ status: number; code: number | undefined }>[] = [];
    harness.answer = async (interaction) => {
      early.push(harness.call('PATCH', `${webhook(interaction.token)}/messages/@original`, { content: 'x' }));
      await Promise.all(early);
      return { type: 5 };
    };
    await harness.discord.user(harness.alice).command(harness.channel.id, 'ask');
    expect(await early[0]).toMatchObject({ status: 404, code: 10015 });
    harness.discord.assertClean();
  });

  it('can be filled in for 15 minutes', async () => {
    const outcome = await command({ type: 5 });
    harness.discord.advance(15 * MINUTE_MS - 1000);
    expect(await harness.call('GET', `${webhook(outcome.token)}/messages/@original`)).toMatchObject({
      status: 200,
    });
    harness.discord.advance(2000);
    expect(
      await harness.call('PATCH', `${webhook(outcome.token)}/messages/@original`, { content: 'x' }),
    ).toMatchObject({ status: 401, code: 50027 });
    harness.discord.assertClean();
  });

  it('of another application or an unknown token is not found', async () => {
    const outcome = await command({ type: 5 });
    expect(
      await harness.call('PATCH', `/webhooks/123456789012345678/${outcome.token}/messages/@original`, {
        content: 'x',
      }),
    ).toMatchObject({ code: 10015 });
    expect(
      await harness.call('PATCH', `${webhook('unknown')}/messages/@original`, { content: 'x' }),
    ).toMatchObject({ code: 10015 });
  });

  it('that was deleted is gone', async () => {
    const outcome = await command({ type: 4, data: { content: 'x', flags: 64 } });
    expect(await harness.call('DELETE', `${webhook(outcome.token)}/messages/@original`)).toMatchObject({
      status: 204,
    });
    expect(await harness.call('GET', `${webhook(outcome.token)}/messages/@original`)).toMatchObject({
      status: 404,
      code: 10008,
    });
  });

  it('tells when nobody filled it in', async () => {
    const outcome = await command({ type: 5 });
    await expect(outcome.final({ timeoutMs: 20 })).rejects.toThrow(/not within 20 ms/);
  });
});

describe('a button', () => {
  const send = (more: object = {}, channelId?: string) =>
    harness.sent(
      { content: 'card', components: [row(button('Allow', 'a:1'), button('Deny', 'd:1', more))] },
      channelId,
    );

  it('sends its message, and its answer updates that', async () => {
    const id = await send();
    harness.answer = () => ({ type: 7, data: { content: 'decided', components: [] } });
    const outcome = await harness.discord.user(harness.bob).click(id, 'Allow');
    expect(harness.seen[0]).toMatchObject({
      type: 3,
      data: { component_type: 2, custom_id: 'a:1' },
      message: { id, content: 'card' },
    });
    expect(outcome).toMatchObject({ type: 7, text: 'decided' });
    expect(harness.discord.message(id)).toMatchObject({ text: 'decided', buttons: [] });
  });

  it('can be answered privately, later, or by a deferred update', async () => {
    const id = await send();
    harness.answer = () => ({ type: 4, data: { content: 'not you', flags: 64 } });
    const bob = harness.discord.user(harness.bob);
    expect(await bob.click(id, 'Allow')).toMatchObject({ ephemeral: true, text: 'not you' });
    harness.answer = () => ({ type: 6 });
    const outcome = await bob.click(id, { customId: /^d:/ });
    await harness.call('PATCH', `${webhook(outcome.token)}/messages/@original`, {
      content: 'later',
      components: [],
    });
    expect(await outcome.final()).toMatchObject({ id, text: 'later' });
  });

  it('cannot be pressed when it is off, absent, a link, gone, or somebody else’s', async () => {
    const bob = harness.discord.user(harness.bob);
    const id = await send({ disabled: true });
    await expect(bob.click(id, 'Deny')).rejects.toThrow(/off/);
    await expect(bob.click(id, 'Other')).rejects.toThrow(/there is: Allow, Deny/);
    harness.discord.deleteMessage(id);
    await expect(bob.click(id, 'Allow')).rejects.toThrow(/gone/);
    const link = await harness.sent({
      content: 'x',
      components: [row({ type: 2, style: 5, label: 'Go', url: 'https://example.org' })],
    });
    await expect(bob.click(link, 'Go')).rejects.toThrow(/link/);
    harness.answer = () => ({
      type: 4,
      data: { content: 'x', flags: 64, components: [row(button('Mine', 'm'))] },
    });
    const mine = await harness.discord.user(harness.alice).command(harness.channel.id, 'ask');
    await expect(bob.click(mine.message?.id ?? '', 'Mine')).rejects.toThrow(/somebody else/);
    expect(await harness.discord.user(harness.alice).click(mine.message?.id ?? '', 'Mine')).toMatchObject({
      status: 200,
    });
  });

  it('cannot be pressed in a locked thread, or in a channel that one does not see', async () => {
    const thread = await harness.thread();
    const id = await send({}, thread.id);
    thread.lock({ archive: false });
    const bob = harness.discord.user(harness.bob);
    await expect(bob.click(id, 'Allow')).rejects.toThrow(/locked/);
    thread.unlock();
    harness.channel.overwrite(harness.bob, 'member', { deny: ['VIEW_CHANNEL'] });
    await expect(bob.click(id, 'Allow')).rejects.toThrow(/do not see/);
  });

  it('whose answer comes when the thread was archived or the card deleted has failed, without a violation', async () => {
    const thread = await harness.thread();
    const id = await send({}, thread.id);
    const bob = harness.discord.user(harness.bob);
    harness.answer = () => {
      thread.archive();
      return { type: 7, data: { content: 'decided', components: [] } };
    };
    expect((await bob.click(id, 'Allow')).failed).toMatch(/archived/);
    thread.unarchive();
    harness.answer = () => {
      harness.discord.deleteMessage(id);
      return { type: 7, data: { content: 'decided', components: [] } };
    };
    expect((await bob.click(id, 'Allow')).failed).toMatch(/Unknown Message/);
    harness.discord.assertClean();
  });

  it('can be forged', async () => {
    const id = await send();
    await harness.discord
      .user(harness.bob)
      .forge({ messageId: id, customId: 'a:999', payload: { channel_id: '1' } });
    expect(harness.seen[0]).toMatchObject({ data: { custom_id: 'a:999' }, channel_id: '1' });
  });
});

describe('a menu, a form, choices', () => {
  it('a select sends its values, and only its own', async () => {
    const options = [
      { label: 'A', value: 'a' },
      { label: 'B', value: 'b' },
    ];
    const id = await harness.sent({ content: 'x', components: [row({ type: 3, custom_id: 's', options })] });
    const bob = harness.discord.user(harness.bob);
    await bob.select(id, ['b']);
    expect(harness.seen[0]?.data).toMatchObject({ component_type: 3, custom_id: 's', values: ['b'] });
    await expect(bob.select(id, ['c'])).rejects.toThrow(/options/);
    await expect(bob.select(id, ['a', 'b'])).rejects.toThrow(/between/);
    const people = await harness.sent({ content: 'x', components: [row({ type: 5, custom_id: 'u' })] });
    await bob.select(people, [harness.alice.id]);
    expect(harness.seen[1]?.data.resolved.users[harness.alice.id]).toMatchObject({ username: 'alice' });
  });

  const form = {
    custom_id: 'f',
    title: 'Reason',
    components: [
      {
        type: 18,
        label: 'Why',
        component: { type: 4, custom_id: 'why', style: 2, min_length: 2, max_length: 10 },
      },
      {
        type: 18,
        label: 'Which',
        component: { type: 3, custom_id: 'which', required: false, options: [{ label: 'A', value: 'a' }] },
      },
      { type: 18, label: 'Files', component: { type: 19, custom_id: 'files', required: false } },
    ],
  };

  it('a form opens, is filled in within its bounds, and is sent', async () => {
    const id = await harness.sent({ content: 'card', components: [row(button('Deny', 'd'))] });
    const alice = harness.discord.user(harness.alice);
    harness.answer = () => ({ type: 9, data: form });
    const opened = await alice.click(id, 'Deny');
    expect(opened.modal).toMatchObject({ customId: 'f', title: 'Reason' });
    await expect(alice.submit(opened, {})).rejects.toThrow(/required/);
    await expect(alice.submit(opened, { Why: 'x' })).rejects.toThrow(/short/);
    await expect(alice.submit(opened, { Why: 'x'.repeat(11) })).rejects.toThrow(/long/);
    await expect(alice.submit(opened, { Why: 'fine', Other: 'x' })).rejects.toThrow(/no field/);
    harness.answer = () => ({ type: 7, data: { content: 'denied', components: [] } });
    const files = { files: [{ name: 'a.txt', data: 'hello', contentType: 'text/plain' }] };
    const sent = await alice.submit(opened, { Why: 'because', which: ['a'], Files: files });
    expect(sent).toMatchObject({ type: 7, text: 'denied' });
    const submitted = harness.seen[1];
    expect(submitted).toMatchObject({ type: 5, message: { id }, data: { custom_id: 'f' } });
    expect(submitted?.data.components).toMatchObject([
      { type: 18, component: { type: 4, custom_id: 'why', value: 'because' } },
      { type: 18, component: { type: 3, custom_id: 'which', values: ['a'] } },
      { type: 18, component: { type: 19, custom_id: 'files' } },
    ]);
    const [attachment] = Object.values(submitted?.data.resolved.attachments) as { url: string }[];
    expect(await (await fetch(attachment?.url ?? '')).text()).toBe('hello');
  });

  it('a form cannot be answered with a form', async () => {
    const alice = harness.discord.user(harness.alice);
    harness.answer = () => ({ type: 9, data: form });
    const opened = await alice.command(harness.channel.id, 'ask');
    const outcome = await alice.submit(opened, { Why: 'because' });
    expect(outcome.failed).toMatch(/failed/);
    harness.discord.takeViolations();
  });

  const badForms: readonly { title: string; data: object }[] = [
    { title: 'a form with a title over 45 characters is refused', data: { ...form, title: 't'.repeat(46) } },
    { title: 'a form without fields is refused', data: { ...form, components: [] } },
    {
      title: 'a form of over five fields is refused',
      data: {
        ...form,
        components: Array.from({ length: 6 }, (_, n) => ({
          type: 18,
          label: 'l',
          component: { type: 4, custom_id: `c${n}`, style: 1 },
        })),
      },
    },
    {
      title: 'a form with a label inside a Label is refused',
      data: {
        ...form,
        components: [{ type: 18, label: 'l', component: { type: 4, custom_id: 'c', style: 1, label: 'x' } }],
      },
    },
    {
      title: 'a form label over 45 characters is refused',
      data: {
        ...form,
        components: [{ type: 18, label: 'l'.repeat(46), component: { type: 4, custom_id: 'c', style: 1 } }],
      },
    },
    {
      title: 'a form with a custom_id twice is refused',
      data: {
        ...form,
        components: ['a', 'b'].map((label) => ({
          type: 18,
          label,
          component: { type: 4, custom_id: 'c', style: 1 },
        })),
      },
    },
    {
      title: 'a form value over 4000 characters is refused',
      data: {
        ...form,
        components: [
          { type: 18, label: 'l', component: { type: 4, custom_id: 'c', style: 1, value: 'v'.repeat(4001) } },
        ],
      },
    },
    { title: 'a form with a button is refused', data: { ...form, components: [row(button('a', 'b'))] } },
    {
      title: 'a form with a disabled select is refused',
      data: {
        ...form,
        components: [
          {
            type: 18,
            label: 'l',
            component: { type: 3, custom_id: 'c', disabled: true, options: [{ label: 'a', value: 'a' }] },
          },
        ],
      },
    },
  ];
  for (const { title, data } of badForms)
    it(title, async () => {
      expect((await command({ type: 9, data })).failed).toMatch(/failed/);
      expect(harness.discord.takeViolations()).toHaveLength(1);
    });

  it('choices of autocomplete are at most 25', async () => {
    const many = (count: number) =>
      Array.from({ length: count }, (_, n) => ({ name: `n${n}`, value: `v${n}` }));
    const alice = harness.discord.user(harness.alice);
    harness.answer = () => ({ type: 8, data: { choices: many(25) } });
    const outcome = await alice.autocomplete(harness.channel.id, 'new', 'project', {
      prompt: 'hi',
      project: 'ap',
    });
    expect(outcome.choices).toHaveLength(25);
    expect(harness.seen[0]?.data.options).toContainEqual({
      name: 'project',
      type: 3,
      value: 'ap',
      focused: true,
    });
    harness.answer = () => ({ type: 8, data: { choices: many(26) } });
    expect((await alice.autocomplete(harness.channel.id, 'new', 'project')).failed).toMatch(/failed/);
    harness.discord.takeViolations();
  });

  it('the message menu sends the message with its text', async () => {
    harness.discord.setCommands([{ type: 3, name: 'Ask Claude' }]);
    const { id } = harness.discord.user(harness.bob).sendMessage(harness.channel.id, 'what is this?');
    const alice = harness.discord.user(harness.alice);
    await alice.menu('Ask Claude', id);
    expect(harness.seen[0]?.data).toMatchObject({
      type: 3,
      target_id: id,
      resolved: { messages: { [id]: { content: 'what is this?' } } },
    });
    await expect(alice.menu('Other', id)).rejects.toThrow(/no message command/);
  });
});

describe('probes', () => {
  it('verify an endpoint that checks signatures, and find one that does not', async () => {
    const honest: Handler = (interaction, headers) => {
      const [signature = '', timestamp = ''] = [
        headers['x-signature-ed25519'],
        headers['x-signature-timestamp'],
      ];
      if (!signatureFits(harness.discord.publicKey, timestamp, JSON.stringify(interaction), signature))
        return new Raw(401, 'bad');
      return { type: 1 };
    };
    harness.answer = honest;
    expect(await harness.discord.verifyEndpoint()).toEqual([]);
    harness.answer = () => ({ type: 1 });
    expect(await harness.discord.verifyEndpoint()).toHaveLength(3);
    harness.answer = (...args) => (honest(...args) instanceof Raw ? new Raw(401, '') : { type: 4 });
    expect(await harness.discord.verifyEndpoint()).toMatchObject([expect.stringContaining('PING')]);
  });

  it('can be raw: an old time, a replay, no signature', async () => {
    const outcome = await command({ type: 4, data: { content: 'ok' } });
    const replay = await harness.discord.deliverRaw({ body: outcome.sent, timestampS: 1 });
    expect(replay).toMatchObject({ status: 200 });
    expect(harness.seen[1]).toEqual(harness.seen[0]);
    expect(harness.channel.messages).toHaveLength(1);
    await harness.discord.deliverRaw({ body: outcome.sent, signature: 'missing' });
    await harness.discord.deliverRaw({ body: '{"type":99}', signature: 'garbage' });
    expect(harness.seen).toHaveLength(4);
  });
});

describe('a message of an interaction', () => {
  it('mentions people by default, and no roles', async () => {
    const role = harness.guild.addRole({ name: 'team', mentionable: true });
    harness.guild.setRoles(harness.bob, [role]);
    const outcome = await command({ type: 4, data: { content: `<@${harness.alice.id}> <@&${role.id}>` } });
    expect(outcome.message?.mentions).toEqual([harness.alice.id]);
  });

  it('that is private notifies nobody', async () => {
    const content = `<@${harness.bob.id}>`;
    await command({ type: 4, data: { content, flags: 64 } });
    expect(harness.discord.notifications).toEqual([]);
    await command({ type: 4, data: { content } });
    expect(harness.discord.notifications).toMatchObject([{ to: 'bob' }]);
  });

  it('may be V2', async () => {
    const outcome = await command({ type: 4, data: { flags: V2 | 64, components: [text('hello')] } });
    expect(outcome).toMatchObject({ text: 'hello', ephemeral: true });
  });
});
