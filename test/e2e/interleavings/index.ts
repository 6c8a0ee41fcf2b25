/** The story by what its parts have in common. */
import type { StubEntry } from '../../stub-claude-script.ts';
import type { Ask, Card, Click, Conversation, Locator, Story, Tick } from './story.ts';

type EntryOf<E extends StubEntry['event']> = Extract<StubEntry, { event: E }>;
export type Asked = EntryOf<'asked'>;
export type Decision = EntryOf<'decision'>;

export class Index {
  readonly story: Story;
  readonly #cards = new Map<string, Card>();
  readonly #cardsOf = new Map<string, Card[]>();
  readonly #conversations = new Map<string, Conversation[]>();
  /** Clicks that were answered as a decision, and those whose answer was lost, by the command they were about. */
  readonly decided = new Map<string, Click[]>();
  readonly maybe = new Map<string, Click[]>();
  readonly asked = new Map<string, Asked>();
  readonly decisions: Decision[] = [];
  readonly asks = new Map<string, Ask>();

  constructor(story: Story) {
    this.story = story;
    for (const card of story.cards) {
      this.#cards.set(`${card.thread}/${card.ref}`, card);
      add(this.#cardsOf, card.command, card);
    }
    for (const one of story.conversations) add(this.#conversations, one.thread, one);
    for (const click of story.clicks) {
      const card = this.cardOf(click);
      if (card === undefined) continue;
      if (click.told.is === 'done') add(this.decided, card.command, click);
      if (click.told.is === 'lost') add(this.maybe, card.command, click);
    }
    for (const ask of story.asks) this.asks.set(ask.token, ask);
    for (const entry of story.log) {
      if (entry.event === 'asked') this.asked.set(entry.request, entry);
      if (entry.event === 'decision') this.decisions.push(entry);
    }
  }

  /** The card whose number a button's id has, in the thread where it was pressed; numbers go on over all gens of a thread. */
  cardOf(click: { readonly thread: string; readonly id: Locator | null }): Card | undefined {
    return click.id === null ? undefined : this.#cards.get(`${click.thread}/${click.id.ref}`);
  }

  cardsOf(command: string): readonly Card[] {
    return this.#cardsOf.get(command) ?? [];
  }

  /** Which conversations may have been the thread's newest at some time between the two. */
  during(thread: string, begin: Tick, end: Tick): Conversation[] {
    return (this.#conversations.get(thread) ?? []).filter((one) => one.from <= end && one.to >= begin);
  }

  /** The gen in which the conversation that goes on in this one began. */
  rootOf(thread: string, gen: number): number {
    const all = this.#conversations.get(thread) ?? [];
    let root = gen;
    while (all.some((one) => one.gen === root && one.continues)) root -= 1;
    return root;
  }

  mayIn(who: string, conversation: Conversation): boolean {
    return who === conversation.starter || who === this.story.owner;
  }

  /** In that round something ended turns in the thread: a command that was not over before `since`, or a process that died. */
  disrupted(thread: string, round: number, since: Tick, until = Number.POSITIVE_INFINITY): boolean {
    const { commands, storms } = this.story;
    return (
      commands.some(
        (c) =>
          c.thread === thread &&
          c.round === round &&
          c.end >= since &&
          c.begin <= until &&
          c.told.is !== 'refused',
      ) ||
      storms.some(
        (s) => s.what !== 'crash' && (s.thread ?? thread) === thread && s.round === round && s.begin <= until,
      )
    );
  }

  /** An answer may be lost only when workerd dies meanwhile. */
  mayLose(begin: Tick, end: Tick): boolean {
    return this.story.storms.some((s) => s.what === 'crash' && s.begin <= end && s.end >= begin);
  }
}

function add<T>(map: Map<string, T[]>, key: string, value: T): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}

export function commandOf(entry: Asked): string {
  const { command } = entry.input;
  return typeof command === 'string' ? command : '';
}
