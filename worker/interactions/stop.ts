import type { Answer } from '../domain/contract.ts';
import type { Acting } from './acting.ts';
import { inThread } from './in-thread.ts';

/** `/stop`: interrupts the running turn and cancels what is queued; the session stays. */
export function stop(acting: Acting): Promise<Answer> {
  return inThread(acting, { do: 'stop' });
}
