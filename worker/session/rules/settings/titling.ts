/** Claude's own title of a conversation: it takes the place of the first prompt's words, once. */
import type { Draft } from '../../state/draft.ts';

export function titled(d: Draft, title: string): void {
  const c = d.state.conversation;
  if (c === null || c.titled) return;
  d.patchConversation({ title: title.replace(/\s+/g, ' ').trim() || c.title, titled: true });
}

/** The thread has its name for good. */
export function named(d: Draft): void {
  const { thread } = d.state;
  if (thread !== null && thread.name !== null) d.setThread({ ...thread, name: null });
}
