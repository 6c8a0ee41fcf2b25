import type { RunnerId, ThreadId } from '../../protocol/ids.ts';
import { askGuild, inThread, say, textOption } from './acting.ts';
import type { Command } from './command.ts';
import { besideThread } from './fork.ts';
import { session } from './options.ts';

/** Goes on with a conversation that ended, without a name the one of this thread; or with one from a terminal. */
export const resume: Command = {
  name: 'resume',
  description: 'Go on with a session that ended',
  options: [session('resume')],
  async run(acting, options) {
    const chosen = textOption(options, 'session');
    if (chosen === null) return inThread(acting, { do: 'resume' });
    const terminal = /^t:([\w-]{1,60}):([0-9a-f-]{36})$/.exec(chosen);
    if (terminal !== null) {
      const [, runner = '', claudeSession = ''] = terminal;
      const there = besideThread(acting);
      if ('refused' in there) return there.refused;
      const { token } = acting;
      return askGuild(there.beside, { do: 'adopt', runner: runner as RunnerId, claudeSession, token });
    }
    if (!/^\d{1,20}$/.test(chosen)) return say('Choose one from the list that appears while you type.');
    return askGuild(acting, { do: 'resume', thread: chosen as ThreadId });
  },
};
