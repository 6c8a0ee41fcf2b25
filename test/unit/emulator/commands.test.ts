import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Harness } from './harness.ts';

let harness: Harness;
beforeEach(async () => {
  harness = await Harness.start();
});
afterEach(() => harness.close());

const option = (name: string, more: object = {}) => ({ type: 3, name, description: 'd', ...more });
const slash = (name: string, ...options: object[]) => ({ name, description: 'does it', options });
const global = () => `/applications/${harness.discord.applicationId}/commands`;
const put = (body: unknown, guildId?: string) =>
  harness.call(
    'PUT',
    guildId === undefined
      ? global()
      : `/applications/${harness.discord.applicationId}/guilds/${guildId}/commands`,
    body,
  );

describe('Discord refuses commands with', () => {
  const bad: readonly { title: string; commands: unknown }[] = [
    { title: 'a name in capitals', commands: [slash('Ask')] },
    { title: 'a name with a space', commands: [slash('ask me')] },
    { title: 'a name over 32 characters', commands: [slash('a'.repeat(33))] },
    { title: 'no description', commands: [{ name: 'ask' }] },
    { title: 'a description over 100 characters', commands: [{ name: 'ask', description: 'd'.repeat(101) }] },
    {
      title: 'over 25 options',
      commands: [slash('ask', ...Array.from({ length: 26 }, (_, n) => option(`o${n}`)))],
    },
    {
      title: 'over 25 choices',
      commands: [
        slash(
          'ask',
          option('o', { choices: Array.from({ length: 26 }, (_, n) => ({ name: `c${n}`, value: `${n}` })) }),
        ),
      ],
    },
    {
      title: 'a required option after an optional one',
      commands: [slash('ask', option('a'), option('b', { required: true }))],
    },
    { title: 'two options of one name', commands: [slash('ask', option('a'), option('a'))] },
    { title: 'two commands of one name', commands: [slash('ask'), slash('ask')] },
    {
      title: 'subcommands beside options',
      commands: [slash('ask', { type: 1, name: 's', description: 'd' }, option('a'))],
    },
    {
      title: 'a group in a group',
      commands: [
        slash('ask', {
          type: 2,
          name: 'g',
          description: 'd',
          options: [{ type: 2, name: 'h', description: 'd', options: [] }],
        }),
      ],
    },
    { title: 'options on a message command', commands: [{ type: 3, name: 'Ask', options: [option('a')] }] },
    { title: 'a description on a message command', commands: [{ type: 3, name: 'Ask', description: 'd' }] },
    {
      title: 'autocomplete together with choices',
      commands: [slash('ask', option('a', { autocomplete: true, choices: [{ name: 'c', value: 'c' }] }))],
    },
    {
      title: 'over 8000 characters',
      commands: [
        slash(
          'ask',
          ...Array.from({ length: 4 }, (_, n) =>
            option(`o${n}`, {
              description: 'd'.repeat(100),
              choices: Array.from({ length: 25 }, (_, m) => ({
                name: `${m}`.padEnd(100, 'n'),
                value: 'v'.repeat(100),
              })),
            }),
          ),
        ),
      ],
    },
    { title: 'over 100 slash commands', commands: Array.from({ length: 101 }, (_, n) => slash(`c${n}`)) },
    {
      title: 'over 15 message commands',
      commands: Array.from({ length: 16 }, (_, n) => ({ type: 3, name: `m${n}` })),
    },
    { title: 'permissions as a number', commands: [{ ...slash('ask'), default_member_permissions: 32 }] },
    { title: 'a body that is no list', commands: { name: 'ask' } },
  ];
  for (const { title, commands } of bad)
    it(title, async () => {
      expect(await put(commands)).toMatchObject({ status: 400, code: 50035 });
      expect(harness.discord.commands()).toEqual([]);
      expect(harness.discord.takeViolations()).toHaveLength(1);
    });

  it('over 200 new ones in a day', async () => {
    const set = (prefix: string) => put(Array.from({ length: 100 }, (_, n) => slash(`${prefix}${n}`)));
    expect([(await set('a')).status, (await set('b')).status]).toEqual([200, 200]);
    expect(await set('b')).toMatchObject({ status: 200 });
    expect(await set('c')).toMatchObject({ status: 400, code: 30034 });
    harness.discord.takeViolations();
  });

  it('another application', async () => {
    expect(await harness.call('PUT', '/applications/123456789012345678/commands', [])).toMatchObject({
      status: 403,
      code: 20012,
    });
    harness.discord.takeViolations();
  });

  it('a guild that the bot is not in', async () => {
    expect(await put([], '123456789012345678')).toMatchObject({ status: 403, code: 50001 });
  });
});

