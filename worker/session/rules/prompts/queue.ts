/** What people do with prompts that wait: change the words, run one next, look at the queue. */
import { type Member, may } from '../../../domain/access.ts';
import { type CustomId, encodeCustomId } from '../../../domain/buttons.ts';
import { escapeText } from '../../../render/text/escape.ts';
import { outageWords } from '../../../render/thread/failure.ts';
import { waitingButtons } from '../../../render/thread/prompt.ts';
import { queueList } from '../../../render/thread/queue.ts';
import { type Conversation, isOverBudget } from '../../state/conversation.ts';
import type { Draft } from '../../state/draft.ts';
import type { Context, Pressed, RuleAnswer } from '../../state/input.ts';
import { refusal } from '../../state/refusals.ts';
import { personOf, type Queued, queueOf, waitingOf } from '../../state/state.ts';
import { typedWords } from '../forms/fields.ts';
import { joinFields, textFields } from '../forms/long-text.ts';
import { interruptTurns } from '../turns/finishing.ts';
import { overrule } from '../turns/outage.ts';
import { enqueue, refreshQueue, settleQueued } from './asking.ts';

const GONE = 'That prompt does not wait any more: it has started, or it was removed.';
const TOO_LATE = 'The prompt that this was to change had started already, or was removed.';

/** Opens the form with the words of a prompt that waits; what is saved takes their place. */
export function editQueued(d: Draft, { c, id, fields, member }: Pressed, ctx: Context): RuleAnswer {
  const queued = queueOf(d.state).find(({ prompt }) => prompt === id.tag);
  if (queued !== undefined) {
    const facts = { runner: c.access, starter: c.starter.id, author: queued.author.id };
    const permission = may(member, 'edit', facts);
    if (!permission.ok) return say(refusal(permission.why, c));
  }
  if (fields === undefined) return queued === undefined ? say(GONE) : form(queued, id);
  const text = joinFields(fields);
  if (text === '')
    return say('An empty prompt asks nothing, so it stays as it was. **Remove** takes it out.');
  // A session that ended has no line to keep it in.
  if (c.ended !== null) return say(`This session has ended; nothing was changed.${typedWords(fields)}`);
  if (queued === undefined) return keep(d, text, member, ctx);
  if (text !== queued.text) d.putQueued(withText(queued, text));
  d.patchConversation({ activeMs: ctx.nowMs });
  refreshQueue(d, ctx);
  return say(text === queued.text ? 'Nothing was changed.' : 'Saved.');
}

/** One of Claude's slash commands is one no more when it does not begin as one. */
function withText(queued: Queued, text: string): Queued {
  const { slash, ...rest } = queued;
  return { ...rest, ...(slash === true && text.startsWith('/') ? { slash } : {}), text, edited: true };
}

function form({ text }: Queued, id: CustomId): RuleAnswer {
  const fields = textFields(text, { label: 'Prompt', required: true });
  if (fields === null) return say('This prompt is longer than a form takes. Remove it and ask again.');
  return { kind: 'modal', modal: { id: encodeCustomId(id), title: 'Edit the prompt', fields } };
}

/** Too late to change anything. What was typed is not lost: it is held where its author can send it or let it go. */
function keep(d: Draft, text: string, member: Member, ctx: Context): RuleAnswer {
  const queued = d.state.queue.get(enqueue(d, text, member, ctx, { held: TOO_LATE }));
  return {
    kind: 'private',
    text: `${TOO_LATE} What you typed is kept in the thread and is not run: **Send now** runs it next, **Remove** lets it go.`,
    rows: queued === undefined ? [] : [waitingButtons(queued.prompt, d.state.conversation?.gen ?? 0)],
  };
}

/** Takes it out of the queue. */
export function unqueue(d: Draft, { id, member }: Pressed, ctx: Context): RuleAnswer {
  const queued = queueOf(d.state).find(({ prompt }) => prompt === id.tag);
  if (queued === undefined) return say(GONE);
  settleQueued(d, queued, 'cancelled');
  refreshQueue(d, ctx);
  d.patchConversation({ activeMs: ctx.nowMs });
  return say(member.id === queued.author.id ? 'Removed.' : 'Removed; its author can see that in the thread.');
}

/** Interrupts what runs, as `/stop` does, and keeps the queue; this prompt is the first of it. */
export function sendNow(d: Draft, { c, id, member }: Pressed, ctx: Context): RuleAnswer {
  const queued = queueOf(d.state).find(({ prompt }) => prompt === id.tag);
  if (queued === undefined) return say(GONE);
  // It ends a turn, which `stop` is for, and it is the next prompt.
  const permission = may(member, 'ask', { runner: c.access, starter: c.starter.id });
  if (!permission.ok) return say(refusal(permission.why, c));
  const { held: _, ...sent } = queued;
  const [first] = waitingOf(d.state);
  const leads = first === undefined || first.prompt === queued.prompt;
  if (!leads || queued.held !== undefined)
    d.putQueued({ ...sent, n: leads ? sent.n : (first?.n ?? sent.n) - 1 });
  interruptTurns(d, c, personOf(member));
  d.patchConversation({ activeMs: ctx.nowMs });
  d.release('unfinished');
  const tried = overrule(d, ctx);
  refreshQueue(d, ctx);
  const outage = c.open?.holds.outage;
  if (!tried && outage !== undefined)
    return say(
      `It is next, but ${outageWords(outage.code, outage.untilMs)}. **Discard** there tries it anyway.`,
    );
  if (isOverBudget(c))
    return say('It is next, but the budget is used. **Extend** and `/budget` let the session go on.');
  if (!ctx.linkUp && !c.presence.online)
    return say(`It runs first when **${escapeText(c.runnerName)}** is back.`);
  return say(d.state.turns.size > 0 ? 'Stopping the turn; this runs next.' : 'This runs next.');
}

/** `/queue`: what waits and what is held, with the buttons of one of them. `picked`: its prompt. */
export function showQueue(d: Draft, c: Conversation, picked: string | null): RuleAnswer {
  const all = [...waitingOf(d.state), ...queueOf(d.state).filter(({ held }) => held !== undefined)];
  const page = queueList(
    all.map(({ prompt, author, text, held }) => ({
      prompt,
      author: author.name,
      text,
      held: held !== undefined,
    })),
    c.gen,
    picked,
  );
  return picked === null ? { kind: 'private', ...page } : { kind: 'update', ...page };
}

function say(text: string): RuleAnswer {
  return { kind: 'private', text };
}
