import { type Member, may } from '../domain/access.ts';
import type { Choice, ChoiceOf, GoesOn } from '../domain/contract.ts';
import { ellipsis, showInvisible } from '../render/text/escape.ts';
import { projectsFor, runnersFor } from './runners/choose.ts';
import type { Taking } from './services.ts';

/** Discord: at most 25 choices. */
const CHOICES_MAX = 25;

/** Names that hold what was typed, those that begin with it first. `other` narrows it: the named runner's projects, runners with that project. */
export function choicesFor(
  { runners, directory }: Taking<'runners' | 'directory'>,
  member: Member,
  what: ChoiceOf,
  typed: string,
  other: string,
): string[] {
  const names = namesOf({ runners, directory }, member, what, other.trim());
  const wanted = typed.trim().toLowerCase();
  const begins = (name: string) => Number(name.toLowerCase().startsWith(wanted));
  return names
    .filter((name) => name.toLowerCase().includes(wanted))
    .toSorted((a, b) => begins(b) - begins(a))
    .slice(0, CHOICES_MAX);
}

function namesOf(
  { runners, directory }: Taking<'runners' | 'directory'>,
  member: Member,
  what: ChoiceOf,
  other: string,
): readonly string[] {
  if (what === 'runner')
    return runners.all().flatMap((runner) => (runner.owner === member.id ? [runner.name] : []));
  if (what === 'listedProject') return directory.projects();
  const candidates = runners.candidates(directory.loads());
  if (what === 'anyRunner')
    return runnersFor(member, candidates)
      .filter((runner) => other === '' || runner.projects?.some((project) => project === other))
      .map(({ name }) => name);
  const named = candidates.filter(({ name }) => name.toLowerCase() === other.toLowerCase());
  return projectsFor(member, other === '' ? candidates : named);
}

/** Discord: a choice's name has 100 characters at most. */
const TITLE_MAX_CHARACTERS = 44;
const PROJECT_MAX_CHARACTERS = 25;

/**
 * The sessions that the member may go on with, or have a copy of, the last one first, as title, project and when. `/resume` goes on with
 * ended ones, and with what the member said to Claude in a terminal of their own runner.
 */
export function resumableFor(
  services: Taking<'runners' | 'directory'>,
  member: Member,
  typed: string,
  nowMs: number,
  goesOn: GoesOn,
): Choice[] {
  const wanted = typed.trim().toLowerCase();
  const found = [
    ...sessionsFor(services, member, goesOn),
    ...(goesOn === 'resume' ? conversationsFor(services, member) : []),
  ];
  return found
    .toSorted((a, b) => b.atMs - a.atMs)
    .map(({ title, project, atMs, where, value }) => {
      const words = ellipsis(title.replaceAll(/\s+/g, ' ').trim() || 'New session', TITLE_MAX_CHARACTERS);
      const parts = [words, ellipsis(project, PROJECT_MAX_CHARACTERS), ago(nowMs - atMs), ...where];
      return { name: parts.join(' · '), value };
    })
    .filter(({ name }) => name.toLowerCase().includes(wanted))
    .slice(0, CHOICES_MAX);
}

interface Found {
  readonly title: string;
  readonly project: string;
  readonly atMs: number;
  readonly where: readonly string[];
  readonly value: string;
}

function sessionsFor(
  { runners, directory }: Taking<'runners' | 'directory'>,
  member: Member,
  goesOn: GoesOn,
): Found[] {
  return directory
    .list()
    .filter(({ summary }) => {
      const runner = runners.get(summary.runner);
      const facts = { runner: runner === null ? null : runners.access(runner), starter: summary.starter.id };
      const has = goesOn === 'fork' ? summary.turns > 0 : summary.resumable === true;
      return has && may(member, 'ask', facts).ok;
    })
    .map(({ thread, summary: { title, project, activeMs } }) => ({
      title: showInvisible(title),
      project,
      atMs: activeMs,
      where: [],
      value: thread,
    }));
}

/** Those of the runners that are the member's own. */
function conversationsFor({ runners }: Taking<'runners'>, member: Member): Found[] {
  return runners
    .all()
    .filter((runner) => may(member, 'adopt', { runner: runners.access(runner), starter: null }).ok)
    .flatMap((runner) =>
      (runner.catalogue?.projects ?? []).flatMap(({ name, conversations = [] }) =>
        conversations.map(({ id, title, atMs }) => ({
          title: showInvisible(title),
          project: name,
          atMs,
          where: ['terminal'],
          value: `${TERMINAL}${runner.id}:${id}`,
        })),
      ),
    );
}

/** Begins the value of a choice that is no thread: `t:<runner>:<Claude's session id>`. */
export const TERMINAL = 't:';

const MINUTE_MS = 60_000;

/** Discord's own times do not show in a list of choices. */
function ago(ms: number): string {
  const minutes = Math.max(0, Math.floor(ms / MINUTE_MS));
  if (minutes < 60) return `${minutes} min ago`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ago` : `${Math.floor(hours / 24)} days ago`;
}
