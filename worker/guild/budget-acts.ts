/** The budget in dollars that each session of the server begins with. */
import { may } from '../access.ts';
import { AMOUNT_WORDS, budgetAmount } from '../budget-amount.ts';
import type { Answer, GuildAct } from '../contract.ts';
import { money } from '../render/format.ts';
import type { Rooms } from './rooms.ts';
import type { Store } from './store.ts';
import { refusal, say } from './words.ts';

/** Whole cents; 0: none. */
const BUDGET_COUNTER = 'budgetCents';

export function guildBudget(store: Store): number | null {
  const cents = store.counter(BUDGET_COUNTER);
  return cents === 0 ? null : cents / 100;
}

export function setGuildBudget({ store }: Rooms, { member }: GuildAct, usd: number | null): Answer {
  const allowed = may(member, 'guildBudget', { runner: null, starter: null });
  if (!allowed.ok) return refusal(allowed.why);
  const amount = usd === null ? null : budgetAmount(usd);
  if (usd !== null && amount === null) return say(AMOUNT_WORDS);
  store.setCounter(BUDGET_COUNTER, Math.round((amount ?? 0) * 100));
  return say(
    amount === null
      ? 'Sessions that begin here have no budget any more. Those that run keep theirs.'
      : `Each session that begins here pauses when it has cost ${money(amount)}. Those that run keep what they have.`,
  );
}
