import type { Answer } from '../domain/contract.ts';
import { type Acting, type Options, say, textOption } from './acting.ts';
import { inThread } from './in-thread.ts';

/** `/mode mode:`: what Claude asks for, and what it does without asking. */
export async function mode(acting: Acting, options: Options): Promise<Answer> {
  const wanted = textOption(options, 'mode');
  return wanted === null
    ? say('Which mode? `default` asks for everything.')
    : inThread(acting, { do: 'configure', mode: wanted });
}
