import type { Member } from '../access.ts';
import { projectsFor } from './choose.ts';
import type { Rooms } from './rooms.ts';

/** Discord: at most 25 choices. */
const CHOICES_MAX = 25;

/** Names that hold what was typed, those that begin with it first. Projects: of runners that the member may use. Runners: the member's own. */
export function choicesFor(
  { runners, directory }: Rooms,
  member: Member,
  what: 'project' | 'runner',
  typed: string,
): string[] {
  const names: readonly string[] =
    what === 'project'
      ? projectsFor(member, runners.candidates(directory.loads()))
      : runners.all().flatMap((runner) => (runner.owner === member.id ? [runner.name] : []));
  const wanted = typed.trim().toLowerCase();
  const begins = (name: string) => Number(name.toLowerCase().startsWith(wanted));
  return names
    .filter((name) => name.toLowerCase().includes(wanted))
    .toSorted((a, b) => begins(b) - begins(a))
    .slice(0, CHOICES_MAX);
}
