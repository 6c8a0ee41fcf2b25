import type { Answer } from '../domain/contract.ts';
import { type Acting, askGuild, flagOption, type Options, textOption } from './acting.ts';
import { inThread } from './in-thread.ts';

/** `/end [all] [worktree]`: the conversation is over; with `all` every one in the server that the member may end. */
export function end(acting: Acting, options: Options): Promise<Answer> {
  if (flagOption(options, 'all')) return askGuild(acting, { do: 'endAll' });
  const worktree = textOption(options, 'worktree');
  return inThread(acting, {
    do: 'end',
    ...(worktree === 'keep' || worktree === 'remove' ? { worktree } : {}),
  });
}
