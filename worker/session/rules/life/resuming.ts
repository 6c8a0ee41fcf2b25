/** Going on with a conversation that ended: a new gen of the thread, in which Claude has all that was said before. */

import { snowflakeAt } from '../../../discord/snowflake.ts';
import type { Person } from '../../../domain/transcript.ts';
import { escapeText } from '../../../render/text/escape.ts';
import { type Conversation, isResumable } from '../../state/conversation.ts';
import type { Draft } from '../../state/draft.ts';
import type { Context, RuleAnswer } from '../../state/input.ts';
import { addNote } from '../../state/notes.ts';
import { worktreeStays } from '../changes/worktrees.ts';
import { spentOf } from '../money/spending.ts';
import { begin } from './beginning.ts';

/**
 * The next gen is the ended conversation again: of the same person, on the same runner, with its counts. Whether the one who acts may
 * do that is decided before.
 */
export function resume(d: Draft, ctx: Context): void {
  const { thread, conversation: old } = d.state;
  if (thread === null || old === null || old.ended === null || !isResumable(old)) return;
  worktreeStays(d);
  begin(
    d,
    thread,
    { ...old, spent: { ...old.spent, inherited: spentOf(old) } },
    // One that the runner never heard of goes on from where it would have.
    { ...old, from: old.begun ? { claudeSession: old.claudeSession, fork: false } : old.from },
    // What people said to each other meanwhile is not for Claude.
    { continues: old.gen, heardTo: snowflakeAt(ctx.nowMs) },
    ctx,
  );
}

/** Without a prompt. The note in the thread opens it again, should it be archived (Discord). */
export function resumeAlone(d: Draft, c: Conversation, by: Person, ctx: Context): RuleAnswer {
  const where = d.state.thread === null ? '' : ` → <#${d.state.thread.thread}>`;
  if (c.ended === null) return { kind: 'private', text: `This session goes on already${where}` };
  if (!isResumable(c))
    return {
      kind: 'private',
      text: 'Claude was never asked anything in this session. `/new` begins another.',
    };
  resume(d, ctx);
  const gen = d.state.conversation?.gen ?? c.gen;
  addNote(d, `begin.${gen}`, null, `🟢 ${escapeText(by.name)} resumed the session. \`/ask\` goes on.`);
  return { kind: 'private', text: `Resumed${where}` };
}
