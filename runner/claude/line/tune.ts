/** Changing what a running process works with, one control request each. */
import type { ControlReply } from './control.ts';
import { type Json, string } from './json.ts';
import type { TuneResult, Tuning } from './types.ts';

export interface Tuned {
  readonly now: { readonly model?: string | null; readonly mode?: string };
  readonly refused: TuneResult;
}

/** Claude: an alias that stands for the model which the account or the settings choose. */
export const DEFAULT_MODEL = 'default';

/** The mode first: what it allows matters most. Each by itself, so that one that is refused keeps no other from its place. */
export async function tune(
  { model, mode, effort }: Tuning,
  ask: (request: Json) => Promise<ControlReply>,
): Promise<Tuned> {
  const refused: { what: keyof Tuning; words: string }[] = [];
  const now: { model?: string | null; mode?: string } = {};
  if (mode !== undefined) {
    const reply = await ask({ subtype: 'set_permission_mode', mode });
    if (reply.ok) now.mode = string(reply.response, 'mode') ?? mode;
    else refused.push({ what: 'mode', words: reply.words });
  }
  if (model !== undefined) {
    const reply = await ask({ subtype: 'set_model', model: model ?? DEFAULT_MODEL });
    if (reply.ok) now.model = string(reply.response, 'model') ?? model;
    else refused.push({ what: 'model', words: reply.words });
  }
  if (effort !== undefined) {
    // Claude: null takes the flag's own value away.
    const reply = await ask({ subtype: 'apply_flag_settings', settings: { effortLevel: effort } });
    if (!reply.ok) refused.push({ what: 'effort', words: reply.words });
  }
  return { now, refused };
}
