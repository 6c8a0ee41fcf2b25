import type { ChannelId, InteractionId, RunnerId } from '../../protocol/ids.ts';
import { errorName, log } from '../platform/log.ts';
import { KEY_TIMER, keyGraceOver } from './key-rotation.ts';
import { POLL_TIMER, PRESENCE_TIMER } from './links/links.ts';
import { PUSHES_TIMER } from './links/pushes.ts';
import { PRUNE_TIMER } from './once.ts';
import { PAIRING_TIMER } from './runners/pairing.ts';
import type { Services, Taking } from './services.ts';
import { ENDINGS_TIMER } from './sessions/endings.ts';
import { LOOK_TIMER } from './sessions/looks.ts';
import { CARDS_TIMER } from './starts/cards.ts';
import { START_TIMER } from './starts/starts.ts';
import type { DueTimer } from './storage/timers.ts';

/** The object was loaded; `alarmMs` is what its alarm is set to. Cloudflare: an alarm can be lost or stuck in the past. */
export function wake(
  { store, timers, links, durations }: Taking<'store' | 'timers' | 'links' | 'durations'>,
  alarmMs: number | null,
): void {
  if (!store.ready) return;
  const nowMs = Date.now();
  const lost = timers.isOverdue(nowMs, durations.safetyMs);
  timers.sync(lost ? null : alarmMs);
  links.reconcile();
  // Ends in setting the alarm.
  if (lost) store.transaction(() => {});
}

/** The alarm: every timer that is due runs by itself, so one that fails or hangs in Discord holds up no other. */
export async function ring(services: Services): Promise<void> {
  const { store, timers, durations } = services;
  timers.sync(null);
  if (!store.ready) return;
  const nowMs = Date.now();
  const due = store.transaction(() => timers.take(nowMs, nowMs + durations.safetyMs));
  await Promise.all(
    due.map(async (timer) => {
      try {
        await run(services, timer, nowMs);
        store.transaction(() => timers.settle(timer.key));
      } catch (error) {
        log('guild.timer.failed', { timer: timer.key.split(':')[0] ?? '', error: errorName(error) });
      }
    }),
  );
}

async function run(services: Services, { key, dueMs }: DueTimer, nowMs: number): Promise<void> {
  const { store, links, pushes, starts, cards, pairings } = services;
  const [kind, rest = ''] = split(key);
  switch (kind) {
    case PRESENCE_TIMER:
      return links.graceOver(rest as RunnerId, dueMs);
    case POLL_TIMER:
      return links.poll(nowMs);
    case LOOK_TIMER:
      return services.looks.pump(nowMs);
    case ENDINGS_TIMER:
      return services.endings.pump();
    case PUSHES_TIMER:
      return pushes.pump();
    case START_TIMER:
      return starts.drive(rest as InteractionId);
    case CARDS_TIMER:
      return cards.pump(rest as ChannelId);
    case PAIRING_TIMER:
      return store.transaction(() => pairings.expire(rest));
    case KEY_TIMER:
      return keyGraceOver(services, rest as RunnerId);
    case PRUNE_TIMER:
      return prune(services, nowMs);
    default:
      log('guild.timer.unknown', { timer: kind });
  }
}

function prune(
  {
    store,
    answers,
    starts,
    timers,
    durations,
  }: Taking<'store' | 'answers' | 'starts' | 'timers' | 'durations'>,
  nowMs: number,
): void {
  store.transaction(() => {
    answers.prune(nowMs - durations.answerKeptMs);
    starts.prune(nowMs - durations.answerKeptMs);
    if (answers.any()) timers.set(PRUNE_TIMER, nowMs + durations.answerKeptMs);
  });
}

/** `cards:123` is `['cards:', '123']`, `pushes` is `['pushes']`. */
function split(key: string): [string, string?] {
  const colon = key.indexOf(':') + 1;
  return colon === 0 ? [key] : [key.slice(0, colon), key.slice(colon)];
}
