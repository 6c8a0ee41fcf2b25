/**
 * What is to be done, from a seed alone. A round is one interleaving in each session at once: a few actions of several people that
 * start together, some only when cards are there. Which card a click meets is known when it is clicked; the plan has a die for it.
 */
import { Random } from './random.ts';

/** `starter`: who began the conversation; `other`: the runner is shared with them, the session is not theirs. */
export type Role = 'starter' | 'owner' | 'other' | 'stranger' | 'manager';
/** Which card: open in this session, open in another one, decided before, of a conversation that is over, any. */
export type Target = 'open' | 'elsewhere' | 'decided' | 'older' | 'any';
/** What is wrong with the button: nothing, or it stands on another card, or its id has another gen, number or hash, is junk, or comes from the channel. */
export type Forgery = 'none' | 'message' | 'gen' | 'ref' | 'hash' | 'junk' | 'place';
export type Verb = 'allow' | 'deny';

export type Action =
  | { readonly do: 'ask'; readonly who: Role; readonly text: string }
  | {
      readonly do: 'click';
      readonly who: Role;
      readonly target: Target;
      readonly verb: Verb;
      readonly forgery: Forgery;
      /** Delivered twice. */
      readonly twice: boolean;
      /** In [0, 1): chooses among the cards. */
      readonly die: number;
    }
  | { readonly do: 'stop'; readonly who: Role }
  /** `/new` in the thread, with "End it and begin anew" when it is offered. */
  | { readonly do: 'new'; readonly who: Role; readonly text: string }
  /** `/end`, then on with it: by `/ask`, by `/resume` in the thread or from the channel. */
  | {
      readonly do: 'again';
      readonly who: Role;
      readonly text: string;
      readonly by: 'ask' | 'resume' | 'list';
    }
  /** By somebody who may not. */
  | { readonly do: 'end' | 'resume'; readonly who: Role };

export interface Step {
  readonly action: Action;
  /** It waits until so many cards of this interleaving are there. */
  readonly afterCards: number;
}

export interface Batch {
  /** A new thread first, begun by this one of those who may; null: the one there is. */
  readonly fresh: number | null;
  readonly steps: readonly Step[];
  /** Something in it ends turns or processes. */
  readonly disrupts: boolean;
}

/** What else happens in a round: the runner's machine sleeps, the runner is killed, workerd is killed. */
export type Weather = 'calm' | 'sleep' | 'kill' | 'crash';

export interface Round {
  readonly batches: readonly Batch[];
  readonly weather: Weather;
}

/** Interleavings in one thread before another one is begun. */
const SEASON = 48;

export function schedule(seed: number, lanes: number, interleavings: number): Round[] {
  const random = new Random(seed);
  return Array.from({ length: Math.ceil(interleavings / lanes) }, (_, round) => {
    const weather: Weather =
      round === 0 ? 'calm' : random.weighted({ calm: 90, sleep: 7, kill: 1.5, crash: 1.5 });
    const batches = Array.from({ length: lanes }, (_, lane) => {
      const fresh =
        round === 0 || (weather !== 'crash' && (round + lane * 8) % SEASON === 0) ? lane + round : null;
      return batch(random, weather, fresh);
    });
    return { batches, weather };
  });
}

type Kind = 'plain' | 'stop' | 'new' | 'again' | 'doom' | 'later';

function batch(random: Random, weather: Weather, fresh: number | null): Batch {
  const kind: Kind = random.weighted({ plain: 70, stop: 10, new: 7, again: 5, doom: 2, later: 6 });
  // What waits for a process to do something by itself needs one that nobody kills; and when an answer to /new is lost, nobody
  // knows which conversation goes on. One that Claude was never asked anything in is not resumed.
  const needsCalm =
    kind === 'doom' || kind === 'later' || (weather === 'crash' && (kind === 'new' || kind === 'again'));
  const needsPast = kind === 'again' && fresh !== null;
  const safe = needsPast || (needsCalm && weather !== 'calm') ? 'plain' : kind;
  const steps: Step[] = [];
  const now = (action: Action) => steps.push({ action, afterCards: 0 });
  const cards = Number(random.weighted({ 1: 68, 2: 22, 3: 10 }));
  const who: Role = random.chance(0.75) ? 'starter' : 'owner';
  const text = words(random, cards);
  switch (safe) {
    case 'doom':
      now({ do: 'ask', who, text: `doom:${random.int(20, 400)} ask:${cards} hang` });
      break;
    case 'later':
      now({ do: 'ask', who, text: `later ask:${cards}` });
      break;
    case 'plain':
    case 'stop':
    case 'new':
    case 'again':
      now({ do: 'ask', who, text });
      break;
  }
  // Whichever is first, it asks for as many as others wait for.
  if (random.chance(0.25))
    now({ do: 'ask', who: 'starter', text: words(random, random.chance(0.4) ? 0 : cards) });
  if (random.chance(0.2))
    now({ do: 'ask', who: random.pick(['other', 'stranger', 'manager']), text: 'ask:1' });
  const later = (action: Action) => steps.push({ action, afterCards: random.int(0, cards) });
  if (safe === 'stop') later({ do: 'stop', who });
  if (safe === 'new') later({ do: 'new', who: random.chance(0.8) ? 'starter' : 'owner', text });
  if (safe === 'again') later({ do: 'again', who, text, by: random.pick(['ask', 'resume', 'list']) });
  if (random.chance(0.04))
    later({ do: random.pick(['end', 'resume']), who: random.pick(['other', 'stranger', 'manager']) });
  if (random.chance(0.06)) later({ do: 'stop', who: random.pick(['other', 'stranger', 'manager']) });
  for (let left = random.int(1, 3); left > 0; left--) {
    steps.push({ action: click(random), afterCards: random.chance(0.7) ? random.int(1, cards) : 0 });
  }
  return {
    fresh,
    steps: random.shuffled(steps),
    disrupts: safe === 'stop' || safe === 'new' || safe === 'again' || safe === 'doom',
  };
}

/** A prompt for the stub: it asks for this many permissions, at once or one after the other, or says something before. */
function words(random: Random, cards: number): string {
  if (cards === 0) return random.pick(['hello', 'stream:6:1', 'tools:2']);
  const ask = `ask:${cards}`;
  return random.pick([
    ask,
    ask,
    ask,
    `tools:1 ${ask}`,
    `stream:4:0 ${ask}`,
    `${ask} ask:1`,
    `${ask} stream:5:1`,
  ]);
}

function click(random: Random): Action {
  return {
    do: 'click',
    who: random.weighted({ starter: 50, owner: 22, other: 11, stranger: 9, manager: 8 }),
    target: random.weighted({ open: 58, elsewhere: 12, decided: 12, older: 10, any: 8 }),
    verb: random.pick(['allow', 'deny']),
    forgery: random.weighted({ none: 72, message: 8, gen: 5, ref: 5, hash: 5, junk: 2, place: 3 }),
    twice: random.chance(0.12),
    die: random.next(),
  };
}
