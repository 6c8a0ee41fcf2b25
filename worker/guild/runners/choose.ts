/** Which runner and project a new session gets. Pure. */
import type { ProjectName, RunnerId } from '../../../protocol/ids.ts';
import { type Member, may, type RunnerAccess } from '../../domain/access.ts';
import type { Presence, Where } from '../../domain/contract.ts';

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
  /** Sessions of this guild with work that it has now. */
  readonly load: number;
  /** Live CLI processes, of all guilds, as it said last. */
  readonly processes: number;
  /** How many it lets live at once; null: it has not said. */
  readonly places: number | null;
}

/** Weighs a runner that has not said how many places it has; a runner's own default. */
const PLACES_DEFAULT = 8;

export interface Wish {
  /** Null: the member named none. */
  readonly project: ProjectName | null;
  /** What the member worked in before, newest first: the default when none is named. */
  readonly recent: readonly ProjectName[];
  /** The name of the one runner that it may be; without it any. */
  readonly runner?: string | null;
}

export type Choice =
  | {
      readonly ok: true;
      readonly runner: Candidate;
      readonly project: ProjectName;
      /** The chosen runner is away, and this one, which is there, has the project too. */
      readonly instead: string | null;
    }
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
  /** No runner of that name was ever here. */
  | { readonly is: 'unknownRunner'; readonly runner: string; readonly runners: readonly string[] }
  | { readonly is: 'runnerRemoved'; readonly runner: string; readonly runners: readonly string[] }
  | {
      readonly is: 'runnerNotShared';
      readonly runner: string;
      readonly ownerName: string;
      readonly runners: readonly string[];
    }
  /** The named runner has other projects. `elsewhere`: runners of the member that have this one. */
  | {
      readonly is: 'projectNotThere';
      readonly runner: string;
      readonly project: ProjectName;
      readonly projects: readonly ProjectName[];
      readonly elsewhere: readonly string[];
    }
  /** None of the member's runners has a project yet. `connected`: at least one has told what it offers. */
  | { readonly is: 'noProject'; readonly runner: string; readonly connected: boolean }
  | { readonly is: 'claude'; readonly runner: string; readonly words: string };

/**
 * The member's own runner before a shared one, then one that is online before one that is not, then the least loaded. An offline
 * runner is chosen when no better one has the project: the prompt waits for it. A named runner is the only one that is looked at.
 */
export function choose(member: Member, wish: Wish, runners: readonly Candidate[]): Choice {
  const present = runners.filter((runner) => !runner.access.removed);
  if (present.length === 0) return no({ is: 'noRunner' });
  const usable = runnersFor(member, present);
  const named = wish.runner ?? null;
  if (named !== null) return chooseNamed(wish, named, usable, runners);
  if (usable.length === 0) {
    const owners = present.map(({ name, access }) => ({ name, ownerName: access.ownerName }));
    return no({ is: 'notShared', runners: owners });
  }
  const working = usable.filter((runner) => runner.claudeTrouble === null);
  const found = wish.project === null ? byRecent(wish.recent, working) : having(wish.project, working);
  return found ?? no(whyNone(wish.project, usable));
}

/** `usable`: in the order of preference. */
function chooseNamed(
  { project, recent }: Wish,
  named: string,
  usable: readonly Candidate[],
  all: readonly Candidate[],
): Choice {
  const called = all.filter(({ name }) => name.toLowerCase() === named.toLowerCase());
  const runner = usable.find((candidate) => called.includes(candidate));
  if (runner === undefined) {
    const names = usable.map(({ name }) => name);
    const other = called.find(({ access }) => !access.removed);
    if (other !== undefined) {
      const { ownerName } = other.access;
      return no({ is: 'runnerNotShared', runner: other.name, ownerName, runners: names });
    }
    const [removed] = called;
    return no(
      removed === undefined
        ? { is: 'unknownRunner', runner: named, runners: names }
        : { is: 'runnerRemoved', runner: removed.name, runners: names },
    );
  }
  const working = runner.claudeTrouble === null ? [runner] : [];
  const found = project === null ? byRecent(recent, working) : having(project, working);
  if (found !== null) return found;
  const projects = runner.projects ?? [];
  if (project === null || projects.length === 0 || projects.includes(project))
    return no(whyNone(project, [runner]));
  const elsewhere = usable.filter((other) => other.projects?.includes(project)).map(({ name }) => name);
  return no({ is: 'projectNotThere', runner: runner.name, project, projects, elsewhere });
}

/** Those that the member may use, in the order of preference. */
export function runnersFor(member: Member, runners: readonly Candidate[]): Candidate[] {
  return runners
    .filter((runner) => may(member, 'start', { runner: runner.access, starter: null }).ok)
    .toSorted(byPreference(member));
}

/** The projects that the member may start in, each once, those of the preferred runners first. */
export function projectsFor(member: Member, runners: readonly Candidate[]): ProjectName[] {
  return [...new Set(runnersFor(member, runners).flatMap((runner) => runner.projects ?? []))];
}

function byPreference(member: Member): (a: Candidate, b: Candidate) => number {
  const own = (runner: Candidate) => Number(runner.access.owner === member.id);
  const online = (runner: Candidate) => Number(runner.presence.online);
  return (a, b) =>
    own(b) - own(a) ||
    online(b) - online(a) ||
    share(a, a.load) - share(b, b.load) ||
    share(a, a.processes) - share(b, b.processes) ||
    (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
}

/** Of its places. What works counts first; a process that is idle gives way. */
function share({ places }: Candidate, taken: number): number {
  return taken / (places ?? PLACES_DEFAULT);
}

function having(project: ProjectName, ordered: readonly Candidate[]): Choice | null {
  const all = ordered.filter((candidate) => candidate.projects?.includes(project));
  const [runner] = all;
  if (runner === undefined) return null;
  const there = runner.presence.online ? undefined : all.find(({ presence }) => presence.online);
  return { ok: true, runner, project, instead: there?.name ?? null };
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
    if (runner !== undefined && project !== undefined) return { ok: true, runner, project, instead: null };
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

/**
 * What the member asked for, and where they said nothing, what the channel is bound to. A named project wins over the bound one, and
 * then the bound runner does not count either; a named runner wins over the bound one. Pure. `runner`: the bound runner's name.
 */
export function withBinding(
  asked: { readonly project: ProjectName | null } & Pick<Where, 'runner'>,
  binding: { readonly project: ProjectName; readonly runner: string | null } | null,
): { readonly wish: Pick<Wish, 'project' | 'runner'>; readonly bound: boolean } {
  const runner = asked.runner ?? null;
  if (asked.project !== null || binding === null)
    return { wish: { project: asked.project, runner }, bound: false };
  return { wish: { project: binding.project, runner: runner ?? binding.runner }, bound: true };
}
