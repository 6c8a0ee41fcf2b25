/** Which runner and project a new session gets. Pure. */
import type { ProjectName, RunnerId } from '../../protocol/ids.ts';
import { type Member, may, type RunnerAccess } from '../access.ts';
import type { Presence } from '../contract.ts';

/** A runner as far as the choice needs it. */
export interface Candidate {
  readonly id: RunnerId;
  readonly name: string;
  readonly access: RunnerAccess;
  readonly presence: Presence;
  /** Null: it has never connected, so what it offers is unknown. */
  readonly projects: readonly ProjectName[] | null;
  /** Why Claude does not work there; null when it does. */
  readonly claudeTrouble: string | null;
  /** Sessions with work that it has now. */
  readonly load: number;
}

export interface Wish {
  /** Null: the member named none. */
  readonly project: ProjectName | null;
  /** What the member worked in before, newest first: the default when none is named. */
  readonly recent: readonly ProjectName[];
}

export type Choice =
  | { readonly ok: true; readonly runner: Candidate; readonly project: ProjectName }
  | { readonly ok: false; readonly why: NoChoice };

export type NoChoice =
  /** The guild has no runner at all. */
  | { readonly is: 'noRunner' }
  | {
      readonly is: 'notShared';
      readonly runners: readonly { readonly name: string; readonly ownerName: string }[];
    }
  | {
      readonly is: 'unknownProject';
      readonly project: ProjectName;
      readonly projects: readonly ProjectName[];
    }
  /** None of the member's runners has a project yet. `connected`: at least one has told what it offers. */
  | { readonly is: 'noProject'; readonly runner: string; readonly connected: boolean }
  | { readonly is: 'claude'; readonly runner: string; readonly words: string };

/**
 * An online runner before an offline one, the member's own before a shared one, then the least loaded. An offline runner is
 * chosen when no other has the project: the prompt waits for it.
 */
export function choose(member: Member, wish: Wish, runners: readonly Candidate[]): Choice {
  const present = runners.filter((runner) => !runner.access.removed);
  if (present.length === 0) return no({ is: 'noRunner' });
  const usable = present.filter(
    (runner) => may(member, 'start', { runner: runner.access, starter: null }).ok,
  );
  if (usable.length === 0) {
    const owners = present.map(({ name, access }) => ({ name, ownerName: access.ownerName }));
    return no({ is: 'notShared', runners: owners });
  }
  const ordered = usable.toSorted(byPreference(member));
  const working = ordered.filter((runner) => runner.claudeTrouble === null);
  const found = wish.project === null ? byRecent(wish.recent, working) : having(wish.project, working);
  return found ?? no(whyNone(wish.project, ordered));
}

/** The projects that the member may start in, each once, those of the preferred runners first. */
export function projectsFor(member: Member, runners: readonly Candidate[]): ProjectName[] {
  const usable = runners.filter(
    (runner) => may(member, 'start', { runner: runner.access, starter: null }).ok,
  );
  return [...new Set(usable.toSorted(byPreference(member)).flatMap((runner) => runner.projects ?? []))];
}

function byPreference(member: Member): (a: Candidate, b: Candidate) => number {
  const own = (runner: Candidate) => Number(runner.access.owner === member.id);
  const online = (runner: Candidate) => Number(runner.presence.online);
  return (a, b) =>
    online(b) - online(a) || own(b) - own(a) || a.load - b.load || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
}

function having(project: ProjectName, ordered: readonly Candidate[]): Choice | null {
  const runner = ordered.find((candidate) => candidate.projects?.includes(project));
  return runner === undefined ? null : { ok: true, runner, project };
}

/** What the member used last, where it is online; else any project that is online; then the same of those offline. */
function byRecent(recent: readonly ProjectName[], ordered: readonly Candidate[]): Choice | null {
  for (const online of [true, false]) {
    const group = ordered.filter((runner) => runner.presence.online === online);
    for (const project of recent) {
      const found = having(project, group);
      if (found !== null) return found;
    }
    const runner = group.find((candidate) => candidate.projects?.[0] !== undefined);
    const project = runner?.projects?.[0];
    if (runner !== undefined && project !== undefined) return { ok: true, runner, project };
  }
  return null;
}

function whyNone(project: ProjectName | null, ordered: readonly Candidate[]): NoChoice {
  const projects = [...new Set(ordered.flatMap((runner) => runner.projects ?? []))];
  const troubled = ordered.find(
    (runner) => runner.claudeTrouble !== null && (project === null || runner.projects?.includes(project)),
  );
  if (troubled?.claudeTrouble) return { is: 'claude', runner: troubled.name, words: troubled.claudeTrouble };
  if (project !== null && projects.length > 0) return { is: 'unknownProject', project, projects };
  const connected = ordered.find((runner) => runner.projects !== null);
  const runner = connected ?? ordered[0];
  return { is: 'noProject', runner: runner?.name ?? '', connected: connected !== undefined };
}

function no(why: NoChoice): Choice {
  return { ok: false, why };
}
