import { type Options, textOption } from './acting.ts';

/** What git takes in a branch's name and any file system in a folder's; as `WorktreeName` in protocol/commands.ts. */
const NAME = /^(?!.*\.\.)(?!.*\.lock$)[A-Za-z0-9][A-Za-z0-9._-]{0,59}(?<!\.)$/;
const YES = new Set(['true', 'yes', 'on', '1']);
const NO = new Set(['false', 'no', 'off', '0']);

/** `worktree:` of `/new`: `true`, or the name that it should have. Null: not asked for. */
export function worktreeOption(
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
