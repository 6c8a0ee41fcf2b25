/** A button, menu or form of a request's card, beside Allow and Deny. */
import type { Member } from '../../../domain/access.ts';
import type { Press } from '../../../domain/contract.ts';
import { readTag, type Verb } from '../../../domain/custom-id.ts';
import type { Draft } from '../../state/draft.ts';
import type { Context, RuleAnswer } from '../../state/input.ts';
import { personOf } from '../../state/state.ts';
import { answer, pick } from './answering.ts';
import type { DecidePress } from './deciding.ts';
import { allowByRule, allowEdits, showRule } from './granting.ts';
import { approvePlan, changePlan } from './planning.ts';

export type CardVerb = Extract<
  Verb,
  'pick' | 'answer' | 'always' | 'rule' | 'edits' | 'approve' | 'approveedits' | 'changeplan'
>;

interface Used extends Pick<Press, 'id' | 'message'> {
  readonly values: Press['values'] | undefined;
  readonly fields: Press['fields'] | undefined;
}

export function pressCard(
  d: Draft,
  verb: CardVerb,
  { id, message, values, fields }: Used,
  member: Member,
  ctx: Context,
): RuleAnswer {
  const { hash, which } = readTag(id.tag);
  const press: DecidePress = { ref: id.ref, tag: hash, message, person: personOf(member) };
  switch (verb) {
    case 'pick':
      return pick(d, press, which, values, ctx);
    case 'answer':
      return answer(d, press, id, fields, ctx);
    case 'always':
      return showRule(d, press, member);
    case 'rule':
      return allowByRule(d, press, which, member, ctx);
    case 'edits':
      return allowEdits(d, press, ctx);
    case 'approve':
    case 'approveedits':
      return approvePlan(d, press, verb === 'approveedits', ctx);
    case 'changeplan':
      return changePlan(d, press, id, fields, ctx);
  }
}
