/** From what Discord sends to the object that is asked: each command by itself, with all that somebody could forge. */
import { describe, expect, test } from 'vitest';
import type { GuildAct, SessionAct } from '../../worker/domain/contract.ts';
import type { Acting } from '../../worker/interactions/acting.ts';
import { COMMANDS, run, suggest } from '../../worker/interactions/commands.ts';
import { type CommandData, parsePayload } from '../../worker/interactions/payload.ts';

type Sent = { readonly name: string; readonly options?: readonly Sent[]; readonly value?: unknown };

/** One who acts in a thread or a channel of a server, and what the objects are asked. */
function stage(channelType = 11) {
  const asked: { readonly of: 'guild' | 'session'; readonly act: GuildAct | SessionAct }[] = [];
  const offered: unknown[][] = [];
  const noted = (of: 'guild' | 'session') => ({
    act: async (act: GuildAct | SessionAct) => {
      asked.push({ of, act });
      return { kind: 'private', text: `the ${of} answers` } as const;
    },
  });
  const offers =
    (kind: string, found: unknown) =>
    async (...args: unknown[]) => {
      offered.push([kind, ...args.slice(1)]);
      return found;
    };
  const acting = {
    env: {
      DISCORD_API_URL: 'https://discord.com/api/v10',
      DISCORD_APPLICATION_ID: '42',
      GUILD: {
        getByName: () => ({
          ...noted('guild'),
          choices: offers('choices', ['api', 'x'.repeat(101)]),
          resumable: offers('resumable', [{ name: 'one', value: '1' }]),
          offered: offers('offered', [{ name: 'haiku', value: 'haiku' }]),
        }),
      },
      SESSION: { getByName: () => noted('session') },
    },
    id: '1',
    token: 't',
    origin: 'https://heddle.example',
    member: { id: '9', name: 'mallory', roles: [], permissions: '0' },
    place: {
      guild: '100',
      channel: '300',
      channelType,
      parent: '200',
      appPermissions: String((1n << 40n) - 1n),
    },
  } as never as Acting;
  return { acting, asked, offered };
}

/** As Discord's payload is read. */
function data(name: string, options: readonly Sent[] = [], type = 1): CommandData {
  const typed = (sent: readonly Sent[]): unknown[] =>
    sent.map((one) => ({ type: 3, ...one, ...(one.options && { options: typed(one.options) }) }));
  const payload = parsePayload({
    id: '1',
    token: 't',
    type: 2,
    data: { type, name, options: typed(options) },
  });
  if (payload === null || !('data' in payload) || !('options' in payload.data)) throw new Error('unreadable');
  return payload.data;
}

/** Each command, and each subcommand, as it is sent with these options. */
const single = COMMANDS.flatMap(({ name, options }) => {
  const subs = options.filter(({ type }) => type === 1);
  const all = subs.length === 0 ? [{ path: name, sub: null, options }] : [];
  return all.concat(
    subs.map((sub) => ({
      path: `${name} ${sub.name}`,
      sub: sub.name as never,
      options: sub.options ?? [],
    })),
  );
});
const send = ({ path, sub }: (typeof single)[number], options: readonly Sent[] = []) => {
  const [name = ''] = path.split(' ');
  return data(name, sub === null ? options : [{ name: sub, options }]);
};

describe.each(single)('/$path', (command) => {
  const FORGED = [
    '',
    '   ',
    '1',
    'x y',
    '__proto__',
    '../..',
    't:r:1',
    'x'.repeat(7000),
    0,
    -1,

    true,
  ];

  test.each([11, 0, 2])('answers one person, whatever is forged, in a channel of type %i', async (type) => {
    const forged = FORGED.map((value) => command.options.map(({ name }) => ({ name, value })));
    for (const options of [[], [{ name: 'what', value: 'x' }], ...forged]) {
      const { acting, asked } = stage(type);
      const answer = await run(acting, send(command, options as never));
      expect(answer).toMatchObject({ kind: 'private', text: expect.stringMatching(/\S/) });
      expect(asked.length).toBeLessThanOrEqual(1);
      for (const { act } of asked) expect(act.member.id).toBe('9');
    }
  });

  test('offers something for each option that says so, and nothing for another', async () => {
    for (const { name, autocomplete } of command.options) {
      const { acting, asked } = stage();
      const focused = { name, value: 'a', focused: true } as Sent;
      const found = await suggest(acting, send(command, [focused]));
      expect([name, found.length > 0]).toEqual([name, autocomplete === true]);
      for (const choice of found) expect(choice.name.length).toBeLessThanOrEqual(100);
      expect(asked).toEqual([]);
    }
  });
});

test('a required option that is missing asks nobody', async () => {
  for (const command of single.filter(({ options }) => options.some((option) => option.required === true))) {
    const { acting, asked } = stage();
    await run(acting, send(command));
    expect([command.path, asked.filter(({ act }) => act.act.do !== 'settings')]).toEqual([command.path, []]);
  }
});

test('what one option says narrows what another offers', async () => {
  const { acting, offered } = stage(0);
  const project = { name: 'project', value: 'a', focused: true } as Sent;
  await suggest(acting, data('new', [project, { name: 'runner', value: 'desk' }]));
  await suggest(acting, data('runner', [{ name: 'share', options: [{ ...project, name: 'runner' }] }]));
  await suggest(acting, data('fork', [{ ...project, name: 'session' }]));
  expect(offered).toEqual([
    ['choices', 'project', 'a', 'desk'],
    ['choices', 'runner', 'a', ''],
    ['resumable', 'a', 'fork'],
  ]);
});

test.each([
  ['of no name that is known', data('launch')],
  ['of a name that every object has', data('constructor')],
  ['a group without a subcommand', data('runner')],
  ['a subcommand that is none', data('runner', [{ name: 'steal', options: [] }])],
  ['a menu’s entry as a slash command', data('Ask Claude')],
  ['a slash command as a menu’s entry', data('end', [], 3)],
  ['of another menu', data('Ask Claude', [], 2)],
])('a command is refused, and nobody is asked: %s', async (_name, what) => {
  const { acting, asked } = stage();
  expect(await run(acting, what)).toMatchObject({
    kind: 'private',
    text: expect.stringContaining('nothing happened'),
  });
  expect(await suggest(acting, what)).toEqual([]);
  expect(asked).toEqual([]);
});

test('/model and /mode set what /settings sets, without its panel', async () => {
  const { acting, asked } = stage();
  await run(acting, data('model', [{ name: 'model', value: 'haiku' }]));
  await run(acting, data('mode', [{ name: 'mode', value: 'plan' }]));
  await run(acting, data('settings', [{ name: 'effort', value: 'high' }]));
  expect(asked.map(({ act }) => act.act)).toEqual([
    { do: 'settings', panel: false, model: 'haiku' },
    { do: 'settings', panel: false, mode: 'plan' },
    { do: 'settings', effort: 'high' },
  ]);
});
