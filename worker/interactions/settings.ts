import type { Answer } from '../domain/contract.ts';
import { type Acting, type Options, textOption } from './acting.ts';
import { inThread } from './in-thread.ts';

/** `/settings [effort] [verbosity] [notify] [messages]`: the panel of this session, for the one who asks. */
export function settings(acting: Acting, options: Options): Promise<Answer> {
  const given = (['effort', 'verbosity', 'notify', 'messages'] as const).flatMap((name) => {
    const value = textOption(options, name);
    return value === null ? [] : [[name, value] as const];
  });
  return inThread(acting, { do: 'settings', ...Object.fromEntries(given) });
}
