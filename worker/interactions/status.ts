import type { Answer } from '../contract.ts';
import { type Acting, askGuild } from './acting.ts';
import { inThread } from './in-thread.ts';
import { kindOf } from './place.ts';

/** `/status`: in a thread everything about its session, in a channel the guild's sessions. */
export function status(acting: Acting): Promise<Answer> {
  if (kindOf(acting.place) === 'channel') return askGuild(acting, { do: 'status' });
  return inThread(acting, { do: 'status' });
}
