import { kindOf } from '../discord/channel-type.ts';
import type { Answer } from '../domain/contract.ts';
import { type Acting, askGuild, type Options, say } from './acting.ts';
import { inThread } from './in-thread.ts';

/** `/budget`: in a thread what its session may cost, in a channel what each new session of the server may. */
export async function budget(acting: Acting, options: Options): Promise<Answer> {
  const amount = options.find((option) => option.name === 'amount')?.value;
  if (typeof amount !== 'number' || !Number.isFinite(amount))
    return say('Say how many dollars, like `/budget amount:5`. 0 takes the budget away.');
  const usd = amount === 0 ? null : amount;
  return kindOf(acting.place) === 'channel'
    ? askGuild(acting, { do: 'budget', usd })
    : inThread(acting, { do: 'budget', usd });
}
