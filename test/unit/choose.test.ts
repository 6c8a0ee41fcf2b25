import { describe, expect, test } from 'vitest';
import type { ProjectName, RoleId, RunnerId, UserId } from '../../protocol/ids.ts';
import type { Member } from '../../worker/access.ts';
import { type Candidate, choose, projectsFor } from '../../worker/guild/choose.ts';

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
      'online and shared before own and offline',
      'shared/api',
      [runner('shared', { owner: '2', members: ['1'] }), runner('own', { online: false })],
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
