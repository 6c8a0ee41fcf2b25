/** What the session card in a parent channel shows, from the start of a session to its end. */
import type { GuildId, MessageId, ThreadId } from '../../../protocol/ids.ts';
import { messageUrl, threadUrl } from '../../discord/urls.ts';
import type { SessionSummary } from '../../domain/contract.ts';
import type { Durations } from '../../platform/durations.ts';
import {
  renderFailedCard,
  renderSessionCard,
  renderStartingCard,
  type StartingFacts,
} from '../../render/panels/card.ts';
import { threadName } from '../../render/panels/thread-name.ts';
import type { Runners } from '../runners/runners.ts';
import type { Directory } from '../sessions/directory.ts';
import type { Cards } from './cards.ts';
import { cardKey } from './start-steps.ts';
import type { Start } from './starts.ts';

interface CardServices {
  readonly cards: Cards;
  readonly runners: Runners;
  readonly durations: Durations;
}

/** Inside the transaction that begins it. */
export function startingCard({ cards, runners, durations }: CardServices, start: Start): void {
  const slot = renderStartingCard(factsOf(runners, start));
  cards.put(start.place.channel, slot, start.beganMs, durations.safetyMs);
}

/** Inside the transaction in which it fails. A card that was never posted is not posted any more. */
export function failedCard({ cards, runners, durations }: CardServices, start: Start): void {
  if (!cards.isPosted(start.place.channel, cardKey(start))) {
    cards.forget(start.place.channel, cardKey(start));
    return;
  }
  const slot = renderFailedCard(factsOf(runners, start), start.why ?? '');
  cards.put(start.place.channel, slot, Date.now(), durations.safetyMs);
}

/** Inside the transaction that takes a report. The parent channel to pump, or null when the thread has no card in one. */
export function sessionCard(
  { cards, runners, durations, directory, guild }: CardServices & { directory: Directory; guild: GuildId },
  thread: ThreadId,
  summary: SessionSummary,
) {
  const known = directory.thread(thread);
  if (known === null || known.card === null || known.parent === null) return null;
  const asks: MessageId | null = summary.state.is === 'waiting' ? summary.state.message : null;
  const slot = renderSessionCard(summary, {
    key: known.card,
    runner: runners.get(summary.runner)?.name ?? '',
    threadUrl: threadUrl(guild, thread),
    requestUrl: asks === null ? null : messageUrl(guild, thread, asks),
  });
  cards.put(known.parent, slot, Date.now(), durations.safetyMs);
  return known.parent;
}

function factsOf(runners: Runners, start: Start): StartingFacts {
  return {
    key: cardKey(start),
    title: threadName(start.text ?? start.title ?? null, start.project),
    project: start.project,
    runner: runners.get(start.runner)?.name ?? '',
    starter: start.asker.name,
  };
}
