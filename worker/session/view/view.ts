import type { EventOf, Live } from '../../../protocol/events.ts';
import type { TurnId } from '../../../protocol/ids.ts';
import type { SessionSummary } from '../../domain/contract.ts';
import type { Slot, SlotKey } from '../../domain/slot.ts';
import type { Entry } from '../../domain/transcript.ts';
import { renderThreadCard, THREAD_CARD_KEY } from '../../render/panels/card.ts';
import { renderThread } from '../../render/thread/thread.ts';
import { sentence } from '../../render/thread/undrawn.ts';
import type { Conversation } from '../state/conversation.ts';
import { type State, summarize } from '../state/state.ts';

/** After a link is up again the runner sends the growing text anew; for this long it may still be on its way. */
const RESEND_GRACE_MS = 2_000;

/**
 * What the thread should show: the stored transcript and, on top, the text that is still growing. That text is only here, in memory:
 * the runner sends it whole after each welcome.
 */
export class View {
  #live: Live | null = null;
  /** What grew when the link was lost; a runner that was restarted does not send it again. */
  #cut: Live | null = null;
  /** The last finished segment of the running turn: live text of it or before comes too late. */
  #finished: { readonly turn: TurnId; readonly segment: number } | null = null;
  /** Until then a growing text may be missing here that the thread already shows. */
  #unsureUntilMs = Number.POSITIVE_INFINITY;
  /** What was drawn last, and of what: a thread is looked at far more often than it changes. */
  #drawn: { readonly of: readonly unknown[]; readonly slots: readonly Slot[] } | null = null;

  /** The link is up: the runner sends what grows. */
  restart(nowMs: number): void {
    this.#cut = this.#live ?? this.#cut;
    this.#live = null;
    this.#unsureUntilMs = nowMs + RESEND_GRACE_MS;
  }

  take(live: Live): void {
    if (this.#finished?.turn === live.turn && live.segment <= this.#finished.segment) return;
    const known = this.#live;
    const goesOn =
      known?.turn === live.turn && known.segment === live.segment && known.text.length === live.from;
    if (live.from === 0) this.#live = live;
    else if (goesOn) this.#live = { ...known, text: known.text + live.text };
    // Hibernated in the middle of it: a text grows, and only its end or a whole frame brings it back.
    this.#unsureUntilMs = live.from === 0 || goesOn ? 0 : Number.POSITIVE_INFINITY;
  }

  /** A numbered event of the turn came, so no text that began before it grows on: Claude finishes a text before it does something else. */
  moved(): void {
    if (this.#unsureUntilMs === Number.POSITIVE_INFINITY) this.#unsureUntilMs = 0;
  }

  finished(text: EventOf<'text'>): void {
    this.#unsureUntilMs = 0;
    this.#finished = { turn: text.turn, segment: text.segment };
    if (this.#live !== null && (this.#live.turn !== text.turn || this.#live.segment <= text.segment))
      this.#live = null;
    if (this.#cut !== null && (this.#cut.turn !== text.turn || this.#cut.segment <= text.segment))
      this.#cut = null;
  }

  /** What the thread shows of a turn's text that no event has told: it stays there when the turn ends without the rest of it. */
  unfinished(turn: TurnId): Live | null {
    const left = this.#live ?? this.#cut;
    return left?.turn === turn && left.text !== '' ? left : null;
  }

  /**
   * The slots of the thread. While it is not known whether a growing text is missing, the messages that grow and are posted are left
   * out: delivery leaves what is posted as it is. One that is not posted yet is posted as far as it is known, because what comes below
   * it can never be moved (Discord).
   */
  slots(state: State, nowMs: number, isPosted: (key: SlotKey) => boolean): Slot[] {
    const { conversation: c } = state;
    if (c === null) return [];
    const slots = [...this.#draw(state, c)];
    const card = state.thread?.card === 'thread' ? summarize(state) : null;
    if (card !== null) slots.unshift(threadCard(card, c.runnerName));
    return nowMs < this.#unsureUntilMs && state.turns.size > 0
      ? slots.filter((slot) => slot.phase !== 'live' || !isPosted(slot.key))
      : slots;
  }

  #draw(state: State, { gen, ended }: Conversation): readonly Slot[] {
    const [turn] = state.turns.values();
    const stoppable = turn !== undefined && turn.stopping === null ? turn.turn : null;
    const idle = turn === undefined && ended === null;
    const live = this.#growing(state);
    const of = [gen, state.entries, live, stoppable, idle];
    const known = this.#drawn;
    if (known?.of.every((part, at) => part === of[at])) return known.slots;
    const entries = [...state.entries.values(), ...(live === null ? [] : [growingEntry(live)])];
    const slots = renderThread({ gen, entries, stoppable, idle });
    this.#drawn = { of, slots };
    return slots;
  }

  #growing({ turns }: State): Live | null {
    const live = this.#live;
    return live !== null && live.text !== '' && turns.has(live.turn) ? live : null;
  }
}

function growingEntry({ turn, segment, text }: Live): Entry {
  return { kind: 'text', turn, segment, text, joined: false, live: true };
}

function threadCard(summary: SessionSummary, runner: string): Slot {
  try {
    return renderThreadCard(summary, runner);
  } catch (error) {
    return sentence(THREAD_CARD_KEY, error);
  }
}
