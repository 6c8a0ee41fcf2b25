/** Going on with a conversation that ended: a new gen of the thread, in which Claude has all that was said before. */

import { snowflakeAt } from '../../../discord/snowflake.ts';
import type { Person } from '../../../domain/transcript.ts';
import { escapeText } from '../../../render/text/escape.ts';
import { type Draft, nextGen } from '../../state/draft.ts';
import type { Context, RuleAnswer } from '../../state/input.ts';
import { addNote } from '../../state/notes.ts';
import { type Conversation, isResumable } from '../../state/state.ts';
import { worktreeStays } from '../changes/worktrees.ts';
import { spentOf } from '../money/spending.ts';

/**
 * The next gen is the ended conversation again: of the same person, on the same runner, with its counts. Whether the one who acts may
 * do that is decided before.
 */
export function resume(d: Draft, ctx: Context): void {
  const { thread, conversation: old } = d.state;
  if (thread === null || old === null || old.ended === null || !isResumable(old)) return;
  worktreeStays(d);
  const gen = nextGen(thread.gen);
  d.setThread({ ...thread, gen });
  d.setConversation({
    ...old,
    ...(old.worktree === undefined ? {} : { worktree: { name: old.worktree.name } }),
    gen,
    continues: old.gen,
    inherited: spentOf(old),
    // One that the runner never heard of goes on from where it would have.
    from: old.begun ? { claudeSession: old.claudeSession, fork: false } : old.from,
    begun: false,
    process: null,
    paused: null,
    outage: null,
    failed: null,
    activeMs: ctx.nowMs,
    ended: null,
    // What people said to each other meanwhile is not for Claude.
    heardTo: snowflakeAt(ctx.nowMs),
    toArchive: false,
    untold: false,
  });
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
