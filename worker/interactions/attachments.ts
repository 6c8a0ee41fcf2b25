/** The files of a command's options. */
import { checkFiles, type Files } from '../discord/prompt-files.ts';
import type { Options } from './acting.ts';
import { FILE_OPTIONS } from './names.ts';
import type { CommandData } from './payload.ts';

/** What was attached to a command. */
export function optionFiles(env: Env, options: Options, { resolved }: CommandData): Files {
  const given = FILE_OPTIONS.flatMap((name) => {
    const id = options.find((option) => option.name === name)?.value;
    return id === undefined ? [] : [resolved.attachments?.[String(id)] ?? null];
  });
  const known = given.filter((attachment) => attachment !== null);
  if (known.length < given.length)
    return { refused: 'Discord did not say where the attached file is, so nothing was done. Try again.' };
  return checkFiles(env, known);
}
