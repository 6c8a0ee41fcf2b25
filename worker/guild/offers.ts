/** Autocomplete of what a session may choose from, as its runner reported it. */
import type { ThreadId } from '../../protocol/ids.ts';
import { type Member, may } from '../domain/access.ts';
import type { Choice, OfferOf } from '../domain/contract.ts';
import { ellipsis, showInvisible } from '../render/text/escape.ts';
import type { Taking } from './services.ts';

/** Discord: at most 25 choices, each name at most 100 characters. */
const CHOICES_MAX = 25;
const CHOICE_MAX_CHARACTERS = 100;

/** Nothing for one who may not ask in that session: a project's commands are its people's business. */
export function offeredIn(
  { runners, directory }: Taking<'runners' | 'directory'>,
  member: Member,
  thread: ThreadId,
  what: OfferOf,
  typed: string,
): Choice[] {
  const summary = directory.latest(thread);
  const runner = summary === null ? null : runners.get(summary.runner);
  if (summary === null || runner === null) return [];
  const facts = { runner: runners.access(runner), starter: summary.starter.id };
  if (!may(member, 'ask', facts).ok) return [];
  const offers = runner.catalogue?.offers;
  switch (what) {
    case 'model':
      return fitting(
        offers?.models.map(({ value, name, description }) => ({ value, words: `${name}: ${description}` })),
        typed,
      );
    case 'mode': {
      const modes = summary.starter.id === runner.owner ? offers?.modes.owner : offers?.modes.others;
      return fitting(
        modes?.map((value) => ({ value, words: value })),
        typed,
      );
    }
    case 'effort':
      return fitting(
        ['default', ...(offers?.efforts ?? [])].map((value) => ({ value, words: value })),
        typed,
      );
    case 'command': {
      const project = runner.catalogue?.projects.find(({ name }) => name === summary.project);
      return fitting(
        project?.commands?.map(({ name, hint, description }) => ({
          value: name,
          words: `/${name}${hint === '' ? '' : ` ${hint}`} · ${description}`,
        })),
        typed.replace(/^\s*\//, ''),
      );
    }
  }
}

/** Those that hold what was typed, those whose value begins with it first. */
function fitting(
  all: readonly { readonly value: string; readonly words: string }[] | undefined,
  typed: string,
): Choice[] {
  const wanted = typed.trim().toLowerCase();
  const begins = ({ value }: { value: string }) => Number(value.toLowerCase().startsWith(wanted));
  return (all ?? [])
    .filter(({ value, words }) => `${value} ${words}`.toLowerCase().includes(wanted))
    .toSorted((a, b) => begins(b) - begins(a))
    .slice(0, CHOICES_MAX)
    .map(({ value, words }) => ({
      name: ellipsis(showInvisible(words.replaceAll(/\s+/g, ' ')), CHOICE_MAX_CHARACTERS),
      value,
    }));
}
