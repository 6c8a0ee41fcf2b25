/** Who is asked is reminded once, when nobody has answered for a while. The reminder goes when the request is over. */
import { messageUrl } from '../../../discord/urls.ts';
import type { Draft } from '../../state/draft.ts';
import type { Context } from '../../state/input.ts';
import { mayNotify } from '../../state/notifying.ts';
import type { Request, State } from '../../state/state.ts';

/** When it is due; null: it was done, or there is no card to link yet. */
export function reminderDueMs(state: State, request: Request, ctx: Context): number | null {
  if (request.decidedMs !== null || request.reminded === true || request.message === null) return null;
  const entry = state.entries.get(request.seq);
  // Older code did not say when it was asked.
  if (entry?.kind !== 'request' || entry.state.is !== 'open' || request.askedMs === undefined) return null;
  return request.askedMs + ctx.durations.reminderMs;
}

/** One for all that is open: who comes back to one card sees the others. */
export function remind(d: Draft, ref: number): void {
  const request = d.state.requests.get(ref);
  const entry = request === undefined ? undefined : d.state.entries.get(request.seq);
  const { thread } = d.state;
  if (request === undefined || request.message === null || entry?.kind !== 'request' || thread === null)
    return;
  if (request.decidedMs !== null || request.reminded === true) return;
  for (const other of [...d.state.requests.values()])
    if (other.decidedMs === null) d.putRequest({ ...other, reminded: true });
  if (!mayNotify(thread, entry.asked.id, 'request')) return;
  const { turn, asked, asks, name, summary } = entry;
  const url = messageUrl(thread.guild, thread.thread, request.message);
  d.add({ kind: 'reminder', ref, turn, asked, asks, name, summary, url, over: false });
}

/** The request is decided or over. */
export function dropReminder(d: Draft, ref: number): void {
  for (const [seq, entry] of d.state.entries)
    if (entry.kind === 'reminder' && entry.ref === ref && !entry.over)
      d.setEntry(seq, { ...entry, over: true });
}
