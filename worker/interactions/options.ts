/** Options that more than one command has: what Discord is told of them, what is offered while a member types, how they are read. */
import type { ThreadId } from '../../protocol/ids.ts';
import { checkFiles, type Files } from '../discord/prompt-files.ts';
import type { ChoiceOf, GoesOn, OfferOf } from '../domain/contract.ts';
import { type Acting, guildOf, type Options } from './acting.ts';
import { type Option, OptionType } from './command.ts';
import type { CommandData } from './payload.ts';

/** Discord lets a string option have 6,000 characters at most. */
export const PROMPT_MAX_CHARACTERS = 6000;

export const prompt: Option = {
  type: OptionType.string,
  name: 'prompt',
  description: 'What should Claude do?',
  max_length: PROMPT_MAX_CHARACTERS,
};

/** A name that the Guild knows. What the option `beside` says narrows it. */
function named(name: string, description: string, what: ChoiceOf, beside: string): Option {
  return {
    type: OptionType.string,
    name,
    description,
    max_length: 100,
    suggest: async (acting, { typed, other }) => {
      const names = await guildOf(acting).choices(acting.member, what, typed, other(beside));
      return names.map((found) => ({ name: found, value: found }));
    },
  };
}

export const project = named('project', 'Which project to work in', 'project', 'runner');
export const listedProject = named(
  'project',
  'List only sessions in this project',
  'listedProject',
  'runner',
);
export const anyRunner = named(
  'runner',
  'On which runner; without it your own, else a shared one, the least loaded first',
  'anyRunner',
  'project',
);
export const ownRunner = named(
  'runner',
  'Which of your runners; not needed when you have one',
  'runner',
  'project',
);

export function session(goesOn: GoesOn): Option {
  return {
    type: OptionType.string,
    name: 'session',
    description: 'Which one; in its thread not needed',
    max_length: 100,
    suggest: (acting, { typed }) => guildOf(acting).resumable(acting.member, typed, goesOn),
  };
}

/** What the session of this thread may choose from, as its runner reported it. */
export function offered(what: OfferOf): NonNullable<Option['suggest']> {
  return (acting, { typed }) =>
    guildOf(acting).offered(acting.member, acting.place.channel as string as ThreadId, what, typed);
}

const FILES = ['file', 'file2', 'file3'] as const;

export const files: readonly Option[] = FILES.map((name, index) => ({
  type: OptionType.attachment,
  name,
  description: index === 0 ? 'A picture or a file for Claude' : 'One more',
}));

/** What was attached to a command. */
export function attached({ env }: Acting, options: Options, { resolved }: CommandData): Files {
  const given = FILES.flatMap((name) => {
    const id = options.find((option) => option.name === name)?.value;
    return id === undefined ? [] : [resolved.attachments?.[String(id)] ?? null];
  });
  const known = given.filter((attachment) => attachment !== null);
  if (known.length < given.length)
    return { refused: 'Discord did not say where the attached file is, so nothing was done. Try again.' };
  return checkFiles(env, known);
}
