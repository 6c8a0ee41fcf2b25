/** The next conversation of a thread: a new one, a copy, one that is resumed, or one that begins afresh. */
import type { Gen } from '../../../../protocol/ids.ts';
import type { Facts, Memory, Open } from '../../state/conversation.ts';
import type { Draft } from '../../state/draft.ts';
import type { Context } from '../../state/input.ts';
import type { Thread } from '../../state/state.ts';

/** What is taken over from the conversation before, or from the order to open one. */
type Lasting = Omit<Facts, keyof Memory | 'gen' | 'continues' | 'activeMs' | 'begun'>;

/** Takes the place of the conversation that the thread has, if it has one; returns its gen. */
export function begin(
  d: Draft,
  thread: Thread,
  lasting: Lasting,
  { claudeSession, from, lastMessage, undone }: Memory,
  { continues, heardTo }: Pick<Facts, 'continues'> & Pick<Open, 'heardTo'>,
  { nowMs }: Context,
): Gen {
  const gen = (thread.gen + 1) as Gen;
  const { runsWith } = lasting;
  d.setThread({ ...thread, gen });
  d.setConversation({
    ...lasting,
    gen,
    continues,
    claudeSession,
    from,
    lastMessage,
    undone,
    activeMs: nowMs,
    begun: false,
    // The runner hears of them with the beginning.
    runsWith: { ...runsWith, desired: { ...runsWith.desired, runnerNotified: true } },
    open: { process: null, holds: {}, failed: null, budgetNotice: null, heardTo },
    ended: null,
  });
  return gen;
}
