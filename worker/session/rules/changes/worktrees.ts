/**
 * A session's own git worktree: what becomes of it when the session has ended. The runner looks at it first, the thread says what is in
 * it that is nowhere else, and a person chooses. What would be lost is said before anybody can lose it.
 */
import type { EventOf } from '../../../../protocol/events.ts';
import type { Person, WorktreeEntry } from '../../../domain/transcript.ts';
import { escapeText } from '../../../render/text/escape.ts';
import { branchOf } from '../../../render/thread/worktree.ts';
import type { Conversation } from '../../state/conversation.ts';
import type { Draft } from '../../state/draft.ts';
import type { Context, RuleAnswer } from '../../state/input.ts';

const SLUG_MAX = 24;

/** A name for one that the member did not name: what is asked, and something of its own. */
export function worktreeName(text: string | null, claudeSession: string): string {
  const slug = (text ?? '')
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, SLUG_MAX)
    .replace(/^-+|-+$/g, '');
  return `${slug === '' ? 'session' : slug}-${claudeSession.replaceAll('-', '').slice(-6)}`;
}

/** In the step that ends the conversation, after its end is sent. `choose`: a person is there to be asked. */
export function leaveWorktree(
  d: Draft,
  c: Conversation,
  { by, choose, ctx }: { readonly by: Person | null; readonly choose: boolean; readonly ctx: Context },
): string {
  // One that never began has none yet.
  if (c.worktree === null || !c.begun) return '';
  const branch = `\`${branchOf(c.worktree)}\``;
  const away = !ctx.linkUp && !c.presence.online;
  if (!choose || away || c.access.removed) {
    const why = away ? ` ${escapeText(c.runnerName)} is offline, so it stays there.` : '';
    put(d, c, { is: 'kept', why: `${why} \`/end\` with \`worktree:remove\` here removes it later.`.trim() });
    return `Its worktree ${branch} is kept.`;
  }
  send(d, c, { do: 'look', expect: null, by }, ctx);
  return `Its worktree ${branch} is kept until you choose in the thread.`;
}

function send(
  d: Draft,
  c: Conversation,
  asked: { readonly do: 'look' | 'remove'; readonly expect: string | null; readonly by: Person | null },
  ctx: Context,
): void {
  if (c.worktree === null) return;
  put(d, c, { is: 'looking' });
  d.patchEnded({
    // Discord: nobody can press a button in an archived thread.
    toArchive: false,
    worktreeAsked: { do: asked.do, by: asked.by, untilMs: ctx.nowMs + ctx.durations.worktreeWaitMs },
  });
  d.send({ kind: 'worktree', gen: c.gen, do: asked.do, expect: asked.expect });
}

export const say = (text: string): RuleAnswer => ({ kind: 'private', text });

/** Keep or Remove, by button or by `/end worktree:`. `tag`: what the second Remove was shown; null: it was not pressed on anything. */
export function chooseWorktree(
  d: Draft,
  c: Conversation,
  { what, tag, by }: { readonly what: 'keep' | 'remove'; readonly tag: string | null; readonly by: Person },
  ctx: Context,
): RuleAnswer {
  if (c.ended === null) return say('The session goes on, so its worktree stays. `/end` it first.');
  if (c.worktree === null) return say('This session has no worktree of its own.');
  const branch = `\`${branchOf(c.worktree)}\``;
  const entry = entryOf(d, c);
  if (entry?.entry.state.is === 'removed') return say(`The worktree ${branch} is removed already.`);
  if (c.ended.worktreeAsked?.do === 'remove') return say(`The worktree ${branch} is being removed.`);
  if (what === 'keep') {
    put(d, c, { is: 'kept', why: `${escapeText(by.name)} kept it.` });
    finish(d, c);
    // What the runner says of it now asks nobody any more.
    d.patchEnded({ worktreeAsked: null });
    return say(`The worktree ${branch} is kept. \`/end\` with \`worktree:remove\` removes it later.`);
  }
  if (!ctx.linkUp && !c.presence.online)
    return say(
      `**${escapeText(c.runnerName)}** is offline, so the worktree ${branch} is kept. Try again when it is back.`,
    );
  const state = entry?.entry.state;
  const open = state?.is === 'open' ? state : null;
  const loses = open !== null && open.uncommitted + open.unmerged > 0;
  if (open !== null && loses && !open.sure) {
    put(d, c, { ...open, sure: true });
    return say('Something would be lost. Read what, in the thread, and press **Remove for good** there.');
  }
  // A button that shows something older is no yes to what is there now.
  if (open !== null && loses && tag !== null && tag !== open.mark)
    return say('That has changed meanwhile. Read the message again.');
  send(d, c, { do: 'remove', expect: open !== null && loses ? open.mark : null, by }, ctx);
  return say(`Removing the worktree ${branch}.`);
}

