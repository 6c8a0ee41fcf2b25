import type { Answer } from '../domain/contract.ts';
import { type Acting, type Options, say, textOption } from './acting.ts';
import { optionFiles } from './attachments.ts';
import { begin } from './begin.ts';
import type { CommandData } from './payload.ts';

/** `/ask prompt`: the next turn of a thread's session; where there is none, a session begins with it. */
export async function ask(acting: Acting, options: Options, data: CommandData): Promise<Answer> {
  const text = textOption(options, 'prompt');
  if (text === null) return say('There is nothing to ask in an empty prompt.');
  const given = optionFiles(acting.env, options, data);
  if ('refused' in given) return say(given.refused);
  const runner = textOption(options, 'runner');
  const { files } = given;
  return begin(acting, { text, project: null, runner, files }, { do: 'ask', text, runner, files });
}
