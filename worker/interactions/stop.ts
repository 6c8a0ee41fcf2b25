import { inThread } from './acting.ts';
import type { Command } from './command.ts';

/** Interrupts the running turn and cancels what is queued; the session stays. */
export const stop: Command = {
  name: 'stop',
  description: 'Stop what Claude is doing here: interrupt the turn, cancel or abort what is queued',
  run: (acting) => inThread(acting, { do: 'stop' }),
};
