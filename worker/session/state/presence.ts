/** Whether the runner is there, as far as the session knows. */

import type { Conversation } from './conversation.ts';
import type { Context } from './input.ts';

/** Since when the runner is away, as far as is known; null while it is there. */
export function offlineSince(c: Conversation, ctx: Context): number | null {
  if (ctx.linkUp || c.presence.online) return null;
  return c.presence.sinceMs ?? c.startedMs;
}
