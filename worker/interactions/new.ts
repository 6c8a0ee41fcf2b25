import type { Answer } from '../contract.ts';
import { type Acting, type Options, projectOption, textOption } from './acting.ts';
import { begin } from './begin.ts';

/** `/new [prompt] [project]`: a session of its own; in a thread that has one, the old conversation ends first. */
export async function newSession(acting: Acting, options: Options): Promise<Answer> {
  const wish = { text: textOption(options, 'prompt'), project: projectOption(options) };
  return begin(acting, wish, { do: 'new', ...wish });
}
