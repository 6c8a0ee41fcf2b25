/** What was chosen for a thread: whom a message may notify, and how much of the work is shown. */
import type { UserId } from '../../../protocol/ids.ts';
import { DEFAULT_NOTIFY, DEFAULT_VERBOSITY, type Verbosity } from '../../domain/transcript.ts';
import type { Thread } from './state.ts';

/** `request`: Claude waits for them. `turn`: one of theirs was long, or failed. */
export function mayNotify(thread: Thread | null, person: UserId, about: 'request' | 'turn'): boolean {
  const chosen = thread?.notify[person] ?? DEFAULT_NOTIFY;
  return chosen === 'all' || (chosen === 'requests' && about === 'request');
}

/** For the first entry of a turn: a choice holds from the next turn on, because what is posted keeps its place. */
export function chosenVerbosity(thread: Thread | null): { readonly verbosity?: Verbosity } {
  const verbosity = thread?.verbosity ?? DEFAULT_VERBOSITY;
  return verbosity === DEFAULT_VERBOSITY ? {} : { verbosity };
}
