import type { Answer } from '../domain/contract.ts';
import { type Acting, type Options, say, textOption } from './acting.ts';
import { inThread } from './in-thread.ts';

/** `/model model:`: which model Claude works with here. */
export async function model(acting: Acting, options: Options): Promise<Answer> {
  const wanted = textOption(options, 'model');
  return wanted === null
    ? say('Which model? `default` is Claude’s own choice.')
    : inThread(acting, { do: 'configure', model: wanted });
}
