import { inThread, say, textOption } from './acting.ts';
import { type Command, OptionType } from './command.ts';
import { offered, PROMPT_MAX_CHARACTERS } from './options.ts';

/** One of Claude's own slash commands, of its project's, or a skill. */
export const claude: Command = {
  name: 'claude',
  description: 'One of Claude’s own slash commands: /compact, /clear, those of the project, skills',
  options: [
    {
      type: OptionType.string,
      name: 'command',
      description: 'Which one',
      required: true,
      max_length: 100,
      suggest: offered('command'),
    },
    {
      type: OptionType.string,
      name: 'arguments',
      description: 'What follows it',
      max_length: PROMPT_MAX_CHARACTERS,
    },
  ],
  run(acting, options) {
    const command = textOption(options, 'command');
    return command === null
      ? say('Which command? The list shows those of this project.')
      : inThread(acting, { do: 'slash', command, args: textOption(options, 'arguments') ?? '' });
  },
};
