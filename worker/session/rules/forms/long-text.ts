/**
 * A text that may be longer than one field of a form takes. It is cut between words into several fields; the name of each says what was
 * cut away before it, so that the fields joined are the text again.
 */

import { FIELD_TEXT_MAX } from '../../../discord/modal.ts';
import type { Fields, ModalField } from '../../../domain/contract.ts';

/** Discord lets a prompt of `/ask` have 6,000 characters, and a form five fields. */
const PARTS_MAX = 4;
/** The end of a field in which a place to cut is looked for. Characters. */
const CUT_WITHIN = 500;

type Joint = 'line' | 'word' | 'part';
const JOINTS: Readonly<Record<Joint, string>> = { line: '\n', word: ' ', part: '' };
const NAME = /^text(\d)(line|word|part)?$/;

/** Null: it is too long for a form. */
export function textFields(
  text: string,
  look: { readonly label: string; readonly required: boolean; readonly placeholder?: string },
): readonly ModalField[] | null {
  const fields: ModalField[] = [];
  let rest = text;
  let joint: Joint | '' = '';
  for (let n = 0; n === 0 || rest !== '' || joint !== ''; n += 1) {
    if (n === PARTS_MAX) return null;
    const [value, next, after] = cut(rest);
    fields.push({
      kind: 'text',
      style: 'paragraph',
      id: `text${n}${joint}`,
      label: n === 0 ? look.label : `${look.label}, continued`,
      required: n === 0 && look.required,
      value,
      max: FIELD_TEXT_MAX,
      ...(look.placeholder === undefined ? {} : { placeholder: look.placeholder }),
    });
    rest = after;
    joint = next;
  }
  return fields;
}

/** The text again, without blanks around it. */
export function joinFields(fields: Fields): string {
  const parts = Object.keys(fields)
    .map((name) => NAME.exec(name))
    .filter((match) => match !== null)
    .sort((a, b) => Number(a[1]) - Number(b[1]));
  let text = '';
  for (const [name, , joint] of parts) {
    const value = fields[name]?.[0] ?? '';
    text += value === '' || text === '' ? value : JOINTS[(joint ?? 'part') as Joint] + value;
  }
  return text.trim();
}

/** What fits in one field, what stands at the cut, and the rest. */
function cut(text: string): readonly [string, Joint | '', string] {
  if (text.length <= FIELD_TEXT_MAX) return [text, '', ''];
  for (const joint of ['line', 'word'] as const) {
    const at = text.lastIndexOf(JOINTS[joint], FIELD_TEXT_MAX);
    if (at > FIELD_TEXT_MAX - CUT_WITHIN) return [text.slice(0, at), joint, text.slice(at + 1)];
  }
  // Half a surrogate pair is not text.
  const last = text.charCodeAt(FIELD_TEXT_MAX - 1);
  const at = last >= 0xd800 && last <= 0xdbff ? FIELD_TEXT_MAX - 1 : FIELD_TEXT_MAX;
  return [text.slice(0, at), 'part', text.slice(at)];
}
