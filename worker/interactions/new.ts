import type { ProjectName } from '../../protocol/ids.ts';
import type { Choice } from '../domain/contract.ts';
import { begin, type Options, say, textOption } from './acting.ts';
import { type Command, OptionType } from './command.ts';
import { anyRunner, attached, files, project, prompt } from './options.ts';

/** A session of its own; in a thread that has one, the old conversation ends first. */
export const newSession: Command = {
  name: 'new',
  description: 'Begin a new session with Claude',
  options: [
    prompt,
    project,
    ...files,
    anyRunner,
    {
      type: OptionType.string,
      name: 'worktree',
      description: 'A git worktree and branch of its own: true, or the name it should have',
      max_length: 100,
      suggest: (_, { typed }) => worktreeChoices(typed),
    },
  ],
  async run(acting, options, data) {
    const given = worktreeOf(options);
    if ('refused' in given) return say(given.refused);
    const taken = attached(acting, options, data);
    if ('refused' in taken) return say(taken.refused);
    const text = textOption(options, 'prompt');
    if (taken.files.length > 0 && text === null)
      return say('A file needs a prompt that says what to do with it. Nothing was done.');
    const wish = {
      text,
      project: textOption(options, 'project') as ProjectName | null,
      runner: textOption(options, 'runner'),
      worktree: given.worktree,
      files: taken.files,
    };
    return begin(acting, wish, { do: 'new', ...wish });
  },
};

/** What git takes in a branch's name and any file system in a folder's; as `WorktreeName` in protocol/commands.ts. */
const NAME = /^(?!.*\.\.)(?!.*\.lock$)[A-Za-z0-9][A-Za-z0-9._-]{0,59}(?<!\.)$/;
const YES = new Set(['true', 'yes', 'on', '1']);
const NO = new Set(['false', 'no', 'off', '0']);

/** `true`, or the name that it should have. Null: not asked for. */
function worktreeOf(
  options: Options,
): { readonly worktree: { readonly name: string | null } | null } | { readonly refused: string } {
  const given = textOption(options, 'worktree');
  if (given === null || NO.has(given.toLowerCase())) return { worktree: null };
  if (YES.has(given.toLowerCase())) return { worktree: { name: null } };
  const name = given.replace(/^heddle\//, '');
  if (NAME.test(name)) return { worktree: { name } };
  return {
    refused:
      'A worktree’s name has 1 to 60 letters, digits, `-`, `_` and `.`, and begins with a letter or a digit. `worktree:true` lets Heddle name it.',
  };
}

/** Longer than any name of a worktree may be. Characters. */
const TYPED_MAX = 80;

function worktreeChoices(typed: string): Choice[] {
  const own = { name: 'true: Heddle names it', value: 'true' };
  const name = typed.trim().replace(/^heddle\//, '');
  return name === '' || 'true'.startsWith(name.toLowerCase()) || name.length > TYPED_MAX
    ? [own]
    : [{ name: `branch heddle/${name}`, value: name }, own];
}
