import { kindOf } from '../discord/channel-type.ts';
import type { Answer, SessionDo } from '../domain/contract.ts';
import { type Acting, askSession, say, threadOf } from './acting.ts';
import { elsewhereWords } from './place.ts';

/** What concerns one session and begins none: `/stop`, `/end`, and `/status` in a thread. */
export async function inThread(acting: Acting, act: SessionDo): Promise<Answer> {
  switch (kindOf(acting.place)) {
    case 'elsewhere':
      return say(elsewhereWords(acting.place));
    case 'channel':
      return say('Use this in the thread of a session. `/status` here lists the sessions.');
    case 'thread': {
      const answer = await askSession(acting, threadOf(acting), act);
      return answer.kind === 'start'
        ? say('No session is in this thread. `/ask` or `/new` begins one.')
        : answer;
    }
  }
}