/** The runner's word. Of one that nobody waits for any more it counts only that the worktree is gone. */
export function worktreeTold(d: Draft, e: EventOf<'worktree'>): void {
  const c = d.state.conversation;
  if (c === null || c.gen !== e.gen || c.ended === null || c.worktree === null) return;
  const asked = c.ended.worktreeAsked;
  if (asked === null) {
    if (e.outcome.as === 'removed') put(d, c, { is: 'removed', by: null });
    return;
  }
  switch (e.outcome.as) {
    case 'kept': {
      const { as: _, ...open } = e.outcome;
      put(d, c, { is: 'open', ...open, sure: asked.do === 'remove' });
      break;
    }
    case 'removed':
      put(d, c, { is: 'removed', by: asked.by });
      finish(d, c);
      break;
    case 'missing':
      put(d, c, { is: 'missing' });
      finish(d, c);
      break;
    case 'failed':
      put(d, c, { is: 'kept', why: escapeText(e.outcome.words) });
      finish(d, c);
      break;
  }
  d.patchEnded({ worktreeAsked: null });
}

/** The Guild says that the runner is away: a session that rested did not know. */
export function worktreeAway(d: Draft, ctx: Context): void {
  const c = d.state.conversation;
  const asked = c?.ended?.worktreeAsked ?? null;
  if (c === null || asked === null || ctx.linkUp || c.presence.online) return;
  const name = escapeText(c.runnerName);
  const later =
    asked.do === 'remove'
      ? 'what was chosen is done when it is back, unless something has changed by then.'
      : 'it stays there. `/end` with `worktree:remove` here removes it later.';
  put(d, c, { is: 'kept', why: `${name} is offline; ${later}` });
  finish(d, c);
  d.patchEnded({ worktreeAsked: null });
}

/** The runner did not answer in time. */
export function worktreeLate(d: Draft): void {
  const c = d.state.conversation;
  if (c?.ended?.worktreeAsked == null) return;
  const name = escapeText(c.runnerName);
  put(d, c, {
    is: 'kept',
    why: `${name} did not answer in time. \`/end\` with \`worktree:remove\` here asks it again.`,
  });
  finish(d, c);
  d.patchEnded({ worktreeAsked: null });
}

/** The conversation goes on, or another one begins: an open question about the worktree is answered by that. */
export function worktreeStays(d: Draft): void {
  const c = d.state.conversation;
  const entry = c === null ? null : entryOf(d, c);
  if (c === null) return;
  if (entry?.entry.state.is === 'open' || entry?.entry.state.is === 'looking')
    put(d, c, { is: 'kept', why: '' });
}

/** Nothing is left to be asked, so the thread may be archived. */
function finish(d: Draft, c: Conversation): void {
  if (c.ended !== null && c.ended.by !== null && d.state.thread?.madeThread === true)
    d.patchEnded({ toArchive: true });
}

function put(d: Draft, c: Conversation, state: WorktreeEntry['state']): void {
  if (c.worktree === null) return;
  const entry: WorktreeEntry = { kind: 'worktree', gen: c.gen, name: c.worktree, state };
  const known = entryOf(d, c);
  if (known === null) d.add(entry);
  else d.setEntry(known.seq, entry);
}

function entryOf(d: Draft, c: Conversation): { seq: number; entry: WorktreeEntry } | null {
  for (const [seq, entry] of d.state.entries)
    if (entry.kind === 'worktree' && entry.gen === c.gen) return { seq, entry };
  return null;
}
