import type { Answer } from '../contract.ts';
import type { Acting } from './acting.ts';
import { inThread } from './in-thread.ts';

/** `/end`: the conversation is over. */
export function end(acting: Acting): Promise<Answer> {
  return inThread(acting, { do: 'end' });
}
