/** Acts that change something are done once: a second delivery of the interaction changes nothing and hears the same. */
import type { Answer, GuildAct } from '../domain/contract.ts';
import type { Taking } from './services.ts';

export const PRUNE_TIMER = 'prune';

/** Does it the first time, and gives the kept answer after that. */
export function once<S, A>(
  decide: (services: S, asked: GuildAct, act: A) => Answer,
): (
  services: S & Taking<'store' | 'answers' | 'timers' | 'durations' | 'pushes' | 'later'>,
  asked: GuildAct,
  act: A,
) => Answer {
  return (services, asked, act) => {
    const { store, answers, pushes, later } = services;
    const kept = answers.get(asked.id);
    if (kept !== null) return kept;
    const answer = store.transaction(() => {
      const decided = decide(services, asked, act);
      keep(services, asked.id, decided);
      return decided;
    });
    later(pushes.pump());
    return answer;
  };
}

/** Inside the transaction that did it. */
export function keep(
  { answers, timers, durations }: Taking<'answers' | 'timers' | 'durations'>,
  id: GuildAct['id'],
  answer: Answer,
): void {
  const nowMs = Date.now();
  answers.put(id, answer, nowMs);
  if (timers.due(PRUNE_TIMER) === null) timers.set(PRUNE_TIMER, nowMs + durations.answerKeptMs);
}
