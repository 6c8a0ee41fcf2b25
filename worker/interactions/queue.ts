import type { Answer } from '../domain/contract.ts';
import type { Acting } from './acting.ts';
import { inThread } from './in-thread.ts';

/** `/queue`: what waits in this thread, with buttons to change it, take it out or run it now. */
export function queue(acting: Acting): Promise<Answer> {
  return inThread(acting, { do: 'queue' });
}
