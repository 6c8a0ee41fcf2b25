import { askGuild, flagOption, say, textOption } from './acting.ts';
import { type CommandGroup, OptionType } from './command.ts';
import { ownRunner } from './options.ts';

export const runner: CommandGroup = {
  name: 'runner',
  description: 'The machines that Claude runs on',
  commands: [
    {
      name: 'pair',
      description: 'Connect a machine of yours as a runner',
      run: (acting) => askGuild(acting, { do: 'pair', token: acting.token }),
    },
    {
      name: 'list',
      description: 'The runners of this server',
      run: (acting) => askGuild(acting, { do: 'runners' }),
    },
    {
      name: 'share',
      description: 'Let a member or a role use your runner',
      options: [
        { type: OptionType.user, name: 'member', description: 'Who may use it' },
        { type: OptionType.role, name: 'role', description: 'Everyone with this role may use it' },
        ownRunner,
        { type: OptionType.boolean, name: 'off', description: 'Take the share back' },
      ],
      run(acting, options) {
        const member = textOption(options, 'member');
        const role = textOption(options, 'role');
        if ((member === null) === (role === null))
          return say('Name either a member or a role to share the runner with.');
        return askGuild(acting, {
          do: 'share',
          runner: textOption(options, 'runner') ?? '',
          with: member === null ? { role: role ?? '' } : { member },
          on: !flagOption(options, 'off'),
        });
      },
    },
    {
      name: 'remove',
      description: 'Take your runner out of this server; its key stops working at once',
      options: [ownRunner],
      run: (acting, options) =>
        askGuild(acting, { do: 'unpair', runner: textOption(options, 'runner') ?? '' }),
    },
  ],
};
