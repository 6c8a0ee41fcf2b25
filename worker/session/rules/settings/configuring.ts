/** What a session runs with: its model, its permission mode, its effort. The runner is the last word. */

import type { PermissionMode } from '../../../../protocol/configure.ts';
import type { EventOf } from '../../../../protocol/events.ts';
import { escapeText } from '../../../render/text/escape.ts';
import { modelName } from '../../../render/text/format.ts';
import type { Draft } from '../../state/draft.ts';
import type { Context } from '../../state/input.ts';
import { addNote } from '../../state/notes.ts';
import { offlineSince } from '../../state/presence.ts';
import type { Conversation, Wish } from '../../state/state.ts';

/** What one command or menu changes. Absent: stays as it is; null: the default. */
export interface Change {
  readonly model?: string | null;
  readonly mode?: PermissionMode | null;
  readonly effort?: string | null;
}

const NO_WISH: Wish = { rev: 0, model: null, mode: null, effort: null, held: true };

/** As it is wished now. */
export function wishOf(c: Conversation): Wish {
  return c.wish ?? NO_WISH;
}

/** What is wished and not held yet, for `/status`. */
export function wishedWords(c: Conversation): readonly string[] {
  const { model, mode, effort, held } = wishOf(c);
  if (held) return [];
  return [
    `model ${model === null ? 'default' : nameOf(c, model)}`,
    `mode ${mode ?? 'as the runner has it'}`,
    ...(effort === null ? [] : [`effort ${effort}`]),
  ];
}

/** Null when it may be tried: the runner decides. It has said what it offers once a process of the session ran. */
export function whyNot(c: Conversation, change: Change): string | null {
  const { offers } = c;
  if (offers === undefined) return null;
  const { mode, effort } = change;
  if (mode != null && !offers.modes.includes(mode)) {
    const allowed = offers.modes.join(', ');
    return `**${mode}** is refused: the settings of ${escapeText(c.runnerName)} allow ${allowed} in this session. Its owner can change that there.`;
  }
  if (effort != null && !offers.efforts.includes(effort))
    return offers.efforts.length === 0
      ? 'This Claude reports no levels of effort.'
      : `Claude knows no such effort. It knows: ${offers.efforts.map((one) => escapeText(one)).join(', ')}.`;
  return null;
}

/** Takes the wish, if it may be tried, and tells the runner. What became of it, in words. */
export function configure(d: Draft, c: Conversation, change: Change, ctx: Context): string {
  const why = whyNot(c, change);
  if (why !== null) return why;
  wish(d, c, change);
  return `${said(c, change)} ${when(d, c, ctx)}`;
}

/** The same without a word: for what else changes the mode of a session. */
export function wish(d: Draft, c: Conversation, change: Change): void {
  const old = wishOf(c);
  const next: Wish = { ...old, ...change, rev: old.rev + 1, held: false };
  // The runner hears of it also when nothing else is to be done there.
  d.patchConversation({ wish: next, ...(c.begun ? { untold: true } : {}) });
  if (c.begun) tellWish(d, next, change.mode !== undefined);
}

/** A conversation that just began on the runner is told what is wished of it. */
export function tellWish(d: Draft, next: Wish, modeNow = false): void {
  const c = d.state.conversation;
  if (c === null || next.rev === 0) return;
  const { rev, model, mode, effort } = next;
  d.send({
    kind: 'configure',
    gen: c.gen,
    rev,
    model,
    mode,
    effort,
    ...(modeNow ? { modeNow: true } : {}),
  });
}

/** As Claude calls it where it offers it: an alias says less. */
function nameOf(c: Conversation, model: string): string {
  return c.offers?.models.find(({ value }) => value === model)?.name ?? modelName(model);
}

function said(c: Conversation, { model, mode, effort }: Change): string {
  const words: string[] = [];
  if (model !== undefined)
    words.push(model === null ? 'Model: Claude’s default.' : `Model: **${escapeText(nameOf(c, model))}**.`);
  if (mode !== undefined)
    words.push(mode === null ? 'Mode: the runner’s own setting.' : `Mode: **${mode}**.`);
  if (effort !== undefined)
    words.push(effort === null ? 'Effort: Claude’s default.' : `Effort: **${escapeText(effort)}**.`);
  return words.join(' ');
}

function when(d: Draft, c: Conversation, ctx: Context): string {
  if (offlineSince(c, ctx) !== null)
    return `${escapeText(c.runnerName)} is offline: kept, and applied when it is back.`;
  if (!c.begun) return `Kept for the first turn; ${escapeText(c.runnerName)} has the last word then.`;
  return d.state.turns.size > 0
    ? 'It holds from Claude’s next step in this turn on.'
    : 'It holds from the next turn on.';
}

/** The runner says what it keeps and what the process runs with. */
export function configured(d: Draft, e: EventOf<'configured'>): void {
  const c = d.state.conversation;
  if (c === null) return;
  const old = wishOf(c);
  // An answer to an older wish says nothing about the newer one.
  const current = e.rev === old.rev;
  const { rev, model, mode, effort } = e;
  const kept: Wish = { rev, model, mode, effort, held: true };
  const patch: Partial<Conversation> = {
    ...(current && JSON.stringify(kept) !== JSON.stringify(old) ? { wish: kept } : {}),
    ...(e.now !== null && e.now.mode !== c.mode ? { mode: e.now.mode } : {}),
    ...(e.now?.model != null && e.now.model !== c.model ? { model: e.now.model } : {}),
  };
  if (Object.keys(patch).length > 0) d.patchConversation(patch);
  if (current && e.refused !== null)
    addNote(d, `conf.${e.gen}.${rev}`.slice(0, 40), null, `⚙️ ${escapeText(e.refused)}`);
}

export function offers(d: Draft, e: EventOf<'offers'>): void {
  const c = d.state.conversation;
  const next = {
    models: e.models.map(({ value, name }) => ({ value, name })),
    modes: e.modes,
    efforts: e.efforts,
  };
  if (c !== null && JSON.stringify(c.offers) !== JSON.stringify(next)) d.patchConversation({ offers: next });
}
