import { type Member, may } from '../access.ts';
import type { Choice } from '../contract.ts';
import { ellipsis } from '../render/escape.ts';
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

/** Discord: a choice's name has 100 characters at most. */
const TITLE_MAX_CHARACTERS = 50;
const PROJECT_MAX_CHARACTERS = 25;

/** The ended sessions that the member may go on with, the last one first, as title, project and when. */
export function resumableFor(
  { runners, directory }: Rooms,
  member: Member,
  typed: string,
  nowMs: number,
): Choice[] {
  const wanted = typed.trim().toLowerCase();
  return directory
    .list()
    .filter(({ summary }) => {
      const runner = runners.get(summary.runner);
      const facts = { runner: runner === null ? null : runners.access(runner), starter: summary.starter.id };
      return summary.resumable === true && may(member, 'ask', facts).ok;
    })
    .map(({ thread, summary }) => {
      const title = ellipsis(
        summary.title.replaceAll(/\s+/g, ' ').trim() || 'New session',
        TITLE_MAX_CHARACTERS,
      );
      const project = ellipsis(summary.project, PROJECT_MAX_CHARACTERS);
      return { name: `${title} · ${project} · ${ago(nowMs - summary.activeMs)}`, value: thread };
    })
    .filter(({ name }) => name.toLowerCase().includes(wanted))
    .slice(0, CHOICES_MAX);
}

const MINUTE_MS = 60_000;

/** Discord's own times do not show in a list of choices. */
function ago(ms: number): string {
  const minutes = Math.max(0, Math.floor(ms / MINUTE_MS));
  if (minutes < 60) return `${minutes} min ago`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ago` : `${Math.floor(hours / 24)} days ago`;
}
