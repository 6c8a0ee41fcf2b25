import { kindOf } from '../discord/channel-type.ts';
import { BUDGET_MAX_USD } from '../render/panels/budget-amount.ts';
import { askGuild, inThread, say } from './acting.ts';
import { type Command, OptionType } from './command.ts';

/** In a thread what its session may cost, in a channel what each new session of the server may. */
export const budget: Command = {
  name: 'budget',
  description: 'What this session may cost before it pauses; in a channel, what each new session may',
  options: [
    {
      type: OptionType.number,
      name: 'amount',
      description: 'US dollars; 0 takes the budget away',
      required: true,
      min_value: 0,
      max_value: BUDGET_MAX_USD,
    },
  ],
  run(acting, options) {
    const amount = options.find((option) => option.name === 'amount')?.value;
    if (typeof amount !== 'number' || !Number.isFinite(amount))
      return say('Say how many dollars, like `/budget amount:5`. 0 takes the budget away.');
    const usd = amount === 0 ? null : amount;
    return kindOf(acting.place) === 'channel'
      ? askGuild(acting, { do: 'budget', usd })
      : inThread(acting, { do: 'budget', usd });
  },
};
