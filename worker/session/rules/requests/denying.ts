/** Deny + reason: a form, and what is filled in goes to Claude with the denial. */
import { WORDS_MAX } from '../../../../protocol/limits.ts';
import { encodeCustomId } from '../../../domain/buttons.ts';
import type { Draft } from '../../state/draft.ts';
import type { Context, Pressed, RuleAnswer } from '../../state/input.ts';
import { fieldText, giveBack } from '../forms/fields.ts';
import { decide, pending } from './deciding.ts';

const REASON = 'reason';
/** Leaves room for our own words in front of it, within the protocol's `WORDS_MAX`. Characters. */
const REASON_MAX = WORDS_MAX - 200;

/** The form opens only for a request that can still be denied. */
export function denyWhy(d: Draft, p: Pressed, ctx: Context): RuleAnswer {
  const { id, fields } = p;
  if (fields !== undefined) {
    const words = fieldText(fields, REASON).slice(0, REASON_MAX);
    const done = decide(d, p, { behavior: 'deny', words }, ctx);
    return giveBack(done, fields);
  }
  const found = pending(d, p);
  if ('kind' in found) return found;
  return {
    kind: 'modal',
    modal: {
      id: encodeCustomId(id),
      title: 'Deny',
      fields: [
        {
          kind: 'text',
          id: REASON,
          label: 'What should Claude do instead?',
          style: 'paragraph',
          required: true,
          max: REASON_MAX,
          placeholder: 'Use bun',
        },
      ],
    },
  };
}
