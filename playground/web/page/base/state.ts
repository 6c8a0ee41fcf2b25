/** What the page knows: what the server sent, and where the viewer looks. */
import type { Command, MessageShown, Person, Place, Push, Surroundings, ToPage } from '../../wire.ts';

export interface State {
  viewer: string;
  around: Surroundings;
  /** Oldest first, by place. */
  readonly messages: Map<string, MessageShown[]>;
  /** The channel or thread that is shown. */
  place: string;
  /** The newest message that was on the screen, by viewer and place. */
  readonly seen: Map<string, string>;
  /** Pushes that were looked at, by viewer. */
  readonly pushesSeen: Map<string, number>;
}

/** Discord's ids grow with time, and are longer than a number holds. */
export function byAge(a: { readonly id: string }, b: { readonly id: string }): number {
  return a.id.length - b.id.length || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
}

export function begin(all: Extract<ToPage, { type: 'all' }>, before: State | null): State {
  const messages = new Map<string, MessageShown[]>();
  const state: State = {
    viewer: all.viewer,
    around: all.around,
    messages,
    place: '',
    seen: before?.seen ?? new Map(),
    pushesSeen: before?.pushesSeen ?? new Map(),
  };
  put(state, all.messages);
  const there = all.around.places.some(({ id }) => id === before?.place);
  state.place = there && before !== null ? before.place : (all.around.places[0]?.id ?? '');
  // What was there when the page opened is no news.
  if (before === null) for (const id of messages.keys()) markSeen(state, id);
  return state;
}

export function apply(state: State, change: Extract<ToPage, { type: 'change' }>): void {
  if (change.around !== undefined) state.around = change.around;
  if (change.gone.length > 0) {
    const gone = new Set(change.gone);
    for (const [place, list] of state.messages)
      state.messages.set(
        place,
        list.filter(({ id }) => !gone.has(id)),
      );
  }
  put(state, change.messages);
  if (!state.around.places.some(({ id }) => id === state.place))
    state.place = state.around.places[0]?.id ?? '';
}

function put(state: State, messages: readonly MessageShown[]): void {
  for (const message of messages) {
    const list = state.messages.get(message.place) ?? [];
    const at = list.findIndex(({ id }) => id === message.id);
    if (at >= 0) list[at] = message;
    else list.push(message);
    list.sort(byAge);
    state.messages.set(message.place, list);
  }
}

export const messagesHere = (state: State): readonly MessageShown[] => state.messages.get(state.place) ?? [];

export function placeOf(state: State, id: string): Place | undefined {
  return state.around.places.find((place) => place.id === id);
}

export function personOf(state: State, id: string): Person | undefined {
  return state.around.people.find((person) => person.id === id);
}

export function slashCommandsOf(state: State): Command[] {
  return state.around.commands.filter(({ type }) => type === 1);
}

export function menuCommandsOf(state: State): Command[] {
  return state.around.commands.filter(({ type }) => type === 3);
}

export function findMessage(state: State, id: string): MessageShown | undefined {
  for (const list of state.messages.values()) {
    const found = list.find((message) => message.id === id);
    if (found !== undefined) return found;
  }
  return undefined;
}

const seenKey = (state: State, place: string): string => `${state.viewer} ${place}`;

export function markSeen(state: State, place: string): void {
  const newest = state.messages.get(place)?.at(-1);
  if (newest !== undefined) state.seen.set(seenKey(state, place), newest.id);
}

export function isUnread(state: State, place: string): boolean {
  const newest = state.messages.get(place)?.findLast((message) => message.author.id !== state.viewer);
  if (newest === undefined) return false;
  const seen = state.seen.get(seenKey(state, place));
  return seen === undefined || byAge({ id: seen }, newest) < 0;
}

export function pushesTo(state: State, member: string): readonly Push[] {
  return state.around.pushes.filter(({ to }) => to === member);
}

export function newPushes(state: State, member: string): number {
  const after = state.pushesSeen.get(member) ?? 0;
  return pushesTo(state, member).filter(({ atMs }) => atMs > after).length;
}
