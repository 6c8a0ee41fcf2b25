/** The Guild's services, put together. Each gets what it needs and knows no other; each act names those that it takes. */
import type { GuildId, RunnerId, ThreadId } from '../../protocol/ids.ts';
import { DiscordRest } from '../discord/rest.ts';
import { DELIVERY_SCHEMA } from '../discord/store.ts';
import { type Durations, durations as durationsOf } from '../platform/durations.ts';
import { Bindings } from './channels/bindings.ts';
import { guildBudget } from './channels/budget.ts';
import { Links } from './links/links.ts';
import { Pushes } from './links/pushes.ts';
import { Pairings } from './runners/pairing.ts';
import { Runners } from './runners/runners.ts';
import { startedAway } from './runners/words.ts';
import { Directory } from './sessions/directory.ts';
import { Endings } from './sessions/endings.ts';
import { Looks } from './sessions/looks.ts';
import { Sums } from './sessions/sums.ts';
import { Cards } from './starts/cards.ts';
import { failedCard } from './starts/session-card.ts';
import { doStep } from './starts/start-steps.ts';
import { type Start, Starts } from './starts/starts.ts';
import { Answers } from './storage/answers.ts';
import { Store } from './storage/store.ts';
import { Timers } from './storage/timers.ts';

export interface Services {
  readonly guild: GuildId;
  readonly env: Env;
  readonly durations: Durations;
  readonly store: Store;
  readonly timers: Timers;
  readonly answers: Answers;
  readonly runners: Runners;
  readonly pairings: Pairings;
  readonly directory: Directory;
  readonly sums: Sums;
  readonly bindings: Bindings;
  readonly cards: Cards;
  readonly pushes: Pushes;
  readonly starts: Starts;
  readonly endings: Endings;
  readonly looks: Looks;
  readonly links: Links;
  readonly rest: DiscordRest;
  /** Goes on after the answer, as long as the platform lets it. */
  readonly later: (work: Promise<unknown>) => void;
}

/** What an act takes of them. */
export type Taking<K extends keyof Services> = Pick<Services, K>;

export function buildServices(ctx: DurableObjectState, env: Env, guild: GuildId): Services {
  const durations = durationsOf(env);
  const later = (work: Promise<unknown>) => ctx.waitUntil(work);
  const timers = new Timers(ctx.storage, () => store);
  const links: Links = new Links({
    ctx,
    guild,
    timers,
    durations,
    store: () => store,
    runners: () => runners,
    directory: () => directory,
    presenceChanged: (runner) => markBusy(runner),
    pump: () => later(pushes.pump()),
  });
  const store: Store = new Store(ctx.storage, {
    created: () => {
      links.create();
      ctx.storage.sql.exec(DELIVERY_SCHEMA);
    },
    beforeCommit: () => timers.arm(Date.now()),
    rolledBack: () => timers.forget(),
  });
  const rest = new DiscordRest({
    apiUrl: env.DISCORD_API_URL,
    token: env.DISCORD_BOT_TOKEN,
    applicationId: env.DISCORD_APPLICATION_ID,
  });
  const runners = new Runners(store);
  const sums = new Sums(store);
  const directory: Directory = new Directory(store, sums, (thread) => {
    if (directory.latest(thread) !== null) return;
    const known = directory.thread(thread);
    if (known?.card && known.parent) cards.drop(known.parent, known.card);
    directory.forgetThread(thread);
  });
  const cards: Cards = new Cards(store, timers, rest, ctx.storage.sql);
  const pushes = new Pushes({
    store,
    timers,
    durations,
    factsOf: (thread) => {
      const session = directory.latest(thread);
      const runner = session === null ? null : runners.get(session.runner);
      return runner === null ? null : runners.facts(runner);
    },
    tell: (thread, { id, presence, access }) =>
      env.SESSION.getByName(thread).facts({ runner: id, presence, access }),
  });
  const markBusy = (runner: RunnerId) => pushes.mark(directory.wanted(runner), Date.now());

  const learn = (start: Start, thread: ThreadId) =>
    store.transaction(() => {
      const made = !start.inThread;
      const parent = made ? start.place.channel : start.parent;
      directory.setThread(thread, { parent, made, card: made ? `s.${start.id}` : null });
    });
  const starts = new Starts({
    store,
    timers,
    durations,
    step: (start, step) =>
      doStep(
        {
          rest,
          cards,
          directory,
          runners,
          learn,
          open: (thread, open) => env.SESSION.getByName(thread).open(open),
          budgetUsd: () => guildBudget(store),
        },
        start,
        step,
      ),
    away: (start) => {
      const runner = runners.get(start.runner);
      return runner === null || runner.presence.online
        ? ''
        : startedAway(runner.name, runner.presence.sinceMs, start.instead ?? null);
    },
    failed: (start) => {
      if (!start.inThread) failedCard({ cards, runners, durations }, start);
    },
    pump: (start) => {
      if (!start.inThread) later(cards.pump(start.place.channel));
    },
  });
  return {
    guild,
    env,
    durations,
    store,
    timers,
    answers: new Answers(store),
    runners,
    pairings: new Pairings(store, timers, runners, durations),
    directory,
    sums,
    bindings: new Bindings(store),
    cards,
    pushes,
    starts,
    endings: new Endings({
      store,
      timers,
      durations,
      act: (thread, act) => env.SESSION.getByName(thread).act(act),
    }),
    looks: new Looks({
      store,
      timers,
      directory,
      durations,
      look: (thread) => env.SESSION.getByName(thread).look(),
    }),
    links,
    rest,
    later,
  };
}
