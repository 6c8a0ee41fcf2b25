/** What a session that begins here may cost. */
import type { Store } from '../storage/store.ts';

/** Whole cents; 0: none. */
export const BUDGET_COUNTER = 'budgetCents';

export function guildBudget(store: Store): number | null {
  const cents = store.counter(BUDGET_COUNTER);
  return cents === 0 ? null : cents / 100;
}
