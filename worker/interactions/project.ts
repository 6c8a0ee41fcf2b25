import type { ProjectName } from '../../protocol/ids.ts';
import { askGuild, say, textOption } from './acting.ts';
import type { CommandGroup } from './command.ts';
import { anyRunner, project as projectOption } from './options.ts';

export const project: CommandGroup = {
  name: 'project',
  description: 'Which project this channel works in',
  commands: [
    {
      name: 'bind',
      description: 'Bind this channel to a project, so that /ask and /new here need no option',
      options: [{ ...projectOption, required: true }, anyRunner],
      run(acting, options) {
        const named = textOption(options, 'project');
        if (named === null) return say('Name the project that this channel should be bound to.');
        const runner = textOption(options, 'runner');
        return askGuild(acting, { do: 'bind', project: named as ProjectName, runner });
      },
    },
    {
      name: 'unbind',
      description: 'This channel is bound to no project',
      run: (acting) => askGuild(acting, { do: 'unbind' }),
    },
    {
      name: 'list',
      description: 'The projects that you may start in',
      run: (acting) => askGuild(acting, { do: 'projects' }),
    },
  ],
};
