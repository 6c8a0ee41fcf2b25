/** The line about a session's own worktree, after the session has ended: what is in it, and what can be done. */

import { assertNever } from '../../../protocol/never.ts';
import { encodeCustomId, type Verb } from '../../domain/buttons.ts';
import type { Button, PlainSlot } from '../../domain/slot.ts';
import type { WorktreeEntry } from '../../domain/transcript.ts';
import { escapeTo } from '../text/escape.ts';
import { fitting, plural } from '../text/format.ts';
import { keyOf } from './keys.ts';

const NAME_MAX_CHARS = 100;
/** Of what is lost. The rest of Discord's 2,000 is for the lines around it. */
const LOST_MAX_CHARS = 1_700;

export function branchOf(name: string): string {
  return `heddle/${name}`;
}

export function worktreeSlot(entry: WorktreeEntry): PlainSlot {
  const open = entry.state.is === 'open';
  return {
    kind: 'plain',
    key: keyOf(entry),
    phase: open ? 'card' : 'final',
    whenDeleted: open ? 'again' : 'gone',
    content: words(entry),
    rows: buttons(entry),
    files: [],
    notify: null,
  };
}

type Open = Extract<WorktreeEntry['state'], { is: 'open' }>;

function words({ name, state }: WorktreeEntry): string {
  const what = `🌿 worktree \`${branchOf(name)}\``;
  switch (state.is) {
    case 'looking':
      return `-# ${what}: looking at what is in it…`;
    case 'open':
      return state.sure && loses(state)
        ? [`⚠️ Removing ${what} loses for good: ${counts(state)}`, ...lost(state)].join('\n')
        : `${what}: ${counts(state)}`;
    case 'kept':
      return `-# ${what} is kept. ${state.why}`.trimEnd();
    case 'removed':
      return `-# ${what} is removed${state.by === null ? '' : ` · ${escapeTo(state.by.name, NAME_MAX_CHARS)}`}`;
    case 'missing':
      return `-# ${what} is not there.`;
    default:
      return assertNever(state);
  }
}

function loses({ uncommitted, unmerged }: Open): boolean {
  return uncommitted + unmerged > 0;
}

function counts(state: Open): string {
  if (!loses(state)) return 'nothing uncommitted, nothing unmerged';
  const { uncommitted, unmerged } = state;
  return [
    ...(uncommitted > 0 ? [plural(uncommitted, 'uncommitted file')] : []),
    ...(unmerged > 0 ? [`${plural(unmerged, 'commit')} not merged`] : []),
  ].join(', ');
}

function lost({ files, commits, uncommitted, unmerged }: Open): string[] {
  const named = [...files, ...commits].map((text) => `- ${escapeTo(text, NAME_MAX_CHARS)}`);
  const { shown } = fitting(named, LOST_MAX_CHARS);
  const more = uncommitted + unmerged - shown.length;
  return [...shown, ...(more > 0 ? [`- and ${more} more`] : [])];
}

function buttons({ gen, state }: WorktreeEntry): Button[][] {
  if (state.is !== 'open') return [];
  const id = (verb: Verb, tag = ''): string => encodeCustomId({ verb, gen, ref: 0, tag });
  const sure = state.sure && loses(state);
  return [
    [
      { label: 'Keep', style: 'secondary', id: id('wtkeep') },
      {
        label: sure ? 'Remove for good' : 'Remove',
        style: 'danger',
        id: id('wtremove', sure ? state.mark : ''),
      },
    ],
  ];
}
