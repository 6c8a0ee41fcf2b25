import { flagOption, inThread } from './acting.ts';
import { type Command, OptionType } from './command.ts';

/** The files as they were before the newest turn. Shown first; the button, or `confirm`, does it. */
export const undo: Command = {
  name: 'undo',
  description: 'Undo the file changes of the last turn here; shows first what would change',
  options: [{ type: OptionType.boolean, name: 'confirm', description: 'Yes, undo what was shown' }],
  run: (acting, options) => inThread(acting, { do: 'undo', confirm: flagOption(options, 'confirm') }),
};
