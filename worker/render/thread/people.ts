/** Names of people on cards. */

import type { Person, RequestEntry } from '../../domain/transcript.ts';
import { escapeTo } from '../text/escape.ts';

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

/** Enough to tell people apart. Characters. */
const NAME_MAX = 40;

/** A name is whatever its bearer chose; it must not end the bracket or begin a line of its own. */
export function plainName(name: string): string {
  const plain = name
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}[\]]/gu, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  return [...plain].slice(0, NAME_MAX).join('') || 'someone';
}
