import type { ProjectName, UserId } from '../../protocol/ids.ts';
import { kindOf } from '../discord/channel-type.ts';
import { STATE_CHOICES } from '../domain/contract.ts';
import { askGuild, inThread, textOption } from './acting.ts';
import { type Command, OptionType } from './command.ts';
import { listedProject } from './options.ts';

/** In a thread everything about its session; in a channel, or where it is asked which ones, the guild's sessions. */
export const status: Command = {
  name: 'status',
  description: 'How this session is; in a channel, the sessions of this server',
  options: [
    {
      type: OptionType.string,
      name: 'state',
      description: 'List only sessions that are like this',
      choices: STATE_CHOICES.map((state) => ({ name: state, value: state })),
    },
    { type: OptionType.user, name: 'person', description: 'List only sessions that this person began' },
    listedProject,
  ],
  run(acting, options) {
    const filter = {
      state: STATE_CHOICES.find((state) => state === textOption(options, 'state')) ?? null,
      person: textOption(options, 'person') as UserId | null,
      project: textOption(options, 'project') as ProjectName | null,
    };
    const filtered = Object.values(filter).some((value) => value !== null);
    return filtered || kindOf(acting.place) === 'channel'
      ? askGuild(acting, { do: 'status', filter })
      : inThread(acting, { do: 'status' });
  },
};
