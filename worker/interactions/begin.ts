/** `/ask` and `/new` are one thing in two places: in a channel the Guild begins a session, in a thread the Session takes it. */
import type { ProjectName } from '../../protocol/ids.ts';
import { kindOf } from '../discord/channel-type.ts';
import type { Answer, Attached, SessionAnswer, SessionDo, Where } from '../domain/contract.ts';
import { type Acting, askGuild, askSession, say, threadOf } from './acting.ts';
import { elsewhereWords, missingPermissions } from './place.ts';

export interface Beginning extends Where, Attached {
  readonly text: string | null;
  readonly project: ProjectName | null;
}

/** Begin in the thread; the Session there said so. */
export type Follow = Extract<SessionAnswer, { kind: 'start' }>;

export async function begin(acting: Acting, wish: Beginning, inThread: SessionDo): Promise<Answer> {
  const kind = kindOf(acting.place);
  if (kind === 'elsewhere') return say(elsewhereWords(acting.place));
  const missing = missingPermissions(acting.place);
  if (missing.length > 0) {
    return say(
      `Heddle lacks permissions in this channel, so nothing was begun: **${missing.join('**, **')}**. Someone who manages the channel can grant them.`,
    );
  }
  if (kind === 'channel')
    return askGuild(acting, { do: 'start', ...wish, thread: false, after: null, token: acting.token });
  const answer = await askSession(acting, threadOf(acting), inThread);
  return answer.kind === 'start' ? follow(acting, answer) : answer;
}

export function follow(acting: Acting, { kind: _, ...wish }: Follow): Promise<Answer> {
  return askGuild(acting, { do: 'start', ...wish, thread: true, token: acting.token });
}
