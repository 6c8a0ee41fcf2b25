import type { Answer } from '../domain/contract.ts';
import { type Acting, type Options, projectOption, say, textOption } from './acting.ts';
import { optionFiles } from './attachments.ts';
import { begin } from './begin.ts';
import type { CommandData } from './payload.ts';
import { worktreeOption } from './worktree-option.ts';

/** `/new [prompt] [project] [runner] [worktree]`: a session of its own; in a thread that has one, the old conversation ends first. */
export async function newSession(acting: Acting, options: Options, data: CommandData): Promise<Answer> {
  const given = worktreeOption(options);
  if ('refused' in given) return say(given.refused);
  const attached = optionFiles(acting.env, options, data);
  if ('refused' in attached) return say(attached.refused);
  if (attached.files.length > 0 && textOption(options, 'prompt') === null)
    return say('A file needs a prompt that says what to do with it. Nothing was done.');
  const wish = {
    text: textOption(options, 'prompt'),
    project: projectOption(options),
    runner: textOption(options, 'runner'),
    worktree: given.worktree,
    files: attached.files,
  };
  return begin(acting, wish, { do: 'new', ...wish });
}
