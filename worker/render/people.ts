/** Names of people on cards. */
import { escapeTo } from './escape.ts';
import type { Person, RequestEntry } from './transcript.ts';

const NAME_MAX_CHARS = 40;
/** Names of those who may decide; more are counted. */
const NAMES_MAX = 3;

export function personName(person: Person): string {
  return escapeTo(person.name, NAME_MAX_CHARS);
}

/** `asker or laptop's owner` */
export function whoMay(entry: Pick<RequestEntry, 'asked' | 'alsoMay'>): string {
  const people = [entry.asked, ...entry.alsoMay];
  const names = people.slice(0, NAMES_MAX).map(personName);
  if (people.length > NAMES_MAX) names.push(`${people.length - NAMES_MAX} more`);
  return names.join(' or ');
}
