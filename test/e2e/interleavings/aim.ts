/** Which card a planned click meets, and what its button carries: as far as cards are there when it is clicked. */
import type { Crew, Lane } from './crew.ts';
import type { Action, Forgery, Target } from './schedule.ts';
import type { Card, Locator } from './story.ts';

/** Only the newest cards are of interest; old ones all give the same answer. */
const RECENT = 40;

export interface Aimed {
  readonly id: Locator | null;
  readonly on: Card;
  readonly fromChannel: boolean;
}

/** Null: no card is there at all. */
export function aim(crew: Crew, lane: Lane, click: Extract<Action, { do: 'click' }>): Aimed | null {
  const card = choose(candidates(crew, lane, click.target), click.die);
  return card === undefined ? null : forged(crew, card, click.forgery, click.die);
}

function candidates(crew: Crew, lane: Lane, target: Target): readonly Card[] {
  const all = crew.cards.all.slice(-4 * RECENT);
  const here = crew.cards.of(lane.thread);
  const first = (...lists: (readonly Card[])[]) =>
    (lists.find((list) => list.length > 0) ?? []).slice(-RECENT);
  const isOpen = (card: Card) => card.shown.open;
  switch (target) {
    case 'open':
      return first(here.filter(isOpen), here, all);
    case 'elsewhere': {
      const others = all.filter((card) => card.thread !== lane.thread);
      return first(others.filter(isOpen), others, all);
    }
    case 'decided':
      return first(
        all.filter((card) => card.shown.text.startsWith('-# ✓') || card.shown.text.startsWith('-# ✗')),
        all,
      );
    case 'older':
      return first(
        here.filter((card) => card.gen < lane.gen),
        all.filter((card) => card.gen > 1 && !isOpen(card)),
        all,
      );
    case 'any':
      return first(all);
  }
}

function forged(crew: Crew, card: Card, forgery: Forgery, die: number): Aimed {
  const { gen, ref, tag } = card;
  const honest: Aimed = { id: { gen, ref, tag }, on: card, fromChannel: false };
  // Other digits of the same die.
  const second = (die * 997) % 1;
  switch (forgery) {
    case 'none':
      return honest;
    case 'gen':
      return { ...honest, id: { gen: second < 0.5 ? gen + 1 : Math.max(1, gen - 1), ref, tag } };
    case 'ref':
      return { ...honest, id: { gen, ref: second < 0.5 ? ref + 1 : Math.max(0, ref - 1), tag } };
    case 'hash':
      return { ...honest, id: { gen, ref, tag: `${tag.startsWith('0') ? '1' : '0'}${tag.slice(1)}` } };
    case 'junk':
      return { ...honest, id: null };
    case 'place':
      return { ...honest, fromChannel: true };
    case 'message': {
      // While Discord's answer to the one who posted a card is on its way, Heddle cannot tell that card's message.
      const others = crew.cards.all
        .slice(-RECENT)
        .filter((other) => other !== card && (other.thread !== card.thread || card.known));
      const on = choose(others, second);
      return on === undefined ? honest : { ...honest, on };
    }
  }
}

function choose(cards: readonly Card[], die: number): Card | undefined {
  return cards[Math.floor(die * cards.length)];
}
