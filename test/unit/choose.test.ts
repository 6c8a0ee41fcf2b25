import { describe, expect, test } from 'vitest';
import type { ProjectName, RoleId, RunnerId, UserId } from '../../protocol/ids.ts';
import type { Member } from '../../worker/domain/access.ts';
import { type Candidate, choose, projectsFor, withBinding } from '../../worker/guild/runners/choose.ts';
import { noChoice } from '../../worker/guild/runners/words.ts';

const ada: Member = { id: '1' as UserId, name: 'ada', roles: [], permissions: '0' };
const p = (name: string) => name as ProjectName;

interface Given {
  owner?: string;
  members?: string[];
  roles?: string[];
  removed?: boolean;
  online?: boolean;
  projects?: string[] | null;
  trouble?: string;
  load?: number;
  processes?: number;
  places?: number;
}

function runner(name: string, given: Given = {}): Candidate {
  return {
    id: `id-${name}` as RunnerId,
    name,
    access: {
      owner: (given.owner ?? '1') as UserId,
      ownerName: `owner ${given.owner ?? '1'}`,
      members: (given.members ?? []) as UserId[],
      roles: (given.roles ?? []) as RoleId[],
      removed: given.removed ?? false,
      rev: 1,
    },
    presence: given.online === false ? { online: false, sinceMs: 5 } : { online: true },
    projects: given.projects === null ? null : (given.projects ?? ['api']).map(p),
    claudeTrouble: given.trouble ?? null,
    load: given.load ?? 0,
    processes: given.processes ?? 0,
    places: given.places ?? null,
  };
}

function chosen(runners: Candidate[], project: string | null, recent: string[] = [], member = ada): string {
  const choice = choose(
    member,
    { project: project === null ? null : p(project), recent: recent.map(p) },
    runners,
  );
  return choice.ok ? `${choice.runner.name}/${choice.project}` : choice.why.is;
}

describe('which runner a session gets', () => {
  test.each<[string, string, Candidate[], string | null, string[]]>([
    ['none at all', 'noRunner', [], 'api', []],
    ['only removed ones', 'noRunner', [runner('a', { removed: true })], 'api', []],
    ["someone else's", 'notShared', [runner('a', { owner: '2' })], 'api', []],
    ['shared with the member', 'a/api', [runner('a', { owner: '2', members: ['1'] })], 'api', []],
    ['shared with another member', 'notShared', [runner('a', { owner: '2', members: ['3'] })], 'api', []],
    [
      'own before shared, however loaded',
      'own/api',
      [runner('shared', { owner: '2', members: ['1'] }), runner('own', { load: 9 })],
      'api',
      [],
    ],
    [
      'own and away before shared and there',
      'own/api',
      [runner('shared', { owner: '2', members: ['1'] }), runner('own', { online: false })],
      'api',
      [],
    ],
    [
      'of own ones that which is there',
      'on/api',
      [runner('off', { online: false }), runner('on', { load: 9 })],
      'api',
      [],
    ],
    [
      'shared when the own one has it not',
      'shared/web',
      [runner('own'), runner('shared', { owner: '2', members: ['1'], projects: ['web'], load: 3 })],
      'web',
      [],
    ],
    [
      'of shared ones the least loaded',
      'c/api',
      [
        runner('b', { owner: '2', members: ['1'], load: 3 }),
        runner('c', { owner: '2', members: ['1'], load: 1 }),
        runner('d', { owner: '3', members: ['1'], load: 2 }),
      ],
      'api',
      [],
    ],
    [
      'load is weighed against the places there are',
      'big/api',
      [runner('big', { load: 4, places: 32 }), runner('small', { load: 1, places: 2 })],
      'api',
      [],
    ],
    [
      'with the same work the one with fewer processes',
      'b/api',
      [runner('a', { processes: 5, places: 8 }), runner('b', { processes: 2, places: 8 })],
      'api',
      [],
    ],
    ['least loaded', 'b/api', [runner('a', { load: 2 }), runner('b', { load: 1 })], 'api', []],
    [
      'offline when it alone has the project',
      'off/web',
      [runner('on'), runner('off', { online: false, projects: ['web'] })],
      'web',
      [],
    ],
    ['unknown project', 'unknownProject', [runner('a')], 'nope', []],
    [
      'a project of a runner that is not shared is unknown',
      'unknownProject',
      [runner('a'), runner('b', { owner: '2', projects: ['secret'] })],
      'secret',
      [],
    ],
    [
      'no project named: the last one used',
      'a/web',
      [runner('a', { projects: ['api', 'web'] })],
      null,
      ['gone', 'web'],
    ],
    [
      'no project named, none used: the first',
      'a/api',
      [runner('a', { projects: ['api', 'web'] })],
      null,
      [],
    ],
    [
      'no project named: what is online before what was used last',
      'on/api',
      [runner('on'), runner('off', { online: false, projects: ['web'] })],
      null,
      ['web'],
    ],
    ['no projects', 'noProject', [runner('a', { projects: [] })], null, []],
    ['never connected', 'noProject', [runner('a', { projects: null, online: false })], 'api', []],
    ['Claude does not work there', 'claude', [runner('a', { trouble: 'too old' })], 'api', []],
    ['another where it works', 'b/api', [runner('a', { trouble: 'x' }), runner('b', { load: 5 })], 'api', []],
  ])('%s', (_name, expected, runners, project, recent) => {
    expect(chosen(runners, project, recent)).toBe(expected);
  });

  test('a role that the runner is shared with is enough; another is not', () => {
    const shared = runner('a', { owner: '2', roles: ['7'] });
    expect(chosen([shared], 'api', [], { ...ada, roles: ['7' as RoleId] })).toBe('a/api');
    expect(chosen([shared], 'api', [], { ...ada, roles: ['8' as RoleId] })).toBe('notShared');
  });

  test('managing the server gives nobody a shell on somebody else’s machine', () => {
    expect(chosen([runner('a', { owner: '2' })], 'api', [], { ...ada, permissions: '8' })).toBe('notShared');
  });

  test('refusals name what a person can do about it', () => {
    const choice = choose(ada, { project: p('x'), recent: [] }, [runner('a', { projects: ['api', 'web'] })]);
    expect(choice).toEqual({
      ok: false,
      why: { is: 'unknownProject', project: 'x', projects: ['api', 'web'] },
    });
  });

  test('autocomplete offers only what the member may start in', () => {
    const runners = [
      runner('a', { projects: ['api', 'web'] }),
      runner('b', { owner: '2', projects: ['secret'] }),
      runner('c', { owner: '2', members: ['1'], projects: ['web', 'docs'] }),
      runner('d', { removed: true, projects: ['old'] }),
    ];
    expect(projectsFor(ada, runners)).toEqual(['api', 'web', 'docs']);
  });
});

