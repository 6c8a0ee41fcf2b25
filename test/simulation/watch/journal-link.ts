/** The runner's link store on its way into a session's link: each event that is numbered is told once it is on disk. */
import type { Event } from '../../../protocol/events.ts';
import type { PairingId } from '../../../runner/home/pairings.ts';
import type { Journal } from '../../../runner/journal/journal.ts';
import { JournalLinkStore as Real } from '../../../runner/journal/journal-link.ts';
import { SimJournal } from '../models/journal.ts';
import { watching } from './watcher.ts';

export class JournalLinkStore extends Real {
  readonly #journal: Journal;
  readonly #scope: string;

  constructor(journal: Journal, pairing: PairingId, scope: string) {
    super(journal, pairing, scope);
    this.#journal = journal;
    this.#scope = scope;
  }

  override append(text: string): number {
    const n = super.append(text);
    const journal = this.#journal;
    if (journal instanceof SimJournal)
      journal.onDisk(() => watching().journalled(journal.runner, this.#scope, JSON.parse(text) as Event));
    return n;
  }
}
