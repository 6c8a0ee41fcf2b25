import type { ProjectName, UserId } from '../../protocol/ids.ts';
import { kindOf } from '../discord/channel-type.ts';
import type { Answer, SessionFilter } from '../domain/contract.ts';
import { STATE_CHOICES } from '../domain/contract.ts';
import { type Acting, askGuild, type Options, textOption } from './acting.ts';
import { inThread } from './in-thread.ts';

/** `/status`: in a thread everything about its session; in a channel, or where it is asked which ones, the guild's sessions. */
export function status(acting: Acting, options: Options): Promise<Answer> {
  const filter: SessionFilter = {
    state: STATE_CHOICES.find((state) => state === textOption(options, 'state')) ?? null,
    person: textOption(options, 'person') as UserId | null,
    project: textOption(options, 'project') as ProjectName | null,
  };
  const filtered = Object.values(filter).some((value) => value !== null);
  if (filtered || kindOf(acting.place) === 'channel') return askGuild(acting, { do: 'status', filter });
  return inThread(acting, { do: 'status' });
}
