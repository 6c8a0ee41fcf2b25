/** Which sessions a list shows. What the list's buttons carry of it is text that anybody can write, so reading it is total. */

import type { ProjectName, UserId } from '../../../protocol/ids.ts';
import { shortHash } from '../../discord/hash.ts';
import type { SessionFilter, SessionSummary } from '../../domain/contract.ts';
import { STATE_CHOICES, type StateChoice } from '../../domain/contract.ts';

export const NO_FILTER: SessionFilter = { state: null, person: null, project: null };

/** A filter as a button has it: a project by its hash, because its name is longer than a button's tag. */
export interface Wanted {
  readonly state: StateChoice | null;
  readonly person: UserId | null;
  readonly projectHash: string | null;
}

export function wanted({ state, person, project }: SessionFilter): Wanted {
  return { state, person, projectHash: project === null ? null : projectHash(project) };
}

function projectHash(project: ProjectName | string): string {
  return shortHash(project);
}

export function isWanted({ state, starter, project }: SessionSummary, want: Wanted): boolean {
  return (
    (want.state === null || want.state === state.is || (want.state === 'active' && state.is !== 'ended')) &&
    (want.person === null || want.person === starter.id) &&
    (want.projectHash === null || want.projectHash === projectHash(project))
  );
}

/** `<number of the state, or nothing>-<person>-<hash>`; 34 characters at most. All of it empty: nothing is filtered. */
export function filterTag({ state, person, projectHash: hash }: Wanted): string {
  if (state === null && person === null && hash === null) return '';
  return `${state === null ? '' : STATE_CHOICES.indexOf(state)}-${person ?? ''}-${hash ?? ''}`;
}

const TAG = /^(\d?)-(\d{0,20})-([a-z0-9]{0,11})$/;

/** Null: Heddle never wrote that. */
export function parseFilterTag(tag: string): Wanted | null {
  if (tag === '') return wanted(NO_FILTER);
  const match = TAG.exec(tag);
  if (match === null) return null;
  const [, number = '', person = '', hash = ''] = match;
  const state = number === '' ? null : (STATE_CHOICES[Number(number)] ?? undefined);
  if (state === undefined || (number === '' && person === '' && hash === '')) return null;
  return {
    state,
    person: person === '' ? null : (person as UserId),
    projectHash: hash === '' ? null : hash,
  };
}
