/** Reply: a form whose text is the next prompt. It stands on the newest turn, and on the session card while nothing runs. */
import { encodeCustomId } from '../../../domain/buttons.ts';
import { isResumable } from '../../state/conversation.ts';
import type { Draft } from '../../state/draft.ts';
import type { Context, Pressed, RuleAnswer } from '../../state/input.ts';
import { joinFields, textFields } from '../forms/long-text.ts';
import { ask } from './asking.ts';

/** What is typed is never refused for being late: it runs, it waits its turn, or `goOn` resumes the session that ended first. */
export function reply(
  d: Draft,
  { c, id, fields, member }: Pressed,
  goOn: () => void,
  ctx: Context,
): RuleAnswer {
  if (c.ended !== null && !isResumable(c))
    return { kind: 'private', text: 'This session has ended, and `/new` begins another. Nothing was done.' };
  if (fields === undefined) {
    const form = textFields('', { label: 'Prompt', required: true, placeholder: 'What next?' }) ?? [];
    return { kind: 'modal', modal: { id: encodeCustomId(id), title: 'Reply to Claude', fields: form } };
  }
  const text = joinFields(fields);
  if (text === '') return { kind: 'private', text: 'There is nothing to ask in an empty prompt.' };
  if (c.ended !== null) goOn();
  return ask(d, text, member, ctx);
}
