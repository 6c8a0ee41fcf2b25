/** Diff: what the newest finished turn changed, for the one who asks. */
import { encodeCustomId } from '../../../domain/buttons.ts';
import type { Button } from '../../../domain/slot.ts';
import { turnDiff } from '../../../render/thread/turn-diff.ts';
import type { Draft } from '../../state/draft.ts';
import type { Pressed, RuleAnswer } from '../../state/input.ts';

/** A page of it; the turn's own button opens the first, and names the turn. */
export function showDiff(d: Draft, { c, id: { tag, ref: page } }: Pressed): RuleAnswer {
  const entries = [...d.state.entries.values()];
  const newest = entries.findLast((entry) => entry.kind === 'end')?.turn;
  if (newest === undefined || newest !== tag)
    return { kind: 'private', text: 'A later turn has begun. Its own **Diff** shows what it changed.' };
  const pages = turnDiff(entries, newest);
  if (pages.length === 0) return { kind: 'private', text: 'That turn edited no file.' };
  const at = Math.min(Math.max(1, page), pages.length);
  const turn = (label: string, to: number): Button => ({
    label,
    style: 'secondary',
    id: encodeCustomId({ verb: 'diff', gen: c.gen, ref: to, tag }),
  });
  const row = [
    ...(at > 1 ? [turn('Back', at - 1)] : []),
    ...(at < pages.length ? [turn('More', at + 1)] : []),
  ];
  const more = pages.length === 1 ? '' : `\n-# Page ${at} of ${pages.length}`;
  return {
    kind: page === 0 ? 'private' : 'update',
    text: `${pages[at - 1] ?? ''}${more}`,
    rows: row.length === 0 ? [] : [row],
  };
}
