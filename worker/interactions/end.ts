import type { Answer } from '../contract.ts';
import { type Acting, askGuild, flagOption, type Options } from './acting.ts';
import { inThread } from './in-thread.ts';

/** `/end [all]`: the conversation is over; with `all` every one in the server that the member may end. */
export function end(acting: Acting, options: Options): Promise<Answer> {
  return flagOption(options, 'all') ? askGuild(acting, { do: 'endAll' }) : inThread(acting, { do: 'end' });
}
