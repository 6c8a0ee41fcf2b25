/** Which runner and project a session gets, with three runners of two owners, and what channels are bound to. */
import { beforeEach, describe, expect, test } from 'vitest';
import { ADA, asBob, BOB, type FakeRunner, useGuild, world } from './guild-world.ts';
import { CHANNEL, type Given, newId } from './interaction.ts';

useGuild();

const MANAGE_CHANNELS = '16';
const MANAGE_GUILD = '32';

let laptop: FakeRunner;
let desk: FakeRunner;
let server: FakeRunner;

/** Ada has laptop and desk, Bob has server; Bob shared his with her. */
beforeEach(async () => {
  laptop = await world.runner({ called: 'laptop' });
  desk = await world.runner({ called: 'desk' });
  server = await world.runner({ ...asBob, called: 'server' });
  await world.connect(laptop, ['api', 'web']);
  await world.connect(desk, ['api']);
  await world.connect(server, ['api', 'infra']);
  await share(true);
});

const option = (name: string, value: string) => ({ name, type: 3, value });
const share = (on: boolean) =>
  world.runnerCommand(
    'share',
    [{ name: 'member', type: 6, value: ADA }, ...(on ? [] : [{ name: 'off', type: 5, value: true }])],
    asBob,
  );
const begin = (options: readonly { name: string; type: number; value: string }[], given: Given = {}) =>
  world.command('new', [...options], given);
const project = (sub: string, options: unknown[] = [], given: Given = {}) =>
  world.command('project', [{ type: 1, name: sub, options }], { permissions: MANAGE_CHANNELS, ...given });
const choices = async (what: 'project' | 'runner' | 'anyRunner', other = '', user = ADA) =>
  (await world.stub()).choices(
    { id: user as never, name: 'x', roles: [], permissions: '0' },
    what,
    '',
    other,
  );
const opened = () => world.opened.map((open) => `${open.runner.name}/${open.project}`);
async function over() {
  await world.until(async () =>
    (await world.rows('SELECT step FROM starts')).every(({ step }) => step === 'done' || step === 'failed'),
  );
}
const busy = async (runner: FakeRunner, sessions: number) => {
  for (let n = 0; n < sessions; n++) await world.report(newId(), 1, { runner: runner.id });
};