describe('commands', () => {
  it('are replaced as a whole, and keep their ids', async () => {
    const first = await put([slash('ask'), slash('new')]);
    const second = await put([slash('new'), slash('stop')]);
    const ids = (body: { name: string; id: string }[]) =>
      Object.fromEntries(body.map(({ name, id }) => [name, id]));
    expect(Object.keys(ids(second.body))).toEqual(['new', 'stop']);
    expect(ids(second.body).new).toBe(ids(first.body).new);
    expect((await harness.call('GET', global())).body).toEqual(second.body);
    await put([slash('only-here')], harness.guild.id);
    expect(harness.discord.commands(harness.guild.id).map(({ name }) => name)).toEqual([
      'only-here',
      'new',
      'stop',
    ]);
  });

  it('bind what a person can type', async () => {
    const commands = [
      slash(
        'ask',
        option('prompt', { required: true, max_length: 5 }),
        { type: 4, name: 'n', description: 'd', max_value: 3 },
        option('mode', { choices: [{ name: 'Plan', value: 'plan' }] }),
      ),
      slash(
        'runner',
        { type: 1, name: 'pair', description: 'd' },
        {
          type: 1,
          name: 'share',
          description: 'd',
          options: [{ type: 9, name: 'with', description: 'd', required: true }],
        },
      ),
      { ...slash('admin'), default_member_permissions: '32' },
      { ...slash('guild-only'), contexts: [0] },
    ];
    expect((await put(commands)).status).toBe(200);
    const alice = harness.discord.user(harness.alice);
    const run = (name: string, options = {}) => alice.command(harness.channel.id, name, options);
    await expect(run('nope')).rejects.toThrow(/no command/);
    await expect(run('ask')).rejects.toThrow(/required/);
    await expect(run('ask', { prompt: 'too long' })).rejects.toThrow(/too long/);
    await expect(run('ask', { prompt: 5 })).rejects.toThrow(/type/);
    await expect(run('ask', { prompt: 'x', n: 4 })).rejects.toThrow(/bounds/);
    await expect(run('ask', { prompt: 'x', mode: 'other' })).rejects.toThrow(/choices/);
    await expect(run('ask', { prompt: 'x', other: 'x' })).rejects.toThrow(/no option/);
    await expect(run('runner')).rejects.toThrow(/subcommand/);
    await expect(run('runner remove')).rejects.toThrow(/no "remove"/);
    await expect(run('admin')).rejects.toThrow(/hidden/);
    const dm = harness.discord.createDm(harness.alice);
    await expect(alice.command(dm.id, 'guild-only')).rejects.toThrow(/not offered/);
    expect(harness.seen).toEqual([]);

    await run('runner share', { with: harness.bob });
    expect(harness.seen[0]?.data).toMatchObject({
      name: 'runner',
      options: [{ type: 1, name: 'share', options: [{ type: 9, name: 'with', value: harness.bob.id }] }],
      resolved: { users: { [harness.bob.id]: { username: 'bob' } }, members: { [harness.bob.id]: {} } },
    });
    const boss = harness.guild.addMember({ name: 'boss', permissions: ['MANAGE_GUILD'] });
    await harness.discord.user(boss).command(harness.channel.id, 'admin');
    expect(harness.seen).toHaveLength(2);
    await alice.command(harness.channel.id, 'nope', {}, { strict: false });
    expect(harness.seen).toHaveLength(3);
  });

  it('take files', async () => {
    await put([slash('ask', { type: 11, name: 'file', description: 'd' })]);
    await harness.discord
      .user(harness.alice)
      .command(harness.channel.id, 'ask', { file: { file: { name: 'a.txt', data: 'hi' } } });
    const { options, resolved } = harness.seen[0]?.data ?? {};
    expect(resolved.attachments[options[0].value]).toMatchObject({ filename: 'a.txt', size: 2 });
  });

  it('are hidden from who may not use them in a channel', async () => {
    harness.channel.overwrite(harness.alice, 'member', { deny: ['USE_APPLICATION_COMMANDS'] });
    await expect(harness.discord.user(harness.alice).command(harness.channel.id, 'ask')).rejects.toThrow(
      /may not use commands/,
    );
  });
});
