/** The offer to undo a turn's file changes, and what became of it. */

import type { Gen } from '../../../protocol/ids.ts';
import { assertNever } from '../../../protocol/never.ts';
import { encodeCustomId } from '../../domain/buttons.ts';
import type { PlainSlot } from '../../domain/slot.ts';
import type { UndoEntry } from '../../domain/transcript.ts';
import { escapeTo } from '../text/escape.ts';
import { changed, plural } from '../text/format.ts';
import { keyOf } from './keys.ts';

const NAME_MAX_CHARS = 40;
const PATH_MAX_CHARS = 100;
const WHY_MAX_CHARS = 300;
const FILES_SHOWN_MAX = 8;

/** `over`: a later turn began, so what was offered is gone. */
export function undoSlot(entry: UndoEntry, gen: Gen, over: boolean): PlainSlot {
  const asks = entry.state.is === 'asking' && !over;
  const id = (verb: 'undoyes' | 'undono') => encodeCustomId({ verb, gen, ref: 0, tag: entry.of });
  return {
    kind: 'plain',
    key: keyOf(entry),
    phase: 'card',
    whenDeleted: 'gone',
    content: words(entry, over),
    rows: asks
      ? [
          [
            { label: 'Undo the changes', style: 'danger', id: id('undoyes') },
            { label: 'Keep them', style: 'secondary', id: id('undono') },
          ],
        ]
      : [],
    files: [],
    notify: null,
  };
}

function words({ state, by }: UndoEntry, over: boolean): string {
  const who = escapeTo(by.name, NAME_MAX_CHARS);
  switch (state.is) {
    case 'looking':
      return over ? '-# ↩️ Not undone: another turn began' : '-# ↩️ Looking what undoing would change …';
    case 'asking':
      return over
        ? '-# ↩️ Not undone: another turn began'
        : `↩️ **Undo the file changes of the last turn?** ${sizes(state)}\n${list(state)}\n-# What commands did is not undone; Claude keeps the conversation`;
    case 'doing':
      return `-# ↩️ ${who} undoes the changes of the last turn …`;
    case 'late':
      return '-# ↩️ The runner did not say in time whether the changes are undone. Look at the files before you go on';
    case 'nothing':
      return '-# ↩️ Nothing to undo: the last turn changed no file with Claude’s own tools';
    case 'kept':
      return `-# ↩️ The changes of the last turn were kept`;
    case 'done':
      return `-# ↩️ ${who} undid the last turn’s changes · ${sizes(state)}`;
    case 'cannot':
      return `-# ↩️ Cannot undo: ${escapeTo(state.why, WHY_MAX_CHARS)}`;
    default:
      return assertNever(state);
  }
}

interface Sizes {
  readonly files: readonly string[];
  readonly count: number;
  readonly insertions: number;
  readonly deletions: number;
}

function sizes({ count, insertions, deletions }: Sizes): string {
  return `${plural(count, 'file')} ${changed(insertions, deletions)}`.trimEnd();
}

function list({ files, count }: Sizes): string {
  const shown = files.slice(0, FILES_SHOWN_MAX);
  const more = count - shown.length;
  return [
    ...shown.map((file) => `- ${escapeTo(file, PATH_MAX_CHARS)}`),
    ...(more > 0 ? [`- and ${more} more`] : []),
  ].join('\n');
}
