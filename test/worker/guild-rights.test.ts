/** Every button and every command of the Guild asks `may` first: whoever may not changes nothing, whatever they send. */
import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { InteractionId, ProjectName, RunnerId, ThreadId, UserId } from '../../protocol/ids.ts';
import type { Member } from '../../worker/domain/access.ts';
import { BUTTONS, type Verb } from '../../worker/domain/buttons.ts';
import type { GuildActs, GuildDo, Place } from '../../worker/domain/contract.ts';
import { discord } from './fake-discord.ts';
import { ADA, type FakeRunner, newKey, useGuild, world } from './guild-world.ts';
import { CHANNEL, MANAGE_GUILD, newId, ORIGIN } from './interaction.ts';

const THREAD = '700000000000000001' as ThreadId;
const MALLORY = { id: '999000000000000009', name: 'mallory', roles: [], permissions: '0' } as never as Member;
/** They only read. A name that is added here is open to everybody in the server. */
const OPEN_COMMANDS = ['status', 'runners', 'projects'];
const verbs = Object.keys(BUTTONS) as Verb[];

useGuild();

let runner: FakeRunner;
let waiting: string;
beforeEach(async () => {
  runner = await world.runner();
  await world.connect(runner, ['api']);
  await world.report(THREAD, 1, { runner: runner.id });
  await world.command(
    'project',
    [{ type: 1, name: 'bind', options: [{ name: 'project', type: 3, value: 'api' }] }],
    {
      permissions: MANAGE_GUILD,
    },
  );
  // Another one waits to be confirmed.
  const { code } = await world.code({ user: ADA });
  const { body } = await world.redeem(code, (await newKey()).publicKey, 'desk');
  waiting = body.runner ?? '';
  await vi.waitFor(() => expect(JSON.stringify([...discord.originals.values()])).toContain(waiting));
  discord.calls.length = 0;
  world.acted.length = 0;
});
/** All that the Guild keeps, but for the answers that it gave and when it forgets them. */
async function kept(): Promise<string> {
  const tables = (await world.rows("SELECT name FROM sqlite_master WHERE type = 'table'"))
    .map(({ name }) => String(name))
    .filter((name) => !/^_|^sqlite|^answers$|^timers$/.test(name));
  expect(tables).toContain('runners');
  const rows = await Promise.all(
    tables.map(async (name) => [name, await world.rows(`SELECT * FROM "${name}"`)]),
  );
  return JSON.stringify(rows);
}

async function act(what: GuildDo, member: Member = MALLORY) {
  const place: Place = {
    guild: world.guild as Place['guild'],
    channel: CHANNEL as Place['channel'],
    channelType: 0,
    parent: null,
    appPermissions: '0',
  };
  const stub = await world.stub();
  return stub.act({ id: newId() as InteractionId, member, place, origin: ORIGIN, act: what });
}

const token = 'a-token';
/** An example of each. A command that is missing here does not compile. */
const COMMANDS: { readonly [K in Exclude<keyof GuildActs, 'press'>]: GuildActs[K] } = {
  start: { text: 'hi', project: 'api' as ProjectName, thread: false, after: null, token },
  status: { filter: { state: null, person: null, project: null } },
  budget: { usd: 1000 },
  pair: { token },
  runners: {},
  endAll: {},
  resume: { thread: THREAD },
  fork: { thread: THREAD, text: null, token },
  adopt: { runner: 'r' as RunnerId, claudeSession: '00000000-0000-4000-8000-000000000001', token },
  bind: { project: 'api' as ProjectName, runner: null },
  unbind: {},
  projects: {},
  share: { runner: 'laptop', with: { member: MALLORY.id }, on: true },
  unpair: { runner: 'laptop' },
};
const commands = Object.entries(COMMANDS).map(([name, carries]) => ({ do: name, ...carries }) as GuildDo);

/** What they are told. The others only read, or a Session answers. */
const REFUSED: { readonly [K in GuildDo['do']]?: string } = {
  start: 'yours or shared with you',
  budget: 'needs the permission',
  pair: 'needs the permission',
  endAll: 'No session is open that you may end',
  adopt: 'no such session',
  bind: 'needs the permission',
  unbind: 'needs the permission',
  share: 'Only the owner',
  unpair: 'Only the owner',
};

describe('to whoever may not', () => {
  test.each(commands)('the command $do changes nothing', async (what) => {
    const before = await kept();
    const answer = await act(what);
    expect(await kept()).toBe(before);
    expect(answer.kind).toBe('private');
    // A Session decides for itself, and is told who asks.
    const sessions = ['resume', 'fork'].includes(what.do) ? [MALLORY.id] : [];
    expect(world.acted.map(({ act: asked }) => asked.member.id)).toEqual(sessions);
    expect('text' in answer && answer.text).toContain(REFUSED[what.do] ?? '');
  });

  test('no button changes anything', async () => {
    const before = await kept();
    const pairings = (await world.rows('SELECT id FROM pairings')).map(({ id }) => String(id));
    expect(pairings).not.toEqual([]);
    for (const verb of verbs)
      for (const tag of ['', waiting, runner.id, ...pairings]) {
        const answer = await act({ do: 'press', message: null, id: { verb, gen: 0, ref: 0, tag } });
        if (BUTTONS[verb].owner === 'session') expect(answer).toMatchObject({ kind: 'private' });
        else if (BUTTONS[verb].right !== 'status' && tag !== '')
          expect([verb, 'text' in answer && answer.text]).toEqual([
            verb,
            expect.stringMatching(/^Only ada|over/),
          ]);
      }
    expect(await kept()).toBe(before);
    expect(world.acted).toEqual([]);
  });
});

test('the same by who may changes something', async () => {
  const ada = { ...MALLORY, id: ADA as UserId, name: 'ada', permissions: MANAGE_GUILD };
  const changes = async (what: GuildDo) => {
    const before = await kept();
    world.acted.length = 0;
    await act(what, ada);
    // What is ended at once leaves no row: the Session was asked.
    await vi.waitFor(async () =>
      expect([what.do, world.acted.length > 0 || (await kept()) !== before]).toEqual([what.do, true]),
    );
  };
  for (const what of commands)
    if (!OPEN_COMMANDS.includes(what.do) && !['start', 'adopt'].includes(what.do)) await changes(what);
  await changes({ do: 'press', message: null, id: { verb: 'pairyes', gen: 0, ref: 0, tag: waiting } });
});
