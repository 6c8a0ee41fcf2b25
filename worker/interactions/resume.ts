import type { ThreadId } from '../../protocol/ids.ts';
import type { Answer } from '../contract.ts';
import { type Acting, askGuild, type Options, say, textOption } from './acting.ts';
import { inThread } from './in-thread.ts';

/** `/resume [session]`: goes on with a conversation that ended; without a name the one of this thread. */
export async function resume(acting: Acting, options: Options): Promise<Answer> {
  const chosen = textOption(options, 'session');
  if (chosen === null) return inThread(acting, { do: 'resume' });
  if (!/^\d{1,20}$/.test(chosen)) return say('Choose one from the list that appears while you type.');
  return askGuild(acting, { do: 'resume', thread: chosen as ThreadId });
}