describe('a runner by name', () => {
  const own = runner('own', { projects: ['api'] });
  const desk = runner('desk', { projects: ['web'], load: 5 });
  const theirs = runner('theirs', { owner: '2', projects: ['api', 'secret'] });
  const shared = runner('shared', { owner: '2', members: ['1'], projects: ['api'], online: false });
  const gone = runner('gone', { removed: true });
  const all = [own, desk, theirs, shared, gone];
  const named = (name: string, project: string | null) =>
    choose(ada, { project: project === null ? null : p(project), recent: [], runner: name }, all);

  test.each([
    ['Shared', 'api', 'shared'],
    ['desk', null, 'desk'],
    ['desk', 'web', 'desk'],
  ])('%s with %s is taken, whatever else would come first', (name, project, expected) => {
    const choice = named(name, project);
    expect(choice.ok && choice.runner.name).toBe(expected);
  });

  test('away, with another that is there: that one is named', () => {
    expect(named('shared', 'api')).toMatchObject({ ok: true, instead: null });
    const mine = [runner('mine', { online: false }), shared, runner('other', { owner: '2', members: ['1'] })];
    expect(choose(ada, { project: p('api'), recent: [] }, mine)).toMatchObject({
      runner: { name: 'mine' },
      instead: 'other',
    });
  });

  test.each([
    ['nope', 'api', { is: 'unknownRunner', runner: 'nope', runners: ['own', 'desk', 'shared'] }],
    ['gone', 'api', { is: 'runnerRemoved', runner: 'gone', runners: ['own', 'desk', 'shared'] }],
    [
      'theirs',
      'secret',
      {
        is: 'runnerNotShared',
        runner: 'theirs',
        ownerName: 'owner 2',
        runners: ['own', 'desk', 'shared'],
      },
    ],
    [
      'desk',
      'api',
      {
        is: 'projectNotThere',
        runner: 'desk',
        project: 'api',
        projects: ['web'],
        elsewhere: ['own', 'shared'],
      },
    ],
    [
      'desk',
      'secret',
      { is: 'projectNotThere', runner: 'desk', project: 'secret', projects: ['web'], elsewhere: [] },
    ],
  ])('%s with %s is refused, and what is there is named', (name, project, why) => {
    expect(named(name, project)).toEqual({ ok: false, why });
    expect(noChoice(why as Extract<ReturnType<typeof named>, { ok: false }>['why'])).toContain(why.runner);
  });

  test('a removed runner does not stand in the way of a new one of its name', () => {
    const again = runner('gone', { projects: ['api'] });
    const choice = choose(ada, { project: p('api'), recent: [], runner: 'gone' }, [
      { ...gone, id: 'old' as RunnerId },
      again,
    ]);
    expect(choice).toMatchObject({ ok: true, runner: { id: again.id } });
  });

  test('where Claude does not work it is not begun', () => {
    const sick = runner('sick', { trouble: 'too old' });
    expect(choose(ada, { project: p('api'), recent: [], runner: 'sick' }, [own, sick])).toMatchObject({
      why: { is: 'claude', runner: 'sick' },
    });
  });
});

describe('what a channel is bound to', () => {
  const bound = { project: p('api'), runner: 'desk' };
  test.each([
    ['nothing said', { project: null }, bound, { project: 'api', runner: 'desk' }, true],
    ['another runner', { project: null, runner: 'own' }, bound, { project: 'api', runner: 'own' }, true],
    ['another project', { project: p('web') }, bound, { project: 'web', runner: null }, false],
    ['not bound', { project: null }, null, { project: null, runner: null }, false],
  ])('%s', (_name, asked, binding, wish, isBound) => {
    expect(withBinding(asked, binding)).toEqual({ wish, bound: isBound });
  });
});
