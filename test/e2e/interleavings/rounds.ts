/** One round of a schedule: the steps of each batch, then whatever it takes for everything to come to rest. */
import { aim } from './aim.ts';
import type { Crew, Lane } from './crew.ts';
import type { Random } from './random.ts';
import type { Action, Batch, Round, Verb, Weather } from './schedule.ts';
import type { Ask } from './story.ts';
import { happen } from './weather.ts';

export class Rounds {
  readonly #crew: Crew;
  /** For what is decided while things come to rest; the plan does not depend on it. */
  readonly #random: Random;
  readonly #lanes: Lane[] = [];
  /** Turns that conversations begin by themselves, by conversation. */
  readonly #own = new Map<string, number>();
  /** What makes its process die, by thread. */
  readonly #doomed = new Map<string, Ask>();
  #batchesUnderWay = 0;

  constructor(crew: Crew, random: Random) {
    this.#crew = crew;
    this.#random = random;
  }

  /** All that people do in a round. */
  async act(number: number, { batches, weather }: Round): Promise<void> {
    const crew = this.#crew;
    crew.round = number;
    const seen = crew.cards.all.length;
    this.#batchesUnderWay = batches.length;
    const storm: Storm = { weather, over: weather === 'calm' };
    const begun = () => crew.cards.all.length > seen || this.#batchesUnderWay === 0;
    await all([
      happen(crew, weather, begun).then(() => {
        storm.over = true;
        crew.bell.ring();
      }),
      ...batches.map((batch, at) => this.#batch(at, batch, storm)),
    ]);
  }

  /** What they began comes to its end. */
  async settle(number: number, { batches, weather }: Round): Promise<void> {
    const crew = this.#crew;
    await all(
      this.#lanes.map((lane, at) =>
        this.#settle(lane, weather === 'kill' || weather === 'crash' || (batches[at]?.disrupts ?? false)),
      ),
    );
    crew.log.read();
    crew.settled = number + 1;
  }

  async #batch(at: number, { fresh, steps }: Batch, storm: Storm): Promise<void> {
    const crew = this.#crew;
    try {
      const lane = fresh === null ? this.#lanes[at] : await this.#fresh(at, fresh);
      if (lane === undefined) throw new Error('the first round has no thread');
      const before = crew.cards.of(lane.thread).length;
      const deeds: Deeds = { released: false, doomed: null };
      await all(
        steps.map(async (step) => {
          const ready = () =>
            crew.cards.of(lane.thread).length >= before + step.afterCards ||
            deeds.released ||
            (deeds.doomed !== null && this.#isDead(deeds.doomed)) ||
            (storm.weather !== 'calm' && storm.over);
          await crew.bell.until(ready, () => `card ${step.afterCards} of <#${lane.thread}>`);
          await this.#act(lane, step.action, deeds);
        }),
      );
    } finally {
      this.#batchesUnderWay -= 1;
      crew.bell.ring();
    }
  }

