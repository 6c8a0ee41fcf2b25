/** Which mixtures of a conversation's states there are, as claims for the compiler. */
import type {
  Budget,
  Conversation,
  Ended,
  EndedConversation,
  Facts,
  Holds,
  Open,
  OpenConversation,
  Outage,
  Undo,
  Unfinished,
} from '../../../worker/session/state/conversation.ts';
import type { All, Is, Not } from '../claims.ts';

type Mixed<OpenPart, EndedPart> = Facts & { readonly open: OpenPart; readonly ended: EndedPart };

/** Open or ended: never both, never neither. */
export type OpenOrEnded = All<
  [
    Is<OpenConversation | EndedConversation, Conversation>,
    Not<Is<Mixed<Open, Ended>, Conversation>>,
    Not<Is<Mixed<null, null>, Conversation>>,
  ]
>;

/** What belongs to one of them is nowhere else. */
export type NothingOutside = All<
  [
    Is<keyof Facts & (keyof Open | keyof Ended), never>,
    Is<EndedConversation['open'], null>,
    Is<OpenConversation['ended'], null>,
  ]
>;

/** Holds stand together in any mixture, one of a kind, each in its own place. */
export type HoldsTogether = All<
  [
    Is<Record<never, never>, Holds>,
    Is<{ readonly outage: Outage; readonly unfinished: Unfinished; readonly undo: Undo }, Holds>,
    Not<Is<{ readonly outage: Undo }, Holds>>,
    Not<Is<{ readonly undo: readonly Undo[] }, Holds>>,
  ]
>;

/** A budget has a step, or there is none. */
export type BudgetIsWhole = All<[Not<Is<{ readonly usd: number }, Budget>>]>;
