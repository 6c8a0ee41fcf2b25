/** The whole of what a session can say of itself: for `/status`, and sent along with reports that are made anyway. */
import type { SessionSummary } from '../../domain/contract.ts';
import { type State, summarize } from './state.ts';

/** What the card does not show is left out of `summarize`, so that a change of it makes no report. */
export function describe(state: State): SessionSummary | null {
  const summary = summarize(state);
  const { conversation: c } = state;
  if (summary === null || c === null) return null;
  const { models, messages, inherited } = c.spent;
  const doing = doingNow(state);
  return {
    ...summary,
    model: c.runsWith.model,
    mode: c.runsWith.mode,
    messages,
    ...(c.context === null ? {} : { context: c.context }),
    ...(models.length === 0 ? {} : { models }),
    ...(c.budget === null ? {} : { budgetUsd: c.budget.usd }),
    ...(inherited === null ? {} : { inherited }),
    ...(doing === null ? {} : { doing }),
  };
}

/** The newest call that runs, of the turn that runs. */
function doingNow({ turns, entries }: State): string | null {
  if (turns.size === 0) return null;
  let newest: string | null = null;
  for (const entry of entries.values()) {
    if (entry.kind !== 'tool' || entry.state !== 'running' || !turns.has(entry.turn)) continue;
    newest = `${entry.name} ${entry.summary}`.trim();
  }
  return newest;
}
