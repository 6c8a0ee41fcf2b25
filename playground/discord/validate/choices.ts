import type { JsonObject } from '../world/json.ts';
import { at, Problems } from './problems.ts';

/** Discord: choices of one autocomplete answer, and the characters of each. */
const MAX_CHOICES = 25;
const CHOICE_CHARS = 100;

export function checkChoices(data: JsonObject): { name: string; value: string | number }[] {
  const problems = new Problems();
  const list = problems.array(data, 'choices', 'data', MAX_CHOICES);
  if (list === undefined) problems.add('data.choices', 'BASE_TYPE_REQUIRED', 'This field is required');
  const choices = (list ?? []).flatMap((raw, index): { name: string; value: string | number }[] => {
    const path = at('data.choices', index);
    const choice = problems.object(raw, path);
    if (choice === undefined) return [];
    const name = problems.text(choice, 'name', path, 1, CHOICE_CHARS, true) ?? '';
    const value = choice.value;
    if (typeof value === 'number') return [{ name, value }];
    return [{ name, value: problems.text(choice, 'value', path, 0, CHOICE_CHARS, true) ?? '' }];
  });
  problems.throwIfAny();
  return choices;
}
