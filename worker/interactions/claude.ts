import type { Answer } from '../domain/contract.ts';
import { type Acting, type Options, say, textOption } from './acting.ts';
import { inThread } from './in-thread.ts';

/** `/claude command: [arguments:]`: one of Claude's own slash commands, of its project's, or a skill. */
export async function claude(acting: Acting, options: Options): Promise<Answer> {
  const command = textOption(options, 'command');
  return command === null
    ? say('Which command? The list shows those of this project.')
    : inThread(acting, { do: 'slash', command, args: textOption(options, 'arguments') ?? '' });
}
