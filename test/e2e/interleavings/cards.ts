/** The cards that were seen on Discord, as people see them: by the messages alone. */
import type { Discord } from '../../../playground/discord/discord.ts';
import type { ShownMessage } from '../../../playground/discord/people/view.ts';
import type { Card, Locator, Tick } from './story.ts';

export class Cards {
  readonly all: Card[] = [];
  readonly #byMessage = new Map<string, Card>();
  readonly #byThread = new Map<string, Card[]>();
  readonly #discord: Discord;
  readonly #now: () => { readonly round: number; readonly seen: Tick };

  constructor(discord: Discord, now: () => { readonly round: number; readonly seen: Tick }) {
    this.#discord = discord;
    this.#now = now;
  }

  /** A message was posted or changed. */
  changed(id: ShownMessage['id']): void {
    const message = this.#discord.message(id);
    if (message === undefined || !message.fromBot || message.onlyFor !== undefined) return;
    const card = this.#byMessage.get(id);
    if (card !== undefined) card.shown = shownOf(message);
    else this.#posted(message);
  }

  of(thread: string): readonly Card[] {
    return this.#byThread.get(thread) ?? [];
  }

  #posted(message: ShownMessage): void {
    const thread: string = message.channelId;
    const cards = this.#byThread.get(thread) ?? [];
    // Heddle creates one message of a thread after the other, so it has the answers to the creates before.
    for (const earlier of cards.slice(-10)) earlier.known = true;
    const id = locatorOf(message);
    const command = /echo [0-9a-f-]{36} \d+/.exec(message.text)?.[0];
    if (id === null || command === undefined) return;
    const card: Card = {
      ...id,
      message: message.id,
      thread,
      command,
      ...this.#now(),
      shown: shownOf(message),
      known: false,
    };
    this.all.push(card);
    this.#byMessage.set(message.id, card);
    this.#byThread.set(thread, [...cards, card]);
  }
}

function shownOf(message: ShownMessage): Card['shown'] {
  return { text: message.text, open: allowOf(message) !== undefined };
}

function allowOf(message: ShownMessage): string | undefined {
  return message.buttons.find((button) => button.label === 'Allow' && !button.disabled)?.customId;
}

function locatorOf(message: ShownMessage): Locator | null {
  const [version, verb, gen, ref, tag] = allowOf(message)?.split(':') ?? [];
  if (version !== 'h1' || verb !== 'allow' || tag === undefined) return null;
  return { gen: Number(gen), ref: Number(ref), tag };
}
