/** A copy of the conversation, for a thread of its own. This one stays as it is, also while its turn runs. */
import type { From } from '../../../../protocol/commands.ts';
import type { Conversation } from '../../state/conversation.ts';
import type { RuleAnswer } from '../../state/input.ts';

/** Whether the one who acts may have it is decided before. */
export function fork(c: Conversation, text: string | null): RuleAnswer {
  const from = copyOf(c);
  if (from === null) {
    return {
      kind: 'private',
      text: 'Claude has not finished a turn of this session yet, so there is nothing to copy. `/new` begins another.',
    };
  }
  const { runner, project, title } = c;
  // Claude finds a conversation by its folder.
  const shared = c.worktree === null ? {} : { worktree: c.worktree };
  return { kind: 'start', text, project, after: null, origin: { runner, project, title, from, ...shared } };
}

/**
 * Up to the last turn that Claude finished: the half turn that runs now belongs to this conversation alone. A copy that has finished no
 * turn has no transcript to copy yet, so what it came from is.
 */
function copyOf(c: Conversation): From | null {
  if (c.lastMessage !== null) return { claudeSession: c.claudeSession, fork: true, at: c.lastMessage };
  if (c.from !== null) return { ...c.from, fork: true };
  return c.begun && c.spent.turns > 0 ? { claudeSession: c.claudeSession, fork: true } : null;
}
