import type { Answer } from '../contract.ts';
import { type Acting, type Options, projectOption, say, textOption } from './acting.ts';
import { begin } from './begin.ts';
import { worktreeOption } from './worktree-option.ts';

/** `/new [prompt] [project] [runner] [worktree]`: a session of its own; in a thread that has one, the old conversation ends first. */
export async function newSession(acting: Acting, options: Options): Promise<Answer> {
  const given = worktreeOption(options);
  if ('refused' in given) return say(given.refused);
  const wish = {
    text: textOption(options, 'prompt'),
    project: projectOption(options),
    runner: textOption(options, 'runner'),
    worktree: given.worktree,
  };
  return begin(acting, wish, { do: 'new', ...wish });
}
