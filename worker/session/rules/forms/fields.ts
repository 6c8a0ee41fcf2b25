import type { Fields } from '../../../domain/contract.ts';
import { escapeTo } from '../../../render/text/escape.ts';
import type { RuleAnswer } from '../../state/input.ts';

/** Of what is given back in words. Characters; Discord takes 2,000 in a message. */
const TYPED_MAX = 1700;

/** What was typed into a text field, without blanks around it; empty when the form has no such field. */
export function fieldText(fields: Fields, name: string): string {
  return (Object.hasOwn(fields, name) ? (fields[name]?.[0] ?? '') : '').trim();
}

/** A refusal, with what was typed into the form that it refuses. */
export function giveBack(refused: RuleAnswer, fields: Fields | undefined): RuleAnswer {
  const typed = typedWords(fields);
  return typed === '' || refused.kind !== 'private'
    ? refused
    : { ...refused, text: `${refused.text}${typed}` };
}

/** What somebody typed into a form that leads nowhere any more, given back so that it is not lost. */
export function typedWords(fields: Fields | undefined): string {
  const typed = Object.values(fields ?? {})
    .map(([text = '']) => text.trim())
    .filter((text) => text !== '');
  return typed.length === 0 ? '' : ` You had typed:\n> ${escapeTo(typed.join('\n'), TYPED_MAX)}`;
}
