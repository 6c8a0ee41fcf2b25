/** What a session runs with: its model, its permission mode, its effort. The runner is the last word. */

import type { PermissionMode } from '../../../../protocol/configure.ts';
import type { EventOf } from '../../../../protocol/events.ts';
import { escapeText } from '../../../render/text/escape.ts';
import { modelName } from '../../../render/text/format.ts';
import type { Conversation, DesiredSettings, RunsWith } from '../../state/conversation.ts';
import type { Draft } from '../../state/draft.ts';
import type { Context } from '../../state/input.ts';
import { addNote } from '../../state/notes.ts';
import { offlineSince } from '../../state/presence.ts';

/** What one command or menu changes. Absent: stays as it is; null: the default. */
export interface Change {
  readonly model?: string | null;
  readonly mode?: PermissionMode | null;
  readonly effort?: string | null;
}

/** What is desired and not confirmed yet, for `/status`. */
export function desiredWords({ runsWith }: Conversation): readonly string[] {
  const { model, mode, effort, confirmed } = runsWith.desired;
  if (confirmed) return [];
  return [
    `model ${model === null ? 'default' : nameOf(runsWith, model)}`,
    `mode ${mode ?? 'as the runner has it'}`,
    ...(effort === null ? [] : [`effort ${effort}`]),
  ];
}

/** Null when it may be tried: the runner decides. It has said what it offers once a process of the session ran. */
export function whyNot(c: Conversation, change: Change): string | null {
  const { offers } = c.runsWith;
  if (offers === null) return null;
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

/** Takes the change, if it may be tried, and tells the runner. What became of it, in words. */
export function configure(d: Draft, c: Conversation, change: Change, ctx: Context): string {
  const why = whyNot(c, change);
  if (why !== null) return why;
  desire(d, c, change);
  return `${said(c.runsWith, change)} ${when(d, c, ctx)}`;
}

/** The same without a word: for what else changes the mode of a session. */
export function desire(d: Draft, c: Conversation, change: Change): void {
  const { desired } = c.runsWith;
  const runnerNotified = !c.begun;
  const next = { ...desired, ...change, rev: desired.rev + 1, runnerNotified, confirmed: false };
  d.patchConversation({ runsWith: { ...c.runsWith, desired: next } });
  if (c.begun) sendSettings(d, next, change.mode !== undefined);
}

/** What is desired of a conversation that just began on the runner, or changed there. */
export function sendSettings(d: Draft, desired: DesiredSettings, modeNow = false): void {
  const c = d.state.conversation;
  if (c === null || desired.rev === 0) return;
  const { rev, model, mode, effort } = desired;
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
function nameOf({ offers }: RunsWith, model: string): string {
  return offers?.models.find(({ value }) => value === model)?.name ?? modelName(model);
}

function said(runsWith: RunsWith, { model, mode, effort }: Change): string {
  const words: string[] = [];
  if (model !== undefined)
    words.push(
      model === null ? 'Model: Claude’s default.' : `Model: **${escapeText(nameOf(runsWith, model))}**.`,
    );
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
  const { runsWith } = c;
  const { desired } = runsWith;
  // An answer to an older change says nothing about the newer one.
  const current = e.rev === desired.rev;
  const { rev, model, mode, effort } = e;
  const next: RunsWith = {
    ...runsWith,
    ...(current ? { desired: { ...desired, model, mode, effort, confirmed: true } } : {}),
    ...(e.now === null ? {} : { mode: e.now.mode }),
    ...(e.now?.model == null ? {} : { model: e.now.model }),
  };
  if (JSON.stringify(next) !== JSON.stringify(runsWith)) d.patchConversation({ runsWith: next });
  if (current && e.refused !== null)
    addNote(d, `conf.${e.gen}.${rev}`.slice(0, 40), null, `⚙️ ${escapeText(e.refused)}`);
}

export function offers(d: Draft, e: EventOf<'offers'>): void {
  const c = d.state.conversation;
  const models = e.models.map(({ value, name }) => ({ value, name }));
  const next = { models, modes: e.modes, efforts: e.efforts };
  if (c !== null && JSON.stringify(c.runsWith.offers) !== JSON.stringify(next))
    d.patchConversation({ runsWith: { ...c.runsWith, offers: next } });
}
