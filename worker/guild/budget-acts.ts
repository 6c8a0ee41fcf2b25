/** The budget in dollars that each session of the server begins with. */

import type { Answer } from '../domain/contract.ts';
import { AMOUNT_WORDS, budgetAmount } from '../render/panels/budget-amount.ts';
import { money } from '../render/text/format.ts';
import { BUDGET_COUNTER } from './channels/budget.ts';
import { say } from './runners/words.ts';
import type { Taking } from './services.ts';

export function setGuildBudget({ store }: Taking<'store'>, usd: number | null): Answer {
  const amount = usd === null ? null : budgetAmount(usd);
  if (usd !== null && amount === null) return say(AMOUNT_WORDS);
  store.setCounter(BUDGET_COUNTER, Math.round((amount ?? 0) * 100));
  return say(
    amount === null
      ? 'Sessions that begin here have no budget any more. Those that run keep theirs.'
      : `Each session that begins here pauses when it has cost ${money(amount)}. Those that run keep what they have.`,
  );
}
