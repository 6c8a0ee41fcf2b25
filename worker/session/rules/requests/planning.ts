/** Plans: approve, approve and accept edits, or say what to change. */
import { WORDS_MAX } from '../../../../protocol/limits.ts';
import { type CustomId, encodeCustomId } from '../../../domain/buttons.ts';
import type { Draft } from '../../state/draft.ts';
import type { Context, Pressed, RuleAnswer } from '../../state/input.ts';
import { fieldText, giveBack } from '../forms/fields.ts';
import { decideWith, type Pending, pending } from './deciding.ts';

const CHANGE = 'change';
/** Leaves room for our own words in front of it, within the protocol's `WORDS_MAX`. Characters. */
const CHANGE_MAX = WORDS_MAX - 200;
const CHANGE_FOR =
  'The person who read the plan wants it changed before you begin. Stay in plan mode, change the plan, and ask for its approval again. What they want:';

export function approvePlan(d: Draft, p: Pressed, ctx: Context): RuleAnswer {
  const edits = p.id.verb === 'approveedits';
  const found = planOf(d, p);
  if ('kind' in found) return found;
  const { entry } = found;
  if (entry.input === null)
    return refuse('The plan is too large to be shown whole, so it can only be sent back.');
  if (edits && entry.edits === undefined)
    return refuse('The runner’s settings do not let this session accept edits. Nothing was done.');
  return decideWith(
    d,
    found,
    {
      by: p.by,
      verdict: edits ? { behavior: 'allow', mode: 'acceptEdits' } : { behavior: 'allow' },
      ...(edits ? { also: { is: 'edits' } as const } : {}),
    },
    ctx,
  );
}

export function changePlan(d: Draft, p: Pressed, ctx: Context): RuleAnswer {
  const { id, fields } = p;
  const found = planOf(d, p);
  if ('kind' in found) return giveBack(found, fields);
  if (fields === undefined) return { kind: 'modal', modal: changeForm(id) };
  const words = fieldText(fields, CHANGE).slice(0, CHANGE_MAX);
  if (words === '') return refuse('Please say what should change. Nothing was done.');
  return decideWith(
    d,
    found,
    { by: p.by, verdict: { behavior: 'deny', message: `${CHANGE_FOR} ${words}` }, words },
    ctx,
  );
}

function planOf(d: Draft, p: Pressed): Pending | RuleAnswer {
  const found = pending(d, p);
  if ('kind' in found || found.entry.asks === 'plan') return found;
  return refuse('That request is no plan. Nothing was done.');
}

function changeForm(id: CustomId) {
  return {
    id: encodeCustomId(id),
    title: 'Change the plan',
    fields: [
      {
        kind: 'text',
        id: CHANGE,
        label: 'What should be different?',
        style: 'paragraph',
        required: true,
        max: CHANGE_MAX,
      },
    ],
  } as const;
}

function refuse(text: string): RuleAnswer {
  return { kind: 'private', text };
}
