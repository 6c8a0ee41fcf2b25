/** A file in the thread: a picture, what Claude hands over, or a text that is too long to be read there. */

import type { Gen } from '../../../protocol/ids.ts';
import { assertNever } from '../../../protocol/never.ts';
import type { PlainSlot, SlotKey } from '../../domain/slot.ts';
import type { FileEntry } from '../../domain/transcript.ts';
import { escapeTo } from '../text/escape.ts';
import { bytes } from '../text/format.ts';
import { keyOf } from './keys.ts';

const CAPTION_MAX_CHARS = 200;

export function fileSlot(entry: FileEntry): PlainSlot {
  const { gen, file, name, parts } = entry;
  return {
    kind: 'plain',
    key: keyOf(entry),
    phase: 'final',
    whenDeleted: 'gone',
    content: words(entry),
    rows: [],
    files: [{ name, source: `file:${gen}:${file}:${parts}` }],
    lacking: '-# The file could not be attached.',
    notify: null,
  };
}

function words({ what, name, bytes: size, caption }: FileEntry): string {
  const said = escapeTo(caption, CAPTION_MAX_CHARS);
  const file = `${escapeTo(name, CAPTION_MAX_CHARS)} · ${bytes(size)}`;
  switch (what) {
    case 'picture':
      return `-# 🖼 ${said === '' ? file : said}`;
    case 'handed':
      return said === '' ? `📎 ${file}` : `📎 ${said}\n-# ${file}`;
    case 'answer':
      return `-# 📄 The whole answer · ${file}`;
    case 'changes':
      return `-# 📄 The long edits, whole · ${file}`;
    default:
      return assertNever(what);
  }
}

/** The file whose slot it is, if it is one's. */
export function parseFileSlotKey(key: SlotKey): { gen: Gen; file: string } | null {
  const match = /^f\.(\d{1,9})\.([\w-]{1,60})$/.exec(key);
  return match === null ? null : { gen: Number(match[1]) as Gen, file: match[2] ?? '' };
}

/** Which rows a file's bytes are in, by the `source` of its slot. */
export function parseFileSource(source: string): { gen: Gen; file: string; parts: number } | null {
  const match = /^file:(\d{1,9}):([\w-]{1,60}):(\d{1,4})$/.exec(source);
  return match === null
    ? null
    : { gen: Number(match[1]) as Gen, file: match[2] ?? '', parts: Number(match[3]) };
}
