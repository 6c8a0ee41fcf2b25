import { inThread } from './acting.ts';
import type { Command } from './command.ts';

/** What waits in this thread, with buttons to change it, take it out or run it now. */
export const queue: Command = {
  name: 'queue',
  description: 'What waits in this thread: edit it, remove it, send it now',
  run: (acting) => inThread(acting, { do: 'queue' }),
};
