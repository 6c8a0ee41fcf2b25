/** Which amounts in US dollars a budget may have. */
import { money } from '../text/format.ts';

/** The smallest amount that is shown as one. */
const BUDGET_MIN_USD = 0.01;
/** More is a slip of the finger. */
export const BUDGET_MAX_USD = 100_000;

/** Whole cents; null: it is no amount that a budget may have. */
export function budgetAmount(usd: number): number | null {
  const cents = Math.round(usd * 100);
  return Number.isFinite(usd) && usd >= BUDGET_MIN_USD && usd <= BUDGET_MAX_USD ? cents / 100 : null;
}

export const AMOUNT_WORDS = `A budget is from ${money(BUDGET_MIN_USD)} to ${money(BUDGET_MAX_USD)}; 0 takes it away. Nothing was done.`;
