/**
 * A session's budget in dollars. What a turn costs is known when it is over, so a turn is never cut off: when the finished turns have
 * cost as much as the budget, the queue is held, and the thread shows one line with the ways out. Whether it is held follows from the
 * conversation alone, so nothing can forget it.
 */

import type { BudgetEntry, Person } from '../../../domain/transcript.ts';
import { AMOUNT_WORDS, budgetAmount } from '../../../render/panels/budget-amount.ts';
import { money } from '../../../render/text/format.ts';
import type { Draft } from '../../state/draft.ts';
import type { RuleAnswer } from '../../state/input.ts';
import { mayNotify } from '../../state/notifying.ts';
import { isHeld, lineOf } from '../../state/state.ts';

/** Makes the line true: it is there while the session is held. After each step, before the next prompt is given. */
export function holdToBudget(d: Draft): void {
  const c = d.state.conversation;
  if (c === null) return;
  if (!isHeld(c)) return closeLine(d, { is: 'over' });
  if (c.budgetLine != null || c.budgetUsd == null) return;
  const seq = d.add({
    kind: 'budget',
    n: d.state.lastSeq + 1,
    gen: c.gen,
    limitUsd: c.budgetUsd,
    stepUsd: c.budgetStepUsd ?? c.budgetUsd,
    notify: whomToTell(d),
    state: { is: 'open' },
  });
  d.patchConversation({ budgetLine: seq });
}

/** Whose prompt would be next. Where nothing waits, whoever asks next is told then. */
function whomToTell({ state }: Draft): Person | null {
  const author = lineOf(state)[0]?.author;
  return author !== undefined && mayNotify(state.thread, author.id, 'request') ? author : null;
}

/** Its buttons go. Also when the conversation ends. */
export function closeLine(d: Draft, state: BudgetEntry['state']): void {
  const seq = d.state.conversation?.budgetLine;
  if (seq == null) return;
  const entry = d.state.entries.get(seq);
  if (entry?.kind === 'budget') d.setEntry(seq, { ...entry, state });
  d.patchConversation({ budgetLine: null });
}

/** The button: the same amount again, and again until there is something left of it. */
export function extend(d: Draft, n: number, by: Person): RuleAnswer {
  const c = d.state.conversation;
  const entry = c?.budgetLine == null ? undefined : d.state.entries.get(c.budgetLine);
  if (c?.budgetUsd == null || entry?.kind !== 'budget' || entry.n !== n)
    return { kind: 'private', text: 'That pause is over. Nothing was done.' };
  const times = Math.max(1, Math.floor((c.costUsd - c.budgetUsd) / entry.stepUsd) + 1);
  return setTo(d, c.budgetUsd + times * entry.stepUsd, by);
}

/** The command. `usd`: null takes the budget away. */
export function setBudget(d: Draft, usd: number | null, by: Person): RuleAnswer {
  const amount = usd === null ? null : budgetAmount(usd);
  if (usd !== null && amount === null) return { kind: 'private', text: AMOUNT_WORDS };
  d.patchConversation({ budgetStepUsd: amount });
  return setTo(d, amount, by);
}

function setTo(d: Draft, usd: number | null, by: Person): RuleAnswer {
  const before = d.state.conversation;
  d.patchConversation({ budgetUsd: usd });
  const c = d.state.conversation;
  if (c === null || before === null) return { kind: 'private', text: 'No session is here.' };
  const used = `${money(c.costUsd)} ${c.costUsd > 0 ? 'are' : 'is'} used`;
  if (isHeld(c)) {
    // One line says what is used; of the old budget it would say something else.
    if (before.budgetUsd !== usd) closeLine(d, { is: 'over' });
    return {
      kind: 'private',
      text: `The budget of this session is ${money(usd ?? 0)}, and ${used}: Claude pauses ${d.state.turns.size > 0 ? 'after this turn' : 'here'}.`,
    };
  }
  closeLine(d, { is: 'raised', by, toUsd: usd });
  return {
    kind: 'private',
    text:
      usd === null
        ? `This session has no budget any more. ${money(c.costUsd)} so far.`
        : `The budget of this session is ${money(usd)}; ${used}.`,
  };
}