describe('with three runners of two owners', () => {
  test('the own one with the least work, then the other; a shared one only when none has the project', async () => {
    await busy(laptop, 2);
    await begin([option('project', 'api')]);
    await busy(desk, 5);
    await begin([option('project', 'api')]);
    await begin([option('project', 'infra')]);
    await over();
    expect(opened()).toEqual(['desk/api', 'laptop/api', 'server/infra']);
  });

  test('runner: decides, by name, whatever else would come first', async () => {
    await begin([option('project', 'api'), option('runner', 'Server')]);
    await begin([option('runner', 'desk')]);
    await world.command('ask', [option('prompt', 'hello'), option('runner', 'server')]);
    await over();
    expect(opened()[0]).toBe('server/api');
    expect(opened()[1]).toBe('desk/api');
    expect(opened()[2]).toMatch(/^server\//);
  });

  test.each<[string, () => Promise<unknown>, [string, string], string[]]>([
    ['unknown', async () => {}, ['toaster', 'api'], ['toaster', 'laptop', 'desk', 'server']],
    ['not shared', () => share(false), ['server', 'api'], ['not shared with you', 'bob', 'laptop', 'desk']],
    [
      'removed',
      () => world.runnerCommand('remove', [option('runner', 'server')], asBob),
      ['server', 'api'],
      ['was removed', 'laptop', 'desk'],
    ],
    ['project not there', async () => {}, ['desk', 'web'], ['no project **web**', 'laptop', 'api']],
  ])('%s: refused with what is there, and nothing begins', async (_name, given, [runner, wanted], words) => {
    await given();
    const reply = await begin([option('project', wanted), option('runner', runner)]);
    expect(reply.flags & 64).toBe(64);
    for (const word of words) expect(reply.text).toContain(word);
    expect(world.opened).toEqual([]);
    expect(await world.rows('SELECT 1 FROM starts')).toEqual([]);
  });

  test('autocomplete offers what the member may use, narrowed by what is chosen already', async () => {
    expect(await choices('runner')).toEqual(['desk', 'laptop']);
    expect((await choices('anyRunner')).toSorted()).toEqual(['desk', 'laptop', 'server']);
    expect(await choices('anyRunner', 'infra')).toEqual(['server']);
    expect((await choices('project', 'laptop')).toSorted()).toEqual(['api', 'web']);
    await share(false);
    expect((await choices('anyRunner')).toSorted()).toEqual(['desk', 'laptop']);
    expect(await choices('project', 'server')).toEqual([]);
    expect(await choices('anyRunner', '', BOB)).toEqual(['server']);
  });

  test('/runner list shows where each is, how much it has to do, and what it offers', async () => {
    await busy(server, 3);
    const text = (await world.runnerCommand('list')).text.replaceAll('\u200b', '');
    const line = text.split('\n**').find((each) => each.includes('server')) ?? '';
    for (const word of [
      'bob',
      '🟢 online since <t:',
      '0 processes',
      '3 sessions here, 3 at work',
      'Heddle 0.1.0',
      'Claude 2.1.330',
      'infra',
      `<@${ADA}>`,
    ])
      expect(line).toContain(word);
    expect(text).toContain('desk');
  });

  test('a long list of runners has pages', async () => {
    for (let n = 0; n < 6; n++) await world.runner({ called: `more ${n}` });
    const first = await world.runnerCommand('list');
    expect(first.text).toContain('Page 1 of 2');
    const second = await world.press('h1:runnerpage:0:1:');
    expect(second.type).toBe(7);
    expect(second.text).toContain('Page 2 of 2');
    const named = (text: string) => [...text.matchAll(/^\*\*(.+?)\*\*/gm)].map(([, name]) => name);
    expect(new Set([...named(first.text), ...named(second.text)]).size).toBe(9);
    expect((await world.press('h1:runnerpage:0:99:')).text).toContain('Page 2 of 2');
  });
});

describe('a worktree of its own', () => {
  test.each([
    ['true', { name: null }],
    ['Yes', { name: null }],
    ['fix-login_2.0', { name: 'fix-login_2.0' }],
    ['heddle/x', { name: 'x' }],
    ['false', undefined],
  ])('%s is passed on', async (given, worktree) => {
    await begin([option('worktree', given)]);
    await over();
    expect(world.opened.map((open) => open.worktree)).toEqual([worktree]);
  });

  test.each(['../x', 'a b', 'x.lock', 'a..b', '-x', 'x.', 'ü', 'x'.repeat(61), '$(id)', 'a/b'])(
    '%j is no name: refused, and nothing begins',
    async (given) => {
      expect((await begin([option('worktree', given)])).text).toContain('worktree');
      expect(await world.rows('SELECT 1 FROM starts')).toEqual([]);
    },
  );
});

describe('a channel that is bound to a project', () => {
  test('needs no option, also in its threads; a named project wins', async () => {
    expect((await project('bind', [option('project', 'infra')])).text).toContain('infra');
    await begin([]);
    await begin([option('project', 'web')]);
    await world.command('ask', [option('prompt', 'hi')], {
      channel: newId(),
      channelType: 11,
      parent: CHANNEL,
    });
    await begin([], { channel: newId() });
    await over();
    expect(opened().slice(0, 3)).toEqual(['server/infra', 'laptop/web', 'server/infra']);
  });

  test('with a runner it is that one, unless another is named', async () => {
    await project('bind', [option('project', 'api'), option('runner', 'server')]);
    await begin([]);
    await begin([option('runner', 'desk')]);
    await over();
    expect(opened()).toEqual(['server/api', 'desk/api']);
  });

  test('a member who manages nothing may not bind or free it', async () => {
    await project('bind', [option('project', 'api')]);
    for (const sub of ['bind', 'unbind']) {
      const options = sub === 'bind' ? [option('project', 'web')] : [];
      expect((await project(sub, options, { permissions: '0' })).text).toContain('Manage Channels');
    }
    expect(await world.rows('SELECT project FROM bindings')).toEqual([{ project: 'api' }]);
  });

  test('managing the server is enough, but not to bind what one may not use oneself', async () => {
    expect((await project('bind', [option('project', 'web')], { permissions: MANAGE_GUILD })).text).toContain(
      'bound',
    );
    const bobs = await project('bind', [option('project', 'web')], { ...asBob, permissions: MANAGE_GUILD });
    expect(bobs.text).toContain('No runner of yours has a project **web**');
    const unknown = await project('bind', [option('project', 'api'), option('runner', 'toaster')]);
    expect(unknown.text).toContain('toaster');
    expect(await world.rows('SELECT project FROM bindings')).toEqual([{ project: 'web' }]);
  });

  test('the bound project is gone: refused with the way around it; unbound, it is free again', async () => {
    await project('bind', [option('project', 'infra')]);
    await share(false);
    const reply = await begin([]);
    expect(reply.text).toContain('bound to **infra**');
    expect(reply.text).toContain('`/project unbind`');
    expect(world.opened).toEqual([]);
    expect((await project('unbind')).text).toContain('no longer bound');
    expect((await project('unbind')).text).toContain('not bound');
    await begin([]);
    await over();
    expect(opened()).toHaveLength(1);
  });

  test('/project list: what one may start in, where, and which channels are bound', async () => {
    await project('bind', [option('project', 'infra')]);
    const { text } = await project('list', [], { permissions: '0' });
    expect(text).toMatch(/\*\*infra\*\* · server \(online\) · bound: <#\d+>/);
    expect(text).toMatch(/\*\*api\*\* · .*laptop/);
    await share(false);
    expect((await project('list')).text).toMatch(
      /<#\d+> is bound to \*\*infra\*\*, which no runner of yours has/,
    );
  });

  test('a binding gives nobody the use of a runner', async () => {
    await project('bind', [option('project', 'web')]);
    expect((await begin([], asBob)).text).toContain('bound to **web**');
    expect(world.opened).toEqual([]);
  });
});
