import type { Fields } from '../contract.ts';

/** What was typed into a text field, without blanks around it; empty when the form has no such field. */
export function fieldText(fields: Fields, name: string): string {
  return (Object.hasOwn(fields, name) ? (fields[name]?.[0] ?? '') : '').trim();
}
