import type { Answer } from '../contract.ts';
import { type Acting, type Options, say, textOption } from './acting.ts';
import { begin } from './begin.ts';

/** `/ask prompt`: the next turn of a thread's session; where there is none, a session begins with it. */
export async function ask(acting: Acting, options: Options): Promise<Answer> {
  const text = textOption(options, 'prompt');
  if (text === null) return say('There is nothing to ask in an empty prompt.');
  const runner = textOption(options, 'runner');
  return begin(acting, { text, project: null, runner }, { do: 'ask', text, runner });
}
