import { begin, say, textOption } from './acting.ts';
import type { Command } from './command.ts';
import { anyRunner, attached, files, prompt } from './options.ts';

/** The next turn of a thread's session; where there is none, a session begins with it. */
export const ask: Command = {
  name: 'ask',
  description: 'Ask Claude: the next prompt in a thread, a new session in a channel',
  options: [{ ...prompt, required: true }, ...files, anyRunner],
  async run(acting, options, data) {
    const text = textOption(options, 'prompt');
    if (text === null) return say('There is nothing to ask in an empty prompt.');
    const given = attached(acting, options, data);
    if ('refused' in given) return say(given.refused);
    const wish = { text, runner: textOption(options, 'runner'), files: given.files };
    return begin(acting, { ...wish, project: null }, { do: 'ask', ...wish });
  },
};
