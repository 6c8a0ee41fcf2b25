/**
 * A session's budget in dollars. What a turn costs is known when it is over, so a turn is never cut off: when the finished turns have
 * cost as much as the budget, the queue is held, and the thread shows one notice with the ways out. Whether it is held follows from the
 * conversation alone, so nothing can forget it.
 */

import type { BudgetEntry, Person } from '../../../domain/transcript.ts';
import { AMOUNT_WORDS, budgetAmount } from '../../../render/panels/budget-amount.ts';
import { money } from '../../../render/text/format.ts';
import { type Budget, isOverBudget } from '../../state/conversation.ts';
import type { Draft } from '../../state/draft.ts';
import type { RuleAnswer } from '../../state/input.ts';
import { mayNotify } from '../../state/notifying.ts';
import { waitingOf } from '../../state/state.ts';

/** Makes the notice true: it is there while the budget is used. After each step, before the next prompt is given. */
export function holdToBudget(d: Draft): void {
  const c = d.state.conversation;
  if (c === null || c.ended !== null) return;
  if (c.budget === null || !isOverBudget(c)) return closeNotice(d, { is: 'over' });
  if (c.open.budgetNotice !== null) return;
  const seq = d.add({
    kind: 'budget',
    n: d.state.lastSeq + 1,
    gen: c.gen,
    limitUsd: c.budget.usd,
    stepUsd: c.budget.stepUsd,
    notify: whomToTell(d),
    state: { is: 'open' },
  });
  d.patchOpen({ budgetNotice: seq });
}

/** Whose prompt would be next. Where nothing waits, whoever asks next is told then. */
function whomToTell({ state }: Draft): Person | null {
  const author = waitingOf(state)[0]?.author;
  return author !== undefined && mayNotify(state.thread, author.id, 'request') ? author : null;
}

/** Its buttons go. Also when the conversation ends. */
export function closeNotice(d: Draft, state: BudgetEntry['state']): void {
  const seq = d.state.conversation?.open?.budgetNotice ?? null;
  if (seq === null) return;
  const entry = d.state.entries.get(seq);
  if (entry?.kind === 'budget') d.setEntry(seq, { ...entry, state });
  d.patchOpen({ budgetNotice: null });
}

/** The button: the same amount again, and again until there is something left of it. */
export function extend(d: Draft, n: number, by: Person): RuleAnswer {
  const c = d.state.conversation;
  const seq = c?.open?.budgetNotice ?? null;
  const entry = seq === null ? undefined : d.state.entries.get(seq);
  if (c?.budget == null || entry?.kind !== 'budget' || entry.n !== n)
    return { kind: 'private', text: 'That pause is over. Nothing was done.' };
  const { usd, stepUsd } = c.budget;
  const times = Math.max(1, Math.floor((c.spent.costUsd - usd) / entry.stepUsd) + 1);
  return setTo(d, { usd: usd + times * entry.stepUsd, stepUsd }, by);
}

/** The command. `usd`: null takes the budget away. */
export function setBudget(d: Draft, usd: number | null, by: Person): RuleAnswer {
  const amount = usd === null ? null : budgetAmount(usd);
  if (usd !== null && amount === null) return { kind: 'private', text: AMOUNT_WORDS };
  return setTo(d, amount === null ? null : { usd: amount, stepUsd: amount }, by);
}

function setTo(d: Draft, budget: Budget | null, by: Person): RuleAnswer {
  const before = d.state.conversation;
  const usd = budget?.usd ?? null;
  d.patchConversation({ budget });
  const c = d.state.conversation;
  if (c === null || before === null) return { kind: 'private', text: 'No session is here.' };
  const { costUsd } = c.spent;
  const used = `${money(costUsd)} ${costUsd > 0 ? 'are' : 'is'} used`;
  if (isOverBudget(c)) {
    // One notice says what is used; of the old budget it would say something else.
    if (before.budget?.usd !== usd) closeNotice(d, { is: 'over' });
    return {
      kind: 'private',
      text: `The budget of this session is ${money(usd ?? 0)}, and ${used}: Claude pauses ${d.state.turns.size > 0 ? 'after this turn' : 'here'}.`,
    };
  }
  closeNotice(d, { is: 'raised', by, toUsd: usd });
  return {
    kind: 'private',
    text:
      usd === null
        ? `This session has no budget any more. ${money(costUsd)} so far.`
        : `The budget of this session is ${money(usd)}; ${used}.`,
  };
}
