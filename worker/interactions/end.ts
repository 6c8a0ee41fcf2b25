import { askGuild, flagOption, inThread, textOption } from './acting.ts';
import { type Command, OptionType } from './command.ts';

/** The conversation is over; with `all` every one in the server that the member may end. */
export const end: Command = {
  name: 'end',
  description: 'End the session in this thread',
  options: [
    { type: OptionType.boolean, name: 'all', description: 'All sessions of this server that you may end' },
    {
      type: OptionType.string,
      name: 'worktree',
      description: 'What becomes of its git worktree; without it the thread asks',
      choices: [
        { name: 'keep', value: 'keep' },
        { name: 'remove', value: 'remove' },
      ],
    },
  ],
  run(acting, options) {
    if (flagOption(options, 'all')) return askGuild(acting, { do: 'endAll' });
    const worktree = textOption(options, 'worktree');
    return inThread(acting, {
      do: 'end',
      ...(worktree === 'keep' || worktree === 'remove' ? { worktree } : {}),
    });
  },
};