  async #fresh(at: number, who: number): Promise<Lane> {
    const old = this.#lanes[at];
    if (old !== undefined) await this.#crew.command(old, old.starter, 'end');
    const lane = await this.#crew.begin(this.#crew.beginner(who), 'hello');
    this.#lanes[at] = lane;
    return lane;
  }

  async #act(lane: Lane, action: Action, deeds: Deeds): Promise<void> {
    const crew = this.#crew;
    const who = crew.member(action.who, lane);
    const mayFail = action.who !== 'starter' && action.who !== 'owner';
    switch (action.do) {
      case 'click': {
        const target = aim(crew, lane, action);
        if (target === null) return;
        await crew.click({ ...target, who, verb: action.verb, twice: action.twice });
        return;
      }
      case 'ask': {
        const ask = await crew.ask(lane, who, action.text);
        if (ask.told.is !== 'done' && !mayFail) deeds.released = true;
        if (action.text.includes('doom') && ask.told.is === 'done') {
          deeds.doomed = ask;
          this.#doomed.set(lane.thread, ask);
          crew.storms.push({
            what: 'doom',
            thread: lane.thread,
            round: ask.round,
            begin: ask.begin,
            end: ask.end,
          });
        }
        return;
      }
      case 'stop': {
        const stop = await crew.command(lane, who, 'stop');
        if (stop.told.is === 'refused') return;
        break;
      }
      case 'new':
        await crew.renew(lane, who, action.text);
        break;
      case 'again':
        await crew.again(lane, who, action.text, action.by);
        break;
      case 'end':
      case 'resume': {
        const { told } = await crew.command(lane, who, action.do);
        if (told.is === 'refused') return;
        break;
      }
    }
    // What others wait for may never come now.
    deeds.released = true;
    crew.bell.ring();
  }

  /** The process that ran it is gone. */
  #isDead(ask: Ask): boolean {
    const { log } = this.#crew;
    return log.ended.has(log.ran.get(ask.token)?.pid ?? 0);
  }

  /** Answers what is still asked, until each prompt of the round is over and no card is open. */
  async #settle(lane: Lane, disturbed: boolean): Promise<void> {
    const crew = this.#crew;
    const { thread } = lane;
    const asks = crew.asks.filter(
      (ask) => ask.round === crew.round && ask.thread === thread && ask.told.is === 'done',
    );
    const closing = new Map<string, Promise<unknown>>();
    let busy = 0;
    const close = () => {
      for (const card of crew.cards.of(thread).slice(-20)) {
        if (!card.shown.open || closing.has(card.message)) continue;
        busy += 1;
        const who = this.#random.chance(0.6) ? lane.starter : crew.system.owner;
        const verb = this.#random.pick<Verb>(['allow', 'deny']);
        const clicked = crew
          .click({ who, verb, id: card, on: card, fromChannel: false, twice: false })
          .finally(() => {
            busy -= 1;
            crew.bell.ring();
          });
        closing.set(card.message, clicked);
      }
    };
    const doomed = this.#doomed.get(thread);
    this.#doomed.delete(thread);
    const isDead = () => {
      close();
      return doomed === undefined || this.#isDead(doomed);
    };
    await crew.bell.until(isDead, () => this.#unfinished(lane, asks));
    // Prompts run in their order: when this one is over, so are those before it that a stop or a death has spared.
    const must = disturbed ? [await crew.ask(lane, lane.starter, 'fence')] : asks;
    const over = () => {
      close();
      const open = crew.cards
        .of(thread)
        .slice(-20)
        .some((card) => card.shown.open);
      return busy === 0 && must.every((ask) => this.#isOver(ask)) && !open;
    };
    await crew.bell.until(over, () => this.#unfinished(lane, must));
    await all([...closing.values()]);
    await this.#ownTurns(asks, over, lane);
  }

  #isOver(ask: Ask): boolean {
    const { log } = this.#crew;
    return log.results.has(log.ran.get(ask.token)?.prompt ?? '');
  }

  /** Turns that a process begins by itself after one of these. */
  async #ownTurns(asks: readonly Ask[], over: () => boolean, lane: Lane): Promise<void> {
    const { bell, log } = this.#crew;
    for (const ask of asks.filter(({ later }) => later)) {
      const session = log.ran.get(ask.token)?.session ?? '';
      const count = (this.#own.get(session) ?? 0) + 1;
      this.#own.set(session, count);
      const done = () => over() && (log.own.get(session) ?? 0) >= count;
      await bell.until(done, () => `the turn that <#${lane.thread}> begins by itself`);
    }
  }

  #unfinished({ thread }: Lane, must: readonly Ask[]): string {
    const open = this.#crew.cards.of(thread).filter((card) => card.shown.open);
    const asks = must
      .filter((ask) => !this.#isOver(ask))
      .map(({ token, told }) => `${token} (${told.words})`);
    const shown = this.#crew.system.discord.channel(thread).show().slice(-3000);
    return `${asks.join(', ')}; open cards: ${open.map((card) => card.command).join(', ')}\n${shown}`;
  }
}

interface Storm {
  readonly weather: Weather;
  over: boolean;
}

interface Deeds {
  /** Something happened after which the cards that others wait for may never come. */
  released: boolean;
  /** Its process dies by itself. */
  doomed: Ask | null;
}

/** Waits for all of them also when one fails, so that nothing goes on behind the report. */
async function all(work: readonly Promise<unknown>[]): Promise<void> {
  const results = await Promise.allSettled(work);
  for (const result of results) if (result.status === 'rejected') throw result.reason;
}
