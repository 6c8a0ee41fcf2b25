/** What a person is told privately. Untrusted parts are escaped. */

import { messageUrl } from '../../discord/urls.ts';
import type { SessionAnswer } from '../../domain/contract.ts';
import type { Slot } from '../../domain/slot.ts';
import { awayWords } from '../../render/panels/presence.ts';
import { sessionStatus } from '../../render/panels/status.ts';
import { money, ordinal } from '../../render/text/format.ts';
import { outageWords } from '../../render/thread/failure.ts';
import { desiredWords } from '../rules/settings/configuring.ts';
import { type Conversation, isOverBudget } from '../state/conversation.ts';
import type { Outcome } from '../state/input.ts';
import { type State, waitingOf } from '../state/state.ts';
import { describe } from '../state/summary.ts';

/** What the rules answered, in words. `slots`: what the thread shows now. */
export function answerWords({ answer, state }: Outcome, slots: () => readonly Slot[]): SessionAnswer {
  if (answer === null) return { kind: 'private', text: 'Nothing was done.' };
  switch (answer.kind) {
    case 'asked':
      return { kind: 'private', text: askedWords(state, answer.prompt) };
    case 'decided': {
      // As delivery shows it, or its next edit would change it back.
      const card = slots().find((slot) => slot.key === `r.${answer.ref}`);
      return card === undefined
        ? { kind: 'private', text: 'Decided.' }
        : { kind: 'update', text: card.content, rows: card.rows };
    }
    case 'status':
      return { kind: 'private', text: statusWords(state, answer.terminal) };
    default:
      return answer;
  }
}

/** After `/ask`: it runs, its place, or since when the runner is away. */
function askedWords(state: State, prompt: string): string {
  const c = state.conversation;
  if (c === null) return 'Taken.';
  if ([...state.turns.values()].some((turn) => turn.prompt === prompt)) return 'Running.';
  const place = waitingOf(state).findIndex((queued) => queued.prompt === prompt) + 1;
  if (place === 0) return 'Taken.';
  if (c.budget !== null && isOverBudget(c))
    return `Kept: the budget of ${money(c.budget.usd)} is used, so nothing runs until someone presses Extend or gives more with \`/budget\`. \`/stop\` cancels it.`;
  const outage = c.open?.holds.outage;
  if (outage !== undefined) {
    const where = place > 1 ? ` It is ${ordinal(place)} in line.` : '';
    return `Your prompt ${outageWords(outage.code, outage.untilMs)}.${where} **Continue** and \`/resume\` go on, \`/stop\` cancels it.`;
  }
  if (!c.presence.online) {
    const where = place > 1 ? ` It is ${ordinal(place)} in line.` : '';
    const away = awayWords(c.runnerName, c.presence.sinceMs);
    return `${away} Your prompt is kept and runs when it is back.${where} \`/stop\` cancels it.`;
  }
  if (place > 1) return `${ordinal(place)} in line.`;
  return state.turns.size === 0 ? 'Starting.' : 'Next in line.';
}

/** `/status` in the thread. */
function statusWords(state: State, terminal: boolean): string {
  const summary = describe(state);
  const c = state.conversation;
  if (summary === null || c === null) return 'No session is here yet.';
  return sessionStatus(summary, {
    runner: c.runnerName,
    model: c.runsWith.model,
    mode: c.runsWith.mode,
    desired: desiredWords(c),
    workspace: c.runsWith.workspace,
    worktree: c.worktree,
    terminal: terminal ? claudeSessionOf(c) : null,
    context: summary.context ?? null,
    queue: waitingOf(state).map((queued) => ({ author: queued.author.name, text: queued.text })),
    requests: [...state.requests.values()].flatMap((request) => {
      const entry = state.entries.get(request.seq);
      if (entry?.kind !== 'request' || entry.state.is !== 'open') return [];
      const url =
        request.message === null || state.thread === null
          ? null
          : messageUrl(state.thread.guild, state.thread.thread, request.message);
      return [{ ref: request.ref, name: entry.name, summary: entry.summary, url }];
    }),
  });
}

/** As a terminal may name it; null while Claude has nothing of it. */
function claudeSessionOf(c: Conversation): string | null {
  if (c.begun) return c.claudeSession;
  return c.from?.fork === false ? c.from.claudeSession : null;
}
